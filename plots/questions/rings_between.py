"""Question 6: between one ring for all CPUs and one for each, how many CPUs should share a ring?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from plots.kernel.samples import Samples
from plots.questions import neighbours
from plots.questions.groups import CONTENTION, RATE, Row, Workload, best, by_workload, rows
from plots.questions.repetitions import FEWEST, TOO_FEW, enough
from plots.questions.neighbours import headed, shown_value
from plots.questions.question import Answer, Question, undecided
from plots.questions.rings_between_figure import drawn
from plots.results import Results
from plots.wording import digits, interval_text, listed

TITLE = "Between one ring for all CPUs and one for each: how many should share a ring, and which?"
CLAIM = (
    "There is a middle: a ring for each CPU, or few rings that several CPUs share each. Contention wants few and"
    " near CPUs in a ring; bursts want many, and those together that are not hit together."
)
_HEADINGS = {
    "event_amortised_cycles": "event (cycles)",
    "delivered_rate": "delivered",
    "drop_fraction": "dropped",
}
_MEMORIES = {"total": "at equal total bytes", "per_ring": "at equal bytes a ring"}

Groups = Mapping[Workload, Sequence[Row]]


def answer(results: Results, samples: Samples) -> Answer:
    found = rows(results, samples)
    groups = {work: own for work, own in by_workload(found).items() if len(own) > 1}
    figure = drawn(TITLE, found, _table(found)) if found else None
    more: dict[str, Any] = {
        "details": (*_winners(groups), *neighbours.details(groups)),
        "limits": tuple(_limits(groups)),
    }
    chosen = _chosen(groups)
    if chosen is None:
        why = "contention and bursts were not both run with two groupings and more"
        return undecided(why, figure, **more)
    bursts = _telling_bursts(groups, chosen)
    why_not = _why_not(groups, chosen, bursts)
    if why_not:
        return undecided(why_not, figure, **more)
    sentence = f"{_sentence(groups, chosen, bursts)}{neighbours.sentence(groups, chosen)}"
    return Answer(sentence, True, figure, **more)


def _chosen(groups: Groups) -> Workload | None:
    """The contention of the most producers of which there are bursts too."""
    contended = [work for work in groups if work.kind == CONTENTION]
    both = [work for work in contended if _telling_bursts(groups, work)]
    return max(both, key=lambda work: work.producers) if both else None


def _telling_bursts(groups: Groups, chosen: Workload) -> dict[str, Workload]:
    """By what the bytes are: the workload whose groupings differ most, of the same producers."""
    found: dict[str, Workload] = {}
    for work in groups:
        same = (work.server, work.producers) == (chosen.server, chosen.producers)
        if same and work.is_random_burst:
            known = found.get(work.bytes_are)
            if known is None or _spread(groups[work]) > _spread(groups[known]):
                found[work.bytes_are] = work
    return dict(sorted(found.items(), key=lambda item: item[0] != "total"))


def _spread(own: Sequence[Row]) -> float:
    medians = [row.interval.median for row in own]
    return max(medians) - min(medians)


def _why_not(groups: Groups, chosen: Workload, bursts: Mapping[str, Workload]) -> str:
    asked = [chosen, *bursts.values()]
    if min(row.interval.n for work in asked for row in groups[work]) < FEWEST:
        return TOO_FEW
    if not best(groups[chosen]):
        return f"under contention no grouping can be told from the others ({_span(groups[chosen])})"
    if not any(best(groups[work]) for work in bursts.values()):
        first = next(iter(bursts.values()))
        return f"in bursts no grouping can be told from the others ({_span(groups[first])})"
    return ""


def _span(own: Sequence[Row]) -> str:
    return listed(_shown(row) for row in own)


def _shown(row: Row) -> str:
    cycles = " cycles" if row.workload.kind == CONTENTION else ""
    return f"{row.grouping.text} ({shown_value(row)}{cycles})"


def _sentence(groups: Groups, chosen: Workload, bursts: Mapping[str, Workload]) -> str:
    costs = best(groups[chosen])
    parts = []
    for bytes_are, work in bursts.items():
        kept = best(groups[work])
        memory = _MEMORIES.get(bytes_are, "")
        if kept:
            parts.append(
                f"{memory} bursts drop least with {_named(kept)}, and {_agree(costs, kept)}"
            )
        else:
            parts.append(f"{memory} bursts do not tell the groupings apart")
    head = f"{chosen.server}With {chosen.producers} producers contention costs least with"
    return f"{head} {_named(costs)}; {'; '.join(parts)}."


def _named(kept: Sequence[Row]) -> str:
    """The best, and those that cannot be told from it."""
    others = [row.grouping.text for row in kept[1:]]
    also = f", from which {listed(others)} cannot be told" if others else ""
    return f"{_shown(kept[0])}{also}"


def _agree(costs: Sequence[Row], kept: Sequence[Row]) -> str:
    both = [row.grouping.text for row in costs if row.grouping in {k.grouping for k in kept}]
    return f"the two agree on {listed(both)}" if both else "the two pull apart"


def _winners(groups: Groups) -> Iterator[str]:
    for work, own in groups.items():
        kept = best(own)
        if kept and enough(*(row.interval for row in own)):
            most = "most" if work.metric == RATE else "least"
            yield f"{headed(work)}: {most} with {_named(kept)}."


def _limits(groups: Groups) -> Iterator[str]:
    if groups and max(work.producers for work in groups) < 3:
        yield (
            "Two producers share one ring or have one each: what lies between, and which CPUs should share,"
            " takes more CPUs."
        )
    elif not any(r.grouping.mapping == "modulo" for own in groups.values() for r in own):
        yield "No cell put neighbours into different rings, so that which CPUs share was not asked."
    if groups and not any(work.is_trace for work in groups):
        yield (
            "Bursts hit CPUs chosen at random, so that no mapping keeps those apart that are hit together;"
            " only a trace whose bursts hit neighbours can show that, and none was run."
        )


def _table(found: Sequence[Row]) -> pd.DataFrame:
    kept = {id(row) for own in by_workload(found).values() for row in best(own)}
    made = []
    for row in found:
        cells: dict[str, object] = {"workload": row.workload.text, "grouping": row.grouping.text}
        cells["rings"] = digits(row.rings)
        for metric, heading in _HEADINGS.items():
            is_own = metric == row.workload.metric
            cells[heading] = interval_text(metric, row.interval) if is_own else "–"
        reserve = row.reserve if row.workload.kind == CONTENTION else None
        cells["reserve p50 (cycles)"] = interval_text("cycles", reserve) if reserve else "–"
        cells["best"] = "best" if id(row) in kept else ""
        cells["taint"] = "all tainted" if row.tainted else ""
        made.append(cells)
    return pd.DataFrame(made)


QUESTION = Question(6, "rings_between", TITLE, CLAIM, answer)
