"""What the planner wants to know of this machine, from the command line."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cli.processes import (
    Process,
    as_a_service_manager,
    assert_nobody_is_left,
    running,
    to_the_group,
    to_the_parent_alone,
    wait_for_line,
)
from cli.program import REPOSITORY, environment, ringbench

KEYS = {
    "producer.alone_ns",
    "producer.outside_lock_ns",
    "producer.remote_cold_ns",
    "producer.watched_ns",
    "producer.notify_ns",
    "producer.moves",
    "consumer.ns_per_record",
    "consumer.ns_per_poll",
    "consumer.wakeup_ns",
    "latency.core_ns",
    "latency.l3_ns",
    "latency.node_ns",
    "latency.package_ns",
    "latency.machine_ns",
}


def calibration_in(folder: Path) -> Any:
    assert [path.name for path in folder.iterdir()] == ["calibration.json"]
    return json.loads((folder / "calibration.json").read_text(encoding="utf-8"))


def first_cpus(count: int) -> list[int]:
    return sorted(os.sched_getaffinity(0))[:count]


def test_a_short_calibration(tmp_path: Path) -> None:
    cpus = first_cpus(2)
    folder = tmp_path / "out"
    listed = ",".join(map(str, cpus))
    ended = ringbench("calibrate", "--seconds", 2, "--cpus", listed, "--out", folder)
    assert ended.status == 0, ended.err
    assert f"calibration: {folder / 'calibration.json'}" in ended.err
    found = calibration_in(folder)
    assert (found["format"], found["version"], found["cpus"]) == ("ringbench calibration", 1, cpus)
    assert found["rounds"] >= 5
    inputs = {row["key"]: row for row in found["inputs"]}
    missing = {row["key"]: row for row in found["missing"]}
    assert inputs.keys() | missing.keys() == KEYS
    assert not inputs.keys() & missing.keys()
    assert {"producer.alone_ns", "producer.outside_lock_ns", "consumer.ns_per_poll"} <= set(inputs)
    for row in inputs.values():
        assert row["low"] <= row["value"] <= row["high"], row
        assert sum(regime["share"] for regime in row["regimes"]) == pytest.approx(1)
        assert row["rounds"] >= 5
        assert row["key"] in ended.out
    for row in missing.values():
        assert row["why"] and row["mend"]
        assert row["key"] in ended.out
    for pair in found["pairs"]:
        assert [pair["cpu_a"], pair["cpu_b"]] == cpus
        assert abs(pair["offset_ns"]) <= pair["offset_bound_ns"]
    counted = sum(row["count"] for row in found["stalls"]["histogram"])
    assert counted == pytest.approx(found["stalls"]["per_s"] * found["stalls"]["watched_s"])
    for remark in found["remarks"]:
        assert remark in ended.err
    assert max(map(len, ended.out.splitlines())) <= 100


def test_one_cpu_says_what_it_takes_two_for(tmp_path: Path) -> None:
    cpu = first_cpus(1)[0]
    folder = tmp_path / "out"
    ended = ringbench("calibrate", "--seconds", 1, "--cpus", cpu, "--out", folder)
    assert ended.status == 0, ended.err
    found = calibration_in(folder)
    assert found["pairs"] == []
    missing = {row["key"]: row for row in found["missing"]}
    for key in ("producer.moves", "producer.remote_cold_ns", "consumer.wakeup_ns"):
        assert f"one alone was measured (CPU {cpu})" in missing[key]["why"]
        assert f"state {key} in the plan" in missing[key]["mend"]
    assert "Not measured:" in ended.out


def test_the_folder_has_a_name_by_default(tmp_path: Path) -> None:
    cpu = first_cpus(1)[0]
    ended = ringbench("calibrate", "--seconds", 1, "--cpus", cpu, cwd=tmp_path)
    assert ended.status == 0, ended.err
    [folder] = (tmp_path / "results").iterdir()
    assert folder.name.endswith(f"-{os.uname().nodename}-calibration")
    calibration_in(folder)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--seconds", "0"],
        ["--seconds", "61"],
        ["--seconds", "soon"],
        ["--cpus", "zero"],
        ["--cpus", "0-"],
        ["--cpus", "0-4000000000"],
        ["--cpus", "8191"],
        ["--cpu", "0"],
        ["now"],
    ],
)
def test_a_mistake_in_the_command_line(arguments: list[str], tmp_path: Path) -> None:
    ended = ringbench("calibrate", *arguments, cwd=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err != ""
    assert list(tmp_path.iterdir()) == []


def test_a_cpu_that_is_not_allowed_is_named(tmp_path: Path) -> None:
    ended = ringbench("calibrate", "--cpus", "8191", cwd=tmp_path)
    assert "CPU 8191 is not there or not allowed to this process; it may use " in ended.err


def test_a_calibration_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text("{}", encoding="utf-8")
    ended = ringbench("calibrate", "--out", tmp_path)
    assert (ended.status, ended.out) == (1, "")
    assert "exists already" in ended.err
    assert (tmp_path / "calibration.json").read_text(encoding="utf-8") == "{}"


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = ringbench("calibrate", "--out", tmp_path / "file" / "below", timeout=5)
    assert (ended.status, ended.out) == (1, "")
    assert "cannot make the folder" in ended.err


@pytest.mark.parametrize("interrupt", [to_the_group, to_the_parent_alone, as_a_service_manager])
def test_an_interrupted_calibration_leaves_nothing(interrupt: Any, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with running("calibrate", "--seconds", "60", "--out", folder) as process:
        wait_for_line(process, "calibrating CPUs")
        interrupt(process)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert out == ""
        assert "interrupted; nothing was written" in err
        assert_nobody_is_left(process.pid)
    assert list(tmp_path.iterdir()) == []


def test_a_second_interrupt_ends_it_at_once(tmp_path: Path) -> None:
    with running("calibrate", "--seconds", "60", "--out", tmp_path) as process:
        wait_for_line(process, "calibrating CPUs")
        interrupt_twice(process)
        assert process.wait(timeout=30) == 130
        assert_nobody_is_left(process.pid)
    assert list(tmp_path.iterdir()) == []


def interrupt_twice(process: Process) -> None:
    to_the_parent_alone(process)
    wait_for_line(process, "finishing the running round")
    if process.poll() is None:
        to_the_parent_alone(process)


def test_run_sh_knows_the_word() -> None:
    usage = subprocess.run(
        [REPOSITORY / "run.sh", "help"],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    assert "\n  calibrate " in usage.stdout
