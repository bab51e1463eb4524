"""Rounds of configs/soak.toml, each with a seed of its own, and how many records were verified so far.

    ./run.sh soak MINUTES

Ends after the round in which the minutes are over, or with Ctrl-C. A round with a violation ends it at once, and
its results are kept.
"""

import argparse
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from cli.program import REPOSITORY, ringbench, written
from cli.run_store import assert_sound, query

CONFIG = REPOSITORY / "configs" / "soak.toml"
COUNT = "SELECT coalesce(sum(consumed), 0), count(*) FROM trial WHERE status <> 'failed'"
FAILED = "SELECT cell.name, trial.reason FROM trial JOIN cell ON cell.id = cell_id WHERE trial.status = 'failed'"


@dataclass
class Soaked:
    rounds: int = 0
    trials: int = 0
    records: int = 0  # that a consumer read and verified
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.rounds} rounds, {self.trials} trials, {self.records:.4g} records verified"


def one_round(soaked: Soaked, text: str, folder: Path) -> None:
    """One more; what it found goes into `soaked`, and its results into `folder`."""
    soaked.rounds += 1
    seeded, seeds = re.subn(r"^seed = \d+$", f"seed = {soaked.rounds}", text, flags=re.MULTILINE)
    assert seeds == 1, "the config states one seed"
    config = written(folder, seeded, "soak")
    ended = ringbench("run", config, "--out", folder / "run", timeout=7200)
    if not (folder / "run" / "run.sqlite").exists():
        soaked.violations.append(f"the run ended with status {ended.status}: {ended.err.strip()}")
        return
    soaked.violations += [f"{cell}: {reason}" for cell, reason in query(folder / "run", FAILED)]
    if ended.status != 0 and not soaked.violations:
        soaked.violations.append(f"the run ended with status {ended.status}: {ended.err[-500:]}")
    try:
        assert_sound(folder / "run")
    except AssertionError as error:
        soaked.violations.append(f"the store is not sound: {error}")
    [(records, trials)] = query(folder / "run", COUNT)
    soaked.records += int(records)
    soaked.trials += int(trials)


def soak(minutes: float, text: str, folder: Path) -> Soaked:
    soaked, begun = Soaked(), time.monotonic()
    while not soaked.violations and (soaked.rounds == 0 or time.monotonic() - begun < 60 * minutes):
        shutil.rmtree(folder / "run", ignore_errors=True)
        try:
            one_round(soaked, text, folder)
        except KeyboardInterrupt:
            soaked.rounds -= 1  # what it had read is not counted
            break
        passed = (time.monotonic() - begun) / 60
        found = "no violation" if not soaked.violations else "A VIOLATION"
        print(f"{passed:.1f} min: {soaked}, {found}", file=sys.stderr)
    return soaked


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run.sh soak", description=__doc__)
    parser.add_argument("minutes", type=float, metavar="MINUTES")
    minutes = parser.parse_args(arguments).minutes
    folder = Path(tempfile.mkdtemp(prefix="ringbench-soak-"))
    soaked = soak(minutes, CONFIG.read_text(encoding="utf-8"), folder)
    if soaked.violations:
        print(f"{soaked}; violated:", *soaked.violations, f"Results: {folder}/run", sep="\n")
        return 3
    shutil.rmtree(folder)
    print(f"{soaked}, no violation")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
