"""How one trial went, from the table `series`: its threads' curves on one clock."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plots.bootstrap import Floats
from plots.errors import InputError


@dataclass(frozen=True)
class Course:
    """Of one trial; `times` in us from the start of the window, the other curves at these times."""

    times: Floats
    occupancy: Floats  # bytes in all rings; NaN where no consumer told it
    attempted: Floats  # so far, all producers
    dropped: Floats
    consumed: Floats

    def rate(self, so_far: Floats) -> Floats:
        """Events a second between two times, at the later one."""
        steps = np.diff(self.times, prepend=np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            per_second: Floats = np.diff(so_far, prepend=np.nan) / steps * 1e6
        return per_second

    def dropping(self) -> list[tuple[float, float]]:
        """Spans of time in which drops were counted."""
        spans: list[tuple[float, float]] = []
        rose = np.diff(self.dropped) > 0
        for start, end, more in zip(self.times, self.times[1:], rose):
            if more and spans and spans[-1][1] == start:
                spans[-1] = spans[-1][0], float(end)
            elif more:
                spans.append((float(start), float(end)))
        return spans


def course(rows: pd.DataFrame) -> Course | None:
    """From a trial's rows of `series`; None where they hold no point."""
    curves = [(row.name_, _points(row.points)) for row in rows.rename(columns=_NAMES).itertuples()]
    curves = [(name, points) for name, points in curves if len(points)]
    if not curves:
        return None
    times = np.unique(np.concatenate([points[:, 0] for _, points in curves]))
    return Course(times, *(_sum(curves, name, times) for name in _QUANTITIES))


# `name` is taken by pandas.
_NAMES = {"name": "name_"}
_QUANTITIES = ("occupancy_bytes", "attempted", "dropped", "consumed")


def _points(text: object) -> Floats:
    try:
        points: Floats = np.array(json.loads(str(text)), dtype=np.float64).reshape(-1, 2)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(
            f"the table series holds points that are not pairs of numbers ({error}), so the store is"
            " damaged: restore it from a copy or run its config again."
        ) from error
    return points


def _sum(curves: list[tuple[str, Floats]], wanted: str, times: Floats) -> Floats:
    """The threads look at different times: each is read off between its own points, then added."""
    mine = [np.interp(times, p[:, 0], p[:, 1]) for name, p in curves if name == wanted]
    total: Floats = np.sum(mine, axis=0) if mine else np.full_like(times, np.nan)
    return total
