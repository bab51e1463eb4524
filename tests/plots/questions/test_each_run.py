"""Answers to the runs of two machines together."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from matplotlib import rc_context
from question_rows import around, cell, question_store
from store_writer import Cell

from plots import style
from plots.kernel.samples import Samples
from plots.questions.position_load import QUESTION
from plots.questions.question import Answer
from plots.results import load


def pair(acquire: float, plain: float) -> list[Cell]:
    return [
        cell("ringbuf", around("event_amortised_cycles", c), {"position_load": load}, poll="busy")
        for load, c in (("acquire", acquire), ("control", plain))
    ]


def answered(folder: Path, **runs: Sequence[Cell]) -> Answer:
    stores = [
        question_store(folder / host, QUESTION.name, cells, {"host": host})
        for host, cells in runs.items()
    ]
    results = load(stores)
    with rc_context(style.RC):
        return QUESTION.answer(results, Samples(results))


@pytest.fixture
def both(tmp_path: Path) -> Answer:
    """The load is free on one machine, and cheaper on the other: together it would be in between."""
    return answered(tmp_path, alpha=pair(100, 100), beta=pair(100, 50))


def test_each_run_has_its_own_sentence(both: Answer) -> None:
    alpha, beta = both.sentence.split(" beta position_load: ")
    assert alpha.startswith("alpha position_load: No difference")
    assert beta.startswith("The plain load costs less") and "0.5 [" in beta
    assert all(text.startswith(("alpha", "beta")) for text in both.details)


def test_the_table_has_all_runs_and_the_figure_says_which_it_draws(both: Answer) -> None:
    assert both.figure is not None
    assert (
        both.figure.table.run.tolist() == ["alpha position_load"] * 2 + ["beta position_load"] * 2
    )
    assert "Drawn: alpha position_load" in both.figure.caption


def test_a_run_that_cannot_tell_leaves_the_other_its_answer(tmp_path: Path) -> None:
    found = answered(tmp_path, alpha=pair(100, 100)[:1], beta=pair(100, 50))
    assert found.decided and "alpha position_load: This machine cannot tell" in found.sentence
    assert found.figure is not None and "run" not in found.figure.table


def test_one_run_is_not_named(tmp_path: Path) -> None:
    assert answered(tmp_path, alpha=pair(100, 100)).sentence.startswith("No difference")
