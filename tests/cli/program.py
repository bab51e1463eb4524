"""The program under test as a user runs it, and the small configs it is given."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
RINGBENCH = os.environ.get("RINGBENCH", str(REPOSITORY / "build" / "ringbench"))

# Six cells that run on one CPU, and one that no machine of ours can run.
TINY = """
title = "Tiny"
question = "Does it work?"

[run]
seed = {seed}
repetitions = {repetitions}
max_repetitions = {repetitions}

[noise]
attempts = 1

[defaults]
warmup_ms = 1
duration_ms = {duration_ms}
consumer = "shares_producer_core"

[matrix]
transport = ["null", "ringbuf", "perfbuf"]
record_size = [8, 64]

[[include]]
transport = "ringbuf"
producers = 1024
"""
CELLS = 6

# Other tests make noise: where that is of no interest, no trial is tainted by it.
NOISE_IS_NO_MATTER = """
[noise]
attempts = 1
lag_p99_us = 1e9
hiccup_share = 1
steal_share = 1
switches_per_s = 1e9
page_faults = 1_000_000_000
frequency_change = 1
"""


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    status: int
    out: str
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Without Google Benchmark's own variables, which would change what runs."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BENCHMARK_")}
    return inherited | dict(extra or {})


def ringbench(
    *arguments: object,
    cwd: Path | None = None,
    timeout: float = 60,
    extra: Mapping[str, str] | None = None,
) -> Ended:
    """`extra`: environment variables."""
    return _ended(RINGBENCH, *arguments, cwd=cwd, timeout=timeout, extra=extra)


def ringbench_plan(*arguments: object, timeout: float = 120) -> Ended:
    return _ended(Path(RINGBENCH).with_name("ringbench-plan"), *arguments, timeout=timeout)


def _ended(
    program: str | Path,
    *arguments: object,
    timeout: float,
    cwd: Path | None = None,
    extra: Mapping[str, str] | None = None,
) -> Ended:
    done = subprocess.run(
        [program, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(extra),
        timeout=timeout,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def tiny(
    folder: Path, *, seed: int = 7, repetitions: int = 2, duration_ms: float = 5, name: str = "tiny"
) -> Path:
    text = TINY.format(seed=seed, repetitions=repetitions, duration_ms=duration_ms)
    return written(folder, text, name)


def written(folder: Path, text: str, name: str = "some") -> Path:
    config = folder / f"{name}.toml"
    config.write_text(text, encoding="utf-8")
    return config
