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
    """Why a finished run has no trial: what the machine lacks; empty if it is not finished."""
    if status(folder) == 1:
        return ""
    with contextlib.closing(sqlite3.connect(_address(folder), uri=True)) as store:
        reasons = store.execute("SELECT DISTINCT reason FROM cell WHERE status = 'skipped'")
        return f"every cell was skipped: {'; '.join(str(reason) for (reason,) in reasons)}"


def _address(folder: Path) -> str:
    return f"{(folder / FILE_NAME).resolve().as_uri()}?mode=ro"


if __name__ == "__main__":
    sys.exit(status(Path(sys.argv[1])))
