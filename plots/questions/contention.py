"""What producers that saturate one ring cost each other: measured, and beyond the CPUs of this machine predicted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from planner.saturation import WITH_PENDING_POS, Band, event_ns, records_per_second
from plots.bootstrap import Interval
from plots.kernel.cells import Cell, option
from plots.kernel.samples import Samples
from plots.report.trust import number
from plots.results import Results

CYCLES = "event_amortised_cycles"
PER_CPU = "buffers per CPU"


@dataclass(frozen=True)
class Point:
    """One line's cost at one number of producers."""

    line: str  # the lock of the shared ring, or PER_CPU
    transport: str
    producers: int
    key: str
    cycles: Interval  # an event, of each producer
    rate: Interval  # records/s of all producers together
    tainted: bool


@dataclass(frozen=True)
class Predicted:
    producers: int
    cycles: Band
    rate: Band


def points(results: Results, samples: Samples) -> list[Point]:
    """Of producers that nobody disturbs: the ring overwrites, and is read when the window has closed."""
    cells = results.measured(CYCLES)
    alone = cells[(cells.poll == "after_window") & cells.transport.isin(("ringbuf", "perfbuf"))]
    found = [_point(cell, "achieved_rate", samples) for cell in alone.to_dict("records")]
    return sorted((p for p in found if p), key=lambda p: (p.line, p.producers))


def delivering(results: Results, samples: Samples) -> list[Point]:
    """Of producers whose records a consumer reads meanwhile."""
    cells = results.measured(CYCLES)
    read = cells[(cells.poll != "after_window") & cells.transport.isin(("ringbuf", "perfbuf"))]
    found = [_point(cell, "delivered_rate", samples) for cell in read.to_dict("records")]
    return sorted((p for p in found if p), key=lambda p: (p.line, p.producers))


def _point(cell: Cell, rate: str, samples: Samples) -> Point | None:
    key = str(cell["key"])
    cycles, together = samples.interval(key, CYCLES), samples.interval(key, rate)
    if cycles is None or together is None:
        return None
    line = f"{option(cell, 'lock')} lock" if cell["transport"] == "ringbuf" else PER_CPU
    producers = int(cell["producers"])
    return Point(
        line, str(cell["transport"]), producers, key, cycles, together, samples.tainted(key)
    )


def bare(results: Results, operation: str) -> dict[int, float]:
    """Threads on one line to the cycles of the bare atomic, the median over the rounds of all stores."""
    limits = _limits(results)
    rows = limits[limits.operation == operation]
    medians = rows.cycles.astype(float).groupby(rows.threads.astype(int)).median()
    return {int(threads): float(cycles) for threads, cycles in medians.items()}


def hand_over(results: Results) -> float | None:
    """Cycles that a line takes between two CPUs of the run, the mean over the pairs that were measured."""
    limits = _limits(results)
    rows = limits[limits.operation == "hand_over"]
    pairs = rows.cycles.astype(float).groupby([rows.cpu_a, rows.cpu_b]).median()
    return float(pairs.mean()) if len(pairs) else None


def predicted(results: Results, measured: Sequence[Point]) -> list[Predicted]:
    """For the numbers of producers that this machine had no CPUs for, and the largest it had."""
    cycles, hz = hand_over(results), _ticks_per_second(results)
    if cycles is None or not hz:
        return []
    largest = max((point.producers for point in measured), default=1)
    cells = results.cells
    asked = cells.producers[(cells.transport == "ringbuf") & (cells.status == "skipped")]
    numbers = sorted({int(n) for n in asked if n > largest} | ({largest} - {1}))
    return list(_predicted(numbers, cycles / hz * 1e9, hz))


def _predicted(numbers: Sequence[int], latency_ns: float, hz: float) -> Iterator[Predicted]:
    for producers in numbers:
        event = event_ns(WITH_PENDING_POS, latency_ns, producers)
        cycles = Band(event.low * hz / 1e9, event.high * hz / 1e9)
        yield Predicted(producers, cycles, records_per_second(WITH_PENDING_POS, latency_ns))


def _limits(results: Results) -> pd.DataFrame:
    return pd.concat([store.limits for store in results.stores], ignore_index=True)


def _ticks_per_second(results: Results) -> float:
    return number(results.stores[0].provenance, "tsc_hz")
