"""ringbuf, the same as "twin", and 3 % slower as "slower" (tests/twins): built beside each other, run as one matrix.

Of what was measured under a name another store says that it was ringbuf's, so that `compare` may judge.
"""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from cli.program import REPOSITORY

TWINS = REPOSITORY / "tests" / "twins"
NAME = "ringbuf"
CELLS_SLOWED = 3  # one in so many


def built(folder: Path) -> Path:
    """The program with two transports more: a file and a line each. What is there already is not built again."""
    source, tree = folder / "source", folder / "tree"
    for part in ("impls", "bench", "topology", "planner", "tests/impls"):
        shutil.copytree(REPOSITORY / part, source / part, dirs_exist_ok=True)
    shutil.copy2(REPOSITORY / "CMakeLists.txt", source)
    headers = sorted(TWINS.glob("*.hpp"))
    for header in headers:
        shutil.copy2(header, source / "impls")
    listed = Path("impls") / "transports.def"
    with open(source / listed, "a", encoding="utf-8") as transports:
        transports.writelines(f"TRANSPORT({header.stem})\n" for header in headers)
    shutil.copystat(REPOSITORY / listed, source / listed)
    without = ("-DBPFTOOL=OFF", "-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON")
    subprocess.run(["cmake", "-G", "Ninja", "-S", source, "-B", tree, *without], check=True, stdout=sys.stderr)
    subprocess.run(["ninja", "-C", tree, "ringbench"], check=True, stdout=sys.stderr)
    return tree / "ringbench"


def names(run: Path) -> list[str]:
    """The cells of ringbuf, by name."""
    with closing(sqlite3.connect(run / "run.sqlite")) as store:
        rows = store.execute("SELECT name FROM cell WHERE transport = ? ORDER BY name", (NAME,))
        return [name for (name,) in rows]


def slowed(cells: list[str]) -> dict[str, str]:
    """Of every third cell the slower ring's trials, of the others the twin's."""
    return {cell: "twin" if i % CELLS_SLOWED else "slower" for i, cell in enumerate(cells)}


def standing_in(run: Path, folder: Path, transports: Mapping[str, str]) -> Path:
    """A store of ringbuf's cells, the trials of each taken from the same cell of another transport."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(run / "run.sqlite")) as of_run:
        with closing(sqlite3.connect(folder / "run.sqlite")) as store:
            of_run.backup(store)
            store.execute("CREATE TEMP TABLE stands (cell_id TEXT PRIMARY KEY, for TEXT)")
            for cell, transport in transports.items():
                measured = cell.replace(NAME, transport, 1)
                pair = "SELECT b.id, a.id FROM cell a, cell b WHERE a.name = ? AND b.name = ?"
                added = store.execute(f"INSERT INTO stands {pair}", (cell, measured)).rowcount
                assert added == 1, f"{run}: there is no cell {measured}"
            store.execute("CREATE TEMP TABLE kept AS SELECT id FROM trial WHERE cell_id IN (SELECT cell_id FROM stands)")  # fmt: skip
            keep_trials(store)
            # A repetition of the cell that it stands for.
            store.execute("UPDATE trial SET cell_id = (SELECT for FROM stands WHERE stands.cell_id = trial.cell_id)")  # fmt: skip
            store.execute("DELETE FROM cell WHERE id NOT IN (SELECT for FROM stands)")
            store.commit()
    return folder


def keep_trials(store: sqlite3.Connection) -> None:
    """Those in the table `kept`, by id, and what belongs to them."""
    for table in ("producer", "ring", "thread", "series", "histogram"):
        store.execute(f"DELETE FROM {table} WHERE trial_id NOT IN (SELECT id FROM kept)")
    store.execute("DELETE FROM trial WHERE id NOT IN (SELECT id FROM kept)")
