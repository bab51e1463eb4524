"""Question 18 on stores whose answer is known."""

from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, around, cell
from store_writer import Cell

from plots.errors import NoData
from plots.questions.choice import QUESTION

# As each layout wakes its consumer where nobody asks for anything else.
USUAL = {"ringbuf": {"notify": "adaptive"}, "perfbuf": {"notify": "watermark"}}
SMALL, LARGE = 1 << 16, 1 << 20


def layout(transport: str, cycles: float, drops: float, memory: int = SMALL, **more: Any) -> Cell:
    values = around("event_cycles_p50", cycles, more.pop("spread", 0.01), drop_fraction=drops)
    burst: dict[str, Any] = {
        "arrival": "bursty",
        "rate": 1e5,
        "burst_width": 1,
        "burst_on_us": 1000,
    }
    return cell(transport, values, USUAL[transport], bytes=memory, producers=2, **burst, **more)


def chains(transport: str, inverted: float, whole: float = 100) -> Cell:
    values = around("causal_inversions", inverted, chains_whole=whole)
    chain: dict[str, Any] = {"arrival": "chain", "chain_gap_us": 0}
    return cell(transport, values, USUAL[transport], producers=2, poll="epoll", **chain)


def needs(tmp_path: Path, *cells: Cell) -> dict[tuple[str, str], str]:
    """Memory and order to the layout that is named."""
    table = answered(tmp_path, QUESTION, cells).table
    assert table is not None
    return {
        (row["memory at most"], row["order needed"]): row["cheapest layout"]
        for row in table.to_dict("records")
    }


def test_the_cheapest_that_loses_nothing(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [layout("ringbuf", 900, 0), layout("perfbuf", 300, 0)])
    assert said.decided
    assert "is perfbuf in 1 of 1" in said.sentence and "300 [" in said.sentence


def test_the_cheapest_is_not_taken_where_it_loses(tmp_path: Path) -> None:
    said = answered(tmp_path, QUESTION, [layout("ringbuf", 900, 0), layout("perfbuf", 300, 0.2)])
    assert "is ringbuf in 1 of 1" in said.sentence


def test_more_memory_turns_the_choice(tmp_path: Path) -> None:
    found = needs(
        tmp_path,
        layout("ringbuf", 900, 0),
        layout("perfbuf", 300, 0.2),
        layout("perfbuf", 300, 0, LARGE),
    )
    assert found["64 KiB", "none"] == "ringbuf"
    assert found["1 MiB", "none"] == "perfbuf"


def test_order_is_met_only_by_who_was_seen_to_keep_it(tmp_path: Path) -> None:
    causes = "causes before effects, across CPUs"
    cells = [layout("ringbuf", 900, 0), layout("perfbuf", 300, 0)]
    assert needs(tmp_path / "a", *cells)["64 KiB", causes] == "this run has nothing for it"
    known = [*cells, chains("ringbuf", 0), chains("perfbuf", 0.3)]
    found = needs(tmp_path / "b", *known)
    assert (found["64 KiB", causes], found["64 KiB", "none"]) == ("ringbuf", "perfbuf")


def test_ten_chains_in_order_show_nothing(tmp_path: Path) -> None:
    cells = [layout("ringbuf", 900, 0), layout("perfbuf", 300, 0), chains("ringbuf", 0, whole=2)]
    found = needs(tmp_path, *cells)
    assert found["64 KiB", "causes before effects, across CPUs"] == "this run has nothing for it"


def test_a_need_is_one_row_and_won_in_all_its_workloads(tmp_path: Path) -> None:
    cells = [layout("ringbuf", 900, 0), layout("perfbuf", 300, 0)]
    cells += [layout("ringbuf", 300, 0, poll="epoll"), layout("perfbuf", 900, 0, poll="epoll")]
    said = answered(tmp_path, QUESTION, cells)
    assert not said.decided and said.table is not None
    row = said.table[said.table["order needed"] == "none"].iloc[0]
    assert len(said.table) == 2 and row["cheapest layout"] == "perfbuf or ringbuf"
    assert "2 workloads (poll)" in row["rests on"]


def test_who_cannot_be_told_apart_is_not_ranked(tmp_path: Path) -> None:
    cells = [layout("ringbuf", 310, 0, spread=0.2), layout("perfbuf", 300, 0, spread=0.2)]
    said = answered(tmp_path, QUESTION, cells)
    assert not said.decided
    assert said.table is not None
    assert said.table["cheapest layout"][0] == "perfbuf or ringbuf"


def test_costs_within_the_clocks_step_are_not_ranked(tmp_path: Path) -> None:
    cells = [layout("ringbuf", 320, 0, spread=0), layout("perfbuf", 300, 0, spread=0)]
    assert answered(tmp_path / "a", QUESTION, cells).decided
    coarse = {"tsc_resolution_cycles": "21"}
    assert not answered(tmp_path / "b", QUESTION, cells, provenance=coarse).decided


def test_nothing_that_delivers(tmp_path: Path) -> None:
    cells = [layout("ringbuf", 900, 0.4), layout("perfbuf", 300, 0.2)]
    said = answered(tmp_path, QUESTION, cells)
    assert not said.decided
    assert said.table is not None
    assert set(said.table["cheapest layout"]) == {"this run has nothing for it"}
    assert "the best loses 20 %" in said.table["rests on"][0].replace("\N{NO-BREAK SPACE}", " ")


def test_a_variant_of_another_question_is_no_layout(tmp_path: Path) -> None:
    odd = layout("perfbuf", 100, 0)
    odd.options = {**odd.options, "overwrite": "on"}
    cells = [layout("ringbuf", 900, 0), layout("perfbuf", 300, 0), odd]
    assert "300 [" in answered(tmp_path, QUESTION, cells).sentence


def test_one_layout_is_no_choice(tmp_path: Path) -> None:
    with pytest.raises(NoData):
        answered(tmp_path, QUESTION, [layout("perfbuf", 300, 0)])
