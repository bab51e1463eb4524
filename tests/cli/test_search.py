"""`ringbench search`: finds known capacities, can be interrupted, and is what the store says it is."""

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from cli.program import NOISE_IS_NO_MATTER, RINGBENCH, environment, ringbench, written
from cli.run_store import assert_sound, provenance, query, trials

# A consumer that spends 4 us on a record carries 250,000 a second at most. Other tests make noise.
CONFIG = (
    """
title = "Small search"
question = "How fast?"
[run]
repetitions = 2
max_repetitions = 2
[search]
targets = [0, 1e-2]
shortest_ms = 10
longest_ms = 40
sum_ms = 120
width = 0.1
max_trials = 150
[defaults]
warmup_ms = 2
duration_ms = 10
bytes = 16384
[matrix]
transport = ["null", "ringbuf"]
service_ns = 4000
[[include]]
transport = "ringbuf"
poll = "after_window"
consumer = "shares_producer_core"
"""
    + NOISE_IS_NO_MATTER
)

needs_two_cpus = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="a consumer needs a CPU beside its producer's"
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("search")
    folder = place / "run"
    ended = ringbench("search", written(place, CONFIG, "small"), "--out", folder, timeout=300)
    assert ended.status == 0, ended.err
    (place / "out").write_text(ended.out, encoding="utf-8")
    return folder


@needs_two_cpus
def test_finds_what_the_consumer_can_carry(found: Path) -> None:
    rows = query(
        found,
        "SELECT target, rate_low, rate_high, search.status FROM search JOIN cell ON id = cell_id"
        " WHERE transport = 'ringbuf' ORDER BY target",
    )
    assert [target for target, *_ in rows] == [0, 0.01]
    for _, low, high, status in rows:
        assert low is None or low < 260_000, "no transport is faster than its consumer"
        # On a machine too busy to offer a rate, that is what the search finds.
        assert status != "found" or 20_000 < high < 300_000


@needs_two_cpus
def test_what_never_drops_is_unbounded(found: Path) -> None:
    for low, high, status in query(
        found,
        "SELECT rate_low, rate_high, search.status FROM search JOIN cell ON id = cell_id"
        " WHERE transport = 'null'",
    ):
        assert (high, status) == (None, "unbounded")
        assert low > 50_000


@needs_two_cpus
def test_the_store_is_sound_and_complete(found: Path) -> None:
    assert_sound(found)
    assert "finished" in provenance(found)
    statuses = query(found, "SELECT status, count(*) FROM cell GROUP BY status ORDER BY status")
    assert [status for status, _ in statuses] == ["planned", "searched", "skipped"]
    assert query(found, "SELECT 1 FROM trial JOIN cell ON cell.id = cell_id WHERE rate = 0") == []
    (reason,) = query(found, "SELECT reason FROM cell WHERE status = 'skipped'")[0]
    assert "after_window" in reason


@needs_two_cpus
def test_load_points_are_shares_of_what_was_found(found: Path) -> None:
    rows = query(
        found,
        "SELECT share, measured.rate * measured.producers / rate_low,"
        " (SELECT count(*) FROM trial WHERE trial.cell_id = measured_cell_id)"
        " FROM load_point JOIN search USING (cell_id, target)"
        " JOIN cell measured ON measured.id = measured_cell_id",
    )
    assert sorted({share for share, *_ in rows}) == [0.1, 0.5, 0.9]
    for share, ratio, repetitions in rows:
        assert ratio == pytest.approx(share)
        assert repetitions >= 2


@needs_two_cpus
def test_a_burst_fills_the_buffer_but_for_its_headers(found: Path) -> None:
    """16 KiB hold 256 payloads of 64 bytes; with headers of 8, and one byte free, 227 records."""
    rows = query(
        found,
        "SELECT nominal_records, accepted_records FROM capacity JOIN cell ON id = cell_id"
        " WHERE poll = 'after_window'",
    )
    assert rows == [(256, 227)] * 2


@needs_two_cpus
def test_prints_its_tables(found: Path) -> None:
    out = (found.parent / "out").read_text(encoding="utf-8")
    for word in ("target", "met at", "unbounded", "90 %", "away", "k/s"):
        assert word in out
    assert ringbench("table", found).out == out
    assert ringbench("csv", found).status == 0


@needs_two_cpus
def test_a_finished_search_has_nothing_to_resume(found: Path) -> None:
    before = trials(found)
    assert ringbench("resume", found, timeout=120).status == 0
    assert trials(found) == before


@needs_two_cpus
def test_resume_goes_on_where_it_stood(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with subprocess.Popen(
        [RINGBENCH, "search", str(written(tmp_path, CONFIG)), "--out", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as running:
        for _ in range(600):
            time.sleep(0.05)
            if (folder / "run.sqlite").exists() and _trials_so_far(folder) >= 8:
                break
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
    early = trials(folder)
    assert_sound(folder)
    assert ringbench("resume", folder, timeout=300).status == 0
    assert trials(folder)[: len(early)] == early
    assert_sound(folder)
    assert query(folder, "SELECT count(*) FROM search") == [(4,)]


def _trials_so_far(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "run.sqlite")) as store:
        try:
            return int(store.execute("SELECT count(*) FROM trial").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def test_refuses_what_cannot_be_searched(tmp_path: Path) -> None:
    text = (
        '[matrix]\ntransport = "ringbuf"\npoll = "after_window"\nconsumer = "shares_producer_core"'
    )
    ended = ringbench("search", written(tmp_path, text), "--out", tmp_path / "run")
    assert ended.status == 1
    assert "after_window" in ended.err
    assert not (tmp_path / "run").exists()


def test_a_mistake_in_the_section_is_told(tmp_path: Path) -> None:
    text = '[search]\nlongest = 3\n[matrix]\ntransport = "null"'
    ended = ringbench("search", written(tmp_path, text), "--out", tmp_path / "run")
    assert ended.status == 2
    assert "longest_ms" in ended.err
