"""What is saved by making an event in the reserved memory instead of copying it there from a scratch array."""

from collections.abc import Iterator, Sequence

import pandas as pd

from plots.kernel.cells import Cell, alike_but
from plots.kernel.samples import Samples
from plots.questions.contrast import (
    SAME,
    Contrast,
    accepting,
    contrast,
    contrasts,
    event_metric,
    refused_sentence,
)
from plots.questions.each_run import each_run
from plots.questions.missing import doubtful, missing
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import TOO_FEW
from plots.questions.reserve_or_output_figure import draw
from plots.questions.rows import setting
from plots.results import Results
from plots.wording import fraction, interval_text, listed, size

_KERNEL = "kernel_ringbuf"


def answer(results: Results, samples: Samples) -> Answer:
    """`more` of each contrast is what copying costs beyond filling in place."""
    cells = accepting(results.cells, samples)
    found = contrasts(results, samples, cells, "fill", "in_place")
    found += _kernels(results, samples, cells)
    found.sort(key=lambda one: (one.name, one.record_size))
    limits = (
        *missing(results),
        *refused_sentence(results.cells, cells),
        *doubtful(sum(one.tainted for one in found), len(found)),
    )
    if not found:
        return undecided(
            "no cell was measured both with events made in place and with events copied",
            limits=limits,
        )
    figure = draw(found)
    layouts = list(dict.fromkeys(one.name for one in found))
    told = [name for name in layouts if any(c.costs or c.saves or c.same for c in _of(found, name))]
    details = tuple(_details(found, layouts, told))
    if not told:
        return undecided(_why(found), figure, details=details, limits=limits)
    sentence = "; ".join(_sentence(name, _of(found, name)) for name in told)
    return Answer(f"{sentence}.", True, figure, details=details, limits=limits)


def _kernels(results: Results, samples: Samples, cells: pd.DataFrame) -> Iterator[Contrast]:
    """The kernel's own: reserve and submit against output from a per-CPU array."""
    kernel = cells[cells.transport == _KERNEL]
    for group in alike_but(results, kernel, ("call", "source")):
        reserve = next((cell for cell in group if setting(cell, "call") == "reserve"), None)
        output = next((cell for cell in group if _copies_from_scratch(cell)), None)
        if reserve is None or output is None:
            continue
        made = contrast(samples, reserve, output, "scratch", event_metric(reserve))
        if made is not None:
            yield made


def _copies_from_scratch(cell: Cell) -> bool:
    return setting(cell, "call") == "output" and setting(cell, "source", "scratch") == "scratch"


def _of(found: Sequence[Contrast], name: str) -> list[Contrast]:
    return [one for one in found if one.name == name]


def matters_from(ordered: Sequence[Contrast]) -> int | None:
    """The least size from which on every size measured saves at least SAME of an event."""
    least = None
    for one in reversed(ordered):
        if not (one.costs and one.share.median >= SAME):
            break
        least = one.record_size
    return least


def _sentence(name: str, mine: Sequence[Contrast]) -> str:
    first, last = mine[0], mine[-1]
    ends = f"{_saved(first)} at {size(first.record_size)}"
    if last is not first:
        ends += f" and {_saved(last)} at {size(last.record_size)}"
    least = matters_from(mine)
    if least is None:
        return f"{name}: reserve and commit save {ends}, at the largest size less than it takes to matter"
    return f"{name}: reserve and commit save {ends}; it matters from {size(least)} on"


def _saved(one: Contrast) -> str:
    return f"{interval_text('cycles', one.more)} cycles an event"


def _details(
    found: Sequence[Contrast], layouts: Sequence[str], told: Sequence[str]
) -> Iterator[str]:
    yield (
        f"To matter, a saving has to be at least {fraction(SAME)} of the copied event, its interval above 0,"
        " at that size and at every larger one."
    )
    reverse = [one for one in found if one.saves]
    if reverse:
        yield f"Copying was the cheaper for {listed(map(_named, reverse))}."
    for name in layouts:
        if name not in told:
            yield f"Of {name} this run cannot tell, because {_why(_of(found, name))}."


def _named(one: Contrast) -> str:
    return f"{one.name} at {size(one.record_size)}"


def _why(found: Sequence[Contrast]) -> str:
    if not any(one.told for one in found):
        return "fewer than three repetitions give no interval"
    return "at every size the intervals of both ways overlap"


QUESTION = Question(
    7,
    "reserve_or_output",
    "Does reserve and commit save the copy?",
    "With reserve and commit an event is made in the ring itself. With output it is made elsewhere first, in a"
    " scratch array of the CPU where it is too large for the stack, and is copied: the larger the event, the"
    " more reserve and commit save.",
    each_run(answer),
)
