"""Google Benchmark's flags and its JSON, as people know them."""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Finished
from cli.program import CELLS, ringbench, tiny, written
from cli.run_store import query, trials

COMPARE = Path("/usr/share/benchmark/compare.py")
SUFFIX = "/iterations:1/manual_time"

Benchmark = dict[str, Any]


def benchmarks(path: Path, run_type: str) -> list[Benchmark]:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["context"]["num_cpus"] >= 1
    return [b for b in content["benchmarks"] if b["run_type"] == run_type]


def test_list_tests_prints_the_names_and_runs_nothing(tmp_path: Path, finished: Finished) -> None:
    ended = ringbench("run", tiny(tmp_path), "--benchmark_list_tests", cwd=tmp_path)
    assert ended.status == 0
    planned = query(finished.folder, "SELECT name FROM cell WHERE status = 'planned'")
    assert ended.out.splitlines() == [name + SUFFIX for (name,) in planned]
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.toml"]


@pytest.mark.parametrize(
    ("pattern", "transports"),
    [
        ("^ringbuf/", {"ringbuf"}),
        ("-ringbuf", {"null", "perfbuf"}),
        ("all", {"null", "ringbuf", "perfbuf"}),
    ],
)
def test_filter_selects_by_name(pattern: str, transports: set[str], tmp_path: Path) -> None:
    ended = ringbench(
        "run", tiny(tmp_path), "--benchmark_list_tests", f"--benchmark_filter={pattern}"
    )
    assert {line.split("/")[0] for line in ended.out.splitlines()} == transports


def test_a_filtered_run_is_not_finished_and_can_be_resumed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    flag = "--benchmark_filter=ringbuf.*size:8"
    assert ringbench("run", tiny(tmp_path), "--out", folder, flag).status == 0
    assert len(trials(folder)) == 2
    assert query(folder, "SELECT * FROM provenance WHERE key = 'finished'") == []
    assert ringbench("resume", folder).status == 0
    assert len(trials(folder)) == CELLS * 2
    assert query(folder, "SELECT count(*) FROM provenance WHERE key = 'finished'") == [(1,)]


@pytest.mark.parametrize("pattern", ["no such cell", "("])
def test_a_filter_that_is_of_no_use_exits_with_2(pattern: str, tmp_path: Path) -> None:
    flag = f"--benchmark_filter={pattern}"
    ended = ringbench("run", tiny(tmp_path), "--out", tmp_path / "run", flag)
    assert ended.status == 2
    assert pattern in ended.err
    assert not (tmp_path / "run").exists()


def test_repetitions_replace_the_configs(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    flags = ("--benchmark_repetitions=3", "--benchmark_filter=null")
    assert ringbench("run", tiny(tmp_path), "--out", folder, *flags).status == 0
    assert sorted({repetition for _, repetition in trials(folder)}) == [0, 1, 2]


def test_json_has_every_trial_with_its_metrics(finished: Finished) -> None:
    found = benchmarks(finished.json, "iteration")
    assert len(found) == CELLS * 2
    stored = query(
        finished.folder,
        "SELECT name, repetition, attempted, event_amortised_cycles, drop_fraction FROM trial"
        " JOIN cell ON cell.id = cell_id",
    )
    counters = {(b["name"], b["repetition_index"]): b for b in found}
    for name, repetition, attempted, cycles, dropped in stored:
        benchmark = counters[name + SUFFIX, repetition]
        assert (benchmark["iterations"], benchmark["repetitions"]) == (1, 2)
        assert benchmark["attempted"] == attempted
        assert benchmark["time_unit"] == "ns"
        if cycles is None:  # a busy machine may keep a producer out of so short a window
            assert "event_amortised_cycles" not in benchmark
            continue
        assert benchmark["event_amortised_cycles"] == pytest.approx(cycles)
        assert benchmark["drop_fraction"] == pytest.approx(dropped)
        hz = float(
            query(finished.folder, "SELECT value FROM provenance WHERE key = 'tsc_hz'")[0][0]
        )
        assert benchmark["real_time"] == pytest.approx(cycles / hz * 1e9, rel=1e-3)


def test_json_has_the_usual_aggregates(finished: Finished) -> None:
    found = benchmarks(finished.json, "aggregate")
    assert len(found) == CELLS * 4
    for name in {b["run_name"] for b in found}:
        times = [
            b["real_time"] for b in benchmarks(finished.json, "iteration") if b["name"] == name
        ]
        of = {b["aggregate_name"]: b for b in found if b["run_name"] == name}
        assert of["mean"]["real_time"] == pytest.approx(statistics.mean(times))
        assert of["median"]["real_time"] == pytest.approx(statistics.median(times))
        assert of["stddev"]["real_time"] == pytest.approx(statistics.stdev(times))
        assert of["cv"]["real_time"] == pytest.approx(
            statistics.stdev(times) / statistics.mean(times)
        )
        assert of["mean"]["name"] == name + "_mean"


def test_json_on_stdout_is_all_there_is_on_stdout(tmp_path: Path) -> None:
    flags = ("--benchmark_format=json", "--benchmark_filter=null", "--benchmark_repetitions=1")
    ended = ringbench("run", tiny(tmp_path), "--out", tmp_path / "run", *flags)
    assert ended.status == 0
    assert len(json.loads(ended.out)["benchmarks"]) == 2


def test_a_json_file_that_cannot_be_made_exits_with_2(tmp_path: Path) -> None:
    flag = f"--benchmark_out={tmp_path}/no/such/folder/out.json"
    ended = ringbench("run", tiny(tmp_path), "--out", tmp_path / "run", flag)
    assert ended.status == 2
    assert "--benchmark_out: cannot write" in ended.err
    assert not (tmp_path / "run").exists()


def test_a_json_file_that_is_cut_short_is_said(tmp_path: Path) -> None:
    flags = ("--benchmark_out=/dev/full", "--benchmark_filter=null")
    ended = ringbench("run", tiny(tmp_path), "--out", tmp_path / "run", *flags)
    assert ended.status == 1
    assert "/dev/full is cut short" in ended.err
    assert len(trials(tmp_path / "run")) == 4


def test_googles_compare_reads_it(finished: Finished) -> None:
    if not COMPARE.exists():
        pytest.skip(f"{COMPARE} is missing: install libbenchmark-tools")
    try:
        import scipy  # noqa: F401
    except ImportError:
        pytest.skip("compare.py needs scipy: install python3-scipy")
    done = subprocess.run(
        [sys.executable, str(COMPARE), "--no-color", "benchmarks", finished.json, finished.json],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for (name,) in query(finished.folder, "SELECT name FROM cell WHERE status = 'planned'"):
        lines = [line for line in done.stdout.splitlines() if line.startswith(name + SUFFIX + " ")]
        assert lines and "+0.0000" in lines[0], name


def test_more_cells_than_google_benchmark_is_given_at_once(tmp_path: Path) -> None:
    sizes = list(range(8, 8 + 75))
    text = "[run]\nrepetitions = 1\nmax_repetitions = 1\n[noise]\nattempts = 1\n[matrix]\n"
    text += f'transport = "null"\nrecord_size = {sizes}\nwarmup_ms = 0\nduration_ms = 1\n'
    config = written(tmp_path, text)
    names = ringbench("run", config, "--benchmark_list_tests").out.split()
    assert names == [
        f"null/producers:1/record_size:{n}/warmup_ms:0/duration_ms:1{SUFFIX}" for n in sizes
    ]
    assert ringbench("run", config, "--out", tmp_path / "run").status == 0
    assert len(trials(tmp_path / "run")) == len(sizes)


def test_the_environment_repeats_no_trial(tmp_path: Path) -> None:
    ended = ringbench(
        "run", tiny(tmp_path), "--out", tmp_path / "run", extra={"BENCHMARK_REPETITIONS": "3"}
    )
    assert ended.status == 0
    assert len(trials(tmp_path / "run")) == CELLS * 2
    assert ended.err.count("elapsed") == CELLS * 2, "none was run and forgotten"
