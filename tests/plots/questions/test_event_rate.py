"""Question 2 on stores whose answer is known."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, around, cell
from store_writer import Cell

from plots.bootstrap import Interval
from plots.errors import NoData
from plots.questions.crossing import Kind, crossing
from plots.questions.event_rate import QUESTION

RATES = (1e3, 1e4, 1e5, 1e6)


def sweep(
    shared: Sequence[float], own: float, producers: int = 2, spread: float = 0.01
) -> list[Cell]:
    """The shared ring's reserve at each rate, and one beside it that costs the same at all."""
    cells = []
    for rate, cycles in zip(RATES, shared):
        for transport, value in (("ringbuf", cycles), ("perfbuf", own)):
            values = around("reserve_cycles_p50", value, spread)
            where: dict[str, Any] = {"arrival": "poisson", "rate": rate, "producers": producers}
            cells.append(cell(transport, values, **where))
    return cells


def test_the_rate_at_which_the_cost_doubles(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, sweep([1000, 1000, 1500, 2500], 1000))
    assert said.decided
    # Halfway between 1.5 and 2.5, so halfway between 100 k/s and 1 M/s on a logarithmic axis.
    assert "from 316k/s [" in said.sentence and "] of each producer on." in said.sentence


def test_it_never_doubles(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, sweep([1000, 1000, 1100, 1500], 1000))
    assert said.decided
    assert "never costs twice" in said.sentence and "1.5 [" in said.sentence


def test_it_is_dearer_from_the_start(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, sweep([3000, 3000, 3100, 4000], 1000))
    assert said.decided
    assert "more than twice one on a buffer per CPU at every rate: 3 [" in said.sentence


def test_an_interval_about_twice_decides_nothing(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, sweep([2000, 2000, 2000, 2000], 1000, spread=0.2))
    assert not said.decided
    assert "on which side of twice" in said.sentence


def test_costs_near_the_clocks_step_decide_nothing(tmp_path: Path) -> None:
    """Three steps against one may be two and a half against one and a half."""
    said = answered(
        tmp_path,
        QUESTION,
        sweep([60, 60, 60, 60], 20, spread=0),
        provenance={"tsc_resolution_cycles": "20"},
    )
    assert not said.decided


def test_the_most_producers_answer_and_the_others_are_told(tmp_path: Path) -> None:
    cells = sweep([1000] * 4, 1000, producers=1) + sweep([3000] * 4, 1000, producers=4)
    said = answered(tmp_path, QUESTION, cells)
    assert said.sentence.startswith("With 4 producers")
    assert said.details[0].startswith("1 producer: ") and "never" in said.details[0]


def test_one_layout_is_no_data(tmp_path: Path) -> None:
    with pytest.raises(NoData):
        answered(tmp_path, QUESTION, [c for c in sweep([1] * 4, 1) if c.transport == "perfbuf"])


def exactly(*values: float) -> list[Interval]:
    return [Interval(value, value * 0.99, value * 1.01, 5) for value in values]


@pytest.mark.parametrize("ratios", [(1, 3, 1, 3), (1, 3, 1, 1), (3, 1, 3, 3)])
def test_a_crossing_that_does_not_last_is_unclear(ratios: Sequence[float]) -> None:
    assert crossing(RATES, exactly(*ratios), 2.0).kind is Kind.UNCLEAR


def test_a_crossing_holds_for_all_later_rates() -> None:
    found = crossing(RATES, exactly(1, 3, 4, 3), 2.0)
    assert found.kind is Kind.CROSSES
    assert found.at is not None and 1e3 < found.at.low < found.at.median < found.at.high < 1e4


@pytest.mark.parametrize("step", ["20", "unknown"])
def test_a_reserve_below_the_clocks_step_decides_nothing(step: str, tmp_path: Path) -> None:
    told = {"tsc_resolution_cycles": step}
    said = answered(tmp_path, QUESTION, sweep([40] * 4, 0), provenance=told)
    assert not said.decided and "below the clock's step" in said.sentence


def test_a_ratio_that_falls_below_the_level_is_unclear() -> None:
    assert crossing(RATES, exactly(3, 3, 1, 1), 2.0).kind is Kind.UNCLEAR
