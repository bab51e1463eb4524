"""Whether the acquire costs anything, from cycles made by hand."""

from pathlib import Path

from question_rows import answered, around, cell, skipped
from store_writer import Cell

from plots.questions.position_load import QUESTION

CYCLES = "event_amortised_cycles"


def pair(acquire: float, plain: float, spread: float = 0.01, producers: int = 1) -> list[Cell]:
    return [
        cell(
            "ringbuf",
            around(CYCLES, cycles, spread),
            {"position_load": load},
            producers=producers,
            poll="after_window",
        )
        for load, cycles in (("acquire", acquire), ("control", plain))
    ]


def test_equal_cycles_exclude_a_difference(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair(100, 100) + pair(200, 200, producers=2))
    assert found.decided and found.sentence.startswith("No difference")
    assert "1 [0.9" in found.sentence and "over 2 pairs" in found.sentence
    # Each median is known to 1 %, so their ratio to less than 2 %.
    assert "more than 1" in found.sentence
    assert "includes 1 in 2" in found.details[0]
    assert found.figure is not None and found.figure.table.cells.tolist()[-1] == "all"


def test_a_cheaper_load_is_said(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair(100, 80))
    assert found.decided and found.sentence.startswith("The plain load costs less")
    assert "0.8 [" in found.sentence


def test_a_dearer_load_is_said(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair(100, 120))
    assert found.sentence.startswith("The plain load costs more") and "1.2 [" in found.sentence


def test_one_pair_of_many_that_differs_by_chance_decides_nothing(tmp_path: Path) -> None:
    cells = [c for n in (1, 2, 3, 4, 5) for c in pair(100, 100, 0.02, producers=n)]
    cells += pair(100, 104, 0.01, producers=6)
    found = answered(tmp_path, QUESTION, cells)
    assert found.sentence.startswith("No difference") and "includes 1 in 5" in found.details[0]


def test_noise_that_hides_a_difference_is_no_equality(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair(100, 100, spread=0.3))
    assert not found.decided and "differences of more than 5 %" in found.sentence


def test_two_repetitions_are_too_few(tmp_path: Path) -> None:
    cells = pair(100, 100)
    cells[0].trials = cells[0].trials[:2]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "fewer than three" in found.sentence and found.figure is not None


def test_one_way_alone_tells_nothing(tmp_path: Path) -> None:
    cells = pair(100, 100)[:1] + [skipped("ringbuf", "needs 4 CPUs", producers=4)]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "both ways to load" in found.sentence
    assert found.limits[0] == "1 cell of ringbuf not run: needs 4 CPUs."
