"""Question 1: what a ring costs that all CPUs share."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from plots.bootstrap import Interval, ratio_interval
from plots.errors import NoData
from plots.kernel.samples import Samples
from plots.questions import contended_figure, contention
from plots.questions.contention import CYCLES, Point, Predicted
from plots.questions.question import Answer, Question, undecided
from plots.results import Results
from plots.wording import digits, interval_text, rate

_KERNELS = "mcs lock"  # it queues, as the kernel's own spin lock does
_CLAIMED = 12  # producers of which the claim speaks


def answer(results: Results, samples: Samples) -> Answer:
    points = contention.points(results, samples)
    if not any(point.shared for point in points):
        raise NoData("no trial of producers that saturate a shared ring is in these results")
    ahead = contention.predicted(results, points)
    drawn = contended_figure.draw(results, points, ahead)
    lines = _crowds(points)
    about: dict[str, Any] = {
        "figure": drawn,
        "details": (*_each(lines, samples), *_bare(results), *_ahead(results, ahead, points)),
        "limits": _limits(points, ahead),
        "table": _delivered(contention.delivering(results, samples)),
        "caption": "With a consumer that reads meanwhile on a CPU of its own",
    }
    kernels = [pair for pair in lines if pair[0].line == _KERNELS]
    return _said(kernels[0] if kernels else None, samples, about)


Pair = tuple[Point, Point]  # one producer, and the most


def _crowds(points: Sequence[Point]) -> list[Pair]:
    """Of each line of the shared ring one producer and the most, where both were measured."""
    found = []
    for line in sorted({p.line for p in points if p.shared}):
        mine = [p for p in points if p.line == line]
        alone, most = mine[0], mine[-1]
        if alone.producers == 1 and most.producers > 1:
            found.append((alone, most))
    return found


def _said(pair: Pair | None, samples: Samples, about: dict[str, Any]) -> Answer:
    if pair is None:
        return undecided(
            f"one producer and several were not both measured with the {_KERNELS}", **about
        )
    cost, together = _ratios(pair, samples)
    if not cost.known:
        return undecided("one repetition gives no interval", **about)
    words = (
        f"{interval_text('x', cost)} times the cycles of one alone, and all of them together get"
        f" {interval_text('x', together)} times the records of one through"
    )
    if cost.low <= 1 <= cost.high:
        return undecided(
            f"a record of {pair[1].producers} producers on one ring costs each {words}, and the first"
            " interval includes 1",
            **about,
        )
    sentence = f"With {pair[1].producers} producers on one ring a record costs each {words}."
    return Answer(sentence, decided=True, **about)


def _ratios(pair: Pair, samples: Samples) -> tuple[Interval, Interval]:
    """Of the crowd over one alone: an record's cycles, and records of all a second."""
    alone, most = pair
    cost, together = (
        ratio_interval(of(samples, most.key), of(samples, alone.key))
        for of in (contention.cycles_a_record, contention.records_per_second)
    )
    return cost, together


def _each(lines: Sequence[Pair], samples: Samples) -> list[str]:
    found = []
    for alone, most in lines:
        cost, together = _ratios((alone, most), samples)
        found.append(
            f"{alone.line}: from {interval_text(CYCLES, alone.cycles)} cycles a record with one producer to"
            f" {interval_text(CYCLES, most.cycles)} with {most.producers}, {interval_text('x', cost)} times;"
            f" all together {interval_text('x', together)} times the records."
        )
    return found


def _bare(results: Results) -> list[str]:
    cycles = contention.bare(results, "xadd")
    if len(cycles) < 2:
        return []
    least, most = min(cycles), max(cycles)
    return [
        f"The bare atomic (a locked addition, measured in the same run) goes from {digits(cycles[least])}"
        f" cycles with {least} thread on its line to {digits(cycles[most])} with {most}, of each."
    ]


def _ahead(results: Results, ahead: Sequence[Predicted], points: Sequence[Point]) -> list[str]:
    if not ahead:
        return []
    far = ahead[-1]
    said = (
        f"Predicted, not measured: {far.producers} producers as near to each other as the CPUs of this"
        f" machine would pay {digits(far.cycles.low)} to {digits(far.cycles.high)} cycles a record each,"
        f" and get {rate(far.rate.low)} to {rate(far.rate.high)} through together."
    )
    return [said, *_checked(results, points)]


def _checked(results: Results, points: Sequence[Point]) -> list[str]:
    """What the formula says where there is a measurement to hold it against."""
    real = [p for p in points if p.line == _KERNELS and p.producers > 1][-1:]
    return [
        f"For {said.producers} producers the same formula gives {digits(said.cycles.low)} to"
        f" {digits(said.cycles.high)} cycles, where {interval_text(CYCLES, most.cycles)} were measured:"
        " so far it may be off here."
        for most in real
        for said in contention.formula(results, [most.producers])
    ]


def _limits(points: Sequence[Point], ahead: Sequence[Predicted]) -> tuple[str, ...]:
    most = max(point.producers for point in points)
    if most >= _CLAIMED:
        return ()
    said = f"At most {most} producers ran at once here: what a dozen CPUs on several nodes do to one line"
    if not ahead:
        return (f"{said} was not measured.",)
    return (
        f"{said} is prediction, drawn dashed, from a formula that two published machines gave.",
    )


def _delivered(points: Sequence[Point]) -> pd.DataFrame | None:
    rows = [
        {
            "line": p.line,
            "producers": str(p.producers),
            "record (cycles, each producer)": interval_text(CYCLES, p.cycles),
            "delivered, all together": interval_text("delivered_rate", p.rate),
            "taint": "all tainted" if p.tainted else "",
        }
        for p in points
    ]
    return pd.DataFrame(rows) if rows else None


QUESTION = Question(
    1,
    "contended_ring",
    "What does a ring cost that all CPUs share?",
    "A contended atomic goes from about 20 cycles to far over 10,000 once a dozen cores on a few nodes"
    " want its line, so that one ring for 80 CPUs would be murder.",
    answer,
)
