"""The repetitions of a cell that count: `ok` ones, or tainted ones where there is no other."""

import pandas as pd

from plots.bootstrap import Floats, Interval, median_interval
from plots.results import Results
from plots.summary import chosen


class Samples:
    """Looks up by cell key; several parts of the section ask for the same cells."""

    def __init__(self, results: Results) -> None:
        self._by_key = {str(key): rows for key, rows in results.drawable.groupby("key")}

    def trials(self, key: str, *metrics: str) -> pd.DataFrame:
        """Those that have a value of each metric."""
        rows = self._by_key.get(key)
        if rows is None or not set(metrics) <= set(rows):
            return pd.DataFrame(columns=["status", *metrics])
        return chosen(rows[rows[list(metrics)].notna().all(axis=1)])

    def values(self, key: str, metric: str) -> Floats:
        found: Floats = self.trials(key, metric)[metric].to_numpy(dtype=float)
        return found

    def interval(self, key: str, metric: str) -> Interval | None:
        values = self.values(key, metric)
        return median_interval(values) if len(values) else None

    def tainted(self, key: str) -> bool:
        """Whether no repetition of the cell is free of doubt."""
        rows = self._by_key.get(key)
        return rows is not None and bool((rows.status == "tainted").all())
