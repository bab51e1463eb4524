"""What fuzzing begins with is read to its end: of what is refused at the door nothing is learnt."""

import shutil
from pathlib import Path

import pytest

from cli.program import ringbench, ringbench_plan
from fuzz.seeds import LATENCIES, STORES

PLAN = """
title = "small"
[run]
seconds = 1
draws = 10
[machine]
topology = "core:2 pu:1"
code_path = "linux-6.10"
[latency]
store = "run"
[source]
rate_per_cpu = 10_000
record_size = 64
[consumer]
ns_per_record = 500
[[layout]]
kind = "shared"
total = "64 KiB"
"""


def folder_of(seed: Path, place: Path) -> Path:
    place.mkdir()
    shutil.copy(seed, place / "run.sqlite")
    return place


@pytest.mark.parametrize("kind", STORES)
def test_a_store_is_read(kind: str, tmp_path: Path) -> None:
    folder = folder_of(STORES[kind], tmp_path / "run")
    for word in ("table", "csv"):
        ended = ringbench(word, folder)
        assert ended.status == 0, ended.err


def test_latencies_are_read(tmp_path: Path) -> None:
    folder_of(LATENCIES, tmp_path / "run")
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    ended = ringbench_plan(plan, "--out", tmp_path / "out")
    assert ended.status == 0, ended.err
