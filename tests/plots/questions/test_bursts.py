"""Question 3 on bursts whose need of memory is known: 64 KiB for each CPU that is hit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from question_rows import answered, around, cell, question_store, skipped
from store_writer import Cell

from plots.kernel.samples import Samples
from plots.questions.burst_curves import curves, needed, times_needed
from plots.questions.bursts import QUESTION
from plots.results import load

BURST = 1 << 16
SIZES = [1 << power for power in range(14, 22)]
BURSTY: dict[str, Any] = {"arrival": "bursty", "rate": 2e6}


def layout(
    transport: str, width: int, needs: float, producers: int = 8, repetitions: int = 5
) -> list[Cell]:
    """Drops what of a burst has no room in `needs` bytes."""
    bursts: dict[str, Any] = {**BURSTY, "producers": producers, "burst_width": width}
    return [
        cell(
            transport,
            around("drop_fraction", max(0.0, 1 - total / needs), data_bytes=total)[:repetitions],
            bytes=total,
            **bursts,
        )
        for total in SIZES
    ]


def both(width: int, shared: float, split: float, **more: Any) -> list[Cell]:
    return [*layout("ringbuf", width, shared, **more), *layout("perfbuf", width, split, **more)]


def test_the_shared_ring_wins_until_all_are_hit(tmp_path: Path) -> None:
    cells = [
        *both(1, BURST, 8 * BURST),
        *both(4, 4 * BURST, 8 * BURST),
        *both(8, 8 * BURST, 8 * BURST),
    ]
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.decided
    assert "the memory of one shared ring: 8" in answer.sentence
    assert "2 when a burst hits 4" in answer.sentence
    assert "wins up to a width of 4 and no longer can be told to win at 8" in answer.sentence
    assert any(
        "width 1, at equal bytes: the shared ring drops less at" in d for d in answer.details
    )


def test_the_shared_ring_can_lose(tmp_path: Path) -> None:
    cells = [*both(1, BURST, 4 * BURST), *both(8, 16 * BURST, 4 * BURST)]
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.decided and "wins up to a width of 1 and loses at 8" in answer.sentence


def test_without_a_crossing_it_says_so(tmp_path: Path) -> None:
    cells = [*both(1, BURST, 8 * BURST), *both(4, 2 * BURST, 8 * BURST)]
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.sentence.endswith("the shared ring wins at widths of 1 and 4.")


def test_a_width_whose_need_is_only_bounded_is_named(tmp_path: Path) -> None:
    cells = [*both(1, BURST, 8 * BURST), *both(4, 2 * BURST, 4096 * BURST)]
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.sentence.endswith(
        "the shared ring wins at a width of 1; at a width of 4 the need is only bounded."
    )


def test_the_same_need_is_no_answer(tmp_path: Path) -> None:
    answer = answered(tmp_path, QUESTION, both(8, 4 * BURST, 4 * BURST))
    assert not answer.decided and "includes 1" in answer.sentence and answer.figure


def test_too_few_repetitions_are_no_answer(tmp_path: Path) -> None:
    cells = both(1, BURST, 8 * BURST, repetitions=2)
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "repetitions" in answer.sentence


def test_sizes_that_do_not_reach_are_no_answer(tmp_path: Path) -> None:
    answer = answered(tmp_path, QUESTION, both(1, BURST, 4096 * BURST))
    assert not answer.decided and "do not enclose" in answer.sentence
    assert answer.figure is not None
    heading = "memory for 1 % drops"
    assert answer.figure.table[heading].tolist()[1] == "over 2 MiB"


@pytest.mark.parametrize("kept", ["ringbuf", "perfbuf"])
def test_one_layout_alone_is_no_answer(kept: str, tmp_path: Path) -> None:
    cells = [*layout(kept, 1, BURST), skipped("perfbuf", "8 producers need 8 CPUs", producers=9)]
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "both layouts" in answer.sentence
    assert "1 cell of perfbuf not run: 8 producers need 8 CPUs." in answer.limits


def test_one_producer_is_a_control_and_no_answer(tmp_path: Path) -> None:
    cells = both(1, BURST, 2 * BURST, producers=1)
    assert not answered(tmp_path, QUESTION, cells).decided


def test_the_need_lies_on_the_line_between_two_sizes(tmp_path: Path) -> None:
    cells = [
        cell("ringbuf", [{"drop_fraction": drop}] * 3, bytes=total, burst_width=1, **BURSTY)
        for total, drop in ((1 << 16, 0.5), (1 << 18, 0.02), (1 << 20, 0.0))
    ]
    results = load([question_store(tmp_path, "bursts", cells)])
    (curve,) = curves(results, Samples(results))
    # Half of the way from 2 % to nothing, on the logarithm: 2^19.
    assert needed(curve, 0.01).median == pytest.approx(1 << 19)
    assert needed(curve, 0.6).median == 0 and np.isinf(needed(curve, -0.1).median)
    assert times_needed(curve, curve, 0.01).median == pytest.approx(1)


def test_what_drops_again_further_up_is_not_overlooked(tmp_path: Path) -> None:
    cells = [
        cell("ringbuf", [{"drop_fraction": drop}] * 3, bytes=total, burst_width=1, **BURSTY)
        for total, drop in ((1 << 16, 0.0), (1 << 18, 0.02), (1 << 20, 0.0))
    ]
    results = load([question_store(tmp_path, "bursts", cells)])
    (curve,) = curves(results, Samples(results))
    assert needed(curve, 0.01).median > 1 << 18


def test_a_tainted_size_is_hollow(tmp_path: Path) -> None:
    cells = both(1, BURST, 8 * BURST)
    parameters: dict[str, Any] = {**BURSTY, "producers": 8, "bytes": SIZES[3], "burst_width": 1}
    drops = around("drop_fraction", 0.1)
    cells[3] = cell("ringbuf", drops, status="tainted", **parameters)
    figure = answered(tmp_path, QUESTION, cells).figure
    assert figure is not None and "some sizes tainted" in figure.table["taint"].tolist()
    marks = [line for line in figure.picture.axes[0].lines if line.get_linestyle() == "None"]
    assert [line.get_markerfacecolor() for line in marks].count("white") == 1
