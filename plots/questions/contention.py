"""What producers that saturate one ring cost each other: measured, and beyond the CPUs of this machine predicted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner import saturation
from planner.saturation import WITH_PENDING_POS, Band
from plots.bootstrap import Floats, Interval, median_interval
from plots.kernel.cells import Cell, option
from plots.kernel.samples import Samples
from plots.report.trust import number
from plots.results import Results

CYCLES = "event_amortised_cycles"
PER_CPU = "buffers per CPU"
FLOOR = "no buffer at all"
_LINES = {"perfbuf": PER_CPU, "null": FLOOR}


@dataclass(frozen=True)
class Point:
    """One line's cost at one number of producers."""

    line: str  # the lock of the shared ring, PER_CPU or FLOOR
    transport: str
    producers: int
    key: str
    cycles: Interval  # a record, of each producer
    rate: Interval  # records/s of all producers together
    tainted: bool

    @property
    def shared(self) -> bool:
        return self.transport == "ringbuf"


@dataclass(frozen=True)
class Predicted:
    producers: int
    cycles: Band
    rate: Band


def points(results: Results, samples: Samples) -> list[Point]:
    """Of producers that nobody disturbs: the ring overwrites, and is read when the window has closed."""
    return _points(results, samples, read_meanwhile=False)


def delivering(results: Results, samples: Samples) -> list[Point]:
    """Of producers whose records a consumer reads meanwhile."""
    return _points(results, samples, read_meanwhile=True)


def _points(results: Results, samples: Samples, read_meanwhile: bool) -> list[Point]:
    cells = results.measured(CYCLES)
    cells = cells[cells.transport.isin(("ringbuf", *_LINES)) & (cells.arrival == "saturate")]
    undisturbed = (cells.poll == "after_window") | (cells.transport == "null")  # which nobody reads
    wanted = cells[undisturbed != read_meanwhile]
    found = [_point(cell, samples) for cell in wanted.to_dict("records")]
    return sorted((p for p in found if p), key=lambda p: (p.line, p.producers))


def cycles_a_record(samples: Samples, key: str) -> Floats:
    """Producers' cycles over the records that a reserve was given for: a refusal is no record."""
    trials = samples.trials(key, CYCLES, "drop_fraction")
    found: Floats = (trials[CYCLES] / (1 - trials.drop_fraction)).to_numpy(dtype=float)
    return found


def records_per_second(samples: Samples, key: str) -> Floats:
    """Of all producers together."""
    trials = samples.trials(key, CYCLES, "achieved_rate", "drop_fraction")
    found: Floats = (trials.achieved_rate * (1 - trials.drop_fraction)).to_numpy(dtype=float)
    return found


def _point(cell: Cell, samples: Samples) -> Point | None:
    key = str(cell["key"])
    cycles, together = cycles_a_record(samples, key), records_per_second(samples, key)
    if not len(cycles) or not len(together) or not np.isfinite(cycles).all():
        return None
    return Point(
        _LINES.get(str(cell["transport"]), f"{option(cell, 'lock')} lock"),
        str(cell["transport"]),
        int(cell["producers"]),
        key,
        median_interval(cycles),
        median_interval(together),
        samples.tainted(key),
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
    """For the numbers of producers that this machine had no CPUs for."""
    largest = max((point.producers for point in measured), default=1)
    cells = results.cells
    asked = cells.producers[(cells.transport == "ringbuf") & (cells.status == "skipped")]
    return list(formula(results, sorted({int(n) for n in asked if n > largest})))


def formula(results: Results, numbers: Sequence[int]) -> Iterator[Predicted]:
    """What the planner's formula gives, where the run measured how far its CPUs are apart."""
    apart, hz = hand_over(results), _ticks_per_second(results)
    if apart is None or not hz:
        return
    latency_ns = apart / hz * 1e9
    for producers in numbers:
        event = saturation.event_ns(WITH_PENDING_POS, latency_ns, producers)
        cycles = Band(event.low * hz / 1e9, event.high * hz / 1e9)
        rate = saturation.records_per_second(WITH_PENDING_POS, latency_ns)
        yield Predicted(producers, cycles, rate)


def _limits(results: Results) -> pd.DataFrame:
    return pd.concat([store.limits for store in results.stores], ignore_index=True)


def _ticks_per_second(results: Results) -> float:
    return number(results.stores[0].provenance, "tsc_hz")
