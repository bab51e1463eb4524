"""What a guard against recursion loses and costs, by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from question_rows import answered, cell, skipped
from store_writer import Cell

from plots.questions.recursion import QUESTION


def pair(
    cycles: Sequence[float], refused: float = 50, every: float = 20, **more: Any
) -> list[Cell]:
    """Three trials without the guard at 100 cycles, and those with it; 10,000 interrupts in each trial."""
    counts = {"interrupt_attempted": 10_000.0, "interrupt_recursion": refused}
    chosen: dict[str, Any] = {"interrupt_every_us": every, **more}
    free = [{"event_amortised_cycles": value} for value in (99.0, 100.0, 101.0)]
    guarded = [{"event_amortised_cycles": value, **counts} for value in cycles]
    return [
        cell("ringbuf", free, **chosen),
        cell("ringbuf", guarded, {"interrupted": "guard"}, **chosen),
    ]


def kernel(missed: float, driver: str = "test_run") -> Cell:
    counts = {"attempted": 500_000.0, "drop_recursion": missed}
    return cell("kernel_ringbuf", [counts, counts], {"driver": driver})


def both() -> list[Cell]:
    return [
        *pair([103, 104, 105]),
        *pair([105, 106, 107], every=1000, refused=2),
        *pair([99, 100, 103], refused=400, producers=2),
        *pair([1, 1, 1], refused=1, every=5000, arrival="poisson", rate=2e5),
        kernel(0),
        kernel(3, "lifecycle"),
    ]


def test_what_is_lost_and_what_it_costs(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, both())
    said = found.sentence.replace("\u00a0", " ")
    assert found.decided
    # 150 of 30,000 with the most signals; 106 - 100 cycles with the fewest.
    assert "5,000 [4,233, 5,865] of a million" in said and "every 20 µs" in said
    assert "makes every event dearer (6 [4, 8] cycles)" in said
    assert any("5000 µs, paced: 100 [" in detail for detail in found.details)
    assert "missed 6 in 2,000,000 runs" in said and "kernel_ringbuf, lifecycle" in said


def test_a_cost_that_cannot_be_told_and_a_kernel_that_missed_none(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, [*pair([99, 100, 102]), kernel(0)])
    said = found.sentence.replace("\u00a0", " ")
    assert found.decided and "nothing that this run can tell (0 [-2, 3] cycles)" in said
    assert "missed none in 1,000,000 runs (0 [0, 3.69] of a million)" in said


def test_without_repetitions_the_cost_is_unknown(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair([104]))
    assert not found.decided and "too few" in found.sentence and found.figure is not None


def test_without_the_other_cell_the_cost_is_unknown(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair([103, 104, 105], arrival="poisson", rate=1e4)[1:])
    assert not found.decided and "no cell was run without the guard" in found.sentence


def test_without_a_guard_nothing_is_claimed(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, [kernel(0), skipped("ringbuf", "has no signals")])
    assert not found.decided and "no interrupt met a guard" in found.sentence
    assert found.figure is not None
    assert "1 cell of ringbuf not run: has no signals." in found.limits


def test_a_difference_is_tainted_by_either_cell(tmp_path: Path) -> None:
    cells = pair([103, 104, 105])
    for trial in cells[0].trials:
        trial.status, trial.reason = "tainted", "lag: events were sent late"
    found = answered(tmp_path, QUESTION, cells)
    assert found.figure is not None and found.figure.table.taint.tolist() == ["all tainted"]
