"""Holds `compare` against what it promises, on live measurements.

    ./run.sh instrument [DIR]

The repetitions of one run are interleaved over its cells. Of each cell one half is dealt at random to the name A, the
other to B: the same transports under two names, at the same time. Then a ring runs beside the same under another
name and beside itself slowed by 3 % (tests/twins). DIR keeps both runs; what is there
already is not measured again.
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
from cli.twins import CELLS_SLOWED, NAME, TWINS, built, keep_trials, names, slowed, standing_in

CONFIG = REPOSITORY / "configs" / "instrument.toml"
SEED = 20260101
DEALS = 20
LEVEL = 0.05  # of `compare`: in so many comparisons of the same it may call something
POWER = 0.8  # of the cells that changed by as much as it says to be visible, so many are found
HEADLINE = "event_amortised_cycles"


@dataclass(frozen=True)
class Compared:
    cells: set[str]  # that were tested, by name
    called: set[str]  # of them, worse or better
    ratios: dict[str, float]  # of the medians


def deal(run: Path, folder: Path, chance: random.Random) -> tuple[Path, Path]:
    """Two stores, each with half of the repetitions of every cell."""
    with closing(sqlite3.connect(run / "run.sqlite")) as store:
        rows = store.execute("SELECT cell_id, id FROM trial ORDER BY id").fetchall()
        trials: dict[str, list[int]] = {}
        for cell, trial in rows:
            trials.setdefault(cell, []).append(trial)
        halves: tuple[list[int], list[int]] = ([], [])
        for of_cell in trials.values():
            chance.shuffle(of_cell)
            half = len(of_cell) // 2
            halves[0].extend(of_cell[:half])
            halves[1].extend(of_cell[half : 2 * half])
        a, b = (_with(store, folder / name, kept) for name, kept in zip("AB", halves, strict=True))
    return a, b


def _with(run: sqlite3.Connection, folder: Path, trials: Sequence[int]) -> Path:
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "run.sqlite")) as store:
        run.backup(store)
        store.execute("CREATE TEMP TABLE kept (id INTEGER PRIMARY KEY)")
        store.executemany("INSERT INTO kept VALUES (?)", [(trial,) for trial in trials])
        keep_trials(store)
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
    tested = [change for change in changes if change["verdict"] != "untested"]
    return Compared(
        {change["name"] for change in tested},
        {change["name"] for change in tested if change["verdict"] in ("worse", "better")},
        {change["name"]: change["ratio"] for change in tested if change["metric"] == HEADLINE},
    )


def measured(program: str | Path, config: Path, folder: Path) -> Path:
    """A run of the config, in `folder`; what is there already is not measured again."""
    begun = (folder / "run.sqlite").exists()
    what = ("resume", folder) if begun else ("run", config, "--out", folder)
    subprocess.run([program, *map(str, what)], check=True, stdout=subprocess.DEVNULL)
    return folder


def same_under_two_names(run: Path, folder: Path) -> bool:
    found = []
    for number in range(DEALS):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            found.append(compared(*deal(run, Path(place), random.Random(SEED + number))))
        print(f"\rdeal {number + 1} of {DEALS}", end="", file=sys.stderr)
    print(file=sys.stderr)
    false = sum(len(one.called) > 0 for one in found)
    print(f"the same under two names, {len(found[0].cells)} cells, {DEALS} deals: {false} called anything,"
          f" {sum(len(one.called) for one in found)} cells in all; promised: {LEVEL:.0%} of the deals")  # fmt: skip
    return false <= most_false_deals()


def slower_is_found(run: Path, folder: Path) -> bool:
    cells = names(run, NAME)
    stand_ins = slowed(cells)
    slow = {cell for cell in cells if stand_ins[cell].startswith("slower")}
    with tempfile.TemporaryDirectory(dir=folder) as place:
        a = standing_in(run, Path(place) / "A", {cell: cell for cell in cells})
        b = standing_in(run, Path(place) / "B", stand_ins)
        found = compared(a, b, "--metric", HEADLINE, "--tolerance", "0")
    slow &= found.cells
    if not slow:
        print("no slower cell has two repetitions that nothing disturbed", file=sys.stderr)
        return False
    ratios = sorted(found.ratios[cell] for cell in slow)
    print(f"one in {CELLS_SLOWED} of {len(found.cells)} cells 3 % slower (medians: {ratios[0] - 1:+.1%} to {ratios[-1] - 1:+.1%}):"
          f" {len(found.called & slow)} of {len(slow)} found, {len(found.called - slow)} of {len(found.cells - slow)} others called")  # fmt: skip
    return len(found.called & slow) >= POWER * len(slow) and len(found.called - slow) <= 1


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run.sh instrument", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR")
    with tempfile.TemporaryDirectory() as scratch:
        folder = parser.parse_args(arguments).folder or Path(scratch)
        twins = built(Path(RINGBENCH).parent / "twins")
        same = measured(RINGBENCH, CONFIG, folder / "same")
        slower = measured(twins, TWINS / "twins.toml", folder / "twins")
        kept = same_under_two_names(same, Path(scratch))
        found = slower_is_found(slower, Path(scratch))
    return 0 if kept and found else 3


def most_false_deals() -> int:
    """So many of the deals may call something if the share of them is LEVEL: more would come once in a thousand."""
    from scipy.stats import binom

    return int(binom.ppf(0.999, DEALS, LEVEL))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
