"""Every metric of every paired cell: how it changed, and what may be said of that."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from plots.bootstrap import Floats, Interval, ratio_band
from plots.compare import moderation, scale, significance
from plots.compare.metrics import HEADLINES, NOT_METRICS, Metric, metric_of
from plots.compare.pairing import LABELS, Pairing, samples

Family = Literal["headline", "judged", "described"]
Verdict = Literal["worse", "better", "changed", "no difference", "untested"]
CALLED = ("worse", "better", "changed")


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


def compare(pairing: Pairing, rules: Rules, wanted: Sequence[str] = ()) -> list[Change]:
    """Changes of all metrics that both sides have, or of those wanted; verdicts by family."""
    columns = [
        c for c in pairing.trials if c not in {*NOT_METRICS, "key", "store", "server", "side"}
    ]
    measured = {c: samples(pairing, c) for c in columns}
    headline = _headlines(measured)
    changes: list[Change] = []
    tables = {
        column: _measured(metric_of(column), found, pairing.cells, rules)
        for column, found in measured.items()
        if found
    }
    drift = max((tables[c].drift for c in HEADLINES if c in tables), default=1.0)
    for column, table in tables.items():
        if not wanted or column in wanted:
            changes += _of_metric(metric_of(column), table, headline, drift, rules)
    return [decided for family in _families(changes) for decided in _decide(family, rules)]


def _headlines(measured: dict[str, dict[str, tuple[pd.Series, pd.Series]]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in reversed(HEADLINES):
        found |= {cell: column for cell in measured.get(column, {})}
    return found


def _family(metric: Metric, headline: str | None) -> Family:
    if metric.name == headline:
        return "headline"
    return "judged" if metric.better else "described"


@dataclass(frozen=True)
class _Measured:
    """A metric of all cells that have it, on the metric's scale where that matters."""

    rows: pd.DataFrame
    values: list[list[Floats]]
    n: Floats
    medians: Floats
    difference: Floats
    variance: Floats  # moderated
    freedom: Floats
    prior: moderation.Prior
    testable: npt.NDArray[np.bool_]

    @property
    def drift(self) -> float:
        error = np.sqrt(self.variance * (1.0 / self.n).sum(axis=1))
        kept = self.testable
        return significance.inflation(self.difference[kept], error[kept], self.freedom[kept])


def _measured(
    metric: Metric,
    found: dict[str, tuple[pd.Series, pd.Series]],
    cells: pd.DataFrame,
    rules: Rules,
) -> _Measured:
    rows = cells[cells.id.isin(found)]
    values = [[v.to_numpy() for v in found[i]] for i in rows.id]
    n = np.array([[len(v) for v in two] for two in values], dtype=np.float64)
    medians = np.array([[np.median(v) for v in two] for two in values])
    difference, variance, freedom = _moments(metric, values, n)
    testable = (n >= 2).all(axis=1)
    if not rules.with_tainted:
        testable &= (rows.tainted == "").to_numpy()
    prior = moderation.fit(variance[testable], freedom[testable])
    drawn, drawn_freedom = moderation.moderated(variance, freedom, prior)
    return _Measured(rows, values, n, medians, difference, drawn, drawn_freedom, prior, testable)


def _of_metric(
    metric: Metric, measured: _Measured, headline: dict[str, str], drift: float, rules: Rules
) -> Iterator[Change]:
    """`drift`: what the headline says of the machine, the least that any metric is allowed."""
    rows, values, n, medians = measured.rows, measured.values, measured.n, measured.medians
    difference, testable, prior = measured.difference, measured.testable, measured.prior
    drawn_freedom = measured.freedom
    drawn = measured.variance * max(drift, measured.drift) ** 2
    error = np.sqrt(drawn * (1.0 / n).sum(axis=1))
    allowed = scale.allowance(metric, medians[:, 0], rules.tolerance)
    step = scale.resolution(metric, medians.min(axis=1), rules.tsc_step)
    p = significance.beyond(difference, error, drawn_freedom, allowed)
    ratios = _ratios(values)
    for i, row in enumerate(rows.itertuples()):
        change = Change(
            row.id,
            row.name,
            row.transport,
            metric,
            _family(metric, headline.get(row.id)),
            (int(n[i, 0]), int(n[i, 1])),
            (float(medians[i, 0]), float(medians[i, 1])),
            ratios[i],
            float(difference[i]),
            float(error[i]),
            float(np.sqrt(drawn[i])),
            float(drawn_freedom[i]),
            prior,
            float(allowed[i]),
            row.tainted,
            float(step[i]),
        )
        if metric.scale == "exact":
            yield change
        elif testable[i]:
            yield replace(change, p=float(p[i]))
        else:
            few = "" if (n[i] >= 2).all() else "one repetition has no scatter to test against"
            yield replace(change, why=few or f"every trial of {row.tainted} is tainted")


def _moments(
    metric: Metric, values: Sequence[Sequence[Floats]], n: Floats
) -> tuple[Floats, Floats, Floats]:
    """On the metric's scale: difference of the means, pooled variance, its degrees of freedom."""
    moved = [[scale.transformed(metric, v) for v in two] for two in values]
    means = np.array([[v.mean() for v in two] for two in moved])
    squares = np.array([sum(float(((v - v.mean()) ** 2).sum()) for v in two) for two in moved])
    freedom = n.sum(axis=1) - 2.0
    variance = np.divide(squares, freedom, out=np.zeros_like(squares), where=freedom > 0)
    # What rounding leaves of equal values is no scatter.
    variance[squares <= 1e-24 * (means**2).sum(axis=1)] = 0.0
    difference: Floats = means[:, 1] - means[:, 0]
    return difference, variance, freedom


def _ratios(values: Sequence[Sequence[Floats]]) -> list[Interval]:
    """B over A, those with as many repetitions at once."""
    found: dict[int, Interval] = {}
    by_size: dict[tuple[int, int], list[int]] = {}
    for i, (a, b) in enumerate(values):
        by_size.setdefault((len(a), len(b)), []).append(i)
    for (n_a, n_b), members in by_size.items():
        above = np.column_stack([values[i][1] for i in members])
        below = np.column_stack([values[i][0] for i in members])
        for i, ratio, low, high in zip(members, *ratio_band(above, below)):
            found[i] = Interval(float(ratio), float(low), float(high), min(n_a, n_b))
    return [found[i] for i in range(len(values))]


def _families(changes: Sequence[Change]) -> list[list[Change]]:
    ordered = sorted(changes, key=lambda c: c.family)
    return [list(group) for _, group in itertools.groupby(ordered, key=lambda c: c.family)]


def _decide(family: Sequence[Change], rules: Rules) -> Iterator[Change]:
    """Corrects over the tested changes of the family; the exact ones need no test."""
    tested = [c for c in family if not np.isnan(c.p)]
    corrected = significance.adjusted(np.array([c.p for c in tested]))
    for change, q in zip(tested, corrected):
        yield _judged(replace(change, q=float(q)), q <= rules.level_of(change.family))
    for change in family:
        if np.isnan(change.p):
            exact = change.metric.scale == "exact"
            yield _judged(change, True) if exact and not change.why else change


def _judged(change: Change, significant: bool) -> Change:
    a, b = change.medians
    moved = scale.transformed(change.metric, np.array([a, b]))
    shift = float(moved[1] - moved[0])
    if not significant or abs(shift) <= change.allowed or shift * change.difference <= 0:
        return replace(change, verdict="no difference")
    if abs(b - a) <= change.step:
        return replace(change, verdict="no difference", why="within one step of the instrument")
    if not change.metric.better:
        return replace(change, verdict="changed")
    return replace(change, verdict="better" if shift * change.metric.better > 0 else "worse")
