"""What is left of the disorder by a merge behind the buffers, and what the merge takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plots.bootstrap import Floats, Interval, difference_interval, median_interval
from plots.kernel.cells import Cell
from plots.kernel.samples import Samples
from plots.questions.layouts import SHARED, layout, number, place, rare_at_most
from plots.results import Results
from plots.wording import counted, duration_ns

STAMP_BYTES, COUNTER_BYTES = 8, 8
COUNTED = ("event_amortised_cycles", "event_cycles_p50")
# Records whose place by what the merge goes by had been passed / records.
LATE = "merge_late_ratio"
DELAY = "merge_delay_ns_p50"
COLUMNS = (
    "reordered_ratio",
    "causal_inversions",
    DELAY,
    "merge_delay_ns_p99",
    "delivery_ns_p50",
    "delivery_ns_p99",
    "merge_held_mean",
    "merge_held_max",
    "merge_late",
    "consumer_cycles",
    "merge_cycles",
)


@dataclass(frozen=True)
class Setting:
    layout: str
    merge: str
    by: str
    wait_us: float
    counter: bool

    @property
    def merges(self) -> bool:
        return self.merge != "off"

    @property
    def text(self) -> str:
        if not self.merges:
            carried = ", with a counter" if self.counter else ""
            return self.layout if self.layout == SHARED else f"{self.layout}, not merged{carried}"
        wait = f" {duration_ns(self.wait_us * 1e3)}" if self.merge == "watermark" else ""
        return f"{self.layout}, {self.merge}{wait} by {self.by}"

    @property
    def bytes_added(self) -> int:
        """To a record; a counter comes beside the stamp that the delay is told by."""
        if not self.merges and not self.counter:
            return 0
        return STAMP_BYTES + (COUNTER_BYTES if self.counter else 0)


@dataclass(frozen=True)
class Workload:
    server: str
    producers: int
    service_ns: float
    chains: bool = False  # events that cause each other, on different CPUs

    @property
    def text(self) -> str:
        consumer = f"{duration_ns(self.service_ns)} a record" if self.service_ns else "no work"
        chains = ", chains" if self.chains else ""
        return f"{self.server}{counted(self.producers, 'producer')}{chains}, consumer: {consumer}"


@dataclass(frozen=True)
class Row:
    setting: Setting
    workload: Workload
    values: dict[str, Floats]
    intervals: dict[str, Interval]
    records: float  # whose order was looked at, over all repetitions
    tainted: bool

    @property
    def judged_by(self) -> tuple[str, ...]:
        """A counter and a stamp of the same event may disagree; each merge is judged by its own."""
        if self.setting.by == "counter" and LATE in self.values:
            return (LATE,)
        return tuple(n for n in ("reordered_ratio", "causal_inversions") if n in self.values)

    @property
    def restored(self) -> bool:
        names = self.judged_by
        return bool(names) and all((self.values[name] == 0).all() for name in names)

    @property
    def order_left(self) -> Interval:
        return self.intervals[self.judged_by[0]]

    @property
    def repetitions(self) -> int:
        return len(self.values[self.judged_by[0]])

    @property
    def delay(self) -> Interval | None:
        return self.intervals.get(DELAY)

    @property
    def at_most(self) -> float:
        return rare_at_most(self.records)


def rows(results: Results, samples: Samples) -> list[Row]:
    """Cells that tell in which order their records came."""
    found = [
        _row(results, samples, cell)
        for cell in results.measured("reordered_ratio").to_dict("records")
        if cell["poll"] != "after_window" and cell["arrival"] != "saturate"
    ]
    found = [row for row in found if row.judged_by]
    return sorted(
        found, key=lambda row: (_workload_place(row.workload), setting_place(row.setting))
    )


def setting_place(setting: Setting) -> tuple[bool, bool, bool, str, bool, float]:
    """The shared ring, then what is not merged, then by the kind of merge."""
    return (
        setting.layout != SHARED,
        setting.merges,
        setting.by == "counter",
        "" if setting.merge == "watermark" else setting.merge,
        setting.counter,
        setting.wait_us,
    )


def _workload_place(workload: Workload) -> tuple[str, int, bool, float]:
    return workload.server, workload.producers, workload.chains, workload.service_ns


def _setting(cell: Cell) -> Setting:
    merge = _text(cell, "merge", "off")
    wait = np.nan_to_num(number(cell, "merge_wait_us")) if merge == "watermark" else 0.0
    by = _text(cell, "merge_by", "stamp") if merge != "off" else ""
    return Setting(layout(cell), merge, by, float(wait), number(cell, "counter") == 1)


def _text(cell: Cell, name: str, absent: str) -> str:
    value = cell.get(name)
    return value if isinstance(value, str) else absent


def _row(results: Results, samples: Samples, cell: Cell) -> Row:
    key = str(cell["key"])
    values = {name: samples.values(key, name) for name in COLUMNS}
    known = {name: found for name, found in values.items() if len(found)}
    trials = samples.trials(key, "reordered_ratio", "order_records")
    if "merge_late" in known:
        both = samples.trials(key, "merge_late", "order_records")
        known[LATE] = (both.merge_late / both.order_records.clip(lower=1)).to_numpy(dtype=float)
    service = float(np.nan_to_num(number(cell, "service_ns")))
    return Row(
        _setting(cell),
        Workload(place(results, cell), int(cell["producers"]), service, cell["arrival"] == "chain"),
        known,
        {name: median_interval(found) for name, found in known.items()},
        float(trials.get("order_records", np.zeros(0)).sum()),
        samples.tainted(key),
    )


@dataclass(frozen=True)
class CounterCost:
    """Cycles that a counter of all producers adds to an event; it is taken just before the reserve."""

    layout: str  # with the server, where there are several
    producers: int
    metric: str
    without: Interval
    added: Interval
    tainted: bool


def counter_costs(results: Results, samples: Samples) -> list[CounterCost]:
    """From cells that are alike but for the counter, of producers that saturate."""
    pairs: dict[tuple[str, int], dict[bool, str]] = {}
    cells = results.measured(*COUNTED)
    for cell in cells.to_dict("records"):
        if cell["arrival"] == "saturate" and _text(cell, "merge", "off") == "off":
            where = (place(results, cell) + layout(cell), int(cell["producers"]))
            pairs.setdefault(where, {})[number(cell, "counter") == 1] = str(cell["key"])
    found: list[CounterCost] = []
    for where, keys in sorted(pairs.items()):
        if len(keys) == 2:
            found += _costs(samples, where, keys[False], keys[True])
    return found


def _costs(
    samples: Samples, where: tuple[str, int], without: str, having: str
) -> Sequence[CounterCost]:
    found: list[CounterCost] = []
    for metric in COUNTED:
        plain, counting = samples.interval(without, metric), samples.values(having, metric)
        if plain is not None and len(counting):
            added = difference_interval(counting, samples.values(without, metric))
            tainted = samples.tainted(without) or samples.tainted(having)
            found.append(CounterCost(*where, metric, plain, added, tainted))
    return found
