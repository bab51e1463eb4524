"""How many of the consumer's sleeps lost their wake-up, counted over the trials of some cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plots.bootstrap import Interval
from plots.kernel.cells import Cell
from plots.kernel.samples import Samples
from plots.questions import exact
from plots.questions.rows import setting
from plots.results import Results
from plots.wording import counted, rate, size

MODES = (("release", "on"), ("xchg", "off"), ("xchg", "on"))


@dataclass(frozen=True)
class Losses:
    """Of a way to commit with a consumer that fences or does not. Intervals are for a million sleeps."""

    commit: str
    fence: str
    load: str  # empty: summed over loads
    sleeps: int
    lost: Interval
    late: Interval
    count: int  # lost
    tainted: bool

    @property
    def mode(self) -> tuple[str, str]:
        return self.commit, self.fence

    @property
    def name(self) -> str:
        return f"{self.commit}, consumer's fence {self.fence}"


def losses(results: Results, samples: Samples, *, by_load: bool) -> list[Losses]:
    """In the order of MODES; loads in that of the config."""
    cells = results.cells
    cells = cells[(cells.poll == "epoll") & cells.transport.isin(("ringbuf", "hybrid"))]
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells.to_dict("records"):
        mode = setting(cell, "commit", "xchg"), setting(cell, "consumer_fence", "on")
        groups.setdefault((*mode, _load(cell) if by_load else ""), []).append(cell)
    found = (_losses(*key, group, samples) for key, group in groups.items())
    return sorted((one for one in found if one), key=_place)


def _load(cell: Cell) -> str:
    """What the consumer has to keep up with."""
    each = "saturate" if pd.isna(cell["rate"]) else f"{cell['arrival']} {rate(cell['rate'])}"
    producers = int(cell["producers"])
    several = f", {counted(producers, 'producer')}" if producers > 1 else ""
    return f"{each}, {size(cell['record_size'])}{several}"


def _place(one: Losses) -> int:
    return MODES.index(one.mode) if one.mode in MODES else len(MODES)


def _losses(
    commit: str, fence: str, load: str, cells: Sequence[Cell], samples: Samples
) -> Losses | None:
    kept = [samples.trials(cell["key"], "sleeps", "lost_wakeups") for cell in cells]
    trials = pd.concat(kept)
    sleeps = trials.sleeps.to_numpy(dtype=float)
    if sleeps.sum() == 0:
        return None
    lost = trials.lost_wakeups.to_numpy(dtype=float)
    late = trials.late_wakeups.fillna(0) if "late_wakeups" in trials else 0 * trials.sleeps
    return Losses(
        commit,
        fence,
        load,
        int(sleeps.sum()),
        in_a_million(lost, sleeps),
        in_a_million(late.to_numpy(dtype=float), sleeps),
        int(lost.sum()),
        bool((trials.status == "tainted").all()),
    )


def in_a_million(counts: Iterable[float], of: Iterable[float]) -> Interval:
    """An exact interval. Losses that come in bunches tell less than as many that do not: what the
    trials differ by beyond chance is taken off the counts.
    """
    some, all_of = np.asarray(list(counts), dtype=float), np.asarray(list(of), dtype=float)
    bunch = _bunch(some, all_of)
    return exact.per_million(exact.share(some.sum() / bunch, all_of.sum() / bunch))


def _bunch(counts: np.ndarray, of: np.ndarray) -> float:  # type: ignore[type-arg]
    """The variance between trials over that of independent losses, at least 1 (McCullagh and Nelder, 4.5)."""
    share = counts.sum() / of.sum()
    if len(counts) < 2 or share in (0.0, 1.0):
        return 1.0
    kept = of > 0
    squares = (counts[kept] - of[kept] * share) ** 2 / (of[kept] * share * (1 - share))
    return max(1.0, float(squares.sum()) / max(1, int(kept.sum()) - 1))
