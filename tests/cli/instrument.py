"""Holds `compare` against what it promises, on live measurements.

    ./run.sh instrument [DIR]

The repetitions of one run are interleaved over its cells. Of each cell one half is dealt at random to the name A, the
other to B: the same transports under two names, at the same time. Then a ring runs beside the same under another name and
beside itself slowed by 3 % (tests/twins). DIR keeps both runs; what is there already is not measured again.
"""

import argparse
import json
import math
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cli.program import REPOSITORY, RINGBENCH
from cli.run_store import holds_a_run
from cli.twins import NAME, TWINS, built, keep_trials, names, slowed, standing_in

CONFIG = REPOSITORY / "configs" / "instrument.toml"
SEED = 20260101
DEALS = 20
LEVEL = 0.05  # of `compare`: in so many comparisons of the same it may call something
SLOWED = 0.03  # tests/twins/slower.hpp
# A change as large as `compare` says to be visible is found in 4 of 5 cases, one half as large again almost surely.
SURELY = 1.5
HEADLINE = "event_amortised_cycles"
SOME_FAILED = 3  # of the trials; all others count


@dataclass(frozen=True)
class Compared:
    tested: set[str]  # cells, by name: whose HEADLINE could be compared
    worse: set[str]
    better: set[str]
    ratios: dict[str, float]  # of the medians of HEADLINE
    visible: dict[str, float]  # what change of it could be seen

    @property
    def called(self) -> set[str]:
        return self.worse | self.better


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
    document = json.loads(report.read_text(encoding="utf-8"))
    changes = document["changes"]

    def cells(*verdicts: str) -> set[str]:
        return {change["name"] for change in changes if change["verdict"] in verdicts}

    headline = [change for change in changes if change["metric"] == HEADLINE]
    visible = {one["cell"]: one["visible"] for one in document["repetitions_needed"]}
    return Compared(
        {change["name"] for change in headline if change["verdict"] != "untested"},
        cells("worse"),
        cells("better"),
        {change["name"]: change["ratio"] for change in headline},
        {
            change["name"]: visible[change["cell"]]
            for change in headline
            if change["cell"] in visible
        },
    )


def measured(program: str | Path, config: Path, folder: Path) -> Path:
    """A run of the config, in `folder`; what is there already is not measured again."""
    if not holds_a_run(folder):
        shutil.rmtree(folder, ignore_errors=True)
        what = ["run", str(config), "--out", str(folder)]
    else:
        what = ["resume", str(folder)]
    status = subprocess.run([program, *what], check=False, stdout=subprocess.DEVNULL).returncode
    if status not in (0, SOME_FAILED):
        sys.exit(status)  # it said why
    return folder


def same_under_two_names(run: Path, folder: Path) -> bool:
    found = []
    for number in range(DEALS):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            found.append(compared(*deal(run, Path(place), random.Random(SEED + number))))
        print(f"\rdeal {number + 1} of {DEALS}", end="", file=sys.stderr)
    print(file=sys.stderr)
    false = sum(len(one.called) > 0 for one in found)
    print(f"the same under two names, {len(found[0].tested)} cells, {DEALS} deals: {false} called anything,"
          f" {sum(len(one.called) for one in found)} cells in all; promised: {LEVEL:.0%} of the deals")  # fmt: skip
    return false <= most_false_deals()


def slower_is_found(run: Path, folder: Path) -> bool:
    cells = names(run, NAME)
    stand_ins = slowed(cells)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        a = standing_in(run, Path(place) / "A", {cell: cell for cell in cells})
        b = standing_in(run, Path(place) / "B", stand_ins)
        found = compared(a, b, "--metric", HEADLINE, "--tolerance", "0")
    return judged(found, {cell for cell in cells if stand_ins[cell].startswith("slower")})


def judged(found: Compared, slow: set[str]) -> bool:
    """Whether every slow cell is called worse in which a change of that size is surely visible, and hardly another one."""
    slow, others = slow & found.tested, found.tested - slow
    sure = {cell for cell in slow if SURELY * found.visible.get(cell, math.inf) <= SLOWED}
    if not sure:
        print(f"{SLOWED:.0%} could not surely be seen in any cell, and was found in {len(found.worse & slow)} of {len(slow)};"
              f" others called: {len(found.called & others)} of {len(others)}. On a quieter machine, or with more repetitions"
              f" ({TWINS.relative_to(REPOSITORY)}), it can", file=sys.stderr)  # fmt: skip
        return False
    ratios = sorted(found.ratios[cell] for cell in slow)
    print(f"{len(slow)} of {len(found.tested)} cells {SLOWED:.0%} slower (medians: {ratios[0] - 1:+.1%} to {ratios[-1] - 1:+.1%}):"
          f" {len(found.worse & slow)} found, and all of those {len(sure)} in which it is surely visible: {'yes' if sure <= found.worse else 'NO'};"
          f" others called: {len(found.called & others)} of {len(others)}")  # fmt: skip
    return sure <= found.worse and len(found.called & others) <= 1


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
