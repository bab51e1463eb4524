"""Names of cells without the parts that all of them have."""

from collections import Counter
from collections.abc import Sequence


def shared_parts(names: Sequence[str]) -> list[str]:
    """`key:value` parts that every name has, in their order; none where there is one name only."""
    if len(names) < 2:
        return []
    seen = Counter(part for name in names for part in set(name.split("/")))
    return [part for part in names[0].split("/") if ":" in part and seen[part] == len(names)]


def shortened(name: str, shared: Sequence[str]) -> str:
    return "/".join(part for part in name.split("/") if part not in shared)
