"""Rings that some CPUs share: what each way to group costs producers, delivers, and loses in bursts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plots.bootstrap import Floats, Interval, difference_interval
from plots.kernel.cells import Cell, option
from plots.kernel.samples import Samples
from plots.questions.layouts import BY_MACHINE, number, place
from plots.questions.repetitions import enough
from plots.results import Results
from plots.wording import counted, size

COST, RATE, DROPS = "event_amortised_cycles", "delivered_rate", "drop_fraction"
RESERVE = "reserve_cycles_p50"
CONTENTION, THROUGHPUT = _KINDS = ("contention", "throughput")
_BURSTS = "bursts on"
# Where the machine says how many share a ring, a place behind all numbers.
_AFTER_NUMBERS = 1 << 20


@dataclass(frozen=True)
class Grouping:
    """`cpus` of a ring; where the machine says how many, `mapping` names what they share."""

    cpus: int
    mapping: str

    @property
    def by_machine(self) -> bool:
        return self.mapping in BY_MACHINE

    @property
    def tick(self) -> str:
        return BY_MACHINE[self.mapping] if self.by_machine else str(self.cpus)

    @property
    def text(self) -> str:
        if self.by_machine:
            return f"a ring per {BY_MACHINE[self.mapping]}"
        shown = f"{counted(self.cpus, 'CPU')} a ring"
        return shown if self.mapping == "contiguous" else f"{shown}, {self.mapping}"

    @property
    def place(self) -> tuple[int, int, str]:
        last = list(BY_MACHINE).index(self.mapping) if self.by_machine else 0
        return (_AFTER_NUMBERS if self.by_machine else self.cpus), last, self.mapping


@dataclass(frozen=True)
class Workload:
    """What is asked of the groupings, and by which metric they are told apart."""

    server: str
    producers: int
    kind: str  # CONTENTION, THROUGHPUT, bursts or the name of a trace
    bytes_are: str
    bytes: float

    @property
    def metric(self) -> str:
        return {CONTENTION: COST, THROUGHPUT: RATE}.get(self.kind, DROPS)

    @property
    def is_burst(self) -> bool:
        return self.metric == DROPS

    @property
    def is_random_burst(self) -> bool:
        return self.kind.startswith(_BURSTS)

    @property
    def is_trace(self) -> bool:
        return self.is_burst and not self.is_random_burst

    @property
    def memory(self) -> str:
        what = "a ring" if self.bytes_are == "per_ring" else "in all"
        return f"{size(self.bytes)} {what}"

    @property
    def text(self) -> str:
        head = f"{self.server}{self.kind}, {counted(self.producers, 'producer')}"
        return f"{head}, {self.memory}" if self.is_burst else head


@dataclass(frozen=True)
class Row:
    workload: Workload
    grouping: Grouping
    rings: float
    values: Floats
    interval: Interval
    reserve: Interval | None
    tainted: bool

    @property
    def is_one_ring(self) -> bool:
        return self.grouping.cpus == self.workload.producers


def rows(results: Results, samples: Samples) -> list[Row]:
    found = []
    for cell in results.measured(COST, RATE, DROPS).to_dict("records"):
        if cell["transport"] == "hybrid":
            row = _row(results, samples, cell)
            if row is not None:
                found.append(row)
    return sorted(
        _both_ways(_once(found)), key=lambda row: (_place(row.workload), row.grouping.place)
    )


def _once(found: Sequence[Row]) -> list[Row]:
    """Where two cells are the same grouping, the first: a second would tie with it."""
    kept: dict[tuple[Workload, Grouping], Row] = {}
    for row in found:
        kept.setdefault((row.workload, row.grouping), row)
    return list(kept.values())


def _both_ways(found: Sequence[Row]) -> list[Row]:
    """Of one ring, all bytes are the bytes of a ring: it belongs to both comparisons of that size."""
    several = {row.workload for row in found if not row.is_one_ring}
    made = [row for row in found if not row.is_one_ring]
    for row in (row for row in found if row.is_one_ring):
        meanings = [replace(row.workload, bytes_are=meaning) for meaning in ("total", "per_ring")]
        own = [work for work in meanings if work in several] if row.workload.is_burst else []
        made += [replace(row, workload=work) for work in own or [row.workload]]
    return made


def _place(workload: Workload) -> tuple[str, int, int, str, bool, float]:
    kind = _KINDS.index(workload.kind) if workload.kind in _KINDS else len(_KINDS)
    memory = (workload.bytes_are != "total", workload.bytes)
    return workload.server, workload.producers, kind, workload.kind, *memory


def _row(results: Results, samples: Samples, cell: Cell) -> Row | None:
    workload = _workload(results, cell)
    key = str(cell["key"])
    interval = samples.interval(key, workload.metric)
    if interval is None:
        return None
    return Row(
        workload,
        _grouping(cell),
        number(cell, "rings"),
        samples.values(key, workload.metric),
        interval,
        samples.interval(key, RESERVE),
        samples.tainted(key),
    )


def _workload(results: Results, cell: Cell) -> Workload:
    where = (place(results, cell), int(cell["producers"]))
    kind = _burst_kind(cell)
    if kind:
        return Workload(*where, kind, str(cell["bytes_are"]), number(cell, "bytes"))
    return Workload(*where, CONTENTION if cell["poll"] == "after_window" else THROUGHPUT, "", 0.0)


def _burst_kind(cell: Cell) -> str:
    if cell["arrival"] == "trace":
        # Behind the @ a store keeps a hash of what the trace said.
        return str(cell["trace"]).partition("@")[0].replace("_", " ")
    width = int(np.nan_to_num(number(cell, "burst_width"), nan=1.0))
    return f"{_BURSTS} {width}" if cell["arrival"] == "bursty" else ""


def _grouping(cell: Cell) -> Grouping:
    mapping = option(cell, "mapping", "contiguous")
    # One ring for all, and a ring for each, are the same whichever mapping leads to them.
    cpus = min(int(option(cell, "cpus_per_ring", "0")), int(cell["producers"]))
    if mapping == "modulo" and cpus in (1, int(cell["producers"])):
        mapping = "contiguous"
    return Grouping(cpus, mapping)


def best(found: Sequence[Row]) -> list[Row]:
    """Those of one workload that cannot be told from the best; none if nothing can be told at all."""
    sign = -1.0 if found[0].workload.metric == RATE else 1.0
    first = min(found, key=lambda row: sign * row.interval.median)
    kept = [first]
    for row in found:
        if row is not first:
            worse = difference_interval(sign * row.values, sign * first.values)
            if not enough(worse) or worse.low <= 0:
                kept.append(row)
    return kept if len(kept) < len(found) else []


def by_workload(found: Sequence[Row]) -> dict[Workload, list[Row]]:
    made: dict[Workload, list[Row]] = {}
    for row in found:
        made.setdefault(row.workload, []).append(row)
    return made
