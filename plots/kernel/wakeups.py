"""What one wake-up of the consumer costs the producer: each mode of waking against `never`.

Means, not medians of single events: where one event in 100 wakes, the median event never does.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import (
    Floats,
    Interval,
    difference_interval,
    median_interval,
    quotient_interval,
)
from plots.kernel import PREFIX
from plots.kernel.cells import WAKING_OPTIONS, Cell, alike_but, notify, option, waking
from plots.kernel.labels import labelled
from plots.kernel.samples import Samples
from plots.results import Results
from plots.wording import interval_text, measured, rate

SATURATED, PACED = "event_amortised_cycles", "event_cycles_mean"
_TOLD = "asked for, by the mode"
_COUNTED = "asked for, counted by the model"
_SEEN = "seen, so at most"  # wake-ups that a sleep ended: fewer than were asked for
_WIDEST = (
    0.5  # half the interval over the cost: a wider one is no answer, although the table has it
)

NOTE = (
    "One wake-up: the cycles of an event beyond those of notify = never at the same rate, over the wake-ups that"
    " a record asks for. always asks for one, one in n for 1/n. A model counts those it asks for. Of the kernel's"
    " other modes only the wake-ups that ended a sleep are seen; more may have been asked for, so there the cost"
    " is an upper bound and no answer is drawn from it. The rarer the wake-ups, the deeper the consumer's CPU sleeps"
    " before each, and that too the producer pays."
)


@dataclass(frozen=True)
class Cost:
    """One mode at one rate. Counts are for each record."""

    transport: str
    workload: str  # what tells it from the others of the transport, but for the rate
    mode: str
    rate: float  # offered; NaN where the producer saturates
    achieved: Interval
    cycles: Interval
    extra: Interval | None  # more than never's at the same rate; None of never itself
    woken: Interval  # wake-ups of the consumer for each record
    basis: str  # what the cost is divided by
    each: Interval | None  # cycles of one wake-up
    tainted: bool

    @property
    def name(self) -> str:
        return f"{self.transport}, {self.workload}" if self.workload else self.transport

    @property
    def told(self) -> bool:
        """Whether the cost of one wake-up is known well enough to be quoted."""
        if self.each is None or not self.each.known or self.each.low <= 0:
            return False
        return (self.each.high - self.each.low) / 2 <= _WIDEST * self.each.median


def costs(results: Results, samples: Samples) -> list[Cost]:
    """Only of workloads that ran without waking and with, and only beside a kernel transport."""
    cells = results.measured(SATURATED, PACED)
    cells = cells[cells.poll == "epoll"]
    groups = [g for g in alike_but(results, cells, WAKING_OPTIONS) if _compares(g)]
    labels, _ = labelled(results, [group[0] for group in groups], ("arrival", "notify"))
    found = [
        cost for group, label in zip(groups, labels) for cost in _of_workload(group, label, samples)
    ]
    if not any(cost.transport.startswith(PREFIX) for cost in found):
        return []
    return sorted(found, key=lambda cost: (cost.name, _place(cost.mode), _rank(cost.rate)))


def _rank(rate_offered: float) -> float:
    return math.inf if math.isnan(rate_offered) else rate_offered


def _place(mode: str) -> tuple[int, int, str]:
    """The shorter first, so that one in 100 stands before one in 1,000."""
    order = ("never", "adaptive", "always")
    return (order.index(mode) if mode in order else len(order)), len(mode), mode


def _compares(group: list[Cell]) -> bool:
    return len(group) > 1 and any(notify(cell) == "never" for cell in group)


def _of_workload(group: list[Cell], label: str, samples: Samples) -> Iterator[Cost]:
    silent = next(cell for cell in group if notify(cell) == "never")
    metric = SATURATED if silent["arrival"] == "saturate" else PACED
    base = samples.values(silent["key"], metric)
    for cell in group:
        if len(base) and len(samples.values(cell["key"], metric)):
            yield _cost(cell, label, metric, base, samples, samples.tainted(silent["key"]))


def _cost(cell: Cell, label: str, metric: str, base: Floats, samples: Samples, doubt: bool) -> Cost:
    trials = samples.trials(cell["key"], metric, "wakeups", "delivered_rate", "window_s")
    values = samples.values(cell["key"], metric)
    never = notify(cell) == "never"
    records = trials.delivered_rate * trials.window_s
    woken = (trials.wakeups / records.where(records > 0)).dropna().to_numpy(dtype=float)
    basis, asked = _asked(cell, woken, samples)
    wakes = len(asked) > 0 and float(records.median()) * float(pd.Series(asked).median()) >= 1
    each = quotient_interval(values, base, asked) if wakes and not never else None
    return Cost(
        str(cell["transport"]),
        label,
        waking(cell),
        math.nan if pd.isna(cell["rate"]) else float(cell["rate"]),
        samples.interval(cell["key"], "achieved_rate") or _nothing(),
        median_interval(values),
        None if never else difference_interval(values, base),
        median_interval(woken) if len(woken) else _nothing(),
        "" if never else basis,
        None if each is None or math.isnan(each.median) else each,
        doubt or samples.tainted(cell["key"]),
    )


def _nothing() -> Interval:
    return Interval(math.nan, math.nan, math.nan, 0)


def _asked(cell: Cell, woken: Floats, samples: Samples) -> tuple[str, Floats]:
    """Wake-ups for each record that the producer asked for, by what tells it best."""
    mode = notify(cell)
    if mode == "always":
        return _TOLD, _certain(1.0, len(woken))
    if mode == "sampled":
        return _TOLD, _certain(1.0 / int(option(cell, "notify_every")), len(woken))
    trials = samples.trials(cell["key"], "notifications", "window_attempted")
    if len(trials):
        return _COUNTED, (trials.notifications / trials.window_attempted).to_numpy(dtype=float)
    return _SEEN, woken


def _certain(value: float, repetitions: int) -> Floats:
    found: Floats = pd.Series([value] * max(repetitions, 2)).to_numpy(dtype=float)
    return found


def table(found: Sequence[Cost]) -> pd.DataFrame:
    rows = [
        {
            "transport": cost.name,
            "wakes": cost.mode,
            "offered": "saturated" if math.isnan(cost.rate) else measured("rate", cost.rate),
            "achieved": interval_text("achieved_rate", cost.achieved),
            "event (TSC cycles, mean)": interval_text("cycles", cost.cycles),
            "more than never": interval_text("cycles", cost.extra) if cost.extra else "–",
            "wake-ups of the consumer in 1,000 records": _thousand(cost.woken),
            "one wake-up (TSC cycles)": _each(cost),
            "wake-ups": cost.basis or "–",
            "taint": "all tainted" if cost.tainted else "",
        }
        for cost in found
    ]
    return pd.DataFrame(rows)


def _thousand(each: Interval) -> str:
    scaled = Interval(each.median * 1000, each.low * 1000, each.high * 1000, each.n)
    return interval_text("times", scaled)


def _each(cost: Cost) -> str:
    if cost.each is None:
        return "–" if cost.mode == "never" else "none in the window"
    return interval_text("cycles", cost.each)


def answer(found: Sequence[Cost]) -> Iterator[str]:
    """For each transport the least and the most that one wake-up costs, of what can be quoted."""
    for name in dict.fromkeys(cost.name for cost in found):
        mine = [cost for cost in found if cost.name == name]
        exact = [cost for cost in mine if cost.told and cost.basis != _SEEN]
        yield _told(name, exact) if exact else _cannot(name, mine)


def _told(name: str, told: Sequence[Cost]) -> str:
    ordered = sorted(told, key=lambda cost: cost.each.median if cost.each else math.inf)
    least, most = ordered[0], ordered[-1]
    doubt = (
        " Doubtful: a cell of it has only tainted trials." if least.tainted or most.tainted else ""
    )
    if least is most:
        return f"{name}: one wake-up costs the producer {_named(least)} cycles.{doubt}"
    return (
        f"{name}: one wake-up costs the producer {_named(least)} to {_named(most)} cycles.{doubt}"
    )


def _named(cost: Cost) -> str:
    where = "saturated" if math.isnan(cost.rate) else f"at {rate(cost.rate)}"
    value = interval_text("cycles", cost.each) if cost.each else "–"
    return f"{value} ({cost.mode}, {where})"


def _cannot(name: str, mine: Sequence[Cost]) -> str:
    single = [cost for cost in mine if cost.extra is not None and not cost.extra.known]
    why = (
        "a single repetition gives no interval"
        if single
        else "no mode of known wake-ups differs from never by more than its interval"
    )
    return f"{name}: what one wake-up costs this run cannot tell, because {why}."
