"""From trials to one number a cell: the median over its repetitions, with its interval."""

from collections.abc import Iterable

import pandas as pd

from plots.bootstrap import Interval, median_intervals


def chosen(trials: pd.DataFrame) -> pd.DataFrame:
    """The `ok` trials of each cell; the `tainted` ones only of cells that have no other."""
    with_ok = set(trials.loc[trials.status == "ok", "key"])
    return trials[(trials.status == "ok") | ~trials.key.isin(with_ok)]


def taints(trials: pd.DataFrame) -> list[str]:
    """Of each trial why it is doubtful; empty for an `ok` one."""
    return [
        f"tainted: {reason or 'no reason stored'} (trial {number})" if status == "tainted" else ""
        for number, status, reason in zip(trials.id, trials.status, trials.reason)
    ]


def summarise(drawable: pd.DataFrame, metric: str, keys: Iterable[str]) -> pd.DataFrame:
    """Index: cell key. Columns: interval (Interval), tainted (no trial of the cell was ok)."""
    if metric not in drawable:
        return pd.DataFrame({"interval": [], "tainted": []})
    columns = drawable[["key", "status", metric]]
    kept = chosen(columns[columns.key.isin(set(keys)) & columns[metric].notna()])
    values, tainted = kept[metric].to_numpy(dtype=float), (kept.status == "tainted").to_numpy()
    of_key = kept.groupby("key").indices
    intervals = median_intervals([values[places] for places in of_key.values()])
    rows: dict[str, tuple[Interval, bool]] = {}
    for (key, places), interval in zip(of_key.items(), intervals):
        rows[key] = interval, bool(tainted[places].all())
    return pd.DataFrame.from_dict(rows, orient="index", columns=["interval", "tainted"])
