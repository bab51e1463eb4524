"""A run that goes on while the test looks on: watched, interrupted, and searched for remains."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.program import RINGBENCH, environment

Process = subprocess.Popen[str]


@contextmanager
def running(*arguments: object) -> Iterator[Process]:
    """In a process group of its own, as a shell would start it."""
    with subprocess.Popen(
        [RINGBENCH, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def wait_for_line(process: Process, beginning: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(beginning):
            return
    raise AssertionError(f"no line of stderr begins with {beginning}")


def members(group: int) -> list[tuple[int, str]]:
    """Number and name of a group's processes that are still there, and no mere zombies."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, _, its_group = rest.split()[:3]
        if int(its_group) == group and state != "Z":
            found.append((int(stat.parent.name), name))
    return found


def assert_nobody_is_left(group: int) -> None:
    for _ in range(200):
        if not members(group):
            return
        time.sleep(0.01)
    raise AssertionError(f"still running: {members(group)}")


def kill_after(seconds: float, *arguments: object) -> int:
    """Status of a run that is killed then, unless it has ended before."""
    with running(*arguments) as process:
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=30)
    assert_nobody_is_left(process.pid)
    return process.returncode


def to_the_group(process: Process) -> None:
    os.killpg(process.pid, signal.SIGINT)


def to_the_parent_alone(process: Process) -> None:
    os.kill(process.pid, signal.SIGINT)


def as_a_service_manager(process: Process) -> None:
    os.killpg(process.pid, signal.SIGTERM)
