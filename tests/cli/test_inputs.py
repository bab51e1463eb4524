"""Files that a config names: where they are looked for, and what a run keeps of them."""

from pathlib import Path

import pytest

from cli.program import REPOSITORY, ringbench
from cli.run_store import assert_sound, query

CONFIG = """
[run]
repetitions = 1
max_repetitions = 1

[noise]
attempts = 1

[matrix]
transport = ["null", "ringbuf"]
arrival = "trace"
trace = "times/some.csv"
consumer = "shares_producer_core"
warmup_ms = 1
duration_ms = 10
"""
TRACE = "time_us,size\n0,8\n100,64\n250,20\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "times").mkdir()
    (tmp_path / "times/some.csv").write_text(TRACE)
    path = tmp_path / "some.toml"
    path.write_text(CONFIG)
    return path


def half_run(config: Path) -> Path:
    """A run of one of the two cells, begun from another folder than the config's."""
    folder = config.parent / "run"
    ended = ringbench(
        "run", config, "--out", folder, "--benchmark_filter=^null", cwd=REPOSITORY / "configs"
    )
    assert ended.status == 0, ended.err
    return folder


def test_a_trace_is_found_beside_its_config_and_kept(config: Path) -> None:
    folder = half_run(config)
    assert query(folder, "SELECT path, content FROM input") == [("times/some.csv", TRACE)]
    (trace, size), *_ = query(folder, "SELECT trace, record_size FROM cell")
    assert trace.startswith("some@") and len(trace) == len("some@") + 16
    assert size is None
    # Three events every 375 us; a machine that is busy elsewhere sends fewer in the time.
    (attempted, offered), *_ = query(folder, "SELECT attempted, offered_rate FROM trial")
    assert attempted <= 11 / 0.375 * 3 + 3
    assert offered == pytest.approx(3 / 375e-6, rel=0.05)


@pytest.mark.parametrize("gone", [False, True])
def test_a_run_goes_on_without_the_config_and_the_trace(config: Path, gone: bool) -> None:
    folder = half_run(config)
    if gone:
        config.unlink()
        (config.parent / "times/some.csv").unlink()
    ended = ringbench("resume", folder, cwd=config.parent)
    assert ended.status == 0, ended.err
    assert query(folder, "SELECT count(*) FROM trial WHERE status <> 'failed'") == [(2,)]
    assert_sound(folder)


@pytest.mark.parametrize("changed", [TRACE.replace("64", "65"), TRACE + "300,8\n", ""])
def test_a_changed_trace_is_refused(config: Path, changed: str) -> None:
    folder = half_run(config)
    (config.parent / "times/some.csv").write_text(changed)
    ended = ringbench("resume", folder)
    assert (ended.status, ended.out) == (1, "")
    assert "times/some.csv is not what it was when" in ended.err
    assert "begin a run of its own" in ended.err
    assert query(folder, "SELECT count(*) FROM trial") == [(1,)]


def test_a_fault_in_a_trace_is_told_with_its_line(config: Path) -> None:
    (config.parent / "times/some.csv").write_text("time_us\n1\ntwo\n")
    folder = config.parent / "run"
    ended = ringbench("run", config, "--out", folder)
    assert ended.status == 2
    assert f'{config}:12:9: matrix.trace: times/some.csv:3: time_us: found "two"' in ended.err
    assert not folder.exists()
