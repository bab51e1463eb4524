"""Stores of one question, their numbers made by hand, and what the question answers to them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kernel_rows import DEFAULTS, WINDOW_S
from matplotlib import rc_context
from store_writer import Cell, Trial, write_store
from trial_model import BASE

from plots import style
from plots.kernel.samples import Samples
from plots.questions import section
from plots.questions.question import Answer, Question
from plots.results import load

NAMES_ITS_TAINT = "lag: events were sent late"


def cell(
    transport: str,
    values: Sequence[Mapping[str, float]],
    options: Mapping[str, str] | None = None,
    status: str = "ok",
    atomics: Mapping[str, int] | None = None,
    **parameters: Any,
) -> Cell:
    """A cell with a trial for each of the values, every trial of the same status."""
    reason = None if status == "ok" else NAMES_ITS_TAINT
    return Cell(
        transport,
        [Trial({"window_s": WINDOW_S, **v}, status, reason) for v in values],
        {**DEFAULTS.get(transport, {}), **(options or {})},
        {**BASE, "producers": 1, **parameters},
        atomics=atomics,
    )


def around(
    metric: str, middle: float, spread: float = 0.01, **others: float
) -> list[dict[str, float]]:
    """Five trials of a metric that lie within this share of the middle; the other metrics are the same."""
    steps = (-1.0, -0.5, 0.0, 0.5, 1.0)
    return [{metric: middle * (1 + spread * step), **others} for step in steps]


def skipped(
    transport: str, reason: str, options: Mapping[str, str] | None = None, **more: Any
) -> Cell:
    """A cell that the machine cannot run."""
    made = cell(transport, [], options, **more)
    made.status, made.reason = "skipped", reason
    return made


def question_store(
    folder: Path,
    name: str,
    cells: Sequence[Cell],
    provenance: Mapping[str, str | None] | None = None,
    limits: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """A results directory as configs/questions/NAME.toml leaves it."""
    said: dict[str, str | None] = {"config_name": name, "config_title": name, **(provenance or {})}
    return write_store(folder, cells, said, limits=limits)


def answered(folder: Path, question: Question, cells: Sequence[Cell], **more: Any) -> Answer:
    """What the question says to a store of these cells; `more` as of `question_store`."""
    results = load([question_store(folder / question.name, question.name, cells, **more)])
    with rc_context(style.RC):
        return section.with_limits(question.answer(results, Samples(results)), results)
