"""Ctrl-C, kill -9 and a terminal: a run that is cut short at any moment goes on later."""

import os
import pty
import random
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.processes import (
    Process,
    as_a_service_manager,
    assert_nobody_is_left,
    kill_after,
    running,
    to_the_group,
    to_the_parent_alone,
    wait_for_line,
)
from cli.program import CELLS, RINGBENCH, environment, ringbench, tiny
from cli.run_store import assert_complete, assert_sound, provenance, trials


@pytest.mark.parametrize("interrupt", [to_the_group, to_the_parent_alone, as_a_service_manager])
def test_an_interrupted_run_goes_on(interrupt: Callable[[Process], None], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with running("run", tiny(tmp_path, duration_ms=60), "--out", folder) as process:
        wait_for_line(process, "[3/")
        interrupt(process)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert_nobody_is_left(process.pid)
    assert err.count("finishing the running trial; once more to leave at once") == 1
    assert f"Go on with: ringbench resume {folder}" in err
    assert "cycles/event" in out, "what is there is shown"
    assert "FAILED" not in err
    assert_sound(folder)
    before, _, after = err.partition("finishing the running trial")
    assert after.count("\n[") <= 1, "the running trial was finished, no other begun"
    assert len(trials(folder)) == 3 + f"\n{before}".count("\n[") + after.count("\n["), "and stored"
    assert "finished" not in provenance(folder)

    assert ringbench("resume", folder).status == 0
    assert_complete(folder, repetitions=2)


def test_a_second_interrupt_leaves_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with running("run", tiny(tmp_path, duration_ms=4_000), "--out", folder) as process:
        wait_for_store(folder)
        time.sleep(0.3)  # into the first trial's window
        to_the_group(process)
        wait_for_line(process, "finishing")
        begin = time.monotonic()
        to_the_group(process)
        process.communicate(timeout=30)
        assert time.monotonic() - begin < 2
    assert process.returncode == 130
    assert_nobody_is_left(process.pid)
    assert_sound(folder)
    assert trials(folder) == []


def wait_for_store(folder: Path) -> None:
    for _ in range(500):
        if (folder / "run.sqlite").exists() and "seed" in provenance_or_nothing(folder):
            return
        time.sleep(0.01)
    raise AssertionError("the store was not begun")


def provenance_or_nothing(folder: Path) -> dict[str, str]:
    try:
        return provenance(folder)
    except Exception:  # pylint: disable=broad-except
        return {}


def test_an_interrupt_during_resume_is_no_different(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with running("run", tiny(tmp_path, duration_ms=60), "--out", folder) as process:
        wait_for_line(process, "[1/")
        to_the_group(process)
        process.communicate(timeout=30)
    with running("resume", folder) as process:
        wait_for_line(process, "[2/")
        to_the_group(process)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert_sound(folder)
    assert ringbench("resume", folder).status == 0
    assert_complete(folder, repetitions=2)


def test_a_run_that_is_killed_again_and_again_is_completed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words: tuple[object, ...] = ("run", tiny(tmp_path, repetitions=6, duration_ms=30))
    words += ("--out", folder)
    moments = random.Random(4737)
    before = 0
    for _ in range(6):
        with running(*words) as process:
            wait_for_line(process, "[2/")
            time.sleep(moments.uniform(0, 0.04))  # somewhere in the next trial, or in its storing
            process.kill()
            process.communicate(timeout=30)
        assert_nobody_is_left(process.pid)
        assert process.returncode == -signal.SIGKILL
        assert_sound(folder)
        assert len(trials(folder)) > before, "what was stored stays stored, and more came"
        before = len(trials(folder))
        words = ("resume", folder)
    assert ringbench("resume", folder).status == 0
    assert_complete(folder, repetitions=6)


@pytest.mark.parametrize("number", range(4))
def test_a_run_that_is_killed_in_its_setup(number: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    config = tiny(tmp_path, repetitions=1)
    kill_after(random.Random(number).uniform(0.0, 0.25), "run", config, "--out", folder)
    if not (folder / "run.sqlite").exists():
        assert ringbench("run", config, "--out", folder).status == 0
    else:
        ended = ringbench("resume", folder)
        if ended.status == 1:  # nothing had been written that could go on
            assert "holds no run" in ended.err
            return
        assert ended.status == 0
    assert_complete(folder, repetitions=1)


def test_a_terminal_shows_one_line_that_changes(tmp_path: Path) -> None:
    terminal, behind = pty.openpty()
    with subprocess.Popen(
        [RINGBENCH, "run", str(tiny(tmp_path)), "--out", str(tmp_path / "run")],
        stdout=subprocess.DEVNULL,
        stderr=behind,
        env=environment(),
        start_new_session=True,
    ) as process:
        os.close(behind)
        shown = read_to_end(terminal)
    os.close(terminal)
    assert process.returncode == 0
    assert shown.count("\r\x1b[K[") == CELLS * 2
    assert "\r\x1b[K[12/12]" in shown
    lines = shown.replace("\r\n", "\n").splitlines()
    assert lines[-1].startswith("store: "), "the last progress line was ended"
    for state in shown.split("\r\x1b[K")[1:]:
        assert len(state.splitlines()[0]) < 80


def read_to_end(terminal: int) -> str:
    shown = b""
    while select.select([terminal], [], [], 30)[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    return shown.decode()
