"""Which losses a reader can see, by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from question_rows import answered, cell, skipped
from store_writer import Cell

from plots.questions.visible_losses import QUESTION


def lossy(
    transport: str, marked: Sequence[float], numbered: float | None = 950, **more: Any
) -> Cell:
    """Trials of which each lost 1000 of 5000 events."""
    lost: dict[str, float] = {"attempted": 5000, "drop_no_space": 900, "drop_lock_busy": 100}
    if numbered is not None:
        lost |= {"sequence_gaps_seen": numbered, "gap_place_records_p99": 40}
    return cell(transport, [{**lost, "lost_marked": m} for m in marked], **more)


def both() -> list[Cell]:
    return [
        lossy("perfbuf", [999, 1000, 1000]),
        lossy("ringbuf", [0, 0, 0]),
        lossy("ringbuf", [996, 997, 998], options={"accounting": "in_band"}),
    ]


def test_who_marks_and_who_hides(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, both())
    assert found.decided
    marking, silent = found.sentence.split(";")
    assert "of perfbuf and ringbuf, accounting in band (99.6 to 100" in marking
    assert "ringbuf (0\u00a0% marked)" in silent
    assert "ringbuf (95\u00a0%, off by 40 records, p99)" in found.details[-1]
    assert found.figure is not None
    rows = found.figure.table.set_index("layout")
    assert rows.loc["ringbuf", "seen by nothing"] == "5\u00a0%"
    assert rows.loc["perfbuf", "drops"] == "3,000"


def test_the_other_way_round(tmp_path: Path) -> None:
    cells = [lossy("perfbuf", [0, 0, 1]), lossy("ringbuf", [1000] * 3)]
    found = answered(tmp_path, QUESTION, cells)
    marking, silent = found.sentence.split(";")
    assert found.decided and "ringbuf" in marking and "perfbuf" in silent


def test_a_reader_without_numbers_sees_nothing_of_a_silent_layout(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, [lossy("ringbuf", [0] * 3, numbered=None)])
    assert found.figure is not None and not found.details
    assert found.figure.table.loc[0, "seen by nothing"] == "100\u00a0%"
    assert any("Nobody looked" in limit for limit in found.limits)


def test_drops_that_nothing_follows_are_not_held_against_a_mark(tmp_path: Path) -> None:
    cells = [lossy("perfbuf", [800] * 3, numbered=801), lossy("ringbuf", [700] * 3, numbered=801)]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "of perfbuf (80\u00a0% of all drops)" in found.sentence
    assert "ringbuf" not in found.sentence and "ringbuf marks 70" in found.details[0]


def test_what_cannot_be_told(tmp_path: Path) -> None:
    single = answered(tmp_path / "a", QUESTION, [lossy("perfbuf", [1000, 1000])])
    assert not single.decided and "fewer than three" in single.sentence
    half = answered(tmp_path / "b", QUESTION, [lossy("perfbuf", [500, 520, 480])])
    assert not half.decided and "between nearly all and none" in half.sentence
    clean = [cell("ringbuf", [{"attempted": 10, "drop_no_space": 0}] * 3)]
    none = answered(tmp_path / "c", QUESTION, clean)
    assert not none.decided and "no cell dropped" in none.sentence and none.figure is None


def test_one_thin_cell_does_not_spoil_the_others(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, [*both(), lossy("hybrid", [0, 0])])
    assert found.decided and "hybrid" not in found.sentence
    assert any("Not told of hybrid" in limit for limit in found.limits)


def test_marks_that_nobody_counted_are_not_none(tmp_path: Path) -> None:
    unknown = lossy("hybrid", [0] * 3)
    for trial in unknown.trials:
        trial.metrics = {n: v for n, v in trial.metrics.items() if n != "lost_marked"}
    found = answered(tmp_path, QUESTION, [*both(), unknown])
    assert found.figure is not None and "hybrid" not in found.sentence
    assert len(found.figure.table) == len(both())


def test_a_skipped_cell_is_a_limit_and_a_tainted_one_is_marked(tmp_path: Path) -> None:
    cells = [*both(), skipped("hybrid", "needs 9 CPUs", producers=8)]
    cells[0] = lossy("perfbuf", [1000] * 3, status="tainted")
    found = answered(tmp_path, QUESTION, cells)
    assert "1 cell of hybrid not run: needs 9 CPUs." in found.limits
    assert found.figure is not None
    assert found.figure.table.set_index("layout").loc["perfbuf", "taint"] == "all tainted"
    marks = [line for axes in found.figure.picture.axes for line in axes.lines]
    assert {line.get_markerfacecolor() for line in marks if line.get_marker() == "s"} == {"white"}
