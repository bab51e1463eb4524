"""The change of a race's frequency by tracing, by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, cell, skipped
from store_writer import Cell

from plots.questions.probe_effect import QUESTION

TRIES = 10_000.0


def raced(transport: str, probe: str, races: Sequence[float], **more: Any) -> Cell:
    values = [{"race_tries": TRIES, "races": count} for count in races]
    chosen: dict[str, Any] = {"producers": 2, "arrival": "race", "race_window_ns": 200, **more}
    return cell(transport, values, probe=None if probe == "off" else probe, **chosen)


def pair(transport: str, traced: Sequence[float], **more: Any) -> list[Cell]:
    """Untraced, the race happens in 10 % of the tries."""
    return [
        raced(transport, "off", [990, 1000, 1010], **more),
        raced(transport, "both_ends", traced, **more),
    ]


def both() -> list[Cell]:
    return [
        *pair("null", [995, 1000, 1005]),
        *pair("ringbuf", [490, 500, 510]),
        *pair("perfbuf", [1490, 1500, 1510]),
        *pair("ringbuf", [290, 300, 310], race_window_ns=50),
        *pair("ringbuf", [890, 990, 1100], race_window_ns=1000),
    ]


def test_less_often_more_often_and_the_same(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, both())
    said = found.sentence.replace("\u00a0", " ")
    assert found.decided and "window is 200 ns" in said
    less, more, same = said.split(";")
    assert "less often through ringbuf (0.5 [0.485, 0.515] times)" in less
    assert "more often through perfbuf (1.5 [" in more
    assert "about as often through null" in same
    assert found.details[0].startswith("Untraced, of all tries: 50 ns: 10\u00a0%")
    assert "ringbuf, 50 ns: 0.3" in found.details[1] and "1000 ns" not in found.details[1]
    assert found.figure is not None and len(found.figure.table) == 5


def test_no_change_is_an_answer_where_the_intervals_are_tight(tmp_path: Path) -> None:
    cells = [*pair("ringbuf", [990, 1000, 1005]), *pair("perfbuf", [995, 1001, 1010])]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "about as often through ringbuf" in found.sentence


def test_wide_intervals_tell_nothing(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair("ringbuf", [500, 1000, 1600]))
    assert not found.decided and "every change may be none" in found.sentence
    assert found.figure is not None


def test_a_small_change_is_none_even_where_it_is_sure(tmp_path: Path) -> None:
    cells = [*pair("ringbuf", [950, 960, 970]), *pair("perfbuf", [490, 500, 510])]
    said = answered(tmp_path, QUESTION, cells).sentence
    assert "less often through perfbuf" in said and "about as often through ringbuf" in said


def test_one_thin_cell_does_not_spoil_the_answer(tmp_path: Path) -> None:
    cells = [*pair("ringbuf", [490, 500, 510]), *pair("perfbuf", [500, 510])]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "less often through ringbuf" in found.sentence
    assert "perfbuf" not in found.sentence
    assert any(one.endswith("too few races: perfbuf.") for one in found.limits)


def test_all_untraced_trials_of_a_window_count_together(tmp_path: Path) -> None:
    cells = [*pair("ringbuf", [490, 500, 510]), raced("perfbuf", "off", [3000] * 7)]
    cells.append(raced("perfbuf", "both_ends", [500] * 5))
    found = answered(tmp_path, QUESTION, cells)
    assert found.details[0].startswith("Untraced, of all tries: 200 ns: 30\u00a0%")


@pytest.mark.parametrize("traced", [[500.0], [500.0, 510.0]])
def test_too_few_repetitions_tell_nothing(tmp_path: Path, traced: list[float]) -> None:
    found = answered(tmp_path, QUESTION, pair("ringbuf", traced))
    assert not found.decided and "too few" in found.sentence


def test_a_race_that_never_happens_has_no_change(tmp_path: Path) -> None:
    cells = [raced("ringbuf", "off", [0, 0, 0]), raced("ringbuf", "both_ends", [5, 6, 7])]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and any("no race happened" in limit for limit in found.limits)


def test_one_side_alone_is_no_comparison(tmp_path: Path) -> None:
    cells = [*pair("ringbuf", [1] * 3)[:1], skipped("perfbuf", "needs 3 CPUs", arrival="race")]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and found.figure is None
    assert "1 cell of perfbuf not run: needs 3 CPUs." in found.limits


def test_either_side_taints_the_change(tmp_path: Path) -> None:
    cells = pair("ringbuf", [490, 500, 510])
    cells[0] = raced("ringbuf", "off", [990, 1000, 1010], status="tainted")
    found = answered(tmp_path, QUESTION, cells)
    assert found.figure is not None and found.figure.table.taint.tolist() == ["all tainted"]
    marks = [x for x in found.figure.picture.axes[0].lines if x.get_marker() == "o"]
    assert [mark.get_markerfacecolor() for mark in marks] == ["white"]
