"""A ring, "same" and "slower" by 3 % (tests/twins): built beside each other, run as one matrix.

Of what was measured under a name another store says that it was the ring's, so that `compare` may judge.
"""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from cli.program import REPOSITORY
from cli.run_store import OF_A_TRIAL

TWINS = REPOSITORY / "tests" / "twins"
NAME = "twin"
CELLS_SLOWED = 2  # one in so many


def built(folder: Path) -> Path:
    """The program with three transports more, a file and a line each, built anew in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    source, tree = folder / "source", folder / "tree"
    for part in ("impls", "bench", "topology", "planner", "tests/impls"):
        shutil.copytree(REPOSITORY / part, source / part)
    shutil.copy(REPOSITORY / "CMakeLists.txt", source)
    with open(source / "impls" / "transports.def", "a", encoding="utf-8") as transports:
        for header in sorted(TWINS.glob("*.hpp")):
            shutil.copy(header, source / "impls")
            transports.write(f"TRANSPORT({header.stem})\n")
    for step in (
        ["cmake", "-G", "Ninja", "-S", str(source), "-B", str(tree), "-DBPFTOOL=OFF"]
        + ["-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON"],
        ["ninja", "-C", str(tree), "ringbench"],
    ):
        subprocess.run(step, check=True, stdout=sys.stderr)
    return tree / "ringbench"


def names(run: Path, transport: str) -> list[str]:
    """The cells of a transport, by name."""
    with closing(sqlite3.connect(run / "run.sqlite")) as store:
        found = "SELECT name FROM cell WHERE transport = ? ORDER BY name"
        return [name for (name,) in store.execute(found, (transport,))]


def slowed(cells: list[str]) -> dict[str, str]:
    """The cell that stands in for each: in every second the slower ring's."""
    others = ("slower" if i % CELLS_SLOWED == 0 else "same" for i in range(len(cells)))
    return {cell: cell.replace(NAME, other, 1) for cell, other in zip(cells, others)}


def standing_in(run: Path, folder: Path, stand_ins: Mapping[str, str]) -> Path:
    """A store of the cells, by name, the trials of each taken from the one that stands in for it."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(run / "run.sqlite")) as of_run:
        with closing(sqlite3.connect(folder / "run.sqlite")) as store:
            of_run.backup(store)
            store.execute("CREATE TEMP TABLE stands (cell_id TEXT PRIMARY KEY, for TEXT)")
            for cell, measured in stand_ins.items():
                pair = "SELECT b.id, a.id FROM cell a, cell b WHERE a.name = ? AND b.name = ?"
                added = store.execute(f"INSERT INTO stands {pair}", (cell, measured)).rowcount
                assert added == 1, f"{run}: there is no cell {cell} or {measured}"
            store.execute("CREATE TEMP TABLE kept AS SELECT id FROM trial WHERE cell_id IN (SELECT cell_id FROM stands)")  # fmt: skip
            keep_trials(store)
            # A repetition of the cell that it stands for.
            store.execute("UPDATE trial SET cell_id = (SELECT for FROM stands WHERE stands.cell_id = trial.cell_id)")  # fmt: skip
            store.execute("DELETE FROM cell WHERE id NOT IN (SELECT for FROM stands)")
            store.commit()
    return folder


def keep_trials(store: sqlite3.Connection) -> None:
    """Those in the table `kept`, by id, and what belongs to them."""
    for table in OF_A_TRIAL:
        store.execute(f"DELETE FROM {table} WHERE trial_id NOT IN (SELECT id FROM kept)")
    store.execute("DELETE FROM trial WHERE id NOT IN (SELECT id FROM kept)")
