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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from planner.cell_plan import Calibrated, Cell, Measured, plan_of, read_calibration, why_not
from plots.bootstrap import Interval, median_interval
from plots.errors import InputError
from plots.store import Store, open_store
from plots.summary import chosen

PLANNER = Path(__file__).parent.parent / "build" / "ringbench-plan"
# More producers than these were not asked for: what a reserve costs them is another question.
_MOST_PRODUCERS = 2
# What is measured of a machine is no better than that, in ns: the step of its clock, and what a pair of
# readings takes that is subtracted from every timing.
_POINTS = 0.03
_FACTOR = 1.5
_SHARE = 0.2


@dataclass(frozen=True)
class Figure:
    """What is compared. `scale`: from the planner's unit to the shown one."""

    key: str
    words: str
    unit: str
    scale: float = 1.0

    def agrees(self, planned: float, measured: float) -> bool:
        if self.unit == "%":
            return abs(planned - measured) <= _POINTS * self.scale
        if planned <= 0 or measured <= 0:
            return planned == measured
        if self.key == "reserve_p50_ns":
            return 1 / _FACTOR <= planned / measured <= _FACTOR
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
    measured: Interval

    @property
    def agrees(self) -> bool:
        return self.figure.agrees(self.planned.value, self.measured.median)


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


def measured_of(store: Store, run: CellOfRun) -> Iterator[tuple[Figure, Interval]]:
    """What the cell tells of the figures, in their units."""
    ns = 1e9 / float(store.provenance["tsc_hz"])
    paced = run.cell["arrival"] != "saturate"
    columns: list[tuple[Figure, str, float]] = []
    if paced:
        columns.append((DROPS, "drop_fraction", DROPS.scale))
    if run.cell.number("producers") <= _MOST_PRODUCERS:
        columns.append((RESERVE, "reserve_cycles_p50", ns))
    if paced and run.cell["merge"] in (None, "off"):
        columns += [(DELAY, "delivery_ns_p50", 1e-3), (LATE, "delivery_ns_p99", 1e-3)]
    for figure, column, factor in columns:
        values = run.trials[column].dropna()
        if not values.empty:
            yield figure, median_interval(values * factor)
    if paced and run.cell["merge"] == "watermark":
        yield HELD, median_interval(held_by_merge(store, run.trials))


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
    # Of a cell that saturates only the reserve is compared, which no time is simulated for.
    plan, seconds = folder / "plan.toml", 0.1 if run.cell["arrival"] == "saturate" else 10.0
    plan.write_text(plan_of(run.cell, known, seconds, draws), encoding="utf-8")
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
) -> tuple[list[Comparison], list[tuple[str, str]]]:
    """The comparisons, and cells that no plan expresses with the reason."""
    known = read_calibration(calibration)
    found: list[Comparison] = []
    left_out: list[tuple[str, str]] = []
    runs = list(cells_of(store))
    with tempfile.TemporaryDirectory() as folder:
        for number, run in enumerate(runs):
            print(f"cell {number + 1} of {len(runs)}", file=sys.stderr)
            reason = why_not(run.cell)
            if reason is not None:
                left_out.append((run.cell.name, reason))
                continue
            planned = planned_of(run, known, calibration, Path(folder), planner, draws)
            for figure, measured in measured_of(store, run):
                one = planned[figure.key]
                scaled = (one.value, one.low, one.high)
                scaled_plan = Measured(*(figure.scale * value for value in scaled))
                found.append(Comparison(run.cell.name, figure, scaled_plan, measured))
    return found, left_out


def as_table(found: Sequence[Comparison], left_out: Sequence[tuple[str, str]]) -> str:
    """Markdown, so that it can be put into a page as it is."""
    lines = [
        "| cell | figure | planned [90 %] | measured [95 %] | difference | agrees |",
        "|---|---|---|---|---|---|",
    ]
    for one in found:
        planned = f"{one.planned.value:.4g} [{one.planned.low:.4g}, {one.planned.high:.4g}]"
        measured = f"{one.measured.median:.4g}"
        if one.measured.known:
            measured += f" [{one.measured.low:.4g}, {one.measured.high:.4g}]"
        difference = one.figure.difference(one.planned.value, one.measured.median)
        lines.append(
            f"| {one.cell} | {one.figure.words} ({one.figure.unit}) | {planned} | {measured}"
            f" | {difference} | {'yes' if one.agrees else '**no**'} |"
        )
    agreeing = sum(one.agrees for one in found)
    lines += ["", f"{agreeing} of {len(found)} figures agree."]
    if left_out:
        lines += ["", "Cells that no plan expresses:", ""]
        lines += [f"- {cell}: {reason}" for cell, reason in left_out]
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
    return 0 if all(one.agrees for one in found) else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
