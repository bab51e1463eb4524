"""How far each model is from the kernel's buffer under the same workload, metric by metric."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import Interval, difference_interval, median_interval, ratio_interval
from plots.kernel.pairing import Pair
from plots.kernel.samples import Samples
from plots.wording import Measured, as_unit, counted, digits

NOTE = (
    "Pairs: the same workload, the same mode of waking, as many CPUs to a ring; of the kernel's transports the"
    " cells that make batches (driver = test_run), reserve and submit, and are read by our own reader; of the"
    " models those with the lock that queues (mcs). Where producers saturate, cycles are the window's over its"
    " events; at a rate they are the median event's, which does not see a wake-up that few events pay for."
)

_NEAR = 1.25


@dataclass(frozen=True)
class Measure:
    name: str
    heading: str
    columns: tuple[str, ...]  # the first that both sides have
    relative: bool  # kernel / model; else kernel - model


MEASURES = (
    Measure("cycles", "cycles of an event", ("event_amortised_cycles", "event_cycles_p50"), True),
    Measure("drops", "dropped", ("drop_fraction",), False),
    Measure("order", "out of order", ("reordered_ratio",), False),
    Measure("delay", "delivery, p99", ("delivery_ns_p99",), True),
)


@dataclass(frozen=True)
class Residual:
    pair: Pair
    measure: Measure
    column: str
    model: Interval
    kernel: Interval
    change: Interval  # kernel over model, or kernel minus model
    tainted: bool

    @property
    def same(self) -> float:
        return 1.0 if self.measure.relative else 0.0

    @property
    def missed(self) -> bool:
        """Whether the interval excludes that the model is right."""
        return self.change.known and not self.change.low <= self.same <= self.change.high

    @property
    def size(self) -> float:
        """For sorting: how far off, whichever way."""
        if not self.measure.relative:
            return abs(self.change.median)
        return abs(math.log(self.change.median)) if self.change.median > 0 else 0.0


def residuals(found: Sequence[Pair], samples: Samples) -> list[Residual]:
    rows = (_residual(pair, measure, samples) for pair in found for measure in MEASURES)
    return [row for row in rows if row is not None]


def _residual(pair: Pair, measure: Measure, samples: Samples) -> Residual | None:
    # Arrivals that are due at a time are idle between events, so only a saturated window tells their cost.
    columns = measure.columns if pair.saturated else measure.columns[-1:]
    for column in columns:
        kernel = samples.values(pair.kernel["key"], column)
        model = samples.values(pair.model["key"], column)
        if len(kernel) and len(model):
            relate = ratio_interval if measure.relative else difference_interval
            doubt = samples.tainted(pair.kernel["key"]) or samples.tainted(pair.model["key"])
            sides = median_interval(model), median_interval(kernel)
            change = relate(kernel, model)
            return (
                None
                if math.isnan(change.median)
                else Residual(pair, measure, column, *sides, change, doubt)
            )
    return None


def change_text(row: Residual) -> Measured:
    """`1.2 [1.1, 1.3]` for a ratio, percentage points for a difference."""
    if row.measure.relative:
        return Measured.of(_times(row.change), row.change)
    return Measured.of(_points(row.change), row.change, "share of one")


def _times(change: Interval) -> str:
    middle, low, high = (ratio_text(end) for end in (change.median, change.low, change.high))
    if not change.known or low == middle == high:
        return middle
    return f"{middle} [{low}, {high}]"


def ratio_text(ratio: float) -> str:
    """A small ratio as one over a large number, which can be read."""
    return f"1/{digits(1 / ratio)}" if 0 < ratio < 0.1 else digits(ratio)


def _points(change: Interval) -> str:
    middle, low, high = (
        f"{value * 100:+.3g}".replace("-", "−") if value else "0"
        for value in (change.median, change.low, change.high)
    )
    if not change.known or low == middle == high:
        return f"{middle} points"
    return f"{middle} [{low}, {high}] points"


def table(rows: Sequence[Residual]) -> pd.DataFrame:
    """One row a pair: each measure of model and kernel, and how they differ."""
    by_pair: dict[str, dict[str, str]] = {}
    for row in rows:
        cells = by_pair.setdefault(row.pair.name, {"model and workload": row.pair.name})
        relation = "kernel ÷ model" if row.measure.relative else "kernel − model"
        cells[f"{row.measure.heading}: model"] = as_unit(row.column, row.model.median)
        cells[f"{row.measure.heading}: kernel"] = as_unit(row.column, row.kernel.median)
        cells[f"{row.measure.heading}: {relation}"] = change_text(row)
        cells["taint"] = "all tainted" if row.tainted else cells.get("taint", "")
    frame = pd.DataFrame(by_pair.values()).fillna("–")
    return frame[[*(name for name in frame if name != "taint"), "taint"]] if len(frame) else frame


def answer(rows: Sequence[Residual]) -> Iterator[str]:
    """Where the models stand for the kernel's buffers, by measure."""
    for measure in MEASURES:
        mine = [row for row in rows if row.measure is measure]
        if mine:
            yield _told(measure, mine)


def _told(measure: Measure, rows: Sequence[Residual]) -> str:
    known = [row for row in rows if row.change.known]
    what = measure.heading[0].upper() + measure.heading[1:]
    if not known:
        return f"{what}: this run cannot tell, because a single repetition gives no interval."
    missed = sorted((row for row in known if row.missed), key=lambda row: -row.size)
    same = f"{len(known) - len(missed)} of {counted(len(known), 'pair')}"
    text = f"{what}: no difference in {same} (the interval includes {known[0].same:.0f})"
    if not missed:
        return f"{text}."
    worst = missed[0]
    spread = _by_transport(known) if measure.relative else ""
    near = sum(1 / _NEAR <= row.change.median <= _NEAR for row in known)
    text += f", and within a factor of {_NEAR:g} in {near}" if measure.relative else ""
    return f"{text}; farthest off is {worst.pair.name}, {change_text(worst)}.{spread}"


def _by_transport(rows: Sequence[Residual]) -> str:
    """The range of the ratios of each transport: an average would hide where a model fails."""
    parts = []
    for name in sorted({row.pair.transport for row in rows}):
        ratios = [row.change.median for row in rows if row.pair.transport == name]
        least, most = ratio_text(min(ratios)), ratio_text(max(ratios))
        parts.append(f"{name} {least}" if least == most else f"{name} {least} to {most}")
    return f" Kernel ÷ model by transport: {'; '.join(parts)}."


def misses(rows: Sequence[Residual], measure: Measure) -> list[Residual]:
    """The pairs whose interval excludes agreement, the worst first."""
    mine = (row for row in rows if row.measure is measure and row.missed)
    return sorted(mine, key=lambda row: -row.size)


def sentence(row: Residual) -> str:
    """What a miss is, in the units of both sides."""
    model, kernel = (as_unit(row.column, side.median) for side in (row.model, row.kernel))
    relation = "kernel ÷ model" if row.measure.relative else "kernel − model"
    return f"{row.pair.name}: model {model}, kernel {kernel}; {relation} {change_text(row)}."
