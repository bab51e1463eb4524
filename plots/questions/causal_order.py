"""Question 4: do buffers for each CPU deliver the events of a chain out of order?"""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from plots.kernel.samples import Samples
from plots.questions.causal_order_figure import drawn
from plots.questions.chains import INVERSIONS, Pair, Row, pairs, rows
from plots.questions.layouts import in_order
from plots.questions.repetitions import TOO_FEW, enough
from plots.questions.question import Answer, Question, undecided
from plots.results import Results
from plots.wording import counted, fraction, interval_text, listed

TITLE = (
    "Do the events of a chain that hops between CPUs arrive in the order in which they happened?"
)
CLAIM = (
    "A buffer for each CPU delivers the fork, exec and exit of a process, or the states of a connection,"
    " out of order when they happen on different CPUs; one shared ring keeps their order."
)
# Where none was seen, but more of all chains than this may be out of order, nothing is known.
_MOST_UNSEEN = 0.01
_SHARE = "causal_inversions_ratio"  # the unit of the column, which its name does not say


def answer(results: Results, samples: Samples) -> Answer:
    found = rows(results, samples)
    model, kernel = pairs(found, of_kernel=False), pairs(found, of_kernel=True)
    figure = drawn(TITLE, found, _table(found)) if found else None
    details = [*_clean(found), *_extents(found)]
    if model and kernel:
        details.insert(0, _kernel(kernel))
    more: dict[str, Any] = {
        "details": tuple(details),
        "limits": tuple(_limits(found)),
    }
    tested = model or kernel
    why_not = _why_not(tested)
    if why_not:
        return undecided(why_not, figure, **more)
    return Answer(f"{_sentence(tested)}.", True, figure, **more)


def _why_not(tested: Sequence[Pair]) -> str:
    if not tested:
        return "no chains were delivered whole through both a shared ring and a buffer for each CPU"
    if not any(enough(pair.more) for pair in tested):
        return TOO_FEW
    if _telling(tested) or _all_clean(tested):
        return ""
    if _none_seen(tested):
        chains, worst = _unseen(tested)
        return (
            f"none of {chains:,.0f} chains through buffers for each CPU arrived out of order, but they are"
            f" too few: up to {fraction(worst)} of all may"
        )
    widest = max(tested, key=lambda pair: abs(pair.more.median))
    return (
        "the intervals of both layouts overlap in every workload, as with"
        f" {widest.split.workload.text}: {_shown(widest.split)} and {_shown(widest.shared)}"
    )


def _telling(tested: Sequence[Pair]) -> list[Pair]:
    """Where the difference cannot be none, the largest first."""
    known = [pair for pair in tested if enough(pair.more)]
    apart = [pair for pair in known if pair.more.low > 0 or pair.more.high < 0]
    return sorted(apart, key=lambda pair: -abs(pair.more.median))


def _all_clean(tested: Sequence[Pair]) -> bool:
    rows = [row for pair in tested for row in (pair.split, pair.shared)]
    return _none_seen(tested) and all(row.at_most <= _MOST_UNSEEN for row in rows)


def _none_seen(tested: Sequence[Pair]) -> bool:
    return all(pair.split.none_seen and pair.shared.none_seen for pair in tested)


def _unseen(tested: Sequence[Pair]) -> tuple[float, float]:
    """The chains through buffers for each CPU, and the widest bound of any row."""
    chains = sum(pair.split.chains for pair in tested)
    return chains, max(row.at_most for pair in tested for row in (pair.split, pair.shared))


def _sentence(tested: Sequence[Pair]) -> str:
    telling = _telling(tested)
    if not telling:
        chains, worst = _unseen(tested)
        return (
            f"Here they do: of {chains:,.0f} chains through buffers for each CPU none arrived out of"
            f" order (at most {fraction(worst)} at 95 %), and none through one shared ring"
        )
    most = telling[0]
    worse, better = (most.split, most.shared) if most.more.median > 0 else (most.shared, most.split)
    against = [pair for pair in telling if (pair.more.median > 0) != (most.more.median > 0)]
    reverse = f"; the other way round in {counted(len(against), 'workload')}" if against else ""
    return (
        f"Chains that arrive out of order: {_shown(worse)}, {_shown(better)}, with"
        f" {most.split.workload.text}; {worse.layout} has more in {len(telling) - len(against)} of"
        f" {counted(len(tested), 'workload')}{reverse}"
    )


def _shown(row: Row) -> str:
    if row.none_seen:
        bound = fraction(row.at_most)
        return f"{row.layout} none of {row.chains:,.0f} (at most {bound} at 95 %)"
    return f"{row.layout} {interval_text(_SHARE, row.intervals[INVERSIONS])}"


def _kernel(tested: Sequence[Pair]) -> str:
    why_not = _why_not(tested)
    if why_not:
        return f"Of real processes through the kernel's buffers this run cannot tell, because {why_not}."
    return f"Real processes through the kernel's buffers – {_lowered(_sentence(tested))}."


def _lowered(text: str) -> str:
    return text[0].lower() + text[1:]


def _clean(found: Sequence[Row]) -> Iterator[str]:
    """The layouts that show none at all."""
    names = in_order([row.layout for row in found])
    clean = []
    for name in names:
        own = [row for row in found if row.layout == name]
        if all(row.none_seen for row in own):
            chains = sum(row.chains for row in own)
            clean.append(f"{name} ({counted(int(chains), 'chain')})")
    if clean:
        yield f"No chain out of order in any workload with {listed(clean)}."
    elif found:
        yield "Every layout had a chain out of order in some workload."


def _extents(found: Sequence[Row]) -> Iterator[str]:
    """How far the worst of a layout goes."""
    for name in in_order([row.layout for row in found]):
        known = [(*row.extent, row) for row in found if row.layout == name and row.extent]
        if known:
            kind, extent, worst = max(known, key=lambda one: one[1].median)
            yield (
                f"{name}: records out of order by their stamps come up to {interval_text('records', extent)} records"
                f" late ({kind}; {worst.workload.text})."
            )


def _limits(found: Sequence[Row]) -> Iterator[str]:
    if found and max(row.workload.producers for row in found) <= 2:
        yield (
            "With two buffers a consumer has one to pass over before it comes back; how inversions grow with"
            " the number of buffers takes more CPUs."
        )
    broken = [r for r in found if "chains_broken" in r.intervals]
    lost = [row for row in broken if row.intervals["chains_broken"].median > 0]
    if lost:
        yield f"Chains of which a record was dropped count for nothing; {counted(len(lost), 'cell')} had some."


def _table(found: Sequence[Row]) -> pd.DataFrame:
    headings = {
        INVERSIONS: "chains out of order",
        "reordered_ratio": "records out of order, by stamp",
        "reorder_extent_p99": "extent p99 (records)",
        "reorder_extent_max": "extent, most (records)",
        "counter_reordered_ratio": "records out of order, by counter",
        "chains_whole": "whole chains",
        "chains_broken": "broken chains",
    }
    made = []
    for row in found:
        cells: dict[str, object] = {"layout": row.layout, "workload": row.workload.text}
        for name, heading in headings.items():
            known = row.intervals.get(name)
            unit = _SHARE if name == INVERSIONS else name
            cells[heading] = interval_text(unit, known) if known else "–"
        cells["none seen: at most"] = fraction(row.at_most) if row.none_seen else "–"
        cells["taint"] = "all tainted" if row.tainted else ""
        made.append(cells)
    return pd.DataFrame(made)


QUESTION = Question(4, "causal_order", TITLE, CLAIM, answer)
