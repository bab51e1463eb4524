"""Holds `compare` against what it promises, on live measurements.

    ./run.sh instrument [DIR]

The repetitions of one run are interleaved over its cells. Of each cell one half is dealt at random to the name A, the
other to B: the same transports under two names, at the same time. Then what the events of B cost is made 3 % more. DIR:
a run of configs/instrument.toml that is there already.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cli.program import REPOSITORY, RINGBENCH

CONFIG = REPOSITORY / "configs" / "instrument.toml"
SEED = 20260101
DEALS = 20
LEVEL = 0.05  # of `compare`: in so many comparisons of the same it may call something
SLOWER = 1.03
HEADLINE = "event_amortised_cycles"


@dataclass(frozen=True)
class Compared:
    cells: int  # that were tested
    called: int  # of them, worse or better


def deal(run: Path, folder: Path, chance: random.Random, slower: float = 1) -> tuple[Path, Path]:
    """Two stores, each with half of the repetitions of every cell; the costs in the second are multiplied."""
    with closing(sqlite3.connect(run / "run.sqlite")) as store:
        rows = store.execute("SELECT cell_id, id FROM trial ORDER BY id").fetchall()
        trials: dict[str, list[int]] = {}
        for cell, trial in rows:
            trials.setdefault(cell, []).append(trial)
        names: tuple[list[int], list[int]] = ([], [])
        for of_cell in trials.values():
            chance.shuffle(of_cell)
            half = len(of_cell) // 2
            names[0].extend(of_cell[:half])
            names[1].extend(of_cell[half : 2 * half])
        a, b = (_with(store, folder / name, kept) for name, kept in zip("AB", names, strict=True))
    with closing(sqlite3.connect(b / "run.sqlite")) as store, store:
        store.execute(f"UPDATE trial SET {HEADLINE} = {HEADLINE} * ?", (slower,))
    return a, b


def _with(run: sqlite3.Connection, folder: Path, trials: Sequence[int]) -> Path:
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "run.sqlite")) as store:
        run.backup(store)
        store.execute("CREATE TEMP TABLE kept (id INTEGER PRIMARY KEY, number INTEGER)")
        store.executemany("INSERT INTO kept VALUES (?, ?)", [(t, i) for i, t in enumerate(trials)])
        for table in ("producer", "ring", "thread", "series", "histogram"):
            store.execute(f"DELETE FROM {table} WHERE trial_id NOT IN (SELECT id FROM kept)")
        store.execute("DELETE FROM trial WHERE id NOT IN (SELECT id FROM kept)")
        store.commit()
    return folder


def compared(a: Path, b: Path, *words: str) -> Compared:
    """By the command itself; what it called of the costs of an event."""
    report = a.parent / "compared.json"
    command = [sys.executable, "-m", "plots", "compare", str(a), str(b), "--json", str(report)]
    ended = subprocess.run(
        [*command, *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert ended.returncode in (0, 3), ended.stderr
    changes = json.loads(report.read_text(encoding="utf-8"))["changes"]
    cells = {change["cell"] for change in changes if change["verdict"] != "untested"}
    called = {change["cell"] for change in changes if change["verdict"] in ("worse", "better")}
    return Compared(len(cells), len(called))


def deals(run: Path, folder: Path, slower: float, *words: str) -> list[Compared]:
    found = []
    for number in range(DEALS):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            a, b = deal(run, Path(place), random.Random(SEED + number), slower)
            found.append(compared(a, b, *words))
        print(f"\rdeal {number + 1} of {DEALS}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run.sh instrument", description=__doc__)
    parser.add_argument("run", nargs="?", type=Path, metavar="DIR")
    run = parser.parse_args(arguments).run
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if run is None:
            run = folder / "run"
            words = [RINGBENCH, "run", str(CONFIG), "--out", str(run)]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        same = deals(run, folder, 1)
        slower = deals(run, folder, SLOWER, "--metric", HEADLINE, "--tolerance", "0")
    false = sum(one.called > 0 for one in same)
    print(f"the same under two names, {same[0].cells} cells, {DEALS} deals: {false} called anything,"
          f" {sum(one.called for one in same)} cells in all; promised: {LEVEL:.0%} of the deals")  # fmt: skip
    found = sorted(one.called / one.cells for one in slower)
    print(f"an event 3 % slower, {slower[0].cells} cells, {DEALS} deals: found in {found[0]:.0%} to"
          f" {found[-1]:.0%} of the cells, median {found[len(found) // 2]:.0%}")  # fmt: skip
    return 0 if false <= most_false_deals() and found[0] > 0 else 3


def most_false_deals() -> int:
    """So many of the deals may call something if the share of them is LEVEL: more would come once in a thousand."""
    from scipy.stats import binom

    return int(binom.ppf(0.999, DEALS, LEVEL))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
