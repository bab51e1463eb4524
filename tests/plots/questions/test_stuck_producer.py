"""What a stuck producer does to the others, by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, cell, skipped
from store_writer import Cell

from plots.bootstrap import median_interval
from plots.questions.stuck_producer import QUESTION


def stuck(
    transport: str,
    hold: float,
    waits: Sequence[float],
    dropped: float = 0.0,
    holds: float = 10,
    **more: Any,
) -> Cell:
    """`waits`: 99th percentile of the delivery in each trial, in ns."""
    rest = {
        "delivery_ns_max": 1.1e3 * hold,
        "drop_fraction": dropped,
        "holds": holds,
        "recovery_us_p50": hold / 10,
        "peak_pool_bytes": 65_536,
    }
    values = [{**rest, "delivery_ns_p99": wait} for wait in waits]
    chosen: dict[str, Any] = {"producers": 2, "hold_us": hold, "hold_every_ms": 1, **more}
    return cell(transport, values, **chosen)


def around(middle: float) -> list[float]:
    return [0.98 * middle, middle, 1.02 * middle]


def both() -> list[Cell]:
    cells = []
    for hold in (10, 100, 1000, 10_000, 100_000):
        dropped = 0.2 if hold == 100_000 else 0.0
        cells += [
            stuck("ringbuf", hold, around(900 * hold), dropped, holds=2 if dropped else 10),
            stuck("perfbuf", hold, around(5_000)),
            stuck("hybrid", hold, around(6_000), options={"cpus_per_ring": "1"}),
            stuck("hybrid", hold, around(880 * hold), options={"cpus_per_ring": "2"}),
        ]
    return cells


def test_the_shared_ring_holds_everyone_up(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, both())
    said = found.sentence.replace("\u00a0", " ")
    assert found.decided and "stuck for 100 ms, 99 % of the records" in said
    assert "at most 90 ms [88.2, 91.8] with ringbuf" in said
    assert "against 5 µs [4.9, 5.1] with perfbuf" in said
    assert "dropped are 20 % with ringbuf and 0 % with perfbuf" in said
    assert any("cpus per ring 2" in detail for detail in found.details)
    assert any("Fewer than three pauses of 100 ms" in limit for limit in found.limits)
    assert found.figure is not None and len(found.figure.table) == 20


def test_the_most_producers_answer(tmp_path: Path) -> None:
    many: dict[str, Any] = {"producers": 8}
    cells = [*both(), stuck("ringbuf", 1000, around(7e5), **many)]
    cells.append(stuck("perfbuf", 1000, around(4e3), **many))
    cells.append(stuck("ringbuf", 1000, around(7e5), producers=16))
    found = answered(tmp_path, QUESTION, cells)
    assert "one of 8 producers is stuck for 1 ms," in found.sentence.replace("\u00a0", " ")
    assert "700\u00a0µs" in found.sentence
    assert not any("hybrid" in detail for detail in found.details)
    assert found.figure is not None and "one of 8 producers" in found.figure.caption


def test_a_thin_pause_leaves_the_answer_to_the_next(tmp_path: Path) -> None:
    cells = [stuck("ringbuf", hold, around(900 * hold)) for hold in (100, 1000)]
    cells += [stuck("perfbuf", 100, around(4e3)), stuck("perfbuf", 1000, [4e3, 5e3])]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "stuck for 100 µs" in found.sentence
    assert "Too few repetitions for an interval in 1 of 4 cells." in found.limits


def test_intervals_may_overlap_where_the_difference_tells(tmp_path: Path) -> None:
    shared, own = [5e3, 5.6e3, 6e3, 6.4e3, 7e3], [4e3, 4.4e3, 4.8e3, 5.2e3, 5.4e3]
    assert median_interval(shared).overlaps(median_interval(own))
    cells = [stuck("ringbuf", 100, shared), stuck("perfbuf", 100, own)]
    assert answered(tmp_path, QUESTION, cells).decided


def test_the_other_way_round(tmp_path: Path) -> None:
    cells = [stuck("ringbuf", 100, around(4000)), stuck("perfbuf", 100, around(90_000))]
    found = answered(tmp_path, QUESTION, cells)
    said = found.sentence.replace("\u00a0", " ")
    assert found.decided and "at most 90 µs [88.2, 91.8] with perfbuf, against" in said


def test_the_longest_pause_that_both_have_decides(tmp_path: Path) -> None:
    cells = [
        stuck("ringbuf", 100, around(90_000)),
        stuck("perfbuf", 100, around(4000)),
        stuck("ringbuf", 1000, around(900_000)),
    ]
    assert "stuck for 100 µs" in answered(tmp_path, QUESTION, cells).sentence


@pytest.mark.parametrize("fewer", [[5e4], [5e4, 6e4]])
def test_too_few_repetitions_tell_nothing(tmp_path: Path, fewer: list[float]) -> None:
    cells = [stuck("ringbuf", 100, fewer), stuck("perfbuf", 100, around(4000))]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "too few" in found.sentence


def test_overlapping_waits_tell_nothing(tmp_path: Path) -> None:
    cells = [stuck("ringbuf", 100, [4e3, 5e3, 6e3]), stuck("perfbuf", 100, [3e3, 4.5e3, 5e3])]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "cannot be told apart" in found.sentence


def test_one_layout_alone_is_no_comparison(tmp_path: Path) -> None:
    cells = [stuck("ringbuf", 100, around(9e4)), skipped("perfbuf", "needs 9 CPUs", producers=8)]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and found.figure is not None
    assert "1 cell of perfbuf not run: needs 9 CPUs." in found.limits


def test_a_tainted_cell_is_hollow(tmp_path: Path) -> None:
    cells = [
        stuck("ringbuf", 100, around(9e4), status="tainted"),
        stuck("perfbuf", 100, around(4e3)),
    ]
    found = answered(tmp_path, QUESTION, cells)
    assert found.figure is not None and found.figure.table.taint.tolist() == ["all tainted", ""]
    lines = found.figure.picture.axes[0].lines
    hollow = {x.get_marker() for x in lines if x.get_markerfacecolor() == "white"}
    assert hollow == {"o"}
