"""What any reader may expect of the store of a run."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from cli.program import REPOSITORY

Row = tuple[Any, ...]

BALANCED = """
SELECT trial_id, producer FROM producer WHERE
  attempted <> committed + discarded + drop_no_space + drop_lock_busy + drop_too_big + drop_recursion
  OR committed <> consumed + overwritten + left_in_buffer
  OR attempted IS NULL OR consumed IS NULL
"""
SUMS = """
SELECT trial.id FROM trial JOIN producer ON trial_id = trial.id WHERE trial.status <> 'failed'
GROUP BY trial.id HAVING trial.attempted <> sum(producer.attempted)
  OR trial.committed <> sum(producer.committed) OR trial.consumed <> sum(producer.consumed)
  OR trial.drop_no_space <> sum(producer.drop_no_space)
  OR trial.window_attempted <> sum(producer.window_attempted)
"""
# Producers, rings and threads of each trial, as many as its cell has; an interruption is a producer too.
DETAILS = """
SELECT trial.id FROM trial JOIN cell ON cell.id = cell_id WHERE trial.status <> 'failed' AND (
  (SELECT count(*) FROM producer WHERE trial_id = trial.id)
    <> cell.producers * (1 + (coalesce(cell.interrupt_every_us, 0) > 0))
  OR (SELECT count(*) FROM ring WHERE trial_id = trial.id) <> cell.rings
  OR (SELECT count(*) FROM thread WHERE trial_id = trial.id)
    NOT BETWEEN cell.producers + min(cell.rings, 1) AND cell.producers + cell.rings)
"""


# Whose rows belong to a trial, by trial_id.
OF_A_TRIAL = ("producer", "ring", "thread", "series", "histogram")


def query(folder: Path, sql: str) -> list[Row]:
    with closing(sqlite3.connect(folder / "run.sqlite")) as store:
        return store.execute(sql).fetchall()


def holds_a_run(folder: Path) -> bool:
    """Not where a run was killed before its cells were stored: it is begun anew, as `resume` says."""
    if not (folder / "run.sqlite").exists():
        return False
    tables = query(folder, "SELECT name FROM sqlite_master WHERE name = 'cell'")
    return tables != [] and query(folder, "SELECT count(*) FROM cell") != [(0,)]


def provenance(folder: Path) -> dict[str, str]:
    return {key: value for key, value in query(folder, "SELECT key, value FROM provenance")}


def trials(folder: Path) -> list[Row]:
    """Cell and repetition of every first attempt, in the order in which they ran."""
    return query(folder, "SELECT cell_id, repetition FROM trial WHERE attempt = 0 ORDER BY id")


def assert_sound(folder: Path) -> None:
    """Whole, balanced, and no trial twice; whether or not the run is complete."""
    assert query(folder, "PRAGMA integrity_check") == [("ok",)]
    assert query(folder, BALANCED) == []
    assert query(folder, SUMS) == []
    assert query(folder, DETAILS) == []
    assert len(set(trials(folder))) == len(trials(folder))
    assert query(folder, "SELECT * FROM trial WHERE cell_id NOT IN (SELECT id FROM cell)") == []


def assert_complete(folder: Path, repetitions: int) -> None:
    """Every cell that was planned, as often as it was asked for, and no more."""
    assert_sound(folder)
    planned = [id for (id,) in query(folder, "SELECT id FROM cell WHERE status = 'planned'")]
    assert sorted(trials(folder)) == sorted((id, r) for id in planned for r in range(repetitions))
    assert "finished" in provenance(folder)


def documented_provenance() -> set[str]:
    page = (REPOSITORY / "docs" / "store.md").read_text(encoding="utf-8")
    section = page.split("## provenance", 1)[1].split("What the machine does not tell", 1)[0]
    without_remarks = re.sub(r"\([^)]*\)", "", section)
    return set(re.findall(r"`([^`]+)`", without_remarks))
