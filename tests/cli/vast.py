"""As many cells and trials as anybody will have, and how long it takes to list, resume, report and compare them.

    ./run.sh vast

Needs 10 GB in the folder for temporary files. What is over its limit ends with status 3.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cli.program import REPOSITORY, RINGBENCH
from cli.run_store import query
from cli.vast_store import FEW, begun, fill, many_cells

CELLS = 100_000
TRIALS, REPETITIONS = 100_000, 5
SOON_S = 30  # "in seconds", on a machine that has other things to do
MOST_S, MOST_GIB = 180, 2


@dataclass(frozen=True)
class Needed:
    wall_s: float
    gib: float  # resident, at most


def needed(*words: object) -> Needed:
    """By GNU time's measure, of the command alone."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as told:
        command = ["/usr/bin/time", "-f", "%e %M", "-o", told.name, *map(str, words)]
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment
        )
        assert ended.returncode in (0, 3), ended.stderr[-2000:]
        wall_s, kib = told.read().split()[-2:]
    return Needed(float(wall_s), int(kib) / 2**20)


def line(what: str, found: Needed, most_s: float) -> bool:
    """Prints it; whether it is within its limits."""
    print(f"{what}: {found.wall_s:.1f} s (limit {most_s}), {found.gib:.2f} GiB (limit {MOST_GIB})", flush=True)  # fmt: skip
    return found.wall_s <= most_s and found.gib <= MOST_GIB


def of_cells(folder: Path) -> bool:
    config = many_cells(folder, CELLS)
    listed = line(f"list {CELLS} cells", needed(RINGBENCH, "run", config, "--benchmark_list_tests"), SOON_S)  # fmt: skip
    run = begun(config, folder / "run", FEW)
    fill(run, repetitions=1, but=1)
    resumed = line(f"resume {CELLS} cells, one missing", needed(RINGBENCH, "resume", run), SOON_S)
    assert query(run, "SELECT count(DISTINCT cell_id) FROM trial") == [(CELLS,)]
    return listed and resumed


def of_trials(folder: Path) -> bool:
    config = many_cells(folder, TRIALS // REPETITIONS, duration_ms=100)
    runs = []
    for seed, name in enumerate("AB"):
        runs.append(begun(config, folder / name, FEW))
        trials = fill(runs[-1], REPETITIONS, seed=seed)
        [(rows,)] = query(runs[-1], "SELECT count(*) FROM histogram")
        print(f"{name}: {trials} trials, {rows / trials:.0f} histogram rows each", file=sys.stderr)
    plots = (sys.executable, "-m", "plots")
    reported = needed(*plots, "report", runs[0], "--out", folder / "report.html")
    compared = needed(*plots, "compare", *runs)
    return line(f"report {trials} trials", reported, MOST_S) & line(
        f"compare {trials} trials with as many", compared, MOST_S
    )


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="./run.sh vast", description=__doc__).parse_args(arguments)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        return 0 if of_cells(Path(one)) & of_trials(Path(other)) else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
