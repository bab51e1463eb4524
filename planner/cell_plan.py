"""From a cell of a run to the plan that expresses it: what the planner is held against."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plots.errors import InputError

# A CPU that saturates offers more than any lock takes: one record a nanosecond.
SATURATING_RATE = 1e9
# `budget = 0`: a consumer stays with a ring until nothing is left; the most that a plan may state.
_NO_BUDGET = 1_000_000
# What a record is worth whose producer is watched (docs/planning.md): moves of a cache line.
_WATCHED_MOVES = 3
_TOLD = {
    "consumer.ns_per_record": "what a consumer takes for a record",
    "producer.alone_ns": "what a producer takes for a record",
    "producer.watched_ns": "what a move of a cache line takes",
}
_NEVER_NS = 1e9  # the most that a plan may state
_SHORTEST_S = 0.01  # that a plan may last
_LOCKS = {"mcs": "queued", "ticket": "ticket", "ttas": "test_and_set"}
_ARRIVALS = ("saturate", "constant", "poisson", "bursty")


@dataclass(frozen=True)
class Measured:
    """A number with what it lies between: of a calibration its 90 % interval."""

    value: float
    low: float
    high: float

    def plus(self, exact: float) -> "Measured":
        return Measured(self.value + exact, self.low + exact, self.high + exact)

    def times(self, factor: float) -> "Measured":
        return Measured(self.value * factor, self.low * factor, self.high * factor)

    def as_toml(self) -> str:
        return f"{{ value = {self.value!r}, low = {self.low!r}, high = {self.high!r} }}"


@dataclass(frozen=True)
class Calibrated:
    """What a plan has to state of a calibration, since the planner does not take it from there itself."""

    record: Measured  # ns that the harness' consumer takes for a record besides its service
    # ns more on a ring, whose consumer frees each record by itself: the line of its position comes back
    # from the producer that has just looked at it. A record that is watched waits for three such moves.
    freeing: float
    apart: dict[frozenset[int], float]  # ns that a cache line takes between two CPUs
    # How long, and how often, whatever else the machine does keeps a thread from its CPU.
    stall_us: float
    stall_every_us: float  # 0: never


@dataclass(frozen=True)
class Cell:
    """A row of the table `cell` with its transport's options, and where its producers ran."""

    name: str
    parameters: Mapping[str, Any]  # None: without a meaning for the cell
    options: Mapping[str, str]
    producer_cpus: Sequence[int] = field(default=())
    ring_bytes: Sequence[int] = field(default=())

    def __getitem__(self, parameter: str) -> Any:
        return self.parameters.get(parameter)

    def number(self, parameter: str) -> float:
        """0 where it has no meaning."""
        return float(self.parameters.get(parameter) or 0)


def read_calibration(calibration: Path) -> Calibrated:
    """InputError where it cannot be read."""
    file = calibration / "calibration.json" if calibration.is_dir() else calibration
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        inputs = {row["key"]: row for row in document["inputs"]}
        for key, tells in _TOLD.items():
            if key not in inputs:
                raise InputError(
                    f"{file} does not tell {key}, so {tells} is not known; make it again with"
                    " ./run.sh calibrate."
                )
        row, stalls = inputs["consumer.ns_per_record"], document["stalls"]
        record = Measured(float(row["value"]), float(row["low"]), float(row["high"]))
        watched, alone = (
            float(inputs[f"producer.{key}_ns"]["value"]) for key in ("watched", "alone")
        )
        every = 1e6 / stalls["per_s"] if stalls["per_s"] > 0 else 0.0
        lost = float(stalls["share_lost"])
        apart = {
            frozenset((int(pair["cpu_a"]), int(pair["cpu_b"]))): float(pair["latency_ns"]["value"])
            for pair in document["pairs"]
        }
        freeing = max(0.0, watched - alone) / _WATCHED_MOVES
        return Calibrated(record, freeing, apart, lost * every, every)
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}; give the folder that ./run.sh calibrate"
            " wrote."
        ) from error
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise InputError(
            f"{file} is no calibration ({error!r}); give the folder that ./run.sh calibrate wrote."
        ) from error


def why_not(cell: Cell) -> str | None:
    """Why no plan expresses the cell; None: one does."""
    name = cell["transport"]
    if name not in ("ringbuf", "perfbuf", "hybrid"):
        return "no plan has this transport"
    stated = {
        "arrival": cell["arrival"] not in _ARRIVALS,
        "sizes": cell["sizes"] not in (None, "fixed"),
        "skew": cell["skew"] not in (None, "even"),
        "fill": cell["fill"] not in (None, "in_place"),
        "merge": cell["merge"] == "seen",
        "merge_by": cell["merge_by"] == "counter",
        "oversubscribe": bool(cell["oversubscribe"]),
        **{key: cell.number(key) != 0 for key in ("interrupt_every_us", "hold_us", "counter")},
        "abandon_every": cell.number("abandon_every") != 0,
    }
    for key, beyond in stated.items():
        if beyond:
            return f"no plan states {key} = {cell[key]}"
    return _why_not_options(cell) or _why_not_consumer(cell)


def _why_not_options(cell: Cell) -> str | None:
    options = cell.options
    if options.get("overwrite") == "on" and cell["arrival"] != "saturate":
        return "no plan has a ring that gives up its oldest records"
    if options.get("base") == "perfbuf":
        return "no plan has a perf buffer that several CPUs share"
    own = {"commit": "xchg", "position_load": "acquire", "accounting": "none"}
    for key, usual in own.items():
        if options.get(key, usual) != usual:
            return f"no code path is that of {key} = {options[key]}"
    if options.get("notify") == "sampled":
        return "no plan notifies for one record in so many"
    return None


def _why_not_consumer(cell: Cell) -> str | None:
    sleeps = cell["poll"] == "epoll"
    if sleeps and cell["transport"] == "perfbuf" and cell.options.get("notify") == "watermark":
        return "no plan has a consumer that sleeps until half of a buffer is full"
    if sleeps and cell.options.get("notify") == "never":
        return "no plan has a consumer that sleeps over records"
    if cell["poll"] == "after_window" and cell["arrival"] != "saturate":
        return "no plan has a consumer that reads only afterwards"
    if not cell.producer_cpus or not cell.ring_bytes:
        return "no trial of it balanced"
    if len(set(cell.ring_bytes)) > 1:
        return "its rings are of different sizes"
    if _shares_cpu(cell) and cell["arrival"] == "bursty":
        if not _one_thread_of_rings(cell):
            return "no plan has such consumers in turns with producers"
        if cell.producer_cpus[0] != min(cell.producer_cpus):
            return "no plan has a consumer on the CPU of any but the first producer"
    return None


def figure_why_not(cell: Cell, figure: str) -> str | None:
    """Why a plan that expresses the cell does not tell this figure of it; None: it does."""
    if not _shares_cpu(cell):
        return None
    if figure.startswith("delay") and cell["arrival"] != "bursty":
        return "no plan has when a scheduler lets a consumer run on a steady producer's CPU"
    if figure.startswith("reserve") and cell["poll"] != "epoll":
        return "no plan has what turns with a consumer that never sleeps leave in a CPU's caches"
    return None


def _one_thread_of_rings(cell: Cell) -> bool:
    return bool(cell["transport"] != "perfbuf" and cell["consumers"] != "per_ring")


def _shares_cpu(cell: Cell) -> bool:
    return bool(cell["consumer"] == "shares_producer_core" and cell["poll"] != "after_window")


def plan_of(cell: Cell, known: Calibrated, draws: int) -> str:
    """The TOML of a plan of this machine; the cell must be one that why_not() lets pass."""
    # As long as a trial: what fills slowly is not full in it. Of bursts a trial has few.
    trial_s = max(_SHORTEST_S, (cell.number("warmup_ms") + cell.number("duration_ms")) * 1e-3)
    seconds = 20 * trial_s if cell["arrival"] == "bursty" else trial_s
    sections: dict[str, dict[str, object]] = {
        "run": {"seed": 1, "seconds": seconds, "draws": draws},
        "machine": _machine(cell),
        "source": _source(cell),
        "consumer": _consumer(cell, known),
    }
    lines = [f"title = {json.dumps(cell.name)}"]
    for name, keys in sections.items():
        lines += ["", f"[{name}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in keys.items()]
    lines += ["", "[[layout]]"]
    lines += [f"{key} = {_toml(value)}" for key, value in _layout(cell).items()]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, Measured):
        return value.as_toml()
    return json.dumps(value)


def _machine(cell: Cell) -> dict[str, object]:
    machine: dict[str, object] = {
        "topology": "this",
        "cpus": sorted(cell.producer_cpus),
        "code_path": "ringbuf",
    }
    if "lock" in cell.options:
        machine["lock"] = _LOCKS[cell.options["lock"]]
    # A consumer that does not sleep is notified by nobody.
    always = cell["poll"] == "epoll" and cell.options.get("notify") == "always"
    adaptive = cell["poll"] == "epoll" and not always
    machine["notify"] = "always" if always else "adaptive" if adaptive else "never"
    return machine


def _source(cell: Cell) -> dict[str, object]:
    source: dict[str, object] = {"record_size": int(cell.number("record_size"))}
    if cell["arrival"] == "saturate":
        return source | {"rate_per_cpu": SATURATING_RATE}
    if cell["arrival"] != "bursty":
        return source | {"rate_per_cpu": cell.number("rate")}
    return source | {
        "rate_per_cpu": 0,
        "burst_rate": cell.number("rate"),
        "burst_on_us": cell.number("burst_on_us"),
        "bursts_per_cpu_s": 1e6 / cell.number("burst_every_us"),
        "burst_width": cell.number("burst_width"),
    }


def _consumer(cell: Cell, known: Calibrated) -> dict[str, object]:
    if cell["poll"] == "after_window":  # nobody reads, so nobody takes the producers' lines away
        return {"ns_per_record": _NEVER_NS}
    # A consumer serves a record for service_ns from the moment on that it has verified it.
    # Most of a burst is read when it is over, and a perf buffer is freed in large parts.
    freed_singly = cell["transport"] != "perfbuf" and cell["arrival"] != "bursty"
    freeing = known.freeing if freed_singly else 0.0
    consumer: dict[str, object] = {
        "ns_per_record": known.record.plus(cell.number("service_ns") + freeing),
        "turn": int(cell.number("budget")) or _NO_BUDGET,
    }
    # Whoever of the two has nothing to do gives way: the consumer sleeps, the producer yields while it
    # waits for an event to be due. What is steady and no more than the consumer can take is not held up
    # for long by that; a burst is sent when the consumer has nothing left to read.
    if _shares_cpu(cell) and _one_thread_of_rings(cell):
        consumer["cpu"] = "first"
    if cell.number("downstream_ns") > 0:
        consumer["stage_ns"] = cell.number("downstream_ns")
    if cell.number("stall_ms") > 0:
        consumer["stall_us"] = cell.number("stall_ms") * 1e3
        consumer["stall_every_us"] = cell.number("stall_every_ms") * 1e3
    elif known.stall_us > 0:
        consumer["stall_us"] = known.stall_us
        consumer["stall_every_us"] = known.stall_every_us
    if cell["merge"] == "watermark":
        consumer["merge_wait_us"] = cell.number("merge_wait_us")
    return consumer


def _layout(cell: Cell) -> dict[str, object]:
    each = int(cell.ring_bytes[0])
    if cell["transport"] == "ringbuf":
        return {"kind": "shared", "total": each}
    threads: object = "each" if cell["consumers"] == "per_ring" else 1
    if cell["transport"] == "perfbuf":
        return {"kind": "perf", "ring": each, "consumers": threads}
    mapping = cell.options.get("mapping", "contiguous")
    layout: dict[str, object] = {"kind": "rings", "mapping": mapping}
    if mapping in ("contiguous", "modulo"):
        layout["cpus_per_ring"] = min(int(cell.options["cpus_per_ring"]), len(cell.producer_cpus))
    return layout | {"ring": each, "consumers": threads}
