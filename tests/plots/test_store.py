"""A store that cannot be used is refused with one sentence that says what, where and how to mend it."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from conftest import plots
from store_writer import Cell, Trial, write_store

from plots.results import load
from plots.store import open_store

CELL = Cell("perfbuf", [Trial({"attempted": 1, "committed": 1})], {}, {"producers": 1})


def refusal(*stores: Path) -> str:
    run = plots("report", *stores)
    assert run.status == 2
    assert run.out == ""
    assert run.err.startswith("plots: ") and run.err.count("\n") == 1
    return run.err


def test_missing_directory(tmp_path: Path) -> None:
    assert f"{tmp_path / 'nowhere'} does not exist" in refusal(tmp_path / "nowhere")


def test_directory_without_a_store(tmp_path: Path) -> None:
    assert f"{tmp_path} holds no run.sqlite" in refusal(tmp_path)


def test_unknown_schema_version(tmp_path: Path) -> None:
    text = refusal(write_store(tmp_path, [CELL], version=7))
    assert "has schema version 7, and this program knows version 4" in text
    assert "revision that wrote it" in text


def test_corrupt_file(tmp_path: Path) -> None:
    (tmp_path / "run.sqlite").write_bytes(b"no database" * 500)
    assert "cannot be read as a ringbench store (file is not a database)" in refusal(tmp_path)


def test_truncated_file(tmp_path: Path) -> None:
    path = write_store(tmp_path, [CELL] * 1) / "run.sqlite"
    path.write_bytes(path.read_bytes()[:9000])
    assert "cannot be read as a ringbench store" in refusal(tmp_path)


def test_foreign_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "run.sqlite") as connection:
        connection.execute("CREATE TABLE songs (title)")
    assert "is not a ringbench store" in refusal(tmp_path)


def test_missing_table(tmp_path: Path) -> None:
    write_store(tmp_path, [CELL])
    with sqlite3.connect(tmp_path / "run.sqlite") as connection:
        connection.execute("DROP TABLE histogram")
    assert "lacks the table histogram" in refusal(tmp_path)


def test_store_without_a_trial(tmp_path: Path) -> None:
    planned = Cell("perfbuf", [], {}, {"producers": 1})
    text = refusal(write_store(tmp_path, [planned]))
    assert "holds no trial yet (1 cells are planned or skipped)" in text and "resume" in text


def test_one_bad_store_among_good_ones_is_named(tmp_path: Path) -> None:
    good = write_store(tmp_path / "good", [CELL])
    assert str(tmp_path / "bad") in refusal(good, tmp_path / "bad")


def test_a_file_can_be_given_instead_of_its_directory(tmp_path: Path) -> None:
    write_store(tmp_path, [CELL])
    assert len(open_store(tmp_path / "run.sqlite").trials) == 1


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = write_store(tmp_path, [CELL]) / "run.sqlite"
    before = path.read_bytes()
    load([tmp_path])
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.sqlite"]


@pytest.mark.parametrize("with_index", [True, False])
def test_trials_in_the_log_of_a_killed_run_are_read(tmp_path: Path, with_index: bool) -> None:
    live = write_store(tmp_path / "live", [CELL]) / "run.sqlite"
    killed = tmp_path / "killed"
    killed.mkdir()
    writer = sqlite3.connect(live)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute(
        "INSERT INTO trial (id, cell_id, repetition, attempt, status) VALUES (99, ?, 1, 0, 'ok')",
        (CELL.id,),
    )
    writer.commit()
    # What kill -9 leaves behind: the files as they are while the writer still has them open.
    for suffix in ("", "-wal", "-shm") if with_index else ("", "-wal"):
        shutil.copy(f"{live}{suffix}", killed / f"run.sqlite{suffix}")
    writer.close()
    assert 99 in set(open_store(killed).trials.id)


def test_more_trials_than_one_query_can_name(tmp_path: Path) -> None:
    many = Cell(
        "perfbuf",
        [Trial({"attempted": 1}, threads=[{"role": "producer", "number": 0}])] * 1900,
        {},
        {"producers": 1},
    )
    store = open_store(write_store(tmp_path, [many]))
    assert len(store.rows("thread", list(store.trials.id))) == 1900
