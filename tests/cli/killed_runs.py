"""Kills a run at random moments, resumes it each time, and holds it against one that nobody disturbed.

    ./run.sh kill [KILLS]
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cli.kernel_objects import KINDS, in_the_kernel, pinned_and_mounted
from cli.processes import kill_after
from cli.program import ringbench, written
from cli.run_store import assert_complete, assert_sound, holds_a_run, query, trials

SEED = 20260101
# A moment within these comes before the first trial as well as after some.
LATEST_S = 0.9
CONFIG = f"""
title = "Killed"
question = "Is nothing lost?"

[run]
seed = {SEED}
repetitions = {{repetitions}}
max_repetitions = {{repetitions}}

[noise]
attempts = 1

[defaults]
warmup_ms = 1
duration_ms = 5
consumer = "shares_producer_core"

[matrix]
transport = ["null", "ringbuf", "perfbuf", "hybrid", "kernel_ringbuf", "kernel_perfbuf"]

[[include]]
transport = "ringbuf"
record_size = [16, 200]
"""


@dataclass
class Killed:
    """What the kills met."""

    kills: int = 0
    before_the_store: int = 0  # there was no run yet, and it was begun anew
    without_a_trial: int = 0  # nothing was stored between a start and its kill
    cells: int = 0
    trials: int = 0  # in the end


def kill_and_resume(folder: Path, kills: int, repetitions: int) -> Killed:
    """AssertionError where anything is lost, stored twice, half there or left behind."""
    config = written(folder, CONFIG.format(repetitions=repetitions), "killed")
    undisturbed, killed = folder / "undisturbed", folder / "killed"
    assert ringbench("run", config, "--out", undisturbed, timeout=3600).status == 0
    found = _kill_again_and_again(config, killed, kills)
    assert ringbench("resume", killed, timeout=3600).status == 0
    for run in (undisturbed, killed):
        assert_complete(run, repetitions)
    cells = "SELECT id, name, status FROM cell ORDER BY id"
    assert query(killed, cells) == query(undisturbed, cells)
    assert trials(killed) == trials(undisturbed), "the same trials in the same order"
    found.cells = len({cell for cell, _ in trials(killed)})
    found.trials = len(trials(killed))
    return found


def _kill_again_and_again(config: Path, folder: Path, kills: int) -> Killed:
    before, mounted = _held_by_the_kernel(), pinned_and_mounted()
    moments, found = random.Random(SEED), Killed()
    stored: list[tuple[object, ...]] = []
    for number in range(kills):
        words = ("resume", folder) if folder.exists() else ("run", config, "--out", folder)
        status = kill_after(moments.uniform(0, LATEST_S), *words)
        assert status == -signal.SIGKILL, "too few trials for so many kills"
        found.kills += 1
        if not holds_a_run(folder):
            found.before_the_store += 1
            shutil.rmtree(folder, ignore_errors=True)
            continue
        assert_sound(folder)
        now = trials(folder)
        assert now[: len(stored)] == stored, "what was stored stays stored"
        found.without_a_trial += now == stored
        stored = now
        print(f"\rkill {number + 1} of {kills}, {len(now)} trials", end="", file=sys.stderr)
    print(file=sys.stderr)
    for _ in range(200):  # the kernel frees what a dead process held when it comes to it
        if _held_by_the_kernel() <= before:
            break
        time.sleep(0.05)
    assert _held_by_the_kernel() <= before
    assert pinned_and_mounted() == mounted
    return found


def _held_by_the_kernel() -> set[tuple[str, str]]:
    """Nothing for who may not see it: nor may such a one load anything."""
    if os.geteuid() != 0:
        return set()
    return {(kind, number) for kind in KINDS for number in in_the_kernel(kind)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run.sh kill", description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=200, metavar="KILLS")
    kills = parser.parse_args(arguments).kills
    with tempfile.TemporaryDirectory() as folder:
        found = kill_and_resume(Path(folder), kills, repetitions=max(10, 3 * kills // 2))
    print(
        f"{found.kills} kills, {found.before_the_store} of them before there was a run and"
        f" {found.without_a_trial} before another trial was stored; {found.trials} trials, each once."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
