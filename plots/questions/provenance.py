"""What many runs of a machine say of it, where a column for each of them would fit on no page."""

from collections.abc import Sequence

import pandas as pd

from plots.questions.selection import host_of
from plots.report.evidence import MACHINE
from plots.results import Results
from plots.store import Store
from plots.wording import digits

_NAMED = 3  # values of a key that runs do not agree on
_RUN = "config_name seed started finished ringbench_version git_revision command".split()


def hosts(results: Results) -> dict[str, list[Store]]:
    found: dict[str, list[Store]] = {}
    for store in results.stores:
        found.setdefault(host_of(store), []).append(store)
    return found


def machine(results: Results) -> pd.DataFrame:
    """A column for each host."""
    columns = hosts(results)
    rows = []
    for key in MACHINE:
        said = {name: _agreed(stores, key) for name, stores in columns.items()}
        rows.append({"": key.replace("_", " "), **said})
    return pd.DataFrame(rows)


def runs(results: Results) -> pd.DataFrame:
    """A row for each run."""
    rows = [
        {key.replace("_", " "): store.provenance.get(key, "–") for key in _RUN}
        for store in results.stores
    ]
    return pd.DataFrame(rows)


def _agreed(stores: Sequence[Store], key: str) -> str:
    values = list(dict.fromkeys(store.provenance.get(key, "–") for store in stores))
    if len(values) == 1:
        return values[0]
    numbers = pd.to_numeric(pd.Series(values), errors="coerce")
    if numbers.notna().all():
        return f"{digits(float(numbers.min()))} to {digits(float(numbers.max()))}, by run"
    more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
    return "; ".join(values[:_NAMED]) + more
