"""Question 5 on merges that leave, delay and cost what the test says."""

from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, around, cell, skipped
from store_writer import Cell

from plots.questions.question import Answer
from plots.questions.restored_order import QUESTION

WATERMARK = {"merge": "watermark", "merge_by": "stamp", "merge_wait_us": 100}
SEEN = {"merge": "seen", "merge_by": "stamp"}
BY_COUNTER = {"merge": "seen", "merge_by": "counter", "counter": 1}
OFF = {"merge": "off"}


def merged(
    merge: dict[str, Any],
    left: float,
    delay: float = 0,
    spread: float = 0.01,
    transport: str = "perfbuf",
    repetitions: int = 5,
    status: str = "ok",
    others: dict[str, float] | None = None,
    **more: Any,
) -> Cell:
    metrics: dict[str, float] = {"order_records": 1000, "causal_inversions": left / 2}
    metrics |= {"delivery_ns_p50": 2000 + delay, "consumer_cycles": 100, **(others or {})}
    if merge != OFF:
        metrics |= {"merge_delay_ns_p50": delay, "merge_delay_ns_p99": 3 * delay}
        metrics |= {"merge_held_max": 64, "merge_held_mean": 10, "merge_cycles": 40}
    values = around("reordered_ratio", left, spread, **metrics)[:repetitions]
    parameters: dict[str, Any] = {
        "producers": 2,
        "arrival": "poisson",
        "rate": 1e4,
        **merge,
        **more,
    }
    return cell(transport, values, {}, status, **parameters)


def plain(left: float = 0.2, **more: Any) -> list[Cell]:
    return [merged(OFF, 0.0, transport="ringbuf", **more), merged(OFF, left, **more)]


def saturated(counter: int, cycles: float, producers: int) -> Cell:
    values = around("event_amortised_cycles", cycles, event_cycles_p50=cycles / 2)
    parameters: dict[str, Any] = {"merge": "off", "counter": counter, "poll": "after_window"}
    return cell("perfbuf", values, producers=producers, **parameters)


def text_of(answer: Answer) -> str:
    return answer.sentence.replace("\N{NO-BREAK SPACE}", " ")


def test_the_cheapest_of_those_that_restore_the_order(tmp_path: Path) -> None:
    cells = plain() + [merged(WATERMARK, 0, 9e5), merged(SEEN, 0, 5e4), merged(BY_COUNTER, 0, 7e4)]
    cells.append(merged({**WATERMARK, "merge_wait_us": 1}, 0.01, 1e3))
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.decided and "perfbuf, seen by stamp is the cheapest setting" in answer.sentence
    # 1 - 0.05 ** (1 / 5000)
    assert "none of 5,000 records out of place (at most 0.0599 % at 95 %)" in text_of(answer)
    assert "a delay of 50 µs, up to 64 records held, 8 bytes" in text_of(answer)
    assert "40 cycles a record to merge" in answer.sentence
    assert any(detail.startswith("3 of 4 settings") for detail in answer.details)
    beside = [detail for detail in answer.details if "beside perfbuf, not merged" in detail]
    assert "delivery p50 +50 µs" in beside[0].replace("\N{NO-BREAK SPACE}", " ")


def test_a_counter_takes_eight_bytes_more(tmp_path: Path) -> None:
    answer = answered(tmp_path, QUESTION, plain() + [merged(BY_COUNTER, 0, 7e4)])
    assert "16 bytes in each record" in answer.sentence


def test_none_that_restores_it_names_the_best(tmp_path: Path) -> None:
    cells = plain() + [merged(WATERMARK, 0.01, 1e5), merged(SEEN, 0.05, 5e4)]
    answer = answered(tmp_path, QUESTION, cells)
    assert answer.decided and answer.sentence.startswith("None of 2 settings")
    assert "the best, perfbuf, watermark 100 µs by stamp, leaves 1 %" in text_of(answer)
    assert "for a delay of 100 µs" in text_of(answer)


def test_a_setting_must_hold_with_every_consumer(tmp_path: Path) -> None:
    slow: dict[str, Any] = {"service_ns": 2000}
    cells = plain() + plain(**slow) + [merged(SEEN, 0, 5e4), merged(SEEN, 0.02, 5e4, **slow)]
    cells += [merged(WATERMARK, 0, 1e5), merged(WATERMARK, 0, 2e5, **slow)]
    answer = answered(tmp_path, QUESTION, cells)
    assert "perfbuf, watermark 100 µs by stamp is the cheapest" in text_of(answer)
    # The worst of its workloads is told.
    assert "a delay of 200 µs" in text_of(answer) and "2 µs a record" in text_of(answer)


def test_a_setting_that_was_not_run_everywhere_does_not_count(tmp_path: Path) -> None:
    slow: dict[str, Any] = {"service_ns": 2000}
    cells = plain() + plain(**slow) + [merged(SEEN, 0, 5e4), merged(WATERMARK, 0.001, 5, **slow)]
    assert answered(tmp_path, QUESTION, cells).sentence.startswith("None of 2 settings")


def test_a_merge_by_counter_is_judged_by_what_came_late(tmp_path: Path) -> None:
    # Stamps may disagree with the counter, so they do not count.
    late = [merged(BY_COUNTER, 0.01, 7e4, others={"merge_late": n}) for n in (0, 5)]
    whole = answered(tmp_path, QUESTION, plain() + late[:1])
    assert "by counter is the cheapest" in whole.sentence
    left = answered(tmp_path / "late", QUESTION, plain() + late[1:])
    assert "leaves 0.5 % out of place" in text_of(left)


def test_a_setting_of_eight_producers_is_not_asked_of_two(tmp_path: Path) -> None:
    many: dict[str, Any] = {"producers": 8}
    short: dict[str, Any] = {**WATERMARK, "merge_wait_us": 10}
    cells = plain() + [merged(WATERMARK, 0.1, 1e5)] + plain(**many)
    cells += [merged(WATERMARK, 0, 1e5, **many), merged(short, 0, 1e4, **many)]
    answer = answered(tmp_path, QUESTION, cells)
    assert "watermark 10 µs by stamp is the cheapest setting that leaves none" in text_of(answer)
    assert "(8 producers, consumer: no work)" in answer.sentence


def test_delays_that_cannot_be_told_apart_tie(tmp_path: Path) -> None:
    by_counter = merged(BY_COUNTER, 0, 5e4, others={"merge_late": 0})
    for one, delay in zip(by_counter.trials, (4e4, 5e4, 6e4, 7e4, 8e4)):
        one.metrics = {**one.metrics, "merge_delay_ns_p50": delay}
    cells = plain() + [merged(SEEN, 0, 5e4), by_counter, merged(WATERMARK, 0, 9e5)]
    said = answered(tmp_path, QUESTION, cells).sentence
    assert (
        "seen by stamp is the cheapest setting, from which perfbuf, seen by counter cannot be"
        in said
    )
    assert "watermark" not in said


def test_one_setting_leaves_nothing(tmp_path: Path) -> None:
    details = answered(tmp_path, QUESTION, plain() + [merged(SEEN, 0, 5e4)]).details
    assert any(one.startswith("1 of 1 setting leaves nothing out of place:") for one in details)


def test_one_thin_cell_does_not_spoil_the_answer(tmp_path: Path) -> None:
    cells = plain() + [merged(SEEN, 0, 5e4), merged(WATERMARK, 0, 1e3, repetitions=2)]
    answer = answered(tmp_path, QUESTION, cells)
    assert "seen by stamp is the cheapest" in answer.sentence
    told = "Not judged, for fewer than 3 repetitions: perfbuf, watermark 100"
    assert any(limit.startswith(told) for limit in answer.limits)


def test_chains_are_asked_of_merges_by_stamp_alone(tmp_path: Path) -> None:
    chains: dict[str, Any] = {"arrival": "chain"}
    late_none = {"merge_late": 0.0}
    cells = plain() + plain(**chains) + [merged(BY_COUNTER, 0, 5e4, others=late_none)]
    cells += [merged(SEEN, 0, 1e3), merged(SEEN, 0.01, 1e3, **chains)]
    answer = answered(tmp_path, QUESTION, cells)
    assert "seen by counter is the cheapest" in answer.sentence
    assert any("2 producers, chains, consumer" in detail for detail in answer.details)


def test_chains_out_of_order_are_not_restored(tmp_path: Path) -> None:
    cells = plain() + [merged(SEEN, 0, 5e4, others={"causal_inversions": 0.001})]
    assert answered(tmp_path, QUESTION, cells).sentence.startswith("None of 1 setting")


def test_overlapping_intervals_are_no_answer(tmp_path: Path) -> None:
    cells = plain(0.2, spread=0.9) + [merged(SEEN, 0.15, 5e4, spread=0.9)]
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "overlaps what is there without a merge" in answer.sentence


def test_nothing_to_restore_is_no_answer(tmp_path: Path) -> None:
    answer = answered(tmp_path, QUESTION, plain(0.0) + [merged(SEEN, 0, 5e4)])
    assert not answer.decided and "nothing to restore" in answer.sentence and answer.figure


def test_two_repetitions_are_no_answer(tmp_path: Path) -> None:
    cells = plain() + [merged(SEEN, 0, 5e4, repetitions=2)]
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "fewer than three repetitions" in answer.sentence


@pytest.mark.parametrize("there", [plain(), [merged(SEEN, 0, 5e4)], [saturated(0, 9, 1)]])
def test_one_half_alone_is_no_answer(there: list[Cell], tmp_path: Path) -> None:
    cells = [*there, skipped("perfbuf", "9 CPUs are needed", producers=8)]
    answer = answered(tmp_path, QUESTION, cells)
    assert not answer.decided and "1 cell of perfbuf not run: 9 CPUs are needed." in answer.limits


def test_what_the_counter_adds_by_producers(tmp_path: Path) -> None:
    cells = plain() + [merged(SEEN, 0, 5e4)]
    cells += [saturated(0, 100, 1), saturated(1, 120, 1), saturated(0, 100, 2)]
    cells += [saturated(1, 100.1, 2)]
    answer = answered(tmp_path, QUESTION, cells)
    told = [detail for detail in answer.details if "counter adds" in detail]
    assert told[0].startswith("A counter adds 20 [") and "to an event of 100 (perfbuf, 1" in told[0]
    assert "to the median event of 50" in told[1]
    assert told[2].startswith("What a counter adds to an event cannot be told") and len(told) == 4
    assert answer.table is not None and answer.table["producers"].tolist() == [1, 1, 2, 2]


def test_tainted_merges_are_hollow(tmp_path: Path) -> None:
    cells = plain() + [merged(SEEN, 0, 5e4, status="tainted")]
    figure = answered(tmp_path, QUESTION, cells).figure
    assert figure is not None and figure.table["taint"].tolist() == ["", "", "all tainted"]
    marks = [line for line in figure.picture.axes[0].lines if line.get_linestyle() == "None"]
    assert [line.get_markerfacecolor() == "white" for line in marks] == [False, False, True]
