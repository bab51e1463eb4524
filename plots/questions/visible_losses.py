"""Question 12: which losses the reader of each layout can see, and how well it knows their place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plots.bootstrap import Floats, Interval, median_interval
from plots.figure import Drawn
from plots.kernel.cells import Cell
from plots.kernel.samples import Samples
from plots.questions import exact
from plots.questions.forest import HOLLOW, Mark, Panel, forest, of_transport
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import TOO_FEW, enough
from plots.questions.rows import headings, measured, named
from plots.results import Results
from plots.wording import NO_BREAK, counted, digits, fraction, interval_text, listed

TITLE = "Which losses can the reader of each layout see, and how well does it know their place?"

_PLACE = "gap_place_records_p99"
_SETTINGS = ("accounting", "base", "cpus_per_ring")
_NEARLY_ALL, _NEARLY_NONE = 0.99, 0.01

_MARKED = Panel("marked in place", "of all drops", fraction)
_NUMBERED = Panel("seen as gaps in the numbers", "of all drops", fraction)
_FAR = Panel("place of a gap is off by", "records, p99", digits, logarithmic=True)


@dataclass(frozen=True)
class Layout:
    layout: str
    name: str  # with the number of producers
    transport: str
    drops: float
    covered: Interval  # marked, of the drops that show in anything
    marked: Interval  # shares of all drops
    numbered: Interval | None  # None: nobody looked at the numbers
    unseen: Interval
    place: Interval | None
    tainted: bool


def answer(results: Results, samples: Samples) -> Answer:
    cells = measured(results, "drop_no_space")
    names = [*_SETTINGS, *headings(cells, "producers")]
    found = [one for cell in cells if (one := _layout(cell, names, samples)) is not None]
    if not found:
        return undecided("no cell dropped an event")
    told = [one for one in found if enough(one.marked, one.covered)]
    thin = [one.name for one in found if one not in told]
    limits = (*_limits(found), *(_thin(thin) if told else ()))
    if not told:
        return undecided(TOO_FEW, _drawn(found), limits=limits)
    marking = [one for one in told if one.covered.low >= _NEARLY_ALL]
    silent = [one for one in told if one.marked.high <= _NEARLY_NONE]
    if not marking and not silent:
        why = "the share that is marked lies between nearly all and none in every layout"
        return undecided(why, _drawn(found), limits=limits)
    sentence = f"{_marking(marking, told)}; {_silent(silent, told)}."
    return Answer(sentence, True, _drawn(found), details=_details(told), limits=limits)


def _layout(cell: Cell, names: Sequence[str], samples: Samples) -> Layout | None:
    """None where nothing was dropped, or where nobody counted what the buffer marked."""
    key = cell["key"]
    trials = samples.trials(key, "attempted", "lost_marked")
    drops = _sum(trials, exact.CAUSES)
    trials, drops = trials[drops > 0], drops[drops > 0]
    if not len(drops):
        return None
    marked = trials.lost_marked.to_numpy(dtype=float) / drops
    numbered = trials.get("sequence_gaps_seen", pd.Series(dtype=float)).to_numpy(dtype=float)
    looked = len(numbered) == len(drops) and not np.isnan(numbered).any()
    seen = np.maximum(marked, numbered / drops) if looked else marked
    return Layout(
        named(cell, *_SETTINGS),
        named(cell, *names),
        str(cell["transport"]),
        float(drops.sum()),
        median_interval(marked / np.maximum(seen, 1e-9) if looked else marked),
        median_interval(marked),
        median_interval(numbered / drops) if looked else None,
        median_interval(1 - np.minimum(seen, 1)),
        samples.interval(key, _PLACE) if _PLACE in trials else None,
        samples.tainted(key),
    )


def _sum(trials: pd.DataFrame, columns: Sequence[str]) -> Floats:
    """Over the columns there are; NULL is a cause that the transport does not know."""
    present = [column for column in columns if column in trials]
    found: Floats = trials[present].fillna(0).sum(axis=1).to_numpy(dtype=float)
    return found


def _marking(found: Sequence[Layout], told: Sequence[Layout]) -> str:
    if not found:
        return "No layout marks nearly all of its losses in place"
    names = f"{_together(found, told)} ({_range(found)} of all drops)"
    return f"Marked where they happened are all drops that a later record follows, of {names}"


def _silent(found: Sequence[Layout], told: Sequence[Layout]) -> str:
    if not found:
        return "no layout hides them"
    names = f"{_together(found, told)} ({_range(found)} marked)"
    return f"hidden, unless the records are numbered, are those of {names}"


def _together(found: Sequence[Layout], told: Sequence[Layout]) -> str:
    """Their names, without the number of producers where it makes no difference."""
    apart = {one.layout for one in told if one not in found}
    names = (one.name if one.layout in apart else one.layout for one in found)
    return listed(dict.fromkeys(names))


def _range(found: Sequence[Layout]) -> str:
    """From the lowest to the highest end of the intervals."""
    low, high = min(one.marked.low for one in found), max(one.marked.high for one in found)
    text = fraction(high) if low == high else f"{digits(100 * low)} to {fraction(high)}"
    return text.replace(" %", f"{NO_BREAK}%")


def _by_numbers(silent: Sequence[Layout]) -> Iterator[str]:
    known = [(one, one.numbered) for one in silent if one.numbered is not None]
    if known:
        shares = listed(f"{one.name} ({_share(seen)}{_off(one)})" for one, seen in known)
        yield f"Where the records are numbered, the numbers show of the drops of {shares}."


def _off(one: Layout) -> str:
    if one.place is None:
        return ""
    far = digits(one.place.median)
    return f", off by {far} records, p99" if one.place.median else ", in their place"


def _share(interval: Interval) -> str:
    return str(interval_text("marked_share", interval))


def _details(found: Sequence[Layout]) -> tuple[str, ...]:
    between = [
        one for one in found if one.covered.low < _NEARLY_ALL and one.marked.high > _NEARLY_NONE
    ]
    silent = [one for one in found if one.marked.high <= _NEARLY_NONE]
    marks = (f"{one.name} marks {_share(one.marked)} of its drops." for one in between)
    return (*marks, *_by_numbers(silent))


def _thin(names: Sequence[str]) -> tuple[str, ...]:
    return (f"Not told of {listed(names)}, as {TOO_FEW}.",) if names else ()


def _limits(found: Sequence[Layout]) -> tuple[str, ...]:
    last = (
        "Drops after the last record that was delivered show in nothing that a reader gets: a mark"
        " comes with the next record, and so does a gap.",
        "The numbers are this benchmark's own, 8 bytes of each record; a program that does not send"
        " any sees what the second panel shows as nothing.",
    )
    blind = [one.name for one in found if one.numbered is None]
    whose = "" if len(blind) == len(found) else f" of {listed(blind)}" if blind else ""
    return (*last, *([f"Nobody looked at the numbers{whose}."] if blind else []))


def _drawn(found: Sequence[Layout]) -> Drawn:
    marks: list[Mark] = []
    for one in found:
        values = {_MARKED: one.marked, _NUMBERED: one.numbered, _FAR: one.place}
        kind = of_transport(one.transport)
        marks += [
            Mark(panel.title, one.name, kind, value, one.tainted)
            for panel, value in values.items()
            if value is not None
        ]
    panels = [p for p in (_MARKED, _NUMBERED, _FAR) if any(m.panel == p.title for m in marks)]
    return Drawn(
        name="visible_losses",
        title=TITLE,
        caption=(
            "Share of all drops that the buffer marked where they happened; that the numbers in the delivered"
            " records show; and how many records of others lie between the two that enclose a gap. Median"
            f" over the repetitions with its 95 % bootstrap interval. {HOLLOW}"
        ),
        alt=f"Visible shares of the drops of {counted(len(found), 'layout')}. The table holds the same"
        " numbers.",
        picture=forest(TITLE, panels, marks),
        table=pd.DataFrame([_row(one) for one in found]),
    )


def _row(one: Layout) -> dict[str, object]:
    return {
        "layout": one.name,
        "drops": digits(one.drops),
        "marked in place": interval_text("marked_share", one.marked),
        "seen by numbers": interval_text("marked_share", one.numbered) if one.numbered else "–",
        "seen by nothing": interval_text("marked_share", one.unseen),
        "place off by, p99 (records)": interval_text("records", one.place) if one.place else "–",
        "taint": "all tainted" if one.tainted else "",
    }


QUESTION = Question(
    number=12,
    name="visible_losses",
    title=TITLE,
    claim=(
        "Losing events is bad, but worst is to lose some in the middle where nobody can see it: the"
        " perf buffer says where it lost how many, and a ring buffer should not be worse."
    ),
    answer=answer,
)
