"""Question 1 on stores whose answer is known."""

from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, around, cell, skipped
from store_writer import Cell

from plots.errors import NoData
from plots.questions.contended_ring import QUESTION

HZ = 2e9
LIMITS = [
    {"round": 0, "operation": "xadd", "threads": 1, "cycles": 20.0},
    {"round": 0, "operation": "xadd", "threads": 2, "cycles": 80.0},
    {"round": 0, "operation": "hand_over", "cpu_a": 0, "cpu_b": 1, "cycles": 200.0},
]


def ring(
    producers: int, cycles: float, lock: str = "mcs", spread: float = 0.01, **more: Any
) -> Cell:
    """A crowd on one ring: each event takes so long, and all producers send all the time."""
    drops = more.pop("drop_fraction", 0.0)
    values = around("event_amortised_cycles", cycles, spread, drop_fraction=drops)
    for value in values:
        value["achieved_rate"] = producers * HZ / value["event_amortised_cycles"]
    options = {"lock": lock, "overwrite": "on"}
    return cell("ringbuf", values, options, poll="after_window", producers=producers, **more)


def test_adding_producers_makes_each_slower(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [ring(1, 100), ring(4, 1600)], limits=LIMITS)
    assert said.decided
    assert said.sentence.startswith("With 4 producers on one ring a record costs each 16 [")
    assert "all of them together get 0.25 [" in said.sentence
    assert any("20 cycles with 1 thread on its line to 80 with 2" in text for text in said.details)


def test_adding_producers_may_cost_less(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [ring(1, 100), ring(2, 50)])
    assert said.decided
    assert "costs each 0.5 [" in said.sentence


def test_a_difference_within_the_noise_decides_nothing(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [ring(1, 100, spread=0.3), ring(2, 105, spread=0.3)])
    assert not said.decided
    assert "the first interval includes 1" in said.sentence


def test_refused_reserves_are_no_records(tmp_path: Path) -> None:
    """Half of what the two attempt is refused, at the same cycles an attempt."""
    said = answered(tmp_path, QUESTION, [ring(1, 100), ring(2, 100, drop_fraction=0.5)])
    assert "costs each 2 [" in said.sentence
    assert "together get 1 [" in said.sentence


def test_one_producer_alone_decides_nothing(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [ring(1, 100), ring(4, 1600, lock="ticket")])
    assert not said.decided
    assert "not both measured with the mcs lock" in said.sentence


def test_one_repetition_decides_nothing(tmp_path: Path) -> None:
    cells = [ring(1, 100), ring(2, 900)]
    for one in cells:
        one.trials = one.trials[:1]
    said = answered(tmp_path, QUESTION, cells)
    assert not said.decided
    assert "no interval" in said.sentence


def test_what_has_no_cpus_is_a_prediction(tmp_path: Path) -> None:
    options = {"lock": "mcs", "overwrite": "on"}
    large = skipped("ringbuf", "needs CPUs", options, poll="after_window", producers=80)
    said = answered(tmp_path, QUESTION, [ring(1, 100), ring(2, 900), large], limits=LIMITS)
    # 80 producers at 200 cycles from CPU to CPU: 80 * 7.5 * 200 to 80 * 8.9 * 200.
    assert any("120,000 to 142,400 cycles" in text for text in said.details)
    assert said.figure is not None
    predicted = said.figure.table[said.figure.table.kind == "PREDICTION"]
    assert list(predicted.producers) == ["80"]
    assert any(text.startswith("For 2 producers the same formula") for text in said.details)
    assert any("is prediction" in text for text in said.limits)


def test_what_was_measured_is_no_prediction(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [ring(1, 100), ring(80, 9000)], limits=LIMITS)
    assert not any("formula" in text or "Predicted" in text for text in said.details)
    assert said.figure is not None and "PREDICTION" not in said.figure.caption
    assert set(said.figure.table.kind) == {"measured"}


def test_the_floor_is_drawn_and_no_ring(tmp_path: Path) -> None:
    values = around("event_amortised_cycles", 20, drop_fraction=0.0, achieved_rate=1e8)
    floor = cell("null", values, poll=None)
    said = answered(tmp_path, QUESTION, [ring(1, 100), ring(2, 900), floor])
    assert said.figure is not None and "no buffer at all" in set(said.figure.table.line)
    assert not any("no buffer at all" in text for text in said.details)


def test_without_the_machines_own_times_nothing_is_predicted(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [ring(1, 100), ring(2, 900)])
    assert said.figure is not None
    assert set(said.figure.table.kind) == {"measured"}


def test_tainted_trials_are_told(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [ring(1, 100, status="tainted"), ring(2, 900)])
    assert any(
        text.startswith("1 cell of ringbuf with tainted trials only") for text in said.limits
    )


def test_no_shared_ring_is_no_data(tmp_path: Path) -> None:
    values = around("event_amortised_cycles", 50, drop_fraction=0.0, achieved_rate=1e7)
    with pytest.raises(NoData):
        answered(tmp_path, QUESTION, [cell("perfbuf", values, poll="after_window")])
