"""How many of the consumer's sleeps lost their wake-up, counted over the trials of some cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from plots.bootstrap import CONFIDENCE, Interval
from plots.kernel.cells import Cell
from plots.kernel.samples import Samples
from plots.questions.contrast import setting
from plots.results import Results

MILLION = 1e6
MODES = (("release", "on"), ("xchg", "off"), ("xchg", "on"))


@dataclass(frozen=True)
class Losses:
    """Of a way to commit with a consumer that fences or does not. Intervals are for a million sleeps."""

    commit: str
    fence: str
    rate: float | None  # of each producer; None: summed over rates
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


def losses(results: Results, samples: Samples, *, by_rate: bool) -> list[Losses]:
    """In the order of MODES, then of rates."""
    cells = results.cells
    cells = cells[(cells.poll == "epoll") & cells.transport.isin(("ringbuf", "hybrid"))]
    groups: dict[tuple[str, str, float | None], list[Cell]] = {}
    for cell in cells.to_dict("records"):
        mode = setting(cell, "commit", "xchg"), setting(cell, "consumer_fence", "on")
        rate = float(cell["rate"]) if by_rate and not pd.isna(cell["rate"]) else None
        groups.setdefault((*mode, rate), []).append(cell)
    found = (_losses(*key, group, samples) for key, group in groups.items())
    return sorted((one for one in found if one), key=_place)


def _place(one: Losses) -> tuple[int, float]:
    known = MODES.index(one.mode) if one.mode in MODES else len(MODES)
    return known, one.rate or 0.0


def _losses(
    commit: str, fence: str, rate: float | None, cells: Sequence[Cell], samples: Samples
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
        rate,
        int(sleeps.sum()),
        in_a_million(lost, sleeps),
        in_a_million(late.to_numpy(dtype=float), sleeps),
        int(lost.sum()),
        bool((trials.status == "tainted").all()),
    )


def in_a_million(counts: Iterable[float], of: Iterable[float]) -> Interval:
    """Clopper and Pearson's interval of a share; of none at all, the one-sided bound (3 / n).

    Losses that come in bunches tell less than as many that do not: what the trials differ by
    beyond chance is taken off the counts.
    """
    some, all_of = np.asarray(list(counts), dtype=float), np.asarray(list(of), dtype=float)
    bunch = _bunch(some, all_of)
    k, n = some.sum() / bunch, all_of.sum() / bunch
    tail = (1 - CONFIDENCE) / 2
    if k == 0:
        low, high = 0.0, 1 - (1 - CONFIDENCE) ** (1 / n)
    else:
        low = float(special.betaincinv(k, n - k + 1, tail))
        high = float(special.betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return Interval(MILLION * k / n, MILLION * low, MILLION * high, len(some))


def _bunch(counts: np.ndarray, of: np.ndarray) -> float:  # type: ignore[type-arg]
    """The variance between trials over that of independent losses, at least 1 (McCullagh and Nelder, 4.5)."""
    share = counts.sum() / of.sum()
    if len(counts) < 2 or share in (0.0, 1.0):
        return 1.0
    kept = of > 0
    squares = (counts[kept] - of[kept] * share) ** 2 / (of[kept] * share * (1 - share))
    return max(1.0, float(squares.sum()) / max(1, int(kept.sum()) - 1))
