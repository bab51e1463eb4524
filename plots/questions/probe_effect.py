"""Question 15: how much more or less often a planted race happens when it is traced."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plots.bootstrap import Floats, Interval, median_interval, ratio_interval
from plots.figure import Drawn
from plots.kernel.cells import Cell, alike_but
from plots.kernel.samples import Samples
from plots.questions.forest import HOLLOW, Mark, Panel, forest, of_transport
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import enough
from plots.questions.rows import headings, named
from plots.results import Results
from plots.wording import counted, digits, interval_text, listed, value_text

TITLE = "How much more or less often does a race happen when it is traced?"

_COUNTS = ("race_tries", "races")
# A frequency that surely changes by less than this is as good as unchanged.
_SAME = 0.1


@dataclass(frozen=True)
class Change:
    """Of the race's frequency, by an event before and after it."""

    name: str
    transport: str
    window: float  # ns that the race is open
    producers: int
    without: Floats  # races of all tries, untraced
    untraced: Interval
    traced: Interval
    times: Interval  # traced / untraced
    tries: float
    tainted: bool

    @property
    def told(self) -> bool:
        return enough(self.times)

    @property
    def same(self) -> bool:
        return self.told and self.times.low > 1 - _SAME and self.times.high < 1 + _SAME

    @property
    def changed(self) -> bool:
        """By more than what is as good as none."""
        return self.told and not self.same and not self.times.low <= 1 <= self.times.high


def answer(results: Results, samples: Samples) -> Answer:
    found = _changes(results, samples)
    limits = _limits(found)
    if not found:
        return undecided("no race was run both traced and untraced", limits=limits)
    asked = [one for one in _asked(found) if one.told]
    if not asked:
        why = "the repetitions are too few, or no race happened in some of them"
        return undecided(why, _drawn(found), details=_details(found), limits=limits)
    changed = [one for one in asked if one.changed]
    if not changed and not all(one.same for one in asked):
        why = f"every change may be none: {_each(asked)}"
        return undecided(why, _drawn(found), details=_details(found), limits=limits)
    return Answer(_sentence(asked), True, _drawn(found), details=_details(found), limits=limits)


def _changes(results: Results, samples: Samples) -> list[Change]:
    cells = results.cells[results.cells.arrival == "race"]
    cells = cells[cells.key.isin(set(results.drawable.key))]
    names = ["base", *headings(cells.to_dict("records"), "cpus_per_ring", "producers", "consumer")]
    found = []
    for group in alike_but(results, cells, ["probe"]):
        by_probe = {_probe(cell): cell for cell in group}
        if {"off", "both_ends"} <= set(by_probe):
            found.append(_change(by_probe["off"], by_probe["both_ends"], names, samples))
    return sorted((one for one in found if one is not None), key=lambda one: one.window)


def _probe(cell: Cell) -> str:
    """A store leaves out the usual value."""
    return "off" if pd.isna(cell["probe"]) else str(cell["probe"])


def _change(off: Cell, on: Cell, names: Sequence[str], samples: Samples) -> Change | None:
    untraced, traced = (_frequencies(cell["key"], samples) for cell in (off, on))
    if not len(untraced) or not len(traced):
        return None
    return Change(
        named(on, *names),
        str(on["transport"]),
        float(on["race_window_ns"]),
        int(on["producers"]),
        untraced,
        median_interval(untraced),
        median_interval(traced),
        ratio_interval(traced, untraced),
        float(samples.values(on["key"], "race_tries").sum()),
        samples.tainted(off["key"]) or samples.tainted(on["key"]),
    )


def _frequencies(key: str, samples: Samples) -> Floats:
    trials = samples.trials(key, *_COUNTS)
    trials = trials[trials.race_tries > 0]
    found: Floats = (trials.races / trials.race_tries).to_numpy(dtype=float)
    return found


def _asked(found: Sequence[Change]) -> list[Change]:
    """The two racing threads alone, at the middle one of their windows: chosen before looking."""
    fewest = min(one.producers for one in found)
    mine = [one for one in found if one.producers == fewest]
    windows = sorted({one.window for one in mine})
    return [one for one in mine if one.window == windows[len(windows) // 2]]


def _sentence(asked: Sequence[Change]) -> str:
    parts = []
    for word, some in (
        ("less often", [one for one in asked if one.changed and one.times.high < 1]),
        ("more often", [one for one in asked if one.changed and one.times.low > 1]),
        ("about as often", [one for one in asked if one.same]),
        (
            "not surely more or less often",
            [one for one in asked if not one.changed and not one.same],
        ),
    ):
        if some:
            parts.append(f"{word} through {_each(some)}")
    window = value_text("race_window_ns", asked[0].window)
    return f"Traced, a race whose window is {window} happens {'; '.join(parts)}, against untraced."


def _each(found: Sequence[Change]) -> str:
    return listed(f"{one.name} ({interval_text('times', one.times)} times)" for one in found)


def _details(found: Sequence[Change]) -> tuple[str, ...]:
    asked = _asked(found)
    windows = dict.fromkeys(one.window for one in found)
    untraced = listed(_untraced(window, found) for window in windows)
    others = [one for one in found if one not in asked and one.changed]
    told_of = "; ".join(
        f"{one.name}, {value_text('race_window_ns', one.window)}: {interval_text('times', one.times)}"
        for one in others
    )
    return (
        f"Untraced, of all tries: {untraced}.",
        *([f"Changed at the other windows: {told_of} times."] if others else []),
    )


def _untraced(window: float, found: Sequence[Change]) -> str:
    """Untraced, all transports are the same program: their trials count together."""
    values = np.concatenate([one.without for one in found if one.window == window])
    share = interval_text("race_share", median_interval(values))
    return f"{value_text('race_window_ns', window)}: {share}"


def _limits(found: Sequence[Change]) -> tuple[str, ...]:
    told_of = [
        "The race is planted: what tracing does to a race of other code hangs on what else that code does"
        " between its events."
    ]
    untold = [one.name for one in _asked(found) if not one.told] if found else []
    if untold:
        told_of.append(
            f"Left out of the answer, for too few repetitions or too few races: {listed(untold)}."
        )
    if any(np.isnan(one.times.median) or not one.times.known for one in found):
        told_of.append("Where no race happened untraced, or once only, there is no change to tell.")
    return tuple(told_of)


def _drawn(found: Sequence[Change]) -> Drawn:
    titles = {one.window: f"window {value_text('race_window_ns', one.window)}" for one in found}
    marks = [
        Mark(titles[one.window], one.name, of_transport(one.transport), one.times, one.tainted)
        for one in found
    ]
    panels = [Panel(title, "traced ÷ untraced", line=1) for title in titles.values()]
    return Drawn(
        name="probe_effect",
        title=TITLE,
        caption=(
            "Frequency of a planted race (lost updates of all tries) with an event before and after it, over the"
            " frequency without: ratio of the medians over the repetitions with its 95 % bootstrap interval."
            f" Dashed: no change. {HOLLOW}"
        ),
        alt=f"Change of a race's frequency by tracing in {counted(len(found), 'case')}. The table holds the"
        " same numbers.",
        picture=forest(TITLE, panels, marks),
        table=pd.DataFrame([_row(one) for one in found]),
    )


def _row(one: Change) -> dict[str, object]:
    return {
        "through": one.name,
        "window": value_text("race_window_ns", one.window),
        "producers": one.producers,
        "tries, traced": digits(one.tries),
        "races untraced": interval_text("race_share", one.untraced),
        "races traced": interval_text("race_share", one.traced),
        "traced ÷ untraced": interval_text("times", one.times),
        "taint": "all tainted" if one.tainted else "",
    }


QUESTION = Question(
    number=15,
    name="probe_effect",
    title=TITLE,
    claim=(
        "Tracing changes the timing of what is traced: a spin lock taken for each event can make a"
        " concurrency bug go away while one looks for it."
    ),
    answer=answer,
)
