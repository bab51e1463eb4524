"""The modes of waking at each rate: cost to the producer, wake-ups, delay, and the consumer's CPU time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plots.bootstrap import Floats, Interval, difference_interval, median_interval
from plots.kernel.cells import Cell, notify, option
from plots.kernel.samples import Samples
from plots.questions.repetitions import enough
from plots.results import Results
from plots.wording import interval_text, rate

COST, MEDIAN_COST = "event_cycles_mean", "event_cycles_p50"
WOKEN, DELAY, DELAY_TAIL, SHARE = (
    "woken",
    "delivery_ns_p50",
    "delivery_ns_p99",
    "consumer_cpu_share",
)
_STORED = (COST, MEDIAN_COST, DELAY, DELAY_TAIL, SHARE)
OWN = ("adaptive", "watermark")  # the rule that a buffer has by itself


@dataclass(frozen=True)
class Mode:
    """A mode of a transport at a rate. Of COST it is the mean: where one event in 100 wakes, the median never does."""

    transport: str
    producers: int
    name: str  # never, adaptive, watermark, always, or one in n
    rate: float  # offered, of each producer
    values: dict[str, Floats]
    refused: float  # share of the events
    tainted: bool

    @property
    def of(self) -> str:
        return (
            f"{self.transport}, {self.producers} producers"
            if self.producers > 1
            else self.transport
        )

    def interval(self, metric: str) -> Interval | None:
        values = self.values.get(metric)
        return median_interval(values) if values is not None and len(values) else None

    def beyond(self, other: "Mode", metric: str) -> Interval | None:
        """How much more than the other mode; None where a value is missing or repetitions are too few."""
        mine, its = self.values.get(metric), other.values.get(metric)
        if mine is None or its is None or not (len(mine) and len(its)):
            return None
        found = difference_interval(mine, its)
        return found if enough(found) else None


def modes(results: Results, samples: Samples) -> list[Mode]:
    """Of consumers that sleep, at paced rates."""
    cells = results.cells
    cells = cells[(cells.poll == "epoll") & (cells.arrival != "saturate")]
    found = [_mode(cell, samples) for cell in cells.to_dict("records")]
    return sorted((one for one in found if one), key=_place)


def _mode(cell: Cell, samples: Samples) -> Mode | None:
    key = str(cell["key"])
    values = {metric: samples.values(key, metric) for metric in _STORED}
    if not len(values[COST]) or pd.isna(cell["rate"]):
        return None
    name = notify(cell)
    return Mode(
        str(cell["transport"]),
        int(cell["producers"]),
        f"one in {int(option(cell, 'notify_every')):,}" if name == "sampled" else name,
        float(cell["rate"]),
        values | {WOKEN: _woken(samples.trials(key, "wakeups", "delivered_rate", "window_s"))},
        refused.median if (refused := samples.interval(key, "drop_fraction")) else 0.0,
        samples.tainted(key),
    )


def _woken(trials: pd.DataFrame) -> Floats:
    """Sleeps that a notification ended, for each record delivered."""
    if trials.empty:
        return np.empty(0)
    records = trials.delivered_rate * trials.window_s
    found: Floats = (trials.wakeups / records.where(records > 0)).dropna().to_numpy(dtype=float)
    return found


def _place(one: Mode) -> tuple[str, int, int, str, float]:
    order = ("always", *OWN, "never")
    known = order.index(one.name) if one.name in order else len(order)
    return one.transport, one.producers, known, one.name, one.rate


def at(found: Sequence[Mode], name: str, rate_offered: float) -> Mode | None:
    """Of modes of one transport."""
    return next((one for one in found if (one.name, one.rate) == (name, rate_offered)), None)


def own_rule(found: Sequence[Mode]) -> str:
    """adaptive or watermark, whichever the transport was measured with; empty if neither."""
    names = {one.name for one in found}
    return next((name for name in OWN if name in names), "")


def table(found: Sequence[Mode]) -> pd.DataFrame:
    return pd.DataFrame([_row(one) for one in found])


def _row(one: Mode) -> dict[str, str]:
    return {
        "transport": one.of,
        "wakes": one.name,
        "offered by each": rate(one.rate),
        "event (TSC cycles, mean)": _text(one, COST),
        "event (TSC cycles, p50)": _text(one, MEDIAN_COST),
        "wake-ups a record": _text(one, WOKEN),
        "delay p50": _text(one, DELAY),
        "delay p99": _text(one, DELAY_TAIL),
        "consumer's CPU time": _text(one, SHARE),
        "taint": "all tainted" if one.tainted else "",
    }


def _text(one: Mode, metric: str) -> str:
    interval = one.interval(metric)
    return interval_text(metric, interval) if interval else "–"
