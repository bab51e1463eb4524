"""Names of cells without the parts that all of them have."""

from collections import Counter
from collections.abc import Sequence

# Parameters that a name states wherever they apply; others are left out at their default, so a name
# without them is another cell.
_ALWAYS_NAMED = ("producers", "bytes", "record_size")


def shared_parts(names: Sequence[str]) -> list[str]:
    """`key:value` parts common to all names, in their order; none where there is one name only.

    `null` has no bytes: a parameter that is always named needs to agree only where it applies.
    """
    if len(names) < 2:
        return []
    parts = dict.fromkeys(part for name in names for part in name.split("/") if ":" in part)
    cells = Counter(part for name in names for part in set(name.split("/")))
    values = Counter(part.partition(":")[0] for part in parts)
    return [
        part
        for part in parts
        if cells[part] == len(names)
        or (part.partition(":")[0] in _ALWAYS_NAMED and values[part.partition(":")[0]] == 1)
    ]


def shortened(name: str, shared: Sequence[str]) -> str:
    return "/".join(part for part in name.split("/") if part not in shared)
