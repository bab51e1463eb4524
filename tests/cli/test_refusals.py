"""Configs, stores and places that the program cannot work with."""

import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cli.conftest import Finished
from cli.program import CELLS, RINGBENCH, environment, ringbench, tiny, written
from cli.run_store import assert_complete, assert_sound, trials

BROKEN = """
[run]
repetitions = 0

[matrix]
transport = "hybird"
record_size = "64"
producers = []
no_such_key = 1
"""


def test_config_errors_are_all_told_with_their_place_and_nothing_is_written(tmp_path: Path) -> None:
    config = written(tmp_path, BROKEN)
    ended = ringbench("run", config, "--out", tmp_path / "run", cwd=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    lines = ended.err.splitlines()
    for line in lines:
        assert re.match(rf"ringbench: {re.escape(str(config))}:\d+:\d+: \S+: ", line), line
    told = {match[1] for match in re.finditer(r":(\d+):\d+: ", ended.err)}
    assert told == {"3", "6", "7", "8", "9"}
    assert 'did you mean "hybrid"?' in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["some.toml"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[matrix\n", "toml:1:8"),
        (b'[matrix]\ntransport = "null"\ntransport = "null"\n', "toml:3"),
        (b'title = "\xff"\n[matrix]\ntransport = "null"\n', "UTF-8"),
        (b"", "matrix"),
    ],
)
def test_text_that_is_no_config(content: bytes, said: str, tmp_path: Path) -> None:
    config = tmp_path / "bad.toml"
    config.write_bytes(content)
    ended = ringbench("run", config, "--out", tmp_path / "run")
    assert ended.status == 2
    assert said in ended.err
    assert not (tmp_path / "run").exists()


def test_a_config_that_is_not_there(tmp_path: Path) -> None:
    ended = ringbench("run", tmp_path / "none.toml", cwd=tmp_path)
    assert ended.status == 2
    assert "none.toml" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", ["resume", "table"])
def test_a_store_that_is_not_there(word: str, tmp_path: Path) -> None:
    ended = ringbench(word, tmp_path)
    assert (ended.status, ended.out) == (1, "")
    assert f"there is no store at {tmp_path / 'run.sqlite'}" in ended.err


@pytest.mark.parametrize("word", ["resume", "table"])
def test_a_file_that_is_no_store(word: str, tmp_path: Path) -> None:
    (tmp_path / "run.sqlite").write_text("not a database, but long enough to be looked at" * 20)
    ended = ringbench(word, tmp_path)
    assert (ended.status, ended.out) == (1, "")
    assert "it is not a store of ringbench, or damaged" in ended.err


@pytest.mark.parametrize("word", ["resume", "table"])
def test_a_store_of_another_version(word: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as store:
        store.execute("CREATE TABLE cell (id TEXT)")
        store.execute("PRAGMA user_version = 99")
    ended = ringbench(word, tmp_path)
    assert (ended.status, ended.out) == (1, "")
    assert "has schema version 99, this program knows 4" in ended.err


def test_a_run_does_not_write_over_another(finished: Finished) -> None:
    before = trials(finished.folder)
    ended = ringbench("run", finished.config, "--out", finished.folder)
    assert ended.status == 1
    assert "exists already: resume it, or name another folder with --out" in ended.err
    assert trials(finished.folder) == before


def test_resuming_what_is_complete_changes_nothing(finished: Finished) -> None:
    before = trials(finished.folder)
    ended = ringbench("resume", finished.folder)
    assert ended.status == 0
    assert trials(finished.folder) == before
    assert "[1/" not in ended.err


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """A run of which two cells are still to do."""
    folder = tmp_path / "half"
    flag = "--benchmark_filter=null|ringbuf"
    assert ringbench("run", tiny(tmp_path), "--out", folder, flag).status == 0
    return folder


def test_a_store_that_another_process_writes_to(half: Path) -> None:
    before = trials(half)
    with closing(sqlite3.connect(half / "run.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = ringbench("resume", half)
        other.execute("ROLLBACK")
    assert ended.status == 1
    assert "another process writes to it: let that one finish first" in ended.err
    assert trials(half) == before
    assert ringbench("resume", half).status == 0
    assert_complete(half, repetitions=2)


def test_a_store_of_another_machine(half: Path) -> None:
    with closing(sqlite3.connect(half / "run.sqlite")) as store, store:
        store.execute("UPDATE provenance SET value = 'elsewhere' WHERE key = 'host'")
    ended = ringbench("resume", half)
    assert ended.status == 1
    assert "was made on elsewhere" in ended.err


def test_resuming_on_other_cpus(half: Path) -> None:
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        pytest.skip("needs two CPUs, to take one away")
    before = trials(half)
    done = subprocess.run(
        ["taskset", "-c", str(cpus[0]), RINGBENCH, "resume", str(half)],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 1
    assert (
        f"was made on CPUs {','.join(map(str, cpus))}, this process may use {cpus[0]}"
        in done.stderr
    )
    assert trials(half) == before


def test_a_run_that_was_killed_before_it_began(tmp_path: Path) -> None:
    (tmp_path / "run.sqlite").touch()
    ended = ringbench("resume", tmp_path)
    assert ended.status == 1
    assert "holds no run" in ended.err and "delete the folder and run again" in ended.err


def test_a_place_that_is_not_writable(tmp_path: Path) -> None:
    ended = ringbench("run", tiny(tmp_path), "--out", "/proc/ringbench")
    assert ended.status == 1
    assert "cannot make the folder /proc/ringbench" in ended.err and "--out" in ended.err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the privilege to mount a small tmpfs (run as root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_and_the_run_can_go_on(small_disk: Path, tmp_path: Path) -> None:
    folder = small_disk / "run"
    ended = ringbench("run", tiny(tmp_path, repetitions=9), "--out", folder)
    assert ended.status == 1
    assert "the disk is full: free some space, then resume" in ended.err
    shutil.copytree(folder, tmp_path / "copy")
    assert_sound(tmp_path / "copy")
    stored = len(trials(tmp_path / "copy"))
    assert 0 < stored < CELLS * 9
    progress = [line for line in ended.err.splitlines() if line.startswith("[")]
    assert stored == len(progress), "what was shown is what was stored"

    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    assert ringbench("resume", folder).status == 0
    assert_complete(folder, repetitions=9)


def test_a_full_disk_before_the_first_trial(small_disk: Path, tmp_path: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(390_000))
    ended = ringbench("run", tiny(tmp_path), "--out", small_disk / "run")
    assert (ended.status, ended.out) == (1, "")
    assert "the disk is full" in ended.err


def test_a_store_that_another_run_is_filling(finished: Finished, tmp_path: Path) -> None:
    half = shutil.copytree(finished.folder, tmp_path / "half")
    claimed = os.open(half, os.O_RDONLY)
    fcntl.flock(claimed, fcntl.LOCK_EX)
    ended = ringbench("resume", half)
    assert ended.status == 1
    assert "another ringbench is running trials for this store" in ended.err
    os.close(claimed)
    assert ringbench("resume", half).status == 0
