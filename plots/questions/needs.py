"""What layouts were measured under one workload, and which of them meet a need."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from plots.bootstrap import Interval
from plots.kernel.cells import Cell, option
from plots.kernel.samples import Samples
from plots.questions import chains
from plots.questions.chains import INVERSIONS
from plots.questions.layouts import layout
from plots.report.trust import number
from plots.results import Results

COST = "event_cycles_p50"
DROPS_ALLOWED = 0.001
_RARE = 0.01  # chains out of order

_OF_NEED = {"producers", "rate", "bytes", "bytes_are", "burst_width", "chain_length"}

# A layout as it is when nobody asks for anything else; `""`: the transport has no such option.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "lock": ("mcs",),
    "overwrite": ("off",),
    "base": ("ringbuf",),
    "mapping": ("contiguous",),
    "commit": ("xchg",),
    "consumer_fence": ("on",),
    "position_load": ("acquire",),
    "accounting": ("none",),
    "interrupted": ("try",),
    "notify": ("adaptive", "watermark", "native"),
    "call": ("reserve",),
    "reader": ("mapped",),
    "driver": ("test_run", "lifecycle"),
}
# Parameters whose use changes what is measured. Stores that are older do not have them.
_SILENT: Mapping[str, tuple[object, ...]] = {
    "merge": ("off",),
    "counter": (0, False),
    "fill": ("in_place",),
    "abandon_every": (0,),
    "hold_us": (0,),
    "interrupt_every_us": (0,),
    "stall_ms": (0,),
    "oversubscribe": (0, False),
}


@dataclass(frozen=True)
class Option:
    """A layout at so much memory, under one workload."""

    layout: str
    transport: str
    key: str
    bytes: float
    drops: Interval
    cost: Interval
    tainted: bool

    @property
    def delivers(self) -> bool:
        """Whether the data show that no more is lost than is allowed."""
        return self.drops.known and self.drops.high <= DROPS_ALLOWED


@dataclass(frozen=True)
class Workload:
    server: str
    producers: int
    rate: float  # events of each producer, in a burst where there are bursts
    width: float  # CPUs that a burst hits together; NaN: no bursts
    others: tuple[tuple[str, str], ...]  # parameters that are no part of the need
    options: tuple[Option, ...]
    step: float  # of the TSC in cycles: costs of single events that differ by less cannot be ranked


def workloads(results: Results, samples: Samples) -> Iterator[Workload]:
    """Those that several layouts carried, with each amount of memory that any of them had."""
    cells = _plain(results, results.measured(COST))
    cells = cells[cells.rate.notna() & cells["bytes"].notna()]
    same = ["store", *(name for name in results.parameters if name not in ("bytes", "bytes_are"))]
    for _, group in cells.groupby([cells[name].astype(str) for name in same], sort=True):
        options = [_option(cell, samples) for cell in group.to_dict("records")]
        known = tuple(option for option in options if option is not None)
        if len({option.layout for option in known}) > 1:
            yield _workload(group, results, known)


def _workload(group: pd.DataFrame, results: Results, options: tuple[Option, ...]) -> Workload:
    first = group.iloc[0]
    starts = float(first.chain_length) if first.arrival == "chain" else 1.0  # events a chain
    return Workload(
        str(first.server),
        int(first.producers),
        float(first.rate) * starts,
        float(first.burst_width) if first.arrival == "bursty" else float("nan"),
        tuple(
            (name, str(first[name]))
            for name in results.parameters
            if name not in (*_OF_NEED, *_SILENT)
        ),
        options,
        number(results.stores[int(first.store)].provenance, "tsc_resolution_cycles"),
    )


def orders(results: Results, samples: Samples) -> dict[str, tuple[bool | None, str]]:
    """Layout to whether it keeps causes before their effects (None: open), and the chains that tell."""
    usual = replace(results, cells=_plain(results, results.cells))
    found: dict[str, list[chains.Row]] = {}
    for row in chains.rows(usual, samples):
        if row.workload.producers > 1:
            found.setdefault(row.layout, []).append(row)
    return {name: _keeps(rows) for name, rows in found.items()}


def _keeps(rows: Sequence[chains.Row]) -> tuple[bool | None, str]:
    """None out of order is believed of so many chains that it may be in one of a hundred at most."""
    worst = max(rows, key=lambda row: (row.intervals[INVERSIONS].median, row.at_most))
    share, told = worst.intervals[INVERSIONS], f"{worst.layout}, {worst.workload.text}"
    if all(row.none_seen and row.at_most <= _RARE for row in rows):
        return True, told
    return (False if share.known and share.low > 0 else None), told


def _option(cell: Cell, samples: Samples) -> Option | None:
    key = str(cell["key"])
    drops, cost = samples.interval(key, "drop_fraction"), samples.interval(key, COST)
    if drops is None or cost is None:
        return None
    total = float(cell["bytes"]) * (
        float(cell["rings"]) if cell.get("bytes_are") == "per_ring" else 1.0
    )
    transport = str(cell["transport"])
    return Option(layout(cell), transport, key, total, drops, cost, samples.tainted(key))


def _plain(results: Results, cells: pd.DataFrame) -> pd.DataFrame:
    """Without the floor and without variants that other questions are about."""
    rows = cells.to_dict("records")
    kept = [_is_usual(row) and not row["transport"].endswith("null") for row in rows]
    return cells[pd.Series(kept, index=cells.index, dtype=bool)]


def _is_usual(cell: Cell) -> bool:
    usual = all(option(cell, name) in ("", *values) for name, values in _USUAL.items())
    return usual and all(
        name not in cell or pd.isna(cell[name]) or cell[name] in values
        for name, values in _SILENT.items()
    )


def cheapest(options: Sequence[Option], step: float) -> list[Option]:
    """The cheapest one, and those that the data do not tell from it."""
    ordered = sorted(options, key=lambda option: option.cost.median)
    if not ordered:
        return []
    best = ordered[0]
    rivals = [o for o in ordered[1:] if not best.cost.known or o.cost.low <= best.cost.high + step]
    return [best, *rivals]
