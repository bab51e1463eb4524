"""What a mode of waking costs and saves, from numbers made by hand."""

from pathlib import Path
from typing import Any

from question_rows import answered, around, cell, skipped
from store_writer import Cell

from plots.questions.notification import QUESTION

COST = "event_cycles_mean"


def mode(
    name: str,
    cost: float,
    rate: float = 1e5,
    delay: float = 5e3,
    transport: str = "ringbuf",
    spread: float = 0.01,
    **more: Any,
) -> Cell:
    """Wakes once in two records; its delay is known exactly."""
    rest = {
        "event_cycles_p50": cost / 2,
        "delivery_ns_p50": delay,
        "delivery_ns_p99": 3 * delay,
        "consumer_cpu_share": 0.25,
        "delivered_rate": rate,
        "wakeups": rate * 0.1 / 2,
    }
    values = around(COST, cost, spread, **rest)
    options = {"notify": name, "notify_every": "100"}
    paced: dict[str, Any] = {"arrival": "constant", "rate": rate, "poll": "epoll", **more}
    return cell(transport, values, options, **paced)


def at_both_rates() -> list[Cell]:
    """At a thousand a second every record wakes either way; at a million adaptive seldom does."""
    return [
        mode("always", 2000, 1e3),
        mode("adaptive", 2000, 1e3),
        mode("never", 100, 1e3, delay=5e6),
        mode("always", 2000, 1e6),
        mode("adaptive", 300, 1e6),
        mode("never", 100, 1e6, delay=4e6),
    ]


def test_the_rates_at_which_the_own_rule_saves(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, at_both_rates())
    assert found.decided
    assert "ringbuf: adaptive is cheaper for the producer than always at 1M/s" in found.sentence
    assert "1,700 [" in found.sentence and "not told apart at 1k/s" in found.sentence


def test_what_silence_costs_in_delay(tmp_path: Path) -> None:
    sentence = answered(tmp_path, QUESTION, at_both_rates()).sentence
    # 5 and 4 ms, less the 5 us of always.
    assert "never adds 5 ms at 1k/s and 4 ms at 1M/s to the median delay of always" in (
        sentence.replace("\N{NO-BREAK SPACE}", " ")
    )


def test_a_rule_that_is_dearer_saves_nothing(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, [mode("always", 1000), mode("adaptive", 1500)])
    assert found.decided
    assert "adaptive saves nothing against always, and costs more at 100k/s" in found.sentence


def test_a_perf_buffer_wakes_by_its_watermark(tmp_path: Path) -> None:
    cells = [mode("always", 1000, transport="perfbuf"), mode("watermark", 200, transport="perfbuf")]
    found = answered(tmp_path, QUESTION, cells)
    assert "perfbuf: watermark is cheaper for the producer" in found.sentence
    assert "800 [" in found.sentence


def test_each_transport_is_told(tmp_path: Path) -> None:
    cells = at_both_rates()
    cells += [mode("always", 9000, transport="kernel_ringbuf")]
    cells += [mode("adaptive", 8000, transport="kernel_ringbuf")]
    found = answered(tmp_path, QUESTION, cells)
    assert (
        "kernel_ringbuf: adaptive is cheaper" in found.sentence and "; ringbuf:" in found.sentence
    )


def test_the_numbers_of_the_figure(tmp_path: Path) -> None:
    cells = at_both_rates() + [mode("sampled", 120, 1e6)]
    figure = answered(tmp_path, QUESTION, cells).figure
    assert figure is not None and len(figure.table) == 7
    row = figure.table[figure.table.wakes == "one in 100"].iloc[0]
    assert row["wake-ups a record"] == "0.5" and row["consumer's CPU time"].startswith("25")
    assert "15" in row["delay p99"] and "60" in row["event (TSC cycles, p50)"]


def test_overlapping_intervals_tell_nothing(tmp_path: Path) -> None:
    cells = [mode("always", 1000, spread=0.4), mode("adaptive", 950, spread=0.4)]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "overlap" in found.sentence and found.figure is not None


def test_two_repetitions_are_too_few(tmp_path: Path) -> None:
    cells = at_both_rates()
    for one in cells:
        one.trials = one.trials[:2]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "fewer than three" in found.sentence


def test_a_mode_without_its_counterpart_tells_nothing(tmp_path: Path) -> None:
    cells = [mode("adaptive", 100, 1e3), mode("always", 100, 1e6)]
    found = answered(tmp_path / "a", QUESTION, cells)
    assert not found.decided and "both with a buffer's own rule and with always" in found.sentence
    cells = [skipped("kernel_ringbuf", "needs CAP_BPF", poll="epoll")]
    cells.append(cell("ringbuf", around("event_amortised_cycles", 9), poll="busy"))
    found = answered(tmp_path / "b", QUESTION, cells)
    assert not found.decided and "no consumer slept" in found.sentence
    assert found.limits[0] == "1 cell of kernel_ringbuf not run: needs CAP_BPF."


def test_refused_events_are_said(tmp_path: Path) -> None:
    cells = at_both_rates()
    assert not any("refused" in limit for limit in answered(tmp_path / "a", QUESTION, cells).limits)
    for trial in cells[5].trials:
        trial.metrics = {**trial.metrics, "drop_fraction": 0.2}
    limits = answered(tmp_path / "b", QUESTION, cells).limits
    assert any("In 1 row of the table more than 1 %" in limit for limit in limits)


def test_disturbed_cells_are_marked(tmp_path: Path) -> None:
    cells = [mode("always", 1000, status="tainted"), mode("adaptive", 100)]
    found = answered(tmp_path, QUESTION, cells)
    assert found.figure is not None
    assert sorted(found.figure.table.taint) == ["", "all tainted"]
