"""Chains of events of which each causes the next, and in which order they arrive."""

from dataclasses import dataclass

import numpy as np

from plots.bootstrap import Floats, Interval, difference_interval
from plots.kernel import PREFIX
from plots.kernel.cells import Cell, option
from plots.kernel.samples import Samples
from plots.questions.layouts import in_order, layout, number, place, rare_at_most
from plots.results import Results
from plots.wording import counted

INVERSIONS = "causal_inversions"
COLUMNS = (
    INVERSIONS,
    "reordered_ratio",
    "reorder_extent_p99",
    "reorder_extent_max",
    "counter_reordered_ratio",
    "chains_whole",
    "chains_broken",
)
PROCESSES = "fork, exec, exit"


@dataclass(frozen=True)
class Workload:
    server: str
    producers: int
    poll: str
    gap_us: float  # NaN: the life cycle of real processes

    @property
    def of_kernel(self) -> bool:
        return bool(np.isnan(self.gap_us))

    @property
    def hop(self) -> str:
        return PROCESSES if self.of_kernel else f"gap {self.gap_us:g} µs"

    @property
    def text(self) -> str:
        return f"{self.server}{self.hop}, {counted(self.producers, 'producer')}, poll {self.poll}"


@dataclass(frozen=True)
class Row:
    layout: str
    workload: Workload
    intervals: dict[str, Interval]
    inversions: Floats
    chains: float  # whole ones, over all repetitions
    tainted: bool

    @property
    def none_seen(self) -> bool:
        return bool(self.chains > 0 and (self.inversions == 0).all())

    @property
    def extent(self) -> tuple[str, Interval] | None:
        """The 99th percentile; where too few records were out of order for one, the largest."""
        names = {"reorder_extent_p99": "99th percentile", "reorder_extent_max": "the most"}
        known = (n for n in names if n in self.intervals)
        return next(((names[name], self.intervals[name]) for name in known), None)

    @property
    def at_most(self) -> float:
        """95 % bound where none was seen."""
        return rare_at_most(self.chains)


def rows(results: Results, samples: Samples) -> list[Row]:
    found = [
        _row(results, samples, cell)
        for cell in results.measured(INVERSIONS).to_dict("records")
        if cell["arrival"] == "chain" or option(cell, "driver") == "lifecycle"
    ]
    order = in_order([row.layout for row in found])
    return sorted(found, key=lambda row: (_place(row.workload), order.index(row.layout)))


def _place(workload: Workload) -> tuple[str, int, str, bool, float]:
    gap = 0.0 if workload.of_kernel else workload.gap_us
    return workload.server, workload.producers, workload.poll, workload.of_kernel, gap


def _row(results: Results, samples: Samples, cell: Cell) -> Row:
    key = str(cell["key"])
    is_kernel = str(cell["transport"]).startswith(PREFIX)
    gap = float("nan") if is_kernel else np.nan_to_num(number(cell, "chain_gap_us"))
    stall = number(cell, "stall_ms")
    poll = str(cell["poll"]) + (", stalling" if stall > 0 else "")
    intervals = {name: samples.interval(key, name) for name in COLUMNS}
    return Row(
        layout(cell),
        Workload(place(results, cell), int(cell["producers"]), poll, float(gap)),
        {name: value for name, value in intervals.items() if value is not None},
        samples.values(key, INVERSIONS),
        float(samples.trials(key, INVERSIONS, "chains_whole").get("chains_whole", 0).sum()),
        samples.tainted(key),
    )


@dataclass(frozen=True)
class Pair:
    """The same chains through one ring and through a buffer for each CPU."""

    shared: Row
    split: Row
    more: Interval  # share of chains out of order: split less shared


def pairs(found: list[Row], of_kernel: bool) -> list[Pair]:
    prefix = PREFIX if of_kernel else ""
    shared = {_place(r.workload): r for r in found if r.layout == f"{prefix}ringbuf"}
    return [
        Pair(
            shared[_place(row.workload)],
            row,
            difference_interval(row.inversions, shared[_place(row.workload)].inversions),
        )
        for row in found
        if row.layout == f"{prefix}perfbuf" and _place(row.workload) in shared
    ]
