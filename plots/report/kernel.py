"""The section about the kernel's own buffers: what each part answers, and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from plots import catalogue
from plots.kernel import causes, lifecycle, memory, residuals, selftest, stamps, wakeups
from plots.kernel.cells import has_kernel
from plots.kernel.pairing import pairs
from plots.kernel.samples import Samples
from plots.report import pictures
from plots.results import Results
from plots.wording import counted

_MOST_MISSES = 5  # of a measure; the table has them all


@dataclass(frozen=True)
class Misses:
    """Where the models are wrong in one measure, the worst first."""

    heading: str
    sentences: tuple[str, ...]
    more: str


@dataclass(frozen=True)
class Part:
    name: str
    title: str
    answers: tuple[str, ...]
    text: str = ""  # as the script prints it
    misses: tuple[Misses, ...] = ()
    causes: tuple[str, ...] = ()
    figure: pictures.Shown | None = None
    table: pd.DataFrame | None = None  # beside the figure's own
    caption: str = ""  # of the table
    note: str = ""


def parts(results: Results) -> tuple[Part, ...]:
    """Those for which the stores have cells; none where there is no kernel transport."""
    if not has_kernel(results):
        return ()
    samples = Samples(results)
    drawn = {one.name: one for one in pictures.shown(results, catalogue.KERNEL)[0]}
    found = (
        _selftest(results),
        _models(results, samples, drawn.get("model_vs_kernel")),
        _stamps(results, samples),
        _wakeups(results, samples, drawn.get("wakeups")),
        _lifecycle(results, samples, drawn.get("lifecycle")),
        _memory(results, samples),
    )
    return tuple(part for part in found if part is not None)


def _selftest(results: Results) -> Part | None:
    text = selftest.text(results)
    if not text:
        return None
    answers = tuple(selftest.answer(results))
    title = "The kernel's selftest benchmark"
    return Part("kernel-selftest", title, answers, text=text, note=selftest.NOTE)


def _models(results: Results, samples: Samples, figure: pictures.Shown | None) -> Part | None:
    rows = residuals.residuals(pairs(results).found, samples)
    if not rows:
        return None
    return Part(
        "kernel-models",
        "Our models against the kernel",
        tuple(residuals.answer(rows)),
        misses=tuple(
            _misses(rows, measure) for measure in residuals.MEASURES if _any(rows, measure)
        ),
        causes=tuple(causes.legend([row for row in rows if row.missed])),
        figure=figure,
        note=residuals.NOTE,
    )


def _any(rows: Sequence[residuals.Residual], measure: residuals.Measure) -> bool:
    return bool(residuals.misses(rows, measure))


def _misses(rows: Sequence[residuals.Residual], measure: residuals.Measure) -> Misses:
    missed = residuals.misses(rows, measure)
    shown = missed[:_MOST_MISSES]
    sentences = tuple(f"{residuals.sentence(row)} {_known(row)}" for row in shown)
    left = len(missed) - len(shown)
    more = f"{counted(left, 'more pair')}: see the table." if left else ""
    return Misses(measure.heading, sentences, more)


def _known(row: residuals.Residual) -> str:
    marks = causes.marks(row)
    return f"Known: {marks}." if marks else "No cause known."


def _stamps(results: Results, samples: Samples) -> Part | None:
    found = stamps.stamps(results, samples)
    if not found:
        return None
    return Part(
        "kernel-stamps",
        "What a stamp costs",
        tuple(stamps.answer(found)),
        table=stamps.table(found),
        caption="The same cells with a stamp in each record and without",
        note=stamps.NOTE,
    )


def _wakeups(results: Results, samples: Samples, figure: pictures.Shown | None) -> Part | None:
    found = wakeups.costs(results, samples)
    if not found:
        return None
    title = "What one wake-up costs the producer"
    answers = tuple(wakeups.answer(found))
    return Part("kernel-wakeups", title, answers, figure=figure, note=wakeups.NOTE)


def _lifecycle(results: Results, samples: Samples, figure: pictures.Shown | None) -> Part | None:
    found = lifecycle.layouts(results, samples)
    if not found:
        return None
    return Part(
        "kernel-lifecycle",
        "Fork, exec, exit: in which order they arrive",
        tuple(lifecycle.answer(found)),
        figure=figure,
        # Where no chain arrived whole there is no figure, and its table is shown alone.
        table=None if figure else lifecycle.table(found),
        caption="Fork, exec and exit by what carries them",
        note=lifecycle.NOTE,
    )


def _memory(results: Results, samples: Samples) -> Part | None:
    table = memory.table(results, samples)
    if table.empty:
        return None
    caption = "Memory of the kernel's buffers, the smallest and the largest of each layout"
    answers = tuple(memory.answer(table))
    return Part("kernel-memory", "Memory", answers, table=table, caption=caption, note=memory.NOTE)
