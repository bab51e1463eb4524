"""Question 2: whether contention matters at the rates that most users have."""

import math
from collections.abc import Iterator, Sequence

from plots.bootstrap import Interval, ratio_interval
from plots.errors import NoData
from plots.kernel.cells import Cell
from plots.kernel.samples import Samples
from plots.questions import event_rate_figure
from plots.questions.crossing import Crossing, Kind, crossing
from plots.questions.event_rate_figure import RESERVE, Rate
from plots.questions.question import Answer, Question, undecided
from plots.report.trust import number
from plots.results import Results
from plots.wording import counted, interval_text, rate

_TWICE = 2.0
_MANY = 4  # CPUs; with fewer the producers hardly meet


def answer(results: Results, samples: Samples) -> Answer:
    found = list(_rates(results, samples))
    if not found:
        raise NoData("no rate was offered both to a shared ring and to buffers per CPU")
    most = max(row.producers for row in found)
    drawn = event_rate_figure.draw(found)
    limits = tuple(_limits(most))
    details = tuple(
        f"{counted(n, 'producer')}: {_told([r for r in found if r.producers == n])}."
        for n in sorted({row.producers for row in found} - {most})
    )
    mine = [row for row in found if row.producers == most]
    if _where(mine).kind is Kind.UNCLEAR:
        return undecided(_unclear(mine), drawn, details=details, limits=limits)
    sentence = f"With {counted(most, 'producer')} {_told(mine)}."
    return Answer(sentence, decided=True, figure=drawn, details=details, limits=limits)


def _rates(results: Results, samples: Samples) -> Iterator[Rate]:
    cells = results.measured(RESERVE)
    paced = cells[cells.rate.notna()]
    for (store, producers, each), group in paced.groupby(["store", "producers", "rate"]):
        by_transport = {cell["transport"]: cell for cell in group.to_dict("records")}
        if {"ringbuf", "perfbuf"} <= set(by_transport):
            pair = by_transport["ringbuf"], by_transport["perfbuf"]
            step = number(results.stores[int(store)].provenance, "tsc_resolution_cycles")
            row = _rate(int(producers), float(each), pair, samples, step)
            if row:
                yield row


def _rate(
    producers: int, each: float, pair: tuple[Cell, Cell], samples: Samples, step: float
) -> Rate | None:
    keys = [str(cell["key"]) for cell in pair]
    shared, own = (samples.values(key, RESERVE) for key in keys)
    intervals = [samples.interval(key, RESERVE) for key in keys]
    if intervals[0] is None or intervals[1] is None:
        return None
    tainted = any(samples.tainted(key) for key in keys)
    ratio = _as_coarse(ratio_interval(shared, own), intervals[0], intervals[1], step)
    return Rate(producers, each, intervals[0], intervals[1], ratio, tainted)


def _as_coarse(ratio: Interval, shared: Interval, own: Interval, step: float) -> Interval:
    """No narrower than the clock allows: each median is known to half a step of the TSC only."""
    most, least = own.median + step / 2, own.median - step / 2
    low = max(shared.median - step / 2, 0.0) / most if most > 0 else 0.0
    high = (shared.median + step / 2) / least if least > 0 else math.inf
    return Interval(ratio.median, min(ratio.low, low), max(ratio.high, high), ratio.n)


def _where(rows: Sequence[Rate]) -> Crossing:
    ordered = sorted(rows, key=lambda row: row.each)
    return crossing([row.each for row in ordered], [row.ratio for row in ordered], _TWICE)


def _told(rows: Sequence[Rate]) -> str:
    """Goes on after the number of producers."""
    found = _where(rows)
    least, most = (pick(rows, key=lambda row: row.each) for pick in (min, max))
    if found.kind is Kind.CROSSES and found.at is not None:
        at = interval_text("each_rate", found.at)
        return (
            f"a reserve on the shared ring costs twice one on a buffer per CPU from {at} of each producer"
            " on"
        )
    if found.kind is Kind.BELOW:
        return (
            "a reserve on the shared ring never costs twice one on a buffer per CPU: at"
            f" {rate(most.each)} of each producer it is {interval_text('x', most.ratio)} times"
        )
    if found.kind is Kind.ABOVE:
        return (
            "a reserve on the shared ring costs more than twice one on a buffer per CPU at every rate:"
            f" {interval_text('x', least.ratio)} times at {rate(least.each)} of each producer already,"
            f" {interval_text('x', most.ratio)} times at {rate(most.each)}"
        )
    return f"these data do not tell, because {_unclear(rows)}"


def _unclear(rows: Sequence[Rate]) -> str:
    unknown = [row for row in rows if not row.ratio.known]
    if any(row.ratio.n > 1 for row in unknown):
        return "the reserve on a buffer per CPU is below the clock's step"
    if unknown:
        return "one repetition gives no interval"
    doubtful = [row for row in rows if row.ratio.low <= _TWICE <= row.ratio.high]
    if not doubtful:
        return "the cost does not cross twice in one direction as the rate rises"
    row = doubtful[0]
    return (
        f"at {rate(row.each)} of each producer the shared ring's reserve costs"
        f" {interval_text('x', row.ratio)} times the other's, which leaves open on which side of twice"
    )


def _limits(most: int) -> list[str]:
    if most >= _MANY:
        return []
    return [
        f"At most {counted(most, 'producer')} ran at once: on a machine with more CPUs more of them may meet"
        " at the same rate, and the shared ring may reach twice the cost earlier.",
    ]


QUESTION = Question(
    2,
    "event_rate",
    "At which event rate does contention on a shared ring begin to matter?",
    "Most users have thousands of events a second and not millions, so producers hardly ever meet, and"
    " contention is no issue.",
    answer,
)
