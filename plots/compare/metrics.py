"""What is known of each metric of `trial`: unit, which way is better, scale of its test."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

# A percentile is the middle of a histogram's bucket, relatively at most this wide (docs/store.md).
BUCKET = 1.0 / 64.0

Scale = Literal["log", "root", "arcsine", "exact"]
Step = Literal["none", "bucket", "unit"]


@dataclass(frozen=True)
class Metric:
    """`better`: +1 more is better, -1 less is better, 0 neither: it describes, and is not judged.

    `scale`: where repetitions scatter alike. `log`: costs, delays, rates and bytes, of which
    anything below 1 counts as 1; `root`: counts, which can be zero; `arcsine`: shares of one;
    `exact`: a property of the cell that has no scatter and needs no test.
    `step`: what the instrument cannot tell apart: a histogram's bucket, or one unit.
    """

    name: str
    unit: str
    better: int
    scale: Scale
    step: Step = "none"


# The cost of an event; the first of the two that a cell has is its headline metric.
HEADLINES = ("event_amortised_cycles", "event_cycles_p50")

_TAILS = ("p50", "p90", "p99", "p999", "max", "mean")


def _distribution(name: str, unit: str, better: int, tails: tuple[str, ...]) -> Iterator[Metric]:
    for tail in tails:
        # Means and maxima of cycles too hang on the timer pair, which is known to a step of the TSC.
        step: Step = "bucket" if tail.startswith("p") or unit == "cycles" else "none"
        yield Metric(f"{name}_{tail}", unit, better, "log", step)


def _counts(names: str, better: int, unit: str = "") -> Iterator[Metric]:
    for name in names.split():
        yield Metric(name, unit, better, "root", "unit")


def _smooth(names: str, better: int, unit: str = "") -> Iterator[Metric]:
    """Means and ratios, which have no smallest step."""
    for name in names.split():
        yield Metric(name, unit, better, "root")


def _shares(names: str, better: int) -> Iterator[Metric]:
    for name in names.split():
        yield Metric(name, "", better, "arcsine")


def _all() -> Iterator[Metric]:
    # How much was sent depends on how fast producers were: the rates judge that, these describe it.
    yield from _counts(
        "attempted committed discarded consumed overwritten left_in_buffer drop_no_space"
        " drop_lock_busy drop_too_big drop_recursion lost_marked window_attempted window_dropped",
        0,
    )
    yield from _counts(
        "interrupt_attempted interrupt_lock_busy interrupt_recursion interrupt_no_space", 0
    )
    yield Metric("window_s", "s", 0, "root")
    yield from _shares("drop_fraction", -1)
    yield Metric("offered_rate", "1/s", 0, "log")
    yield Metric("achieved_rate", "1/s", +1, "log")
    yield Metric("delivered_rate", "1/s", +1, "log")

    yield Metric("event_amortised_cycles", "cycles", -1, "log")
    yield Metric("event_amortised_core_cycles", "cycles", -1, "log")
    yield from _smooth("core_cycles_per_tick", 0)
    for call in ("reserve", "commit", "event"):
        yield from _distribution(f"{call}_cycles", "cycles", -1, _TAILS)
    # The two terms of an event of a kernel transport: that is judged, they describe it.
    yield from _distribution("call_cycles", "cycles", 0, ("p50",))
    yield from _distribution("empty_call_cycles", "cycles", 0, ("p50",))
    yield from _distribution("refused_cycles", "cycles", -1, ("p50", "p99"))

    yield from _counts("order_records", 0)
    yield Metric("stamp_error_cycles", "cycles", 0, "log")
    yield from _shares("reordered_ratio", -1)
    yield from _smooth("reorder_extent_mean", -1, "records")
    yield from _counts("reorder_extent_p50 reorder_extent_p99 reorder_extent_max", -1, "records")
    yield from _distribution("late_time_ns", "ns", -1, ("p50", "p99", "max"))
    yield from _shares("n_reordering_1_ratio n_reordering_2_ratio n_reordering_3_ratio", -1)
    yield from _smooth("reordering_free_run_mean", +1, "records")
    yield from _shares("reorder_density_zero", +1)
    yield from _smooth("buffer_occupancy_mean", -1, "records")
    yield from _counts("buffer_occupancy_max", -1, "records")
    # How many processes there were is the workload's doing, as with events.
    yield from _counts("chains_whole chains_broken", 0)
    yield from _shares("causal_inversions counter_reordered_ratio", -1)
    yield from _smooth("merge_held_mean", -1, "records")
    yield from _counts("merge_held_max", -1, "records")
    yield from _distribution("merge_delay_ns", "ns", -1, ("p50", "p99"))
    yield from _counts("merge_late", -1)
    yield Metric("merge_cycles", "cycles", -1, "log")

    # How long a pause is, and how often two updates race, is the workload's doing too.
    yield from _counts("holds race_tries races", 0)
    yield Metric("hold_us_max", "us", 0, "log")
    yield from _distribution("recovery_us", "us", -1, ("p50", "max"))

    yield from _distribution("delivery_ns", "ns", -1, _TAILS)

    yield Metric("consumer_cycles", "cycles", -1, "log")
    yield from _counts("polls empty_polls wakeups sleeps notifications", 0)
    yield from _counts("lost_wakeups late_wakeups", -1)
    yield from _smooth("consumer_cpu_share", -1)

    yield Metric("data_bytes", "bytes", 0, "exact")
    yield Metric("footprint_bytes", "bytes", -1, "exact")
    yield Metric("mapped_bytes", "bytes", -1, "exact")
    yield Metric("resident_bytes", "bytes", -1, "log")
    yield Metric("peak_pool_bytes", "bytes", -1, "log")
    yield Metric("peak_ring_bytes", "bytes", -1, "log")

    # Late events and interruptions say if a trial can be trusted, not what a transport is worth.
    yield from _distribution("lag_ns", "ns", 0, ("p50", "p99", "max"))

    yield from _counts("gap_p50 gap_max", -1, "records")
    yield from _counts("sequence_gaps_seen", 0)
    yield from _smooth("gap_place_records_mean", -1, "records")
    yield from _counts("gap_place_records_p99 gap_place_records_max", -1, "records")
    yield Metric("first_drop_us", "us", +1, "log")
    yield from _counts("accepted_before_drop", +1, "records")

    yield from _shares("jain_index", +1)
    yield from _shares("worst_drop_fraction", -1)

    yield from _counts("involuntary_switches migrations page_faults hiccups", 0)
    yield Metric("steal_ms", "ms", 0, "root")
    yield Metric("hiccup_us_max", "us", 0, "root")
    yield from _shares("steal_share hiccup_share", 0)
    yield from _smooth("frequency_change", 0)


METRICS = {metric.name: metric for metric in _all()}

# Columns of `trial` that are not measured in it; the tie window is the run's bound of the clocks'
# offset, which the provenance tells.
NOT_METRICS = frozenset(
    "id cell_id repetition attempt started status reason tie_window_cycles".split()
)


def metric_of(column: str) -> Metric:
    """A column that this table does not know is described and not judged."""
    return METRICS.get(column) or Metric(column, "", 0, "root")
