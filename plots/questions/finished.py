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


def _address(folder: Path) -> str:
    return f"{(folder / FILE_NAME).resolve().as_uri()}?mode=ro"


if __name__ == "__main__":
    sys.exit(status(Path(sys.argv[1])))
