"""Question 4 on chains of which so many arrive out of order as the test says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from kernel_rows import lifecycle_cell
from question_rows import answered, cell, skipped
from store_writer import Cell

from plots.questions.causal_order import QUESTION

PER_CPU = {"cpus_per_ring": "1", "mapping": "contiguous"}


def chains(
    transport: str, shares: Sequence[float], gap_us: float = 0, status: str = "ok", **more: Any
) -> Cell:
    values = []
    for share in shares:
        value = {"causal_inversions": share, "chains_whole": 1000, "chains_broken": 0}
        value["reordered_ratio"] = share / 2
        if share:
            value["reorder_extent_p99"] = 40
        values.append(value)
    options = {"hybrid": PER_CPU}.get(transport, {})
    parameters: dict[str, Any] = {"producers": 2, "poll": "busy", "rate": 1e4, **more}
    parameters |= {"arrival": "chain", "chain_length": 3, "chain_gap_us": gap_us}
    return cell(transport, values, options, status, **parameters)


NONE = [0.0] * 5
SOME = [0.1, 0.11, 0.12, 0.13, 0.14]


def test_per_cpu_buffers_lose_the_order(tmp_path: Path) -> None:
    cells = [chains("ringbuf", NONE), chains("perfbuf", SOME), chains("hybrid", SOME)]
    cells += [chains("ringbuf", NONE, 10), chains("perfbuf", NONE, 10)]
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.decided
    assert "out of order: perfbuf 12 % [10, 14], ringbuf none" in answer.sentence.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    # 1 - 0.05 ** (1 / 5000)
    assert "ringbuf none of 5,000 (at most 0.0599 % at 95 %)" in answer.sentence
    assert "gap 0 µs, 2 producers, poll busy; perfbuf has more in 1 of 2 work" in answer.sentence
    assert (
        answer.details[0] == "No chain out of order in any workload with ringbuf (10,000 chains)."
    )
    assert any(d.startswith("hybrid, 1 CPU a ring: records out of order") for d in answer.details)


def test_the_shared_ring_can_be_the_worse(tmp_path: Path) -> None:
    answer = answered(tmp_path, QUESTION, [chains("ringbuf", SOME), chains("perfbuf", NONE)])
    assert answer.decided and "ringbuf has more in 1 of 1 workload" in answer.sentence
    assert "with perfbuf (5,000 chains)" in answer.details[0]


def test_workloads_that_disagree_are_counted(tmp_path: Path) -> None:
    cells = [chains("ringbuf", NONE), chains("perfbuf", [2 * share for share in SOME])]
    cells += [chains("ringbuf", SOME, 10), chains("perfbuf", NONE, 10)]
    answer = answered(tmp_path, QUESTION, cells)
    assert "perfbuf has more in 1 of 2 workloads; the other way round in 1 workload" in (
        answer.sentence
    )
    assert answer.details[0] == "Every layout had a chain out of order in some workload."


def test_none_anywhere_is_an_answer_with_its_bound(tmp_path: Path) -> None:
    answer = answered(tmp_path, QUESTION, [chains("ringbuf", NONE), chains("perfbuf", NONE)])
    assert answer.decided and "of 5,000 chains through buffers for each CPU none" in answer.sentence


def test_none_of_a_few_is_no_answer(tmp_path: Path) -> None:
    cells = [chains("ringbuf", NONE), chains("perfbuf", NONE)]
    for trial in cells[1].trials:
        trial.metrics = {**trial.metrics, "chains_whole": 1}
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "none of 5 chains" in answer.sentence
    assert "up to 45.1" in answer.sentence


def test_overlapping_intervals_are_no_answer(tmp_path: Path) -> None:
    cells = [chains("ringbuf", [0, 0.1, 0.2, 0.3, 0.4]), chains("perfbuf", [0, 0.1, 0.3, 0.3, 0.5])]
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "overlap in every workload" in answer.sentence and answer.figure


def test_two_repetitions_are_no_answer(tmp_path: Path) -> None:
    cells = [chains("ringbuf", NONE[:2]), chains("perfbuf", SOME[:2])]
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "fewer than three repetitions" in answer.sentence


@pytest.mark.parametrize("other", [{"gap_us": 10}, {"poll": "epoll"}, {"producers": 4}])
def test_other_chains_are_no_comparison(other: dict[str, Any], tmp_path: Path) -> None:
    cells = [chains("ringbuf", NONE), chains("perfbuf", SOME, **other)]
    assert not answered(tmp_path, QUESTION, cells).decided


def test_the_kernels_processes_are_told_beside(tmp_path: Path) -> None:
    kernel = [lifecycle_cell("kernel_ringbuf", NONE), lifecycle_cell("kernel_perfbuf", SOME)]
    cells = [chains("ringbuf", NONE), chains("perfbuf", SOME), *kernel]
    answer = answered(tmp_path, QUESTION, cells)
    assert "kernel_perfbuf" not in answer.sentence
    assert "kernel's buffers – chains that arrive out of order" in answer.details[0]
    alone = answered(tmp_path / "alone", QUESTION, kernel)
    assert alone.decided and "kernel_perfbuf has more in 1 of 1 workload" in alone.sentence


def test_cells_that_were_skipped_are_limits(tmp_path: Path) -> None:
    reason = "the kernel refuses BPF programs"
    cells = [chains("ringbuf", NONE), skipped("kernel_ringbuf", reason, {"driver": "lifecycle"})]
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and f"1 cell of kernel_ringbuf not run: {reason}." in answer.limits


def test_too_few_for_a_percentile_are_told_by_the_largest(tmp_path: Path) -> None:
    few = chains("perfbuf", SOME)
    for trial in few.trials:
        kept = {n: v for n, v in trial.metrics.items() if n != "reorder_extent_p99"}
        trial.metrics = {**kept, "reorder_extent_max": 7}
    answer = answered(tmp_path, QUESTION, [chains("ringbuf", NONE), few])
    assert any("come up to 7 records late (the most; gap" in detail for detail in answer.details)


def test_tainted_chains_are_hollow(tmp_path: Path) -> None:
    cells = [chains("ringbuf", NONE), chains("perfbuf", SOME, status="tainted")]
    figure = answered(tmp_path, QUESTION, cells).figure
    assert figure is not None and figure.table["taint"].tolist() == ["", "all tainted"]
    marks = [line for line in figure.picture.axes[0].lines if line.get_linestyle() == "None"]
    assert [line.get_markerfacecolor() == "white" for line in marks] == [False, True]
