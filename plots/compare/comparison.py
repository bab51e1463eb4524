"""Every metric of every paired cell: how it changed, and what may be said of that."""

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from plots.bootstrap import Floats, Interval, ratio_band
from plots.compare import moderation, scale, significance
from plots.compare.metrics import HEADLINES, NOT_METRICS, Metric, metric_of
from plots.compare.pairing import LABELS, Pairing, Places, Samples, samples

Family = Literal["headline", "judged", "described"]
Verdict = Literal["worse", "better", "changed", "no difference", "untested"]
CALLED: tuple[Verdict, ...] = ("worse", "better", "changed")
_TOGETHER = 256  # ratios whose resamples are in memory at once

Words = npt.NDArray[np.object_]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rules:
    """`level`: false calls allowed; `tolerance`: relative change that does not count."""

    level: float
    tolerance: float
    with_tainted: bool
    tsc_step: float  # cycles

    def level_of(self, family: Family) -> float:
        """The exit status rests on two families, so each may spend half of the level."""
        return self.level if family == "described" else self.level / 2.0


@dataclass(frozen=True)
class Change:
    """One metric of one cell. `difference`, `error` and `deviation` are on the metric's scale."""

    cell: str
    name: str
    transport: str
    metric: Metric
    family: Family
    n: tuple[int, int]
    medians: tuple[float, float]
    ratio: Interval  # of the medians, B over A
    difference: float  # of the means
    error: float  # moderated standard error of the difference
    deviation: float  # moderated, of one repetition
    freedom: float
    prior: moderation.Prior
    allowed: float
    tainted: str  # sides of which every trial is tainted: "", A, B, both
    step: float  # medians no further apart than this are not told apart
    p: float = np.nan
    q: float = np.nan
    verdict: Verdict = "untested"
    why: str = ""

    @property
    def called(self) -> bool:
        return self.verdict in CALLED

    @property
    def size(self) -> float:
        """For sorting: the log of the ratio; a called change from or to zero is the largest."""
        a, b = self.medians
        if a > 0 and b > 0:
            return abs(float(np.log(b / a)))
        return np.inf if self.called else 0.0


class Changes:
    """Every metric of every cell. A Change is made when it is asked for: a vast run has millions."""

    def __init__(self, tables: Sequence["_Table"]) -> None:
        self._tables = tables

    def __len__(self) -> int:
        return sum(len(table.verdict) for table in self._tables)

    def __iter__(self) -> Iterator[Change]:
        for table in self._tables:
            yield from table.changes(np.ones(len(table.verdict), dtype=bool))

    def of(self, *verdicts: Verdict) -> list[Change]:
        chosen = [np.isin(table.verdict, verdicts) for table in self._tables]
        return [c for table, mine in zip(self._tables, chosen) for c in table.changes(mine)]

    @functools.cached_property
    def headline(self) -> list[Change]:
        chosen = [table.family == "headline" for table in self._tables]
        return [c for table, mine in zip(self._tables, chosen) for c in table.changes(mine)]

    def counts(self) -> Counter[tuple[Family, Verdict]]:
        found: Counter[tuple[Family, Verdict]] = Counter()
        for table in self._tables:
            found.update(zip(table.family, table.verdict))
        return found

    def reasons(self) -> set[str]:
        """Why something was not tested, or not called."""
        return {why for table in self._tables for why in table.why if why}


def compare(pairing: Pairing, rules: Rules, wanted: Sequence[str] = ()) -> Changes:
    """Changes of all metrics that both sides have, or of those wanted; verdicts by family."""
    columns = [
        c for c in pairing.trials if c not in {*NOT_METRICS, "key", "store", "server", "side"}
    ]
    headline = np.full(len(pairing.cells), "", dtype=object)
    found = {column: samples(pairing, column) for column in columns}
    tables = [_Table(metric_of(c), pairing, s, rules) for c, s in found.items() if len(s.cells)]
    for name in reversed(HEADLINES):
        for table in tables:
            if table.metric.name == name:
                headline[table.samples.cells] = name
    drift = max((t.drift() for t in tables if t.metric.name in HEADLINES), default=1.0)
    kept = [t for t in tables if not wanted or t.metric.name in wanted]
    for table in kept:
        table.test(headline, drift)
    _correct(kept)
    for table in kept:
        table.judge()
    return Changes(kept)


class _Table:
    """A metric of all cells that have it: a row for each, on the metric's scale where that matters."""

    def __init__(self, metric: Metric, pairing: Pairing, found: Samples, rules: Rules) -> None:
        self.metric, self.samples, self.rules = metric, found, rules
        self.cells = pairing.cells.iloc[found.cells]
        self.n = found.n
        self.medians = np.empty_like(self.n)
        for group in found.groups:
            for side, values in enumerate(group.values):
                self.medians[group.members, side] = np.median(values, axis=1)
        self.difference, variance, freedom = _moments(metric, found)
        self.testable: Marks = (self.n >= 2).all(axis=1)
        if not rules.with_tainted:
            self.testable &= (self.cells.tainted == "").to_numpy()
        self.prior = moderation.fit(variance[self.testable], freedom[self.testable])
        self.variance, self.freedom = moderation.moderated(variance, freedom, self.prior)

    def drift(self) -> float:
        kept = self.testable
        return significance.inflation(
            self.difference[kept], self._error()[kept], self.freedom[kept]
        )

    def _error(self) -> Floats:
        error: Floats = np.sqrt(self.variance * (1.0 / self.n).sum(axis=1))
        return error

    def test(self, headline: Words, drift: float) -> None:
        """`drift`: what the headline says of the machine, the least that any metric is allowed."""
        self.variance = self.variance * max(drift, self.drift()) ** 2
        self.error = self._error()
        self.allowed = scale.allowance(self.metric, self.medians[:, 0], self.rules.tolerance)
        self.step = scale.resolution(self.metric, self.medians.min(axis=1), self.rules.tsc_step)
        self.p = significance.beyond(self.difference, self.error, self.freedom, self.allowed)
        self.q = np.full_like(self.p, np.nan)
        self.why: Words = np.full(len(self.p), "", dtype=object)
        if self.metric.scale == "exact":
            self.p[:] = np.nan
        else:
            self.p[~self.testable] = np.nan
            self.why[~self.testable] = [
                f"every trial of {side} is tainted" for side in self.cells.tainted[~self.testable]
            ]
            self.why[(self.n < 2).any(axis=1)] = "one repetition has no scatter to test against"
        judged = "judged" if self.metric.better else "described"
        mine = headline[self.samples.cells] == self.metric.name
        self.family: Words = np.where(mine, "headline", judged).astype(object)

    def judge(self) -> None:
        level = np.array([self.rules.level_of(family) for family in self.family])
        # What is exact needs no test.
        exact = self.metric.scale == "exact"
        significant = np.full(len(self.q), True) if exact else self.q <= level
        a, b = scale.transformed(self.metric, self.medians).T
        shift = b - a
        moved = significant & (np.abs(shift) > self.allowed) & (shift * self.difference > 0)
        told = np.abs(self.medians[:, 1] - self.medians[:, 0]) > self.step
        self.why[moved & ~told] = "within one step of the instrument"
        self.verdict: Words = np.full(len(self.q), "untested", dtype=object)
        self.verdict[exact | ~np.isnan(self.p)] = "no difference"
        if self.metric.better:
            self.verdict[moved & told] = "worse"
            self.verdict[moved & told & (shift * self.metric.better > 0)] = "better"
        else:
            self.verdict[moved & told] = "changed"

    def changes(self, wanted: Marks) -> Iterator[Change]:
        ratios = self._ratios(wanted)
        for i, cell in zip(np.flatnonzero(wanted), self.cells[wanted].itertuples()):
            yield Change(
                cell.id,
                cell.name,
                cell.transport,
                self.metric,
                self.family[i],
                (int(self.n[i, 0]), int(self.n[i, 1])),
                (float(self.medians[i, 0]), float(self.medians[i, 1])),
                ratios[i],
                float(self.difference[i]),
                float(self.error[i]),
                float(np.sqrt(self.variance[i])),
                float(self.freedom[i]),
                self.prior,
                float(self.allowed[i]),
                cell.tainted,
                float(self.step[i]),
                float(self.p[i]),
                float(self.q[i]),
                self.verdict[i],
                self.why[i],
            )

    def _ratios(self, wanted: Marks) -> dict[int, Interval]:
        """B over A, those with as many repetitions at once."""
        found: dict[int, Interval] = {}
        for group in self.samples.groups:
            rows = np.flatnonzero(wanted[group.members])
            for some in np.split(rows, range(_TOGETHER, len(rows), _TOGETHER)):
                a, b = (values[some] for values in group.values)
                fewest = min(a.shape[1], b.shape[1])
                bands = ratio_band(b.T, a.T)
                for i, ratio, low, high in zip(group.members[some], *bands):
                    found[i] = Interval(float(ratio), float(low), float(high), fewest)
        return found


def _moments(metric: Metric, found: Samples) -> tuple[Floats, Floats, Floats]:
    """On the metric's scale: difference of the means, pooled variance, its degrees of freedom."""
    means, squares = np.empty_like(found.n), np.zeros(len(found.n))
    for group in found.groups:
        for side, values in enumerate(group.values):
            moved = scale.transformed(metric, values)
            centre = moved.mean(axis=1)
            means[group.members, side] = centre
            squares[group.members] += ((moved - centre[:, None]) ** 2).sum(axis=1)
    freedom = found.n.sum(axis=1) - 2.0
    variance = np.divide(squares, freedom, out=np.zeros_like(squares), where=freedom > 0)
    # What rounding leaves of equal values is no scatter.
    variance[squares <= 1e-24 * (means**2).sum(axis=1)] = 0.0
    difference: Floats = means[:, 1] - means[:, 0]
    return difference, variance, freedom


def _correct(tables: Sequence[_Table]) -> None:
    """Over the tested changes of each family."""
    for family in get_args(Family):
        tested = [(table.family == family) & ~np.isnan(table.p) for table in tables]
        p = [table.p[mine] for table, mine in zip(tables, tested)]
        q = significance.adjusted(np.concatenate(p)) if p else np.empty(0)
        ends = np.cumsum([len(mine) for mine in p])
        for table, mine, corrected in zip(tables, tested, np.split(q, ends[:-1])):
            table.q[mine] = corrected
