"""Producers that queue for a lock, 16 on whatever CPUs there are, and one of them stops for good."""

import random
import time
from pathlib import Path

from cli.processes import Process, running
from cli.program import written
from cli.run_store import assert_sound, query
from cli.stopped_thread import children, release, stop, threads, wait_until_gone

WINDOW_S = 0.15
CONFIG = f"""
[run]
seed = 1
repetitions = 2
max_repetitions = 2
watchdog_s = 2

[noise]
attempts = 1

[defaults]
producers = 16
oversubscribe = true
consumer = "shares_producer_core"
sample_every = 1
warmup_ms = 1
duration_ms = {1000 * WINDOW_S}

[matrix]
transport = "ringbuf"
[matrix.ringbuf]
lock = ["mcs", "ticket", "ttas"]

[[include]]
transport = "hybrid"
[include.hybrid]
lock = "ticket"
base = "perfbuf"
"""
CELLS = 4


def stop_in_half_of_the_trials(process: Process) -> int:
    """In how many of its trials a producer was stopped; once it is half of them, the others are left alone."""
    moments, stopped = random.Random(1), 0
    seen: list[int] = []
    before = time.monotonic()  # no trial of those to come had begun
    while process.poll() is None and stopped < CELLS:
        now = time.monotonic()
        # A zombie has no threads, and a process that only makes things ready has none either.
        trial = next((c for c in children(process.pid) if len(threads(c, "producer")) == 16), None)
        if trial is None or trial in seen:
            before = now
            time.sleep(0.002)
            continue
        seen.append(trial)
        time.sleep(moments.uniform(0.01, 0.1))
        victim = moments.choice(threads(trial, "producer") or [trial])
        if victim == trial or not stop(victim):
            continue
        if time.monotonic() - before > WINDOW_S:
            release(victim)  # this one came late: it may have nothing left to do
            continue
        stopped += 1
        wait_until_gone(victim)
    return stopped


def test_the_watchdog_ends_the_trial_and_the_matrix_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with running("run", written(tmp_path, CONFIG), "--out", folder) as process:
        stopped = stop_in_half_of_the_trials(process)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert_sound(folder)
    reasons = query(folder, "SELECT reason FROM trial WHERE status = 'failed'")
    assert len(reasons) == stopped >= 3
    for (reason,) in reasons:
        assert reason.startswith("hung: ") and "producer 15 on CPU" in reason, reason
        # Who stops in a queue or with the lock stops the others; who stops elsewhere is alone.
        assert "lock held" in reason or reason.count(": in ended") >= 15, reason
    [(trials, balanced)] = query(folder, "SELECT count(*), sum(status <> 'failed') FROM trial")
    assert trials == 2 * CELLS and balanced == trials - stopped
