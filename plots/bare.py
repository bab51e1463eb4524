"""The bare cost of a cell: what the machine's own operations cost that one of its events needs.

docs/store.md, tables `cell` (column `atomics`) and `limit`: the atomics of one event, each at the cost
measured in the same run, and the writing of its payload. Producers that saturate meet on their ring, so
the atomics count as if all of them hit one line; paced producers rarely meet, so there they count
uncontended.
"""

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from plots.kernel import PREFIX
from plots.store import Store

COLUMNS = ["atomics", "event"]  # cycles: the atomics alone; and with the fill of the payload


def costs(stores: Sequence[Store], cells: pd.DataFrame, drawable: pd.DataFrame) -> pd.DataFrame:
    """Index: cell key; cells whose operations were not all measured are left out."""
    rows: dict[str, tuple[float, float]] = {}
    for number, store in enumerate(stores):
        limits = _medians(store.limits)
        # What an event executes inside the kernel is not for us to count.
        ours = ~cells.transport.str.startswith(PREFIX)
        mine = cells[(cells.store == number) & cells.atomics.notna() & ours]
        sharing = _sharing(store, drawable[drawable.key.isin(mine.key)])
        for cell in mine.itertuples():
            crowd = sharing.get(cell.key, 1) if cell.arrival == "saturate" else 1
            atomics = _atomics(json.loads(cell.atomics), limits, crowd)
            event = atomics + _fill(limits, cell.record_size)
            if not math.isnan(event):
                rows[cell.key] = atomics, event
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)


def _medians(limits: pd.DataFrame) -> dict[str, dict[float, float]]:
    """Operation to threads (of a fill: bytes) to cycles, the median over the rounds."""
    found: dict[str, dict[float, float]] = {}
    for operation, rows in limits.groupby("operation"):
        by = rows.bytes if operation == "fill" else rows.threads
        medians = rows.cycles.astype(float).groupby(by.astype(float)).median()
        found[str(operation)] = {float(n): float(c) for n, c in medians.sort_index().items()}
    return found


def _sharing(store: Store, trials: pd.DataFrame) -> dict[str, int]:
    """Cell key to the most producers that share one of its rings."""
    one_each = trials.drop_duplicates("key")
    producers = store.rows("producer", list(one_each.id))
    most = producers.dropna(subset="ring").groupby(["trial_id", "ring"]).size()
    by_trial = most.groupby("trial_id").max()
    return {key: int(by_trial.get(trial, 1)) for key, trial in zip(one_each.key, one_each.id)}


def _atomics(
    counts: Mapping[str, float], limits: Mapping[str, Mapping[float, float]], threads: int
) -> float:
    """NaN where an operation was not measured at this number of threads or fewer."""
    total = 0.0
    for operation, count in counts.items():
        measured = limits.get(operation, {})
        nearest = max((n for n in measured if n <= threads), default=None)
        total += float(count) * (measured[nearest] if nearest is not None else math.nan)
    return total


def _fill(limits: Mapping[str, Mapping[float, float]], size: object) -> float:
    """Between two measured sizes the line through them; beyond the largest, as many cycles a byte."""
    measured = limits.get("fill", {})
    if not measured or not isinstance(size, (int, float)) or math.isnan(size):
        return math.nan
    largest = max(measured)
    if size > largest:
        return measured[largest] * size / largest
    return float(np.interp(size, list(measured), list(measured.values())))
