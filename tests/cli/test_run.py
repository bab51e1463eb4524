"""A run from the config to the table and the store."""

import re
from pathlib import Path

import pytest

from cli.conftest import Finished
from cli.program import CELLS, NOISE_IS_NO_MATTER, ringbench, tiny, written
from cli.run_store import (
    assert_complete,
    assert_sound,
    documented_provenance,
    provenance,
    query,
    trials,
)


ONCE = "[run]\nrepetitions = 1\nmax_repetitions = 1\n"


def test_ends_well(finished: Finished) -> None:
    assert finished.ended.status == 0, finished.ended.err
    assert_complete(finished.folder, repetitions=2)


def test_table_goes_to_stdout_and_talk_to_stderr(finished: Finished) -> None:
    out, err = finished.ended.out, finished.ended.err
    planned = query(finished.folder, "SELECT name FROM cell WHERE status = 'planned'")
    assert [set(name.split("/")) for (name,) in planned] == cells_of_table(out)
    assert re.search(r"12 trials balance, \d+ of them are tainted; 0 failed", out)
    assert "1 cells were skipped" in out
    assert f"store: {finished.folder / 'run.sqlite'}" in err
    assert "store:" not in out


def cells_of_table(table: str) -> list[set[str]]:
    """The parts of each row's name, with those that the line below the rows says for all of them."""
    rows, shared, *_ = table.split("\n\n")
    everywhere = set(shared.removeprefix("Every cell: ").split())
    return [set(row.split()[-1].split("/")) | everywhere for row in rows.splitlines()[1:]]


def test_progress_is_plain_lines_where_there_is_no_terminal(finished: Finished) -> None:
    lines = [line for line in finished.ended.err.splitlines() if line.startswith("[")]
    assert [line.split()[0] for line in lines] == [f"[{i}/12]" for i in range(1, 13)]
    for line in lines:
        assert re.search(r"\d+:\d\d:\d\d elapsed, \d+:\d\d:\d\d left \| .+ \| \w+/", line)
    assert "\r" not in finished.ended.err and "\x1b" not in finished.ended.err


def test_table_can_be_printed_again(finished: Finished) -> None:
    again = ringbench("table", finished.folder)
    assert (again.status, again.out) == (0, finished.ended.out)


def test_cells_that_cannot_run_are_kept_with_the_reason(finished: Finished) -> None:
    skipped = query(
        finished.folder, "SELECT producers, reason, rings FROM cell WHERE status = 'skipped'"
    )
    assert len(skipped) == 1
    producers, reason, rings = skipped[0]
    assert (producers, rings) == (1024, None)
    assert "1024" in reason and "CPU" in reason


def test_provenance_is_what_the_document_says(finished: Finished) -> None:
    found = provenance(finished.folder)
    chosen = {"hiccups_per_s", "chosen_duration_ms", "chosen_repetitions"}
    assert set(found) == documented_provenance() - chosen, "no cell left its window to the noise"
    assert all(found.values())
    assert found["config_text"] == finished.config.read_text(encoding="utf-8")
    assert (found["config_name"], found["config_title"], found["seed"]) == ("tiny", "Tiny", "7")
    assert str(finished.config) in found["command"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["finished"])
    assert float(found["tsc_hz"]) > 1e8


def test_what_a_transport_cannot_have_is_null(finished: Finished) -> None:
    rows = query(
        finished.folder,
        "SELECT delivered_rate, reordered_ratio, offered_rate, rate, bytes FROM trial"
        " JOIN cell ON cell.id = cell_id WHERE transport = 'null'",
    )
    assert set(rows) == {(None,) * 5}


def test_order_of_trials_follows_from_the_seed(finished: Finished, tmp_path: Path) -> None:
    for name, seed in (("same", 7), ("other", 8)):
        assert ringbench("run", tiny(tmp_path, seed=seed), "--out", tmp_path / name).status == 0
    assert trials(tmp_path / "same") == trials(finished.folder)
    assert trials(tmp_path / "other") != trials(finished.folder)
    assert sorted(trials(tmp_path / "other")) == sorted(trials(finished.folder))


def test_repetitions_are_interleaved(finished: Finished) -> None:
    assert [r for _, r in trials(finished.folder)] == [0] * CELLS + [1] * CELLS


def test_folder_has_a_name_of_its_own_by_default(tmp_path: Path) -> None:
    config = written(
        tmp_path, ONCE + '[matrix]\ntransport = "null"\nwarmup_ms = 1\nduration_ms = 2\n'
    )
    ended = ringbench("run", config, cwd=tmp_path)
    assert ended.status == 0
    (folder,) = (tmp_path / "results").iterdir()
    assert re.fullmatch(r"\d{8}T\d{6}Z-.+-some", folder.name)
    assert_complete(folder, repetitions=1)


def test_repetition_stops_when_the_interval_is_narrow_enough(tmp_path: Path) -> None:
    text = """
[run]
repetitions = 2
max_repetitions = 4
interval = {}
[matrix]
transport = "null"
warmup_ms = 1
duration_ms = 300
"""
    for name, interval, count in (("never", 0, 4), ("always", 1, 2)):
        config = written(tmp_path, text.format(interval) + NOISE_IS_NO_MATTER)
        ended = ringbench("run", config, "--out", tmp_path / name)
        assert ended.status == 0
        assert len(trials(tmp_path / name)) == count
        assert f"[{count}/{count}]" in ended.err


def test_nothing_that_can_run_is_no_mistake(tmp_path: Path) -> None:
    config = written(tmp_path, '[matrix]\ntransport = "ringbuf"\nproducers = 1024\n')
    ended = ringbench("run", config, "--out", tmp_path / "run")
    assert ended.status == 0, ended.err
    assert "0 trials balance" in ended.out and "1 cells were skipped" in ended.out
    assert query(tmp_path / "run", "SELECT status, reason IS NOT NULL FROM cell") == [
        ("skipped", 1)
    ]


# Each record takes a second, far longer than the watchdog waits.
def test_a_trial_that_hangs_is_kept_as_failed(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        """
[run]
repetitions = 1
watchdog_s = 0.5
[defaults]
warmup_ms = 1
duration_ms = 5
consumer = "shares_producer_core"
[matrix]
transport = "ringbuf"
arrival = "constant"
rate = 1000
duration_ms = 200
service_ns = 1_000_000_000
[[include]]
transport = "null"
""",
    )
    ended = ringbench("run", config, "--out", tmp_path / "run", "--benchmark_repetitions=1")
    assert ended.status == 3
    assert "FAILED: hung:" in ended.err and "1 trials failed" in ended.err
    assert "1 failed and are left out" in ended.out
    assert_sound(tmp_path / "run")
    rows = query(tmp_path / "run", "SELECT transport, trial.status, trial.reason FROM trial JOIN cell ON cell.id = cell_id ORDER BY 1")  # fmt: skip
    assert rows[0][0] == "null" and rows[0][1] != "failed", "the others are not touched"
    assert rows[1][:2] == ("ringbuf", "failed")
    assert "consumer 0 on CPU" in rows[1][2] and "consumer_pos" in rows[1][2]


@pytest.mark.parametrize("transport", ["ringbuf", "perfbuf", "hybrid"])
def test_records_go_through_every_transport(transport: str, tmp_path: Path) -> None:
    config = written(
        tmp_path,
        f"""{ONCE}
[defaults]
transport = "{transport}"
warmup_ms = 1
duration_ms = 5
consumer = "shares_producer_core"
poll = "epoll"
[matrix]
arrival = ["constant", "poisson", "bursty"]
rate = 20000
[matrix.{transport}]
overwrite = ["off", "on"]
""",
    )
    ended = ringbench("run", config, "--out", tmp_path / "run")
    assert ended.status == 0, ended.err
    assert_complete(tmp_path / "run", repetitions=1)
    counts = query(tmp_path / "run", "SELECT attempted, consumed + left_in_buffer + overwritten + drop_no_space + drop_lock_busy FROM trial")  # fmt: skip
    assert len(counts) == 6
    assert all(attempted == found for attempted, found in counts)
