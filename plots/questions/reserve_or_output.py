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
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import TOO_FEW
from plots.questions.reserve_or_output_figure import draw
from plots.questions.rows import setting
from plots.results import Results
from plots.wording import fraction, interval_text, listed, size

_KERNEL = "kernel_ringbuf"
_TO_MATTER = (
    f"To matter, a saving has to be at least {fraction(SAME)} of the copied event, its interval above 0, at"
    " that size and at every larger one."
)


def answer(results: Results, samples: Samples) -> Answer:
    """`more` of each contrast is what copying costs beyond filling in place."""
    cells = accepting(results.cells, samples)
    found = contrasts(results, samples, cells, "fill", "in_place")
    found += _kernels(results, samples, cells)
    found.sort(key=lambda one: (one.name, one.record_size))
    limits = tuple(refused_sentence(results.cells, cells))
    if not found:
        return undecided(
            "no cell was measured both with events made in place and with events copied",
            limits=limits,
        )
    figure = draw(found)
    layouts = list(dict.fromkeys(one.name for one in found))
    said = {name: text for name in layouts if (text := _sentence(_of(found, name)))}
    untold = [name for name in layouts if name not in said]
    if not said:
        return undecided(_why(found, layouts), figure, details=(_TO_MATTER,), limits=limits)
    sentence = "; ".join(f"{name}: {text}" for name, text in said.items())
    details = (_TO_MATTER, *_details(found, untold))
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


def _sentence(mine: Sequence[Contrast]) -> str:
    """Empty where the data do not tell."""
    told = [one for one in mine if one.told]
    least = matters_from(told)
    if least is not None:
        sure = [one for one in told if one.record_size >= least]
        return f"reserve and commit save {_ends(sure)}; it matters from {size(least)} on"
    dearer = [one for one in told if one.saves]
    if dearer and not any(one.costs for one in told):
        worst = min(dearer, key=lambda one: one.more.median)
        return (
            f"reserve and commit save nothing: copying is the cheaper at"
            f" {listed(size(one.record_size) for one in dearer)}, by at most"
            f" {interval_text('cycles', worst.less)} cycles an event"
        )
    if told and all(one.share.high < SAME for one in told):
        return f"reserve and commit save less than it takes to matter at every size: {_ends(told)}"
    return ""


def _ends(ordered: Sequence[Contrast]) -> str:
    ends = dict.fromkeys((0, len(ordered) - 1))
    return listed(
        f"{interval_text('cycles', ordered[n].more)} cycles an event at {size(ordered[n].record_size)}"
        for n in ends
    )


def _details(found: Sequence[Contrast], untold: Sequence[str]) -> Iterator[str]:
    reverse = [one for one in found if one.saves]
    if reverse:
        yield f"Copying was the cheaper for {listed(map(_named, reverse))}."
    if untold:
        yield f"Of the others this run cannot tell, because {_why(found, untold)}."


def _named(one: Contrast) -> str:
    return f"{one.name} at {size(one.record_size)}"


def _why(found: Sequence[Contrast], names: Sequence[str]) -> str:
    """Of layouts that have no sentence."""
    told = [name for name in names if any(one.told for one in _of(found, name))]
    if not told:
        return TOO_FEW
    shares = listed(f"{_share_ends(_of(found, name))} with {name}" for name in told)
    return (
        f"what reserve and commit save of a copied event neither surely reaches {fraction(SAME)} nor surely stays"
        f" below: {shares}"
    )


def _share_ends(mine: Sequence[Contrast]) -> str:
    told = [one for one in mine if one.told]
    ends = dict.fromkeys((0, len(told) - 1))
    return " to ".join(
        f"{interval_text('share_ratio', told[n].share)} ({size(told[n].record_size)})" for n in ends
    )


QUESTION = Question(
    7,
    "reserve_or_output",
    "Does reserve and commit save the copy?",
    "With reserve and commit an event is made in the ring itself. With output it is made elsewhere first, in a"
    " scratch array of the CPU where it is too large for the stack, and is copied: the larger the event, the"
    " more reserve and commit save.",
    answer,
)
