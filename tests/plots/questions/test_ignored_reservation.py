"""Ignored and abandoned reservations, by hand."""

from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, cell, skipped
from store_writer import Cell

from plots.questions.ignored_reservation import QUESTION

BUILT = {"ignored_reservation": "does not compile"}
LOOK: dict[str, Any] = {"provenance": BUILT}


def abandoning(
    transport: str, discarded: float = 950, stray: float = 0, every: int = 10, **more: Any
) -> Cell:
    """Two trials of 10,000 events each, of which 500 were dropped; so 9500 were reserved."""
    counts = {
        "attempted": 10_000.0,
        "drop_no_space": 500.0,
        "discarded": discarded,
        "committed": 9_500 - discarded,
        "consumed": 9_500 - discarded + stray,
        "left_in_buffer": 0.0,
    }
    chosen: dict[str, Any] = {"abandon_every": every, **more}
    return cell(transport, [counts, counts], **chosen)


def both() -> list[Cell]:
    hybrid = {"base": "ringbuf", "cpus_per_ring": "2"}
    return [
        abandoning("ringbuf"),
        abandoning("perfbuf"),
        abandoning("hybrid", options=hybrid, producers=2),
        abandoning("ringbuf", discarded=95, every=100),
        abandoning("perfbuf", discarded=95, every=100),
    ]


def test_both_halves_are_told(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, both(), provenance=BUILT)
    said = found.sentence.replace("\u00a0", " ")
    assert found.decided
    assert "does not compile (g++ 12.2.0)" in said
    # 2 x (3 x 950 + 2 x 95) of 2 x 5 x 9500.
    assert "of 95,000 reservations 6,080 were abandoned and discarded (6.4 % [" in said
    assert "none of them was delivered" in said
    assert found.figure is not None
    assert set(found.figure.table["unaccounted for"]) == {"0"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (abandoning("perfbuf", stray=3), "perfbuf, 1 producer (-6 records are not accounted for)"),
        (abandoning("perfbuf", stray=-1), "perfbuf, 1 producer (2 records are not accounted for)"),
        (abandoning("perfbuf", discarded=400), "times as many as were to be"),
        (abandoning("perfbuf", status="failed"), "perfbuf, 1 producer (2 trials failed)"),
    ],
)
def test_an_account_that_is_wrong_is_told(tmp_path: Path, wrong: Cell, told: str) -> None:
    found = answered(tmp_path, QUESTION, [abandoning("ringbuf"), wrong], provenance=BUILT)
    assert found.decided and told in found.sentence.replace("\u00a0", " ")
    assert "none of them" not in found.sentence and "ringbuf, 1" not in found.sentence


def test_chance_alone_is_no_fault(tmp_path: Path) -> None:
    # Five per cent more than one in ten: outside the 95 % interval, as one cell in twenty is by chance.
    found = answered(tmp_path, QUESTION, [abandoning("ringbuf", discarded=1_000)], provenance=BUILT)
    assert "none of them was delivered" in found.sentence


def test_a_cell_whose_every_trial_failed_is_not_passed_over(tmp_path: Path) -> None:
    broken = abandoning("perfbuf")
    for trial in broken.trials:
        trial.metrics, trial.status, trial.reason = {}, "failed", "it hung"
    found = answered(tmp_path, QUESTION, [abandoning("ringbuf"), broken], provenance=BUILT)
    assert "perfbuf, 1 producer (2 trials failed)" in found.sentence


@pytest.mark.parametrize("fact", [None, "unknown"])
def test_a_program_that_does_not_say_is_not_believed(tmp_path: Path, fact: str | None) -> None:
    found = answered(tmp_path, QUESTION, both(), provenance={"ignored_reservation": fact})
    assert not found.decided and "does not say" in found.sentence and found.figure is not None


def test_without_abandoned_reservations_nothing_is_claimed(tmp_path: Path) -> None:
    cells = [cell("ringbuf", [{"attempted": 5}]), skipped("perfbuf", "needs 9 CPUs")]
    found = answered(tmp_path, QUESTION, cells, provenance=BUILT)
    assert not found.decided and "no cell abandoned" in found.sentence
    assert "1 cell of perfbuf not run: needs 9 CPUs." in found.limits


def test_a_tainted_cell_is_hollow(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, [abandoning("ringbuf", status="tainted")])
    assert found.figure is not None and found.figure.table.taint.tolist() == ["all tainted"]
    (mark,) = (x for x in found.figure.picture.axes[0].lines if x.get_marker() == "o")
    assert mark.get_markerfacecolor() == "white"
