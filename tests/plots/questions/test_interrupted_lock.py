"""Spurious refusals in an interrupt, by hand."""

from pathlib import Path
from typing import Any

from question_rows import answered, cell, skipped
from store_writer import Cell

from plots.questions.interrupted_lock import QUESTION


def refused(
    busy: float,
    mode: str = "try",
    lock: str = "mcs",
    attempted: float = 100_000,
    no_space: float = 0,
    **more: Any,
) -> Cell:
    """Two trials, each with half of the counts."""
    counts = {
        "interrupt_attempted": attempted / 2,
        "interrupt_lock_busy": busy / 2,
        "interrupt_no_space": no_space / 2,
    }
    chosen: dict[str, Any] = {"interrupt_every_us": 20, **more}
    return cell(
        "ringbuf",
        [counts, counts],
        {"lock": lock, **({} if mode == "try" else {"interrupted": mode})},
        **chosen,
    )


def both(bounded: float = 40) -> list[Cell]:
    return [
        refused(100),
        refused(100, "bounded"),
        refused(400, producers=2),
        refused(bounded, "bounded", producers=2),
        refused(30, lock="ttas", producers=2, interrupt_every_us=1000),
        refused(0, interrupt_every_us=1000),
        refused(6, arrival="poisson", rate=1e5),
    ]


def test_refusals_of_a_million_and_what_the_bound_saves(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, both())
    assert found.decided
    alone, beside = found.sentence.split(";")
    # 100 of 100,000; Clopper and Pearson's 95 % interval is 814 to 1216 of a million.
    assert "1,000 [814,\u00a01,216]" in alone and "mcs, a signal every 20 µs" in alone
    assert "4,000" in beside and "400" in beside and "saves refusals (to 0.1 " in beside
    assert any(
        "Paced" in detail and "60 [22, 131]" in detail.replace("\u00a0", " ")
        for detail in found.details
    )


def test_a_bound_that_makes_it_worse_or_does_nothing(tmp_path: Path) -> None:
    worse = answered(tmp_path / "a", QUESTION, both(bounded=800))
    assert "adds refusals" in worse.sentence
    same = answered(tmp_path / "b", QUESTION, both(bounded=410))
    assert same.decided and "whether the bound helps this run cannot tell" in same.sentence


def test_a_bound_that_only_one_repetition_speaks_for_is_not_told(tmp_path: Path) -> None:
    cells = both()
    for trial, busy in zip(cells[3].trials, (0, 210)):
        trial.metrics = {**trial.metrics, "interrupt_lock_busy": busy}
    # 210 against 400 in all is no chance, and yet one repetition has as many as without the bound.
    assert "this run cannot tell" in answered(tmp_path, QUESTION, cells).sentence


def test_none_of_many_is_an_answer_and_none_of_few_is_not(tmp_path: Path) -> None:
    many = answered(tmp_path / "a", QUESTION, [refused(0)])
    assert many.decided and "0 [0, 36.9]" in many.sentence.replace("\u00a0", " ")
    few = answered(tmp_path / "b", QUESTION, [refused(0, attempted=200)])
    assert not few.decided and "too few" in few.sentence


def test_without_its_cells_nothing_is_claimed(tmp_path: Path) -> None:
    other = cell("ringbuf", [{"attempted": 10}])
    missing = [other, skipped("ringbuf", "needs 4 CPUs", producers=4)]
    none = answered(tmp_path / "a", QUESTION, missing)
    assert not none.decided and none.figure is None
    assert "1 cell of ringbuf not run: needs 4 CPUs." in none.limits
    crowded = answered(tmp_path / "b", QUESTION, [refused(9, producers=2)])
    assert not crowded.decided and crowded.figure is not None
    alone = answered(tmp_path / "c", QUESTION, [refused(100)])
    assert alone.decided and "was not measured" in alone.sentence


def test_a_full_ring_is_told_apart(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, [refused(100, no_space=8)])
    assert any("8 events of interrupts met a full ring" in limit for limit in found.limits)


def test_a_tainted_cell_is_hollow(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, [refused(100, status="tainted")])
    assert found.figure is not None and found.figure.table.taint.tolist() == ["all tainted"]
    (mark,) = (x for x in found.figure.picture.axes[0].lines if x.get_marker() == "o")
    assert mark.get_markerfacecolor() == "white"
