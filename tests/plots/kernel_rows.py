"""Stores with rows of kernel transports, their numbers made by hand so that a test can say the answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from store_writer import Cell, Trial, write_store
from trial_model import BASE

WINDOW_S = 0.1
RINGBUF = {"driver": "test_run", "batch": "64", "call": "reserve", "reader": "mapped"}
RINGBUF |= {"source": "scratch", "notify": "never", "notify_every": "100", "notify_bytes": "4096"}
RINGBUF |= {"overwrite": "off"}
PERFBUF = {"driver": "test_run", "batch": "64", "reader": "mapped", "source": "scratch"}
PERFBUF |= {"notify": "never", "notify_every": "100", "watermark_bytes": "0"}
MODEL = {"lock": "mcs", "notify": "never", "notify_every": "100", "overwrite": "off"}
BUFFER = {"notify": "never", "notify_every": "100", "overwrite": "off", "watermark_bytes": "0"}

DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "kernel_null": {"driver": "test_run", "batch": "64"},
    "kernel_ringbuf": RINGBUF,
    "kernel_perfbuf": PERFBUF,
    "null": {},
    "ringbuf": MODEL,
    "perfbuf": BUFFER,
}


def cell(
    transport: str,
    values: Sequence[Mapping[str, float]],
    options: Mapping[str, str] | None = None,
    status: str = "ok",
    **parameters: Any,
) -> Cell:
    """A cell with a trial for each of the values, every trial of the same status."""
    reason = None if status == "ok" else "lag: events were sent late"
    return Cell(
        transport,
        [Trial({"window_s": WINDOW_S, **v}, status, reason) for v in values],
        {**DEFAULTS.get(transport, {}), **(options or {})},
        {**BASE, "producers": 1, "stamps": 1, **parameters},
    )


def several(metric: str, *values: float, **others: float) -> list[dict[str, float]]:
    """Trials that differ in one metric."""
    return [{metric: value, **others} for value in values]


def rates(delivered: Sequence[float], dropped: float = 0.0) -> list[dict[str, float]]:
    """Trials of a benchmark that delivers so many millions a second, and drops so many."""
    return [
        {
            "delivered_rate": 1e6 * rate,
            "window_attempted": 1e6 * (rate + dropped) * WINDOW_S,
            "window_dropped": 1e6 * dropped * WINDOW_S,
        }
        for rate in delivered
    ]


def selftest_cell(
    transport: str, values: Sequence[Mapping[str, float]], options: Mapping[str, str], **more: Any
) -> Cell:
    """As configs/kernel/selftest.toml has them."""
    usual: dict[str, Any] = {"poll": "epoll", "stamps": 0, "record_size": 8, "bytes": 524288}
    return cell(transport, values, options, **{**usual, "consumer": "own_core_same_node", **more})


def selftest_store(folder: Path, **more: Any) -> Path:
    """Parallel and low batch of both buffers, two producers, and overwriting, which is skipped."""
    own_rule = {"notify": "adaptive", "batch": "500"}
    each = {"notify": "always", "batch": "500"}
    shared = {"consumer": "shares_producer_core", **more}
    cells = [
        selftest_cell("kernel_ringbuf", rates([6, 8]), {**own_rule, "reader": "libbpf"}, **more),
        selftest_cell("kernel_ringbuf", rates([5, 5], 1.5), own_rule, **more),
        selftest_cell("kernel_perfbuf", rates([1, 2]), {**each, "reader": "libbpf"}, **more),
        selftest_cell("ringbuf", rates([21, 21]), {"notify": "adaptive"}, **more),
        selftest_cell("kernel_ringbuf", rates([0.2]), {**own_rule, "batch": "1"}, **shared),
        _overwriting("kernel_ringbuf", [], {"batch": "50"}, more),
        _overwriting("ringbuf", rates([0, 0]), {}, more),
    ]
    for trial in cells[-1].trials:
        trial.metrics = {**trial.metrics, "window_attempted": 4e6, "window_dropped": 1e6}
    return write_store(folder, cells)


def _overwriting(
    transport: str,
    values: Sequence[Mapping[str, float]],
    options: Mapping[str, str],
    more: Mapping[str, Any],
) -> Cell:
    made = selftest_cell(
        transport,
        values,
        {"notify": "never", "overwrite": "on", **options},
        **{**more, "poll": "after_window", "consumer": "shares_producer_core"},
    )
    if not values:
        made.status, made.reason = "skipped", "this kernel has no BPF_F_RB_OVERWRITE"
    return made


def notify_store(folder: Path, host: str = "alpha") -> Path:
    """Two rates and saturated; `always` costs 1000 cycles more than `never`, one in 100 ten more."""
    cells = []
    for rate in (None, 1e3, 1e5):
        saturated = rate is None
        metric = "event_amortised_cycles" if saturated else "event_cycles_mean"
        arrival: dict[str, Any] = {"arrival": "saturate" if saturated else "constant", "rate": rate}
        for mode, extra, wakeups in (("never", 0, 0), ("always", 1000, 90), ("sampled", 10, 1)):
            values = several(metric, *(400.0 + extra + n for n in (0, 1, 2, 3, 4)), wakeups=wakeups)
            for value in values:
                value |= {"delivered_rate": 1e6, "achieved_rate": 1e6}
            options = {"notify": mode}
            cells.append(cell("kernel_ringbuf", values, options, poll="epoll", **arrival))
    adaptive = several("event_cycles_mean", *(900.0 + n for n in range(5)), wakeups=50_000)
    for value in adaptive:
        value |= {"delivered_rate": 1e6, "achieved_rate": 1e5}
    paced: dict[str, Any] = {"arrival": "constant", "rate": 1e5}
    cells.append(cell("kernel_ringbuf", adaptive, {"notify": "adaptive"}, poll="epoll", **paced))
    return write_store(folder, cells, {"host": host})


def lifecycle_cell(transport: str, shares: Sequence[float], **more: Any) -> Cell:
    """Of 1000 processes those shares out of order; the shadow counter agrees."""
    values = [
        {
            "chains_whole": 1000,
            "chains_broken": 2,
            "causal_inversions": share,
            "counter_reordered_ratio": share / 3,
            "reorder_extent_p99": 12,
            "drop_fraction": 0.001,
            "mapped_bytes": 2_101_248,
            "resident_bytes": 2_101_248,
            "data_bytes": 1_048_576,
            "footprint_bytes": 1_060_864,
        }
        for share in shares
    ]
    options = {"driver": "lifecycle", **more.pop("options", {})}
    return cell(transport, values, options, poll=more.pop("poll", "epoll"), **more)


def lifecycle_store(folder: Path) -> Path:
    cells = [
        lifecycle_cell("kernel_ringbuf", [0.0] * 3, options={"notify": "adaptive"}),
        lifecycle_cell("kernel_perfbuf", [0.30, 0.31, 0.32], options={"notify": "always"}),
        lifecycle_cell("kernel_perfbuf", [0.5, 0.51, 0.52], poll="busy"),
        lifecycle_cell(
            "kernel_hybrid",
            [0.2, 0.21, 0.22],
            options={"cpus_per_ring": "1", "mapping": "contiguous", "notify": "adaptive"},
        ),
    ]
    return write_store(folder, cells)
