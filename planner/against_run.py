"""Holds what is planned against what a run on the same machine measured.

    python3 -m planner.against_run RUN_DIR --calibration DIR

For each cell that a plan expresses it writes that plan, lets ringbench-plan answer it, and compares. Exit code 0:
everything agrees; 3: something does not; 2: it cannot be told, with a sentence on stderr.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from planner.cell_plan import (
    Calibrated,
    Cell,
    Measured,
    figure_why_not,
    plan_of,
    read_calibration,
    why_not,
)
from plots.bootstrap import RESAMPLES, SEED
from plots.distribution import quantiles
from plots.errors import InputError
from plots.store import Store, open_store
from plots.summary import chosen

PLANNER = Path(__file__).parent.parent / "build" / "ringbench-plan"
# More producers than these were not asked for: what a reserve costs them is another question.
_MOST_PRODUCERS = 2
_POINTS = 0.03
_FACTOR = 1.5
_SHARE = 0.2
# CPUs that are so many times nearer or farther are not where they were.
_MOVED = 1.25


@dataclass(frozen=True)
class Figure:
    """What is compared. `scale`: from the planner's unit to the shown one."""

    key: str
    words: str
    unit: str
    scale: float = 1.0

    def agrees(self, planned: float, measured: float, step: float) -> bool:
        """`step`: of the clock that timed it; each of the two readings may be as old as that."""
        if self.unit == "%":
            return abs(planned - measured) <= _POINTS * self.scale
        if planned <= 0 or measured <= 0:
            return planned == measured
        if self.key == "reserve_p50_ns":
            return (measured - step) / _FACTOR <= planned <= (measured + step) * _FACTOR
        return abs(planned - measured) <= _SHARE * measured

    def difference(self, planned: float, measured: float) -> str:
        if self.unit == "%":
            return f"{planned - measured:+.1f} points"
        if measured <= 0:
            return "-"
        if self.key == "reserve_p50_ns":
            return f"x {planned / measured:.2f}"
        return f"{(planned / measured - 1) * 100:+.0f} %"


DROPS = Figure("drop_fraction", "records lost", "%", 100)
RESERVE = Figure("reserve_p50_ns", "reserve, median", "ns")
DELAY = Figure("delay_p50_us", "delay, median", "us")
LATE = Figure("delay_p99_us", "delay, 99th percentile", "us")
HELD = Figure("merge_held", "held by the merge, mean", "records")


@dataclass(frozen=True)
class Comparison:
    cell: str
    figure: Figure
    planned: Measured
    measured: Measured
    clock_step_ns: float

    @property
    def agrees(self) -> bool:
        return self._agrees_with(self.measured.value)

    @property
    def verdict(self) -> str:
        """Open: what the trials tell lies too far apart to say."""
        if self.agrees:
            return "yes"
        inside = self.measured.low < self.planned.value < self.measured.high
        near = self._agrees_with(self.measured.low) or self._agrees_with(self.measured.high)
        return "open" if inside or near else "**no**"

    def _agrees_with(self, measured: float) -> bool:
        return self.figure.agrees(self.planned.value, measured, self.clock_step_ns)


@dataclass(frozen=True)
class CellOfRun:
    cell: Cell
    id: str
    trials: pd.DataFrame  # those that count


def cells_of(store: Store) -> Iterator[CellOfRun]:
    """All that ran. Where producers ran and what their rings are is told by a trial."""
    balanced = store.trials[store.trials.status.isin(("ok", "tainted"))]
    trials = chosen(balanced.assign(key=balanced.cell_id))
    first = trials.groupby("cell_id").id.first()
    producers = store.rows("producer", [int(number) for number in first])
    rings = store.rows("ring", [int(number) for number in first])
    for row in store.cells[store.cells.status == "planned"].to_dict("records"):
        options = json.loads(row["options"] or "{}")
        parameters = {str(key): None if pd.isna(value) else value for key, value in row.items()}
        number = first.get(row["id"])
        cpus = producers[producers.trial_id == number].sort_values("producer")
        cell = Cell(
            str(row["name"]),
            parameters,
            options,
            [int(cpu) for cpu in cpus.cpu.iloc[: int(row["producers"])]],
            [int(size) for size in rings[rings.trial_id == number].bytes],
        )
        yield CellOfRun(cell, str(row["id"]), trials[trials.cell_id == row["id"]])


def check_same_machine(store: Store, known: Calibrated) -> None:
    """InputError where the run's CPUs were not as far apart as the calibration's, as those of a virtual
    machine may be that has moved in between."""
    passed = store.limits[store.limits.operation == "hand_over"]
    ns = passed.cycles / float(store.provenance["tsc_hz"]) * 1e9
    for (a, b), of_pair in ns.groupby([passed.cpu_a, passed.cpu_b]):
        then, calibrated = float(of_pair.median()), known.apart.get(frozenset((int(a), int(b))))
        if calibrated is None or 1 / _MOVED <= then / calibrated <= _MOVED:
            continue
        raise InputError(
            f"CPUs {a} and {b} were {then:.0f} ns apart in the run and {calibrated:.0f} ns in the"
            " calibration, so it was another machine, or a virtual one that has moved; make both again,"
            " one right after the other."
        )


def measured_of(store: Store, run: CellOfRun) -> Iterator[tuple[Figure, Measured]]:
    """What the cell tells of the figures, in their units.

    A plan tells what happens in the long run, and a trial has few bursts and stalls: losses and delays are
    those of the records of all trials together.
    """
    trials, paced = run.trials, run.cell["arrival"] != "saturate"
    if paced and trials.window_attempted.sum() > 0:
        lost = trials.window_dropped.sum() / trials.window_attempted.sum()
        yield DROPS, Measured(float(lost), *mean_band(trials.drop_fraction)).times(DROPS.scale)
    if run.cell.number("producers") <= _MOST_PRODUCERS:
        ns = trials.reserve_cycles_p50.dropna() / float(store.provenance["tsc_hz"]) * 1e9
        if not ns.empty:
            yield RESERVE, among(ns.median(), ns)
    if paced and run.cell["merge"] in (None, "off"):
        counted = store.histogram("delivery_ns", [int(number) for number in trials.id])
        for figure, share, column in ((DELAY, 0.5, "p50"), (LATE, 0.99, "p99")):
            if counted.empty:
                continue
            together = counted.groupby(["lower", "upper"], as_index=False)["count"].sum()
            value = quantiles(together.sort_values("lower"), np.array([share]))[0]
            yield figure, among(value, trials[f"delivery_ns_{column}"]).times(1e-3)
    if paced and run.cell["merge"] == "watermark":
        held = pd.Series(held_by_merge(store, trials))
        yield HELD, among(held.median(), held)


def mean_band(values: pd.Series) -> tuple[float, float]:
    """95 % of the mean of such trials, by resampling them; of a single one all that there is."""
    if len(values) == 1:
        return 0.0, 1.0
    drawn = np.random.default_rng(SEED).choice(values.to_numpy(), (RESAMPLES, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def among(value: float, of_trials: pd.Series) -> Measured:
    """With the least and the most that a trial told."""
    return Measured(
        float(value), float(min(value, of_trials.min())), float(max(value, of_trials.max()))
    )


def held_by_merge(store: Store, trials: pd.DataFrame) -> list[float]:
    """Mean over time, by Little's law: records a second times the mean time that one is held.

    The store's own mean is over releases, at which the merge holds the more the longer it has waited.
    """
    counted = store.histogram("merge_delay_ns", [int(number) for number in trials.id])
    middle = (counted.lower + counted.upper) / 2 * counted["count"]
    sums = counted.assign(middle=middle).groupby("trial_id")[["middle", "count"]].sum()
    rates = trials.set_index("id").delivered_rate
    return [
        float(rates[number] * row.middle / row["count"] * 1e-9) for number, row in sums.iterrows()
    ]


def planned_of(
    run: CellOfRun, known: Calibrated, calibration: Path, folder: Path, planner: Path, draws: int
) -> Mapping[str, Measured]:
    """The planner's figures; InputError where it gives none."""
    plan = folder / "plan.toml"
    plan.write_text(plan_of(run.cell, known, draws), encoding="utf-8")
    command = [str(planner), str(plan), "--calibration", str(calibration), "--out", str(folder)]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise InputError(
            f"{planner} cannot be run: {error.strerror}; build it with ./run.sh build, or name it"
            " with --planner."
        ) from error
    if answer.returncode not in (0, 3):
        raise InputError(f"{run.cell.name}: its plan is refused: {answer.stderr.strip()}")
    figures = json.loads((folder / "plan.json").read_text(encoding="utf-8"))["layouts"][0][
        "figures"
    ]
    return {key: Measured(one["value"], one["low"], one["high"]) for key, one in figures.items()}


def compare(
    store: Store, calibration: Path, planner: Path, draws: int
) -> tuple[list[Comparison], list[str]]:
    """The comparisons, and of each cell that no plan expresses the reason."""
    known = read_calibration(calibration)
    provenance = store.provenance
    step = float(provenance["tsc_resolution_cycles"]) / float(provenance["tsc_hz"]) * 1e9
    check_same_machine(store, known)
    found: list[Comparison] = []
    left_out: list[str] = []
    runs = list(cells_of(store))
    with tempfile.TemporaryDirectory() as folder:
        for number, run in enumerate(runs):
            print(f"cell {number + 1} of {len(runs)}", file=sys.stderr)
            reason = why_not(run.cell)
            if reason is not None:
                left_out.append(reason)
                continue
            planned = planned_of(run, known, calibration, Path(folder), planner, draws)
            for figure, measured in measured_of(store, run):
                reason = figure_why_not(run.cell, figure.key)
                if reason is not None:
                    left_out.append(f"{figure.words}: {reason}")
                    continue
                one = planned[figure.key].times(figure.scale)
                found.append(Comparison(run.cell.name, figure, one, measured, step))
    return found, left_out


def as_table(found: Sequence[Comparison], left_out: Sequence[str]) -> str:
    """Markdown, so that it can be put into a page as it is."""
    lines = [
        "| cell | figure | planned [90 %] | measured [trials] | difference | agrees |",
        "|---|---|---|---|---|---|",
    ]
    for one in found:
        planned = f"{one.planned.value:.4g} [{one.planned.low:.4g}, {one.planned.high:.4g}]"
        measured = f"{one.measured.value:.4g} [{one.measured.low:.4g}, {one.measured.high:.4g}]"
        difference = one.figure.difference(one.planned.value, one.measured.value)
        lines.append(
            f"| {one.cell} | {one.figure.words} ({one.figure.unit}) | {planned} | {measured}"
            f" | {difference} | {one.verdict} |"
        )
    verdicts = Counter(one.verdict for one in found)
    lines += ["", f"{verdicts['yes']} of {len(found)} figures agree."]
    if verdicts["open"]:
        lines.append(f"{verdicts['open']} are open: their trials differ by more than is allowed.")
    if left_out:
        lines += ["", "Cells and figures that no plan expresses:", ""]
        lines += [f"- {count} times: {reason}" for reason, count in Counter(left_out).items()]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python3 -m planner.against_run",
        description="Holds the planner against a run: drops within 3 points, reserve within a factor of 1.5,"
        " delay and what a merge holds within 20 %.",
    )
    parser.add_argument("run", metavar="RUN_DIR", type=Path, help="results of `ringbench run`")
    parser.add_argument(
        "--calibration", required=True, type=Path, metavar="DIR", help="of this machine"
    )
    parser.add_argument("--planner", type=Path, default=PLANNER, metavar="FILE")
    parser.add_argument(
        "--draws", type=int, default=20, metavar="N", help="draws of each plan (default: 20)"
    )
    options = parser.parse_args(arguments)
    try:
        store = open_store(options.run)
        found, left_out = compare(store, options.calibration, options.planner, options.draws)
    except InputError as error:
        print(f"against_run: {error}", file=sys.stderr)
        return 2
    print(as_table(found, left_out), end="")
    if not found:
        print("against_run: no cell of the run can be compared.", file=sys.stderr)
        return 2
    return 3 if any(one.verdict == "**no**" for one in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
