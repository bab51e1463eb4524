"""What is planned against what was measured, with a planner that answers what a test wants it to."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from store_writer import Cell as StoredCell
from store_writer import Trial, write_store

from planner.against_run import main
from planner.cell_plan import Calibrated, Cell, Measured, plan_of, read_calibration, why_not
from plots.errors import InputError

KNOWN = Calibrated(Measured(40.0, 38.0, 45.0), 140.0, {}, 30.0, 1e5)
RINGBUF = {"lock": "mcs", "notify": "adaptive", "overwrite": "off"}
PACED = {
    "producers": 1,
    "arrival": "poisson",
    "rate": 1e5,
    "record_size": 64,
    "poll": "busy",
    "service_ns": 2000,
    "merge": "off",
    "warmup_ms": 10,
    "duration_ms": 500,
}
BURSTY = PACED | {
    "arrival": "bursty",
    "rate": 2e6,
    "burst_on_us": 500,
    "burst_every_us": 40_000,
    "burst_width": 1,
}


def cell(
    transport: str = "ringbuf",
    parameters: Mapping[str, Any] = PACED,
    options: Mapping[str, str] = RINGBUF,
    rings: int = 1,
) -> Cell:
    cpus = range(int(parameters["producers"]))
    return Cell("a cell", {"transport": transport, **parameters}, options, cpus, [65_536] * rings)


def planned(of: Cell) -> dict[str, Any]:
    assert why_not(of) is None
    return tomllib.loads(plan_of(of, KNOWN, 20))


def test_a_paced_cell_becomes_a_steady_plan() -> None:
    plan = planned(cell())
    assert plan["source"] == {"record_size": 64, "rate_per_cpu": 1e5}
    assert plan["layout"] == [{"kind": "shared", "total": 65_536}]
    assert plan["machine"]["cpus"] == [0]
    assert plan["machine"]["notify"] == "never"  # who looks all the time needs no call


def test_the_consumer_takes_its_service_and_its_own_work(tmp_path: Path) -> None:
    consumer = planned(cell())["consumer"]
    assert consumer["ns_per_record"] == {"value": 2180.0, "low": 2178.0, "high": 2185.0}
    bursts = planned(cell(parameters=BURSTY))["consumer"]
    assert bursts["ns_per_record"] == {"value": 2040.0, "low": 2038.0, "high": 2045.0}
    buffer = planned(cell("perfbuf", options={}))["consumer"]
    assert buffer["ns_per_record"] == {"value": 2040.0, "low": 2038.0, "high": 2045.0}
    assert read_calibration(calibration(tmp_path)).freeing == pytest.approx(140)


def test_what_keeps_threads_from_their_cpu_is_a_stall(tmp_path: Path) -> None:
    consumer = planned(cell())["consumer"]
    assert (consumer["stall_us"], consumer["stall_every_us"]) == (30, 100_000)
    read = read_calibration(calibration(tmp_path))
    assert read.stall_us == pytest.approx(30)
    assert read.stall_every_us == pytest.approx(10_000)
    quiet = {"per_s": 0.0, "share_lost": 0.0}
    assert read_calibration(calibration(tmp_path, stalls=quiet)).stall_us == 0


def test_a_bursty_cell_becomes_bursts() -> None:
    source = planned(cell(parameters=BURSTY))["source"]
    assert source["bursts_per_cpu_s"] == pytest.approx(25)
    assert (source["burst_rate"], source["burst_on_us"], source["rate_per_cpu"]) == (2e6, 500, 0)


def test_a_consumer_on_a_producers_cpu_takes_turns_with_it() -> None:
    shared = BURSTY | {"producers": 2, "consumer": "shares_producer_core", "poll": "epoll"}
    plan = planned(cell(parameters=shared))
    assert plan["consumer"]["cpu"] == "first"
    assert plan["machine"]["notify"] == "adaptive"
    assert why_not(cell("perfbuf", shared, {"notify": "always"}, rings=2)) is not None


def test_layouts_of_the_transports() -> None:
    two = PACED | {"producers": 2}
    perf = planned(cell("perfbuf", two, {"notify": "always"}, rings=2))["layout"][0]
    assert perf == {"kind": "perf", "ring": 65_536, "consumers": 1}
    options = {"base": "ringbuf", "cpus_per_ring": "2", "mapping": "modulo", "lock": "ttas"}
    hybrid = planned(cell("hybrid", two, options))
    assert hybrid["layout"][0] == {
        "kind": "rings",
        "mapping": "modulo",
        "cpus_per_ring": 2,
        "ring": 65_536,
        "consumers": 1,
    }
    assert hybrid["machine"]["lock"] == "test_and_set"


def test_merge_stalls_and_a_budget_are_stated() -> None:
    more = {"merge": "watermark", "merge_wait_us": 100.0, "budget": 16}
    more |= {"stall_ms": 2.0, "stall_every_ms": 100.0, "downstream_ns": 500}
    consumer = planned(cell(parameters=PACED | more))["consumer"]
    assert consumer["merge_wait_us"] == 100
    assert (consumer["stall_us"], consumer["stall_every_us"]) == (2000, 100_000)
    assert (consumer["turn"], consumer["stage_ns"]) == (16, 500)


@pytest.mark.parametrize(
    ("transport", "parameters", "options", "word"),
    [
        ("null", {}, {}, "transport"),
        ("ringbuf", {"arrival": "chain"}, {}, "arrival"),
        ("ringbuf", {"sizes": "uniform"}, {}, "sizes"),
        ("ringbuf", {"skew": "zipf"}, {}, "skew"),
        ("ringbuf", {"merge": "seen"}, {}, "merge"),
        ("ringbuf", {"counter": 1}, {}, "counter"),
        ("ringbuf", {"hold_us": 5.0}, {}, "hold_us"),
        ("ringbuf", {"poll": "after_window"}, {}, "afterwards"),
        ("ringbuf", {}, {"overwrite": "on"}, "oldest"),
        ("ringbuf", {}, {"commit": "release"}, "commit"),
        ("hybrid", {}, {"base": "perfbuf"}, "share"),
        ("perfbuf", {"poll": "epoll"}, {"notify": "watermark"}, "half"),
    ],
)
def test_what_no_plan_expresses_has_a_reason(
    transport: str, parameters: dict[str, Any], options: dict[str, str], word: str
) -> None:
    reason = why_not(cell(transport, PACED | parameters, options))
    assert reason is not None and word in reason


def test_a_cell_without_a_balanced_trial_is_left_out() -> None:
    assert why_not(Cell("a cell", {"transport": "ringbuf", **PACED}, RINGBUF)) is not None


# --- the command --------------------------------------------------------------------------------


def calibration(folder: Path, **changed: Any) -> Path:
    rows = [
        {"key": "consumer.ns_per_record", "value": 40.0, "low": 38.0, "high": 45.0},
        {"key": "producer.alone_ns", "value": 20.0, "low": 19.0, "high": 21.0},
        {"key": "producer.watched_ns", "value": 440.0, "low": 430.0, "high": 450.0},
    ]
    stalls = {"per_s": 100.0, "share_lost": 0.003}
    apart = {"cpu_a": 0, "cpu_b": 1, "latency_ns": {"value": 100.0, "low": 99.0, "high": 101.0}}
    text = json.dumps({"inputs": rows, "stalls": stalls, "pairs": [apart], **changed})
    (folder / "calibration.json").write_text(text)
    return folder


def fake_planner(folder: Path, figures: Mapping[str, float], status: int = 0) -> Path:
    """Writes a plan.json with these figures into the folder after --out."""
    shown = {key: {"value": v, "low": 0.9 * v, "high": 1.1 * v} for key, v in figures.items()}
    answer = json.dumps({"layouts": [{"figures": shown}]})
    script = folder / "planner.sh"
    script.write_text(f"#!/bin/sh\ncat > \"$5/plan.json\" <<'END'\n{answer}\nEND\nexit {status}\n")
    script.chmod(0o755)
    return script


def store(folder: Path, hand_over: float = 200.0, **metrics: float) -> Path:
    """Cycles are half nanoseconds; three trials that differ a little."""
    usual = {"drop_fraction": 0.1, "reserve_cycles_p50": 60.0}
    usual |= {"window_attempted": 1000.0, "window_dropped": 100.0}
    usual |= {"delivery_ns_p50": 2000.0, "delivery_ns_p99": 9000.0, "delivered_rate": 1e5}
    trials = [
        Trial(
            {key: value * part for key, value in (usual | metrics).items()},
            producers=[{"producer": 0, "cpu": 0, "ring": 0}],
            rings=[{"ring": 0, "bytes": 65_536}],
            histograms={
                "merge_delay_ns": [(90_000.0, 110_000.0, 500)],
                "delivery_ns": [(1980.0, 2000.0, 985), (8980.0, 9000.0, 15)],
            },
        )
        for part in (0.99, 1.0, 1.01)
    ]
    cells = [
        StoredCell("ringbuf", trials, RINGBUF, PACED),
        StoredCell("null", [Trial({})], parameters=PACED),
        StoredCell("perfbuf", trials, {}, PACED | {"merge": "watermark", "merge_wait_us": 100.0}),
    ]
    passed = {"round": 0, "operation": "hand_over", "cpu_a": 0, "cpu_b": 1, "cycles": hand_over}
    return write_store(folder / "run", cells, limits=[passed])


GOOD = {
    "drop_fraction": 0.12,
    "reserve_p50_ns": 40.0,
    "delay_p50_us": 2.3,
    "delay_p99_us": 8.0,
    "merge_held": 11.0,  # 1e5 records/s for 100 us
}


def run(folder: Path, figures: Mapping[str, float], status: int = 0) -> int:
    planner = fake_planner(folder, figures, status)
    arguments = [store(folder), "--calibration", calibration(folder), "--planner", planner]
    return main([str(argument) for argument in arguments])


def test_everything_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, GOOD) == 0
    out = capsys.readouterr().out
    assert "7 of 7 figures agree" in out
    assert "+2.0 points" in out and "x 1.33" in out and "+15 %" in out
    assert "1 times: no plan has this transport" in out


@pytest.mark.parametrize(
    "worse",
    [
        {"drop_fraction": 0.135},
        {"reserve_p50_ns": 47.0},
        {"reserve_p50_ns": 19.0},
        {"delay_p50_us": 2.45},
        {"delay_p99_us": 7.1},
        {"merge_held": 7.9},
    ],
)
def test_a_difference_is_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], worse: dict[str, float]
) -> None:
    assert run(tmp_path, GOOD | worse) == 3
    assert "**no**" in capsys.readouterr().out


def test_trials_that_differ_by_more_than_is_allowed_tell_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The delays of the trials' own 99th percentiles lie between 8.9 and 9.1 us.
    assert run(tmp_path, GOOD | {"delay_p99_us": 7.15}) == 0
    assert "| open |" in capsys.readouterr().out


def test_a_machine_that_has_moved_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [store(tmp_path, hand_over=80.0), "--calibration", calibration(tmp_path)]
    assert main([str(argument) for argument in given]) == 2
    assert "40 ns apart in the run and 100 ns in the calibration" in capsys.readouterr().err


def test_a_plan_that_is_refused_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, GOOD, status=2) == 2
    assert "refused" in capsys.readouterr().err


def test_mistakes_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [str(store(tmp_path)), "--calibration"]
    assert main([*given, str(tmp_path / "nowhere")]) == 2
    assert "calibrate" in capsys.readouterr().err
    there = calibration(tmp_path)
    assert main([*given, str(there), "--planner", str(tmp_path / "nowhere")]) == 2
    assert "build it" in capsys.readouterr().err
    assert main([str(tmp_path / "no_run"), "--calibration", str(there)]) == 2
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("changed", [{"inputs": []}, {"inputs": 3}, {"inputs": [{"key": 1}]}])
def test_a_calibration_that_tells_nothing(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="calibrat"):
        read_calibration(calibration(tmp_path, **changed))
