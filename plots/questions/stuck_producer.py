"""Question 16: what the others lose or wait for while a producer is stuck between reserve and commit."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import Interval, difference_interval
from plots.kernel.cells import Cell, option
from plots.kernel.samples import Samples
from plots.questions import stuck_producer_figure as figure
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import enough
from plots.questions.rows import measured, named
from plots.questions.stuck_producer_figure import (
    DROPPED,
    MOST,
    RECOVERY,
    TITLE,
    WAIT,
    Reading,
    pause,
)
from plots.results import Results
from plots.wording import counted, interval_text, listed


def answer(results: Results, samples: Samples) -> Answer:
    readings = (_reading(cell, samples) for cell in measured(results, WAIT))
    found = [one for one in readings if one is not None]
    found.sort(key=lambda one: (one.producers, one.hold))
    limits = _limits(found)
    producers = _most(found)
    drawn = figure.drawn(found, producers) if found else None
    asked = _asked(found, producers)
    if asked is None:
        why = "no pause was measured both in a shared ring and with a buffer for each producer"
        return undecided(why, drawn, limits=limits)
    shared, own = asked
    if not enough(shared.intervals[WAIT]) or not enough(own.intervals[WAIT]):
        return undecided("the repetitions are too few for an interval", drawn, limits=limits)
    more = difference_interval(shared.waits, own.waits)
    if more.low <= 0 <= more.high:
        why = f"the waits of the records cannot be told apart: {_waits(shared)} and {_waits(own)}"
        return undecided(why, drawn, limits=limits)
    sentence = _sentence(shared, own)
    return Answer(sentence, True, drawn, details=_details(found, shared), limits=limits)


def _reading(cell: Cell, samples: Samples) -> Reading | None:
    if pd.isna(cell.get("hold_us")) or not cell["hold_us"]:
        return None
    key = cell["key"]
    names = (WAIT, MOST, DROPPED, RECOVERY, "peak_pool_bytes", "holds", "hold_us_max")
    intervals = {name: samples.interval(key, name) for name in names}
    return Reading(
        named(cell, "base", "cpus_per_ring"),
        str(cell["transport"]),
        option(cell, "cpus_per_ring"),
        int(cell["producers"]),
        float(cell["hold_us"]),
        samples.values(key, WAIT),
        {name: value for name, value in intervals.items() if value is not None},
        samples.tainted(key),
    )


def _most(found: Sequence[Reading]) -> int:
    """The most producers with both one ring and a buffer for each; without both, the most."""
    numbers = {one.producers for one in found}
    both = [number for number in numbers if _asked(found, number)]
    return max(both or numbers, default=0)


def _asked(found: Sequence[Reading], producers: int) -> tuple[Reading, Reading] | None:
    """One ring, and a buffer for each producer, at the longest pause that both tell of, or else have."""
    mine = [one for one in found if one.producers == producers]
    shared = {one.hold: one for one in mine if one.transport == "ringbuf"}
    own = {one.hold: one for one in mine if one.transport == "perfbuf"}
    common = [(shared[hold], own[hold]) for hold in sorted(set(shared) & set(own))]
    telling = [both for both in common if all(enough(one.intervals[WAIT]) for one in both)]
    return (telling or common)[-1] if common else None


def _sentence(shared: Reading, own: Reading) -> str:
    longer, shorter = sorted((shared, own), key=lambda one: -one.intervals[WAIT].median)
    return (
        f"While one of {counted(shared.producers, 'producer')} is stuck for {pause(shared.hold)}, 99 % of the records wait at most"
        f" {_waits(longer)}, against {_waits(shorter)}{_drops(longer, shorter)}."
    )


def _waits(one: Reading) -> str:
    return f"{interval_text(WAIT, one.intervals[WAIT])} with {one.name}"


def _drops(*both: Reading) -> str:
    known = [one for one in both if DROPPED in one.intervals]
    if not known:
        return ""
    shares = listed(f"{_fraction(one.intervals[DROPPED])} with {one.name}" for one in known)
    return f"; dropped are {shares}"


def _fraction(interval: Interval) -> str:
    return str(interval_text(DROPPED, interval))


def _details(found: Sequence[Reading], asked: Reading) -> tuple[str, ...]:
    """The hybrids at the same pause, and how soon records arrive again."""
    same = (asked.producers, asked.hold)
    mine = [one for one in found if (one.producers, one.hold) == same]
    recovered = [
        f"{one.name} {interval_text('recovery_ns', figure.in_ns(one.intervals[RECOVERY]))}"
        for one in mine
        if RECOVERY in one.intervals
    ]
    hybrids = [_waits(one) for one in mine if one.transport == "hybrid"]
    told_of = [f"Records wait {listed(hybrids)}."] if hybrids else []
    if recovered:
        told_of.append(
            f"From the end of a pause of {pause(asked.hold)} to the next new record: {listed(recovered)}."
        )
    return tuple(told_of)


def _limits(found: Sequence[Reading]) -> tuple[str, ...]:
    few = [o for o in found if "holds" in o.intervals and o.intervals["holds"].median < 3]
    thin = sum(not enough(one.intervals[WAIT]) for one in found)
    pauses = listed(dict.fromkeys(pause(one.hold) for one in few)) if few else ""
    return (
        "The record of the stuck producer itself waits as long in every layout, so the longest wait tells"
        " them apart less than the 99th percentile.",
        *(
            [f"Too few repetitions for an interval in {thin} of {len(found)} cells."]
            if thin
            else []
        ),
        *([f"Fewer than three pauses of {pauses} fitted into a window."] if few else []),
    )


QUESTION = Question(
    number=16,
    name="stuck_producer",
    title=TITLE,
    claim=(
        "A producer that is held up between reserve and commit holds up every record that was reserved"
        " after it in the same ring; with a buffer for each CPU it holds up its own only."
    ),
    answer=answer,
)
