"""Producers that queue for a lock, 16 on whatever CPUs there are, and one of them stops for good."""

import random
import time
from pathlib import Path

from cli.processes import Process, running
from cli.program import written
from cli.run_store import assert_sound, query
from cli.stopped_thread import children, stop, threads, wait_until_gone

CONFIG = """
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
duration_ms = 150

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


def stop_in_the_first_round(process: Process) -> int:
    """In how many of its trials a producer was stopped; the second repetition is left alone."""
    moments, stopped = random.Random(1), 0
    seen: list[int] = []
    while process.poll() is None:
        # A zombie has no threads, and a process that only makes things ready has none either.
        trial = next((c for c in children(process.pid) if len(threads(c, "producer")) == 16), None)
        if trial is None or trial in seen:
            time.sleep(0.002)
            continue
        seen.append(trial)
        if len(seen) > CELLS:
            continue
        time.sleep(moments.uniform(0.01, 0.1))
        victim = moments.choice(threads(trial, "producer") or [trial])
        if victim != trial and stop(victim):
            stopped += 1
            wait_until_gone(victim)
    return stopped


def test_the_watchdog_ends_the_trial_and_the_matrix_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with running("run", written(tmp_path, CONFIG), "--out", folder) as process:
        stopped = stop_in_the_first_round(process)
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
