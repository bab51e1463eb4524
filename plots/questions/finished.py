"""python3 -m plots.questions.finished DIR: 0 if the run there is finished, 3 if some of its trials failed, else 1."""

import contextlib
import sqlite3
import sys
from pathlib import Path

from plots.store import FILE_NAME


def status(folder: Path) -> int:
    """As `ringbench run` would have ended; 1: it has not."""
    try:
        with contextlib.closing(sqlite3.connect(_address(folder), uri=True)) as store:
            finished = store.execute("SELECT 1 FROM provenance WHERE key = 'finished'").fetchone()
            failed = store.execute("SELECT 1 FROM trial WHERE status = 'failed'").fetchone()
    except sqlite3.Error:
        return 1
    if not finished:
        return 1
    return 3 if failed else 0


def skipped(folder: Path) -> str:
    """Why a finished run has no trial: what the machine lacks; empty if that is not why."""
    if status(folder) == 1:
        return ""
    trials = _rows(folder, "SELECT 1 FROM trial LIMIT 1")
    reasons = _rows(folder, "SELECT DISTINCT status, reason FROM cell")
    if trials or not reasons or any(state != "skipped" for state, _ in reasons):
        return ""
    return f"every cell was skipped: {'; '.join(str(reason) for _, reason in reasons)}"


def origin(folder: Path) -> dict[str, str]:
    """The provenance of a store that may be of another schema or broken, as far as it can be read."""
    rows = _rows(folder, "SELECT key, value FROM provenance")
    return {str(key): str(value) for key, value in rows}


def _rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    try:
        with contextlib.closing(sqlite3.connect(_address(folder), uri=True)) as store:
            return store.execute(query).fetchall()
    except sqlite3.Error:
        return []


def _address(folder: Path) -> str:
    return f"{(folder / FILE_NAME).resolve().as_uri()}?mode=ro"


if __name__ == "__main__":
    sys.exit(status(Path(sys.argv[1])))
