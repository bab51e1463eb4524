"""Question 5: can order be rebuilt behind buffers for each CPU, and what does it take?"""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from plots.bootstrap import Interval, difference_interval
from plots.kernel.samples import Samples
from plots.questions.repetitions import TOO_FEW, enough
from plots.questions.merging import DELAY, LATE, CounterCost, Row, counter_costs, rows
from plots.questions.question import Answer, Question, undecided
from plots.questions.restored_order_figure import drawn
from plots.questions.restoring import Asked, asked, best, improves, restoring, ties
from plots.results import Results
from plots.wording import counted, digits, fraction, interval_text, listed

TITLE = "What does it take to rebuild the order behind a buffer for each CPU?"
CLAIM = (
    "Order can be rebuilt in user space from a precise clock, or from a counter that all CPUs share, but it costs"
    " bytes in each sample, and the sorting is not trivial."
)
_SHARE = "order_ratio"  # the unit of all three measures of order


def answer(results: Results, samples: Samples) -> Answer:
    found = rows(results, samples)
    costs = counter_costs(results, samples)
    judged = asked(found)
    whole = restoring(judged)
    figure = drawn(TITLE, found, _table(found)) if found else None
    more: dict[str, Any] = {
        "details": (
            *_before(found),
            *_kept(whole, judged),
            *_prices(whole, found),
            *_counter(costs),
        ),
        "limits": (*judged.limits, *_limits(found)),
        "table": _cost_table(costs) if costs else None,
        "caption": "What a counter shared by all producers adds to an event, in TSC cycles.",
    }
    why_not = _why_not(judged, whole)
    if why_not:
        return undecided(why_not, figure, **more)
    sentence = _cheapest_text(whole) if whole else _none_restores(judged)
    return Answer(sentence, True, figure, **more)


def _why_not(judged: Asked, whole: Sequence[Row]) -> str:
    if not judged.plain or not judged.merged:
        missing = "buffers for each CPU were not run both with and without a merge"
        return TOO_FEW if judged.thin else missing
    if all(row.restored for row in judged.plain):
        return "nothing arrived out of order without a merge, so that there was nothing to restore"
    if whole and whole[0].delay is None:
        return "no setting that restores the order has a delay of its merge"
    least = best(judged)
    if not whole and not improves(least, judged.plain):
        return (
            f"no setting restores the order, and what the best of them leaves ({least.setting.text}:"
            f" {_left(least)}) overlaps what is there without a merge"
        )
    return ""


def _cheapest_text(whole: Sequence[Row]) -> str:
    row, close = whole[0], [other.setting.text for other in ties(whole)]
    also = f", from which {listed(close)} cannot be told by the delay," if close else ""
    held = row.intervals.get("merge_held_max")
    cycles = row.intervals.get("merge_cycles")
    price = [f"a delay of {_known(row, DELAY)}"]
    price += [f"up to {interval_text('records', held)} records held"] if held else []
    price += [f"{row.setting.bytes_added} bytes in each record"]
    price += [f"{interval_text('cycles', cycles)} cycles a record to merge"] if cycles else []
    return (
        f"The order can be rebuilt: {row.setting.text} is the cheapest setting{also} that leaves none of"
        f" {row.records:,.0f} records out of place (at most {fraction(row.at_most)} at 95 %), for"
        f" {listed(price)} ({row.workload.text})."
    )


def _known(row: Row, name: str) -> str:
    found = row.intervals.get(name)
    return str(interval_text(name, found)) if found else "–"


def _left(row: Row) -> str:
    return str(interval_text(_SHARE, row.order_left))


def _none_restores(judged: Asked) -> str:
    least = best(judged)
    return (
        f"None of {counted(len(judged.settings), 'setting')} restores the order in every workload: the"
        f" best, {least.setting.text}, leaves {_left(least)} out of place for a delay of"
        f" {_known(least, DELAY)} ({least.workload.text})."
    )


def _before(found: Sequence[Row]) -> Iterator[str]:
    for row in found:
        if not row.setting.merges and not row.setting.counter:
            left = "none" if row.restored else _left(row)
            yield f"{row.setting.text} ({row.workload.text}): {left} of the records out of place."


def _kept(whole: Sequence[Row], judged: Asked) -> Iterator[str]:
    if judged.settings:
        names = f": {listed(row.setting.text for row in whole)}" if whole else ""
        verb = "leaves" if len(whole) == 1 else "leave"
        yield (
            f"{len(whole)} of {counted(len(judged.settings), 'setting')} {verb} nothing out of"
            f" place{names}."
        )


def _prices(whole: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    """Delivery and the consumer's cycles of the cheapest, beside those without a merge."""
    if not whole:
        return
    chosen = whole[0]
    for other in found:
        bare = not other.setting.merges and not other.setting.counter
        if not bare or other.workload != chosen.workload:
            continue
        parts = []
        for name, unit in (
            ("delivery_ns_p50", "delivery p50"),
            ("consumer_cycles", "cycles a record"),
        ):
            if name in chosen.values and name in other.values:
                added = difference_interval(chosen.values[name], other.values[name])
                parts.append(f"{unit} {_signed(name, added)}")
        if parts:
            yield f"{chosen.setting.text} beside {other.setting.text}: {listed(parts)}."


def _signed(name: str, added: Interval) -> str:
    text = str(interval_text(name, added))
    return f"+{text}" if added.median > 0 else text


def _counter(costs: Sequence[CounterCost]) -> Iterator[str]:
    for cost in costs:
        what = "an event" if cost.metric == "event_amortised_cycles" else "the median event"
        where = f"{cost.layout}, {counted(cost.producers, 'producer')}"
        if not enough(cost.added) or cost.added.low <= 0 <= cost.added.high:
            yield f"What a counter adds to {what} cannot be told from nothing ({where})."
        else:
            added = interval_text("cycles", cost.added)
            yield f"A counter adds {added} cycles to {what} of {digits(cost.without.median)} ({where})."


def _limits(found: Sequence[Row]) -> Iterator[str]:
    if found and max(row.workload.producers for row in found) <= 2:
        yield (
            "Two buffers are the least that can be merged: with more, the merge looks at more heads for each"
            " record, and the shared counter is wanted by more CPUs."
        )


def _table(found: Sequence[Row]) -> pd.DataFrame:
    headings = {
        "reordered_ratio": "out of place, by stamp",
        "causal_inversions": "chains out of order",
        DELAY: "merge delay p50",
        "merge_delay_ns_p99": "merge delay p99",
        "delivery_ns_p50": "delivery p50",
        "delivery_ns_p99": "delivery p99",
        "merge_held_mean": "held, mean (records)",
        "merge_held_max": "held, most (records)",
        LATE: "released too late",
        "consumer_cycles": "consumer (cycles a record)",
        "merge_cycles": "merge (cycles a record)",
    }
    made = []
    for row in found:
        cells: dict[str, object] = {"setting": row.setting.text, "workload": row.workload.text}
        for name, heading in headings.items():
            known = row.intervals.get(name)
            unit = _SHARE if name == "causal_inversions" else name
            cells[heading] = interval_text(unit, known) if known else "–"
        cells["bytes added"] = row.setting.bytes_added
        cells["taint"] = "all tainted" if row.tainted else ""
        made.append(cells)
    return pd.DataFrame(made)


def _cost_table(costs: Sequence[CounterCost]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "layout": cost.layout,
            "producers": cost.producers,
            "of": "event, mean" if cost.metric == "event_amortised_cycles" else "event, median",
            "without a counter (cycles)": interval_text("cycles", cost.without),
            "a counter adds (cycles)": interval_text("cycles", cost.added),
            "taint": "all tainted" if cost.tainted else "",
        }
        for cost in costs
    )


QUESTION = Question(5, "restored_order", TITLE, CLAIM, answer)
