"""Question 6 on groupings whose cost and drops the test sets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, around, cell, skipped
from store_writer import Cell

from plots.questions.rings_between import QUESTION

NUMBERS = (1, 2, 4, 8)


def grouped(
    metric: str,
    middle: float,
    cpus: int,
    mapping: str = "contiguous",
    spread: float = 0.01,
    repetitions: int = 5,
    status: str = "ok",
    producers: int = 8,
    **more: Any,
) -> Cell:
    options = {"base": "ringbuf", "cpus_per_ring": str(cpus), "mapping": mapping}
    values = around(metric, middle, spread)[:repetitions]
    parameters: dict[str, Any] = {"producers": producers, **more}
    return cell("hybrid", values, options, status, **parameters)


def contention(costs: Mapping[int, float], **more: Any) -> list[Cell]:
    return [
        grouped("event_amortised_cycles", cost, cpus, poll="after_window", **more)
        for cpus, cost in costs.items()
    ]


def bursts(drops: Mapping[int, float], **more: Any) -> list[Cell]:
    parameters: dict[str, Any] = {"arrival": "bursty", "burst_width": 2, "bytes": 65536, **more}
    return [grouped("drop_fraction", drop, cpus, **parameters) for cpus, drop in drops.items()]


RISING = dict(zip(NUMBERS, (0.1, 0.2, 0.4, 0.8)))
FALLING = dict(zip(NUMBERS, (0.8, 0.4, 0.2, 0.1)))
COSTS = {cpus: 1000 * cost for cpus, cost in RISING.items()}
EQUAL = dict.fromkeys(NUMBERS, 0.1)


def test_contention_and_bursts_pull_apart(tmp_path: Path) -> None:
    cells = contention(COSTS) + bursts(FALLING) + bursts(RISING, bytes_are="per_ring")
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.decided
    assert "With 8 producers contention costs least with 1 CPU a ring" in answer.sentence
    total, ring = answer.sentence.split("; ")[1:]
    assert "at equal total bytes bursts drop least with 8 CPUs a ring" in total
    assert "the two pull apart" in total
    assert "at equal bytes a ring bursts drop least with 1 CPU a ring" in ring
    assert "the two agree on 1 CPU a ring" in ring


def test_they_can_agree_on_few_rings(tmp_path: Path) -> None:
    answer = answered(
        tmp_path, QUESTION, contention({n: 1000 * d for n, d in FALLING.items()}) + bursts(FALLING)
    )
    assert answer.decided and "the two agree on 8 CPUs a ring" in answer.sentence


def test_ties_with_the_best_are_named(tmp_path: Path) -> None:
    cells = contention({1: 100, 2: 100.2, 4: 300, 8: 400}) + bursts(FALLING)
    answer = answered(tmp_path, QUESTION, cells)
    assert "from which 2 CPUs a ring cannot be told" in answer.sentence


def test_the_size_that_tells_most_is_taken(tmp_path: Path) -> None:
    cells = contention(COSTS) + bursts(EQUAL) + bursts(FALLING, bytes=131072)
    assert "drop least with 8 CPUs a ring" in answered(tmp_path, QUESTION, cells).sentence


@pytest.mark.parametrize("costs, drops", [(EQUAL, FALLING), (COSTS, EQUAL)])
def test_overlapping_intervals_are_no_answer(
    costs: dict[int, float], drops: dict[int, float], tmp_path: Path
) -> None:
    answer = answered(tmp_path, QUESTION, contention(costs) + bursts(drops))
    assert not answer.decided and "can be told from the others" in answer.sentence
    assert answer.figure is not None


def test_two_repetitions_are_no_answer(tmp_path: Path) -> None:
    cells = contention(COSTS) + bursts(FALLING, repetitions=2)
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "fewer than three repetitions" in answer.sentence


@pytest.mark.parametrize(
    "cells",
    [contention(COSTS), bursts(FALLING), contention({1: 100}) + bursts({1: 0.1})],
    ids=["no bursts", "no contention", "one grouping"],
)
def test_missing_cells_are_no_answer(cells: list[Cell], tmp_path: Path) -> None:
    reason = "8 producers need 8 CPUs"
    cells = [*cells, skipped("hybrid", reason, {"cpus_per_ring": "4"}, producers=8)]
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and f"1 cell of hybrid not run: {reason}." in answer.limits


def test_bursts_of_other_producers_do_not_answer(tmp_path: Path) -> None:
    cells = contention(COSTS) + bursts({1: 0.8, 2: 0.1}, producers=2)
    assert not answered(tmp_path, QUESTION, cells).decided


def test_more_producers_without_bursts_do_not_spoil_the_answer(tmp_path: Path) -> None:
    # Bursts need one CPU more than contention does, whose consumer shares a producer's.
    cells = contention(COSTS) + bursts(FALLING) + contention(COSTS, producers=16)
    assert "With 8 producers contention" in answered(tmp_path, QUESTION, cells).sentence


# As a store keeps the name of a trace.
TRACE: dict[str, Any] = {"arrival": "trace", "trace": "neighbour_bursts@3fd16a0c"}


def test_which_cpus_share_is_told_apart(tmp_path: Path) -> None:
    cells = contention(COSTS) + contention({2: 350}, mapping="modulo") + bursts(FALLING)
    cells += bursts({2: 0.4}, **TRACE) + bursts({2: 0.1}, mapping="modulo", **TRACE)
    answer = answered(tmp_path, QUESTION, cells)
    told = [detail for detail in answer.details if "neighbours together" in detail]
    assert "Contention, 8 producers, 2 CPUs a ring" in told[0] and "do better than" in told[0]
    assert "Neighbour bursts, 8 producers" in told[1] and "do worse than" in told[1]
    assert answer.sentence.endswith(
        " Which CPUs share: contention wants neighbours together (2 CPUs a ring); neighbour bursts"
        " want neighbours apart (2 CPUs a ring)."
    )
    assert not any("chosen at random" in limit for limit in answer.limits)


def test_without_a_trace_random_bursts_are_a_limit(tmp_path: Path) -> None:
    answer = answered(tmp_path, QUESTION, contention(COSTS) + bursts(FALLING))
    assert any("and none was run" in limit for limit in answer.limits)


def test_a_higher_rate_is_the_better(tmp_path: Path) -> None:
    rates = [grouped("delivered_rate", 1e6 * n, n, poll="busy") for n in (1, 8)]
    rates.append(grouped("delivered_rate", 9e6, 4, poll="busy"))
    rates.append(grouped("delivered_rate", 5e6, 4, "modulo", poll="busy"))
    answer = answered(tmp_path, QUESTION, contention(COSTS) + bursts(FALLING) + rates)
    assert any(d.startswith("Throughput, 8 producers: most with 4 CPUs") for d in answer.details)
    assert any("do better than neighbours apart" in detail for detail in answer.details)


def test_mappings_of_one_ring_are_one_grouping(tmp_path: Path) -> None:
    cells = contention(COSTS) + contention({1: 100, 8: 800}, mapping="modulo") + bursts(FALLING)
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.figure is not None
    shown = answer.figure.table.grouping[answer.figure.table.workload == "contention, 8 producers"]
    assert shown.tolist() == [
        "1 CPU a ring",
        "2 CPUs a ring",
        "4 CPUs a ring",
        "8 CPUs a ring",
    ]
    assert "cannot be told" not in answer.sentence


def test_one_ring_stands_for_both_meanings_of_its_bytes(tmp_path: Path) -> None:
    # As ringbench stores it: with one ring the two meanings are the same cell.
    cells = contention({1: 100, 8: 800}) + bursts({8: 0.8}) + bursts({1: 0.1}, bytes_are="per_ring")
    answer = answered(tmp_path, QUESTION, cells)
    assert "at equal bytes a ring bursts drop least with 1 CPU a ring" in answer.sentence
    assert "in all" not in " ".join(answer.details)


def test_tainted_groupings_are_hollow(tmp_path: Path) -> None:
    cells = contention(COSTS) + bursts({1: 0.4, 2: 0.2}) + bursts({4: 0.1}, status="tainted")
    figure = answered(tmp_path, QUESTION, cells).figure
    assert figure is not None and figure.table["taint"].tolist().count("all tainted") == 1
    panel = figure.picture.axes[1]
    marks = [line.get_markerfacecolor() for line in panel.lines if line.get_marker() == "^"]
    assert marks.count("white") == 1
