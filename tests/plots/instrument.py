"""What the instrument says beside the trials: limits, clocks, noise, series and densities."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from machines import Server

ATOMICS: dict[str, dict[str, int]] = {
    "null": {},
    "mcs": {"xchg": 1, "cmpxchg": 1, "release_store": 1},
    "ticket": {"xadd": 1, "release_store": 2},
    "ttas": {"cmpxchg": 1, "release_store": 2},
    "perfbuf": {"release_store": 1},
}
_ALONE = {"xadd": 18.0, "xchg": 19.0, "cmpxchg": 20.0, "release_store": 1.0}
_ROUNDS = 3
Floats = npt.NDArray[np.float64]
_POINTS = 24


def atomics(transport: str, options: Mapping[str, str]) -> dict[str, int]:
    base = options.get("base", "") if transport == "hybrid" else transport
    return ATOMICS[options.get("lock", "mcs") if base == "ringbuf" else base]


def clock_rows(server: Server) -> list[dict[str, float]]:
    return [
        {
            "cpu": cpu,
            "timer_pair_cycles": 38 + cpu % 2,
            "resolution_cycles": 2,
            "offset_cycles": float(cpu % 7 - 3),
            "offset_bound_cycles": 0.0 if cpu == 0 else 90.0 + cpu % 31,
        }
        for cpu in range(server.cpus)
    ]


def limit_rows(server: Server, sampled: int | None = None) -> list[dict[str, Any]]:
    """`sampled`: hand-over between every so manieth CPU only; None: between all pairs."""
    rows: list[dict[str, Any]] = []
    cpus = range(0, server.cpus, sampled or 1)
    for number in range(_ROUNDS):
        wobble = 1 + 0.02 * number
        rows.append({"operation": "timer_pair", "cycles": 38 * wobble})
        for threads in (n for n in (1, 2, 4, 10, 40, 80) if n <= server.cpus):
            rows += [
                {"operation": name, "threads": threads, "cycles": alone * threads**1.1 * wobble}
                for name, alone in _ALONE.items()
            ]
        rows += [
            {"operation": "fill", "bytes": size, "cycles": (2 + size / 32) * wobble}
            for size in (8, 64, 256, 1024)
        ]
        rows += [
            {
                "operation": "hand_over",
                "cpu_a": a,
                "cpu_b": b,
                "cycles": _hand_over(server, a, b) * wobble,
            }
            for a in cpus
            for b in cpus
            if a < b
        ]
        for row in rows:
            row.setdefault("round", number)
    return rows


def _hand_over(server: Server, a: int, b: int) -> float:
    if a // server.smt == b // server.smt:
        return 42.0
    node = server.cores * server.smt
    return (115.0 if a // node == b // node else 390.0) + (a * 7 + b * 13) % 17


def noise(random: np.random.Generator) -> dict[str, float]:
    hiccups = float(random.poisson(0.6))
    return {
        "steal_ms": float(random.poisson(0.1)) * 10,
        "migrations": 0.0,
        "page_faults": 0.0,
        "hiccups": hiccups,
        "hiccup_us_max": 30.0 + 100 * float(random.random()) if hiccups else 0.0,
        "hiccup_share": hiccups * 4e-4,
        "tie_window_cycles": 120.0,
    }


def displacements(rings: int, records: int) -> list[tuple[float, float, int]]:
    """RFC 5236 reorder density: most records in place, early ones close, late ones farther."""
    reach = int(4 * math.log2(rings) + 1) if rings > 1 else 0
    shares = {0: 1.0}
    for place in range(1, reach + 1):
        shares[-place], shares[2 * place] = 0.3 / place**2, 0.15 / place**2
    whole = sum(shares.values())
    return [
        (float(place), float(place), max(1, int(records * share / whole)))
        for place, share in sorted(shares.items())
    ]


def occupancies(rings: int, records: int) -> list[tuple[float, float, int]]:
    reach = int(4 * math.log2(rings) + 1) if rings > 1 else 0
    return [(float(n), float(n), max(1, int(records * 0.6 * 0.4**n))) for n in range(reach + 1)]


def lags(rate: float, events: int, random: np.random.Generator) -> list[tuple[float, float, int]]:
    typical = 90 + 400 * min(1.0, rate / 1e7) * float(random.normal(1, 0.05))
    edges = np.round(typical * np.logspace(-0.5, 2, 30))
    counts = np.floor(events * 0.5 ** np.arange(1, 31)).astype(int)
    return [(float(e), float(e), int(c)) for e, c in zip(edges, counts) if c > 0]


def series(
    metrics: Mapping[str, float], producers: int, window_s: float, warmup_s: float
) -> list[dict[str, Any]]:
    """A saw-tooth of occupancy; records are dropped while it stands at the memory's edge."""
    times = np.linspace(-warmup_s, window_s, _POINTS) * 1e6
    passed = np.linspace(0, 1, _POINTS)
    full = metrics.get("data_bytes", 0.0)
    lost = metrics["window_dropped"]
    teeth = np.minimum(1.0, (passed * 5 % 1) * (1.6 if lost else 0.7)) * full
    dropping: Floats = np.cumsum((teeth >= full) & bool(full)).astype(np.float64)
    drops = lost * dropping / max(1, dropping[-1])
    rows = []
    for number in range(producers):
        for name, total in (("attempted", passed * metrics["attempted"]), ("dropped", drops)):
            rows.append(_one("producer", number, name, times, total / producers))
    if full:
        rows.append(_one("consumer", 0, "occupancy_bytes", times, teeth))
        rows.append(_one("consumer", 0, "consumed", times, passed * metrics["consumed"]))
    return rows


def _one(role: str, number: int, name: str, times: Floats, values: Floats) -> dict[str, Any]:
    points = [[round(float(t), 1), round(float(v))] for t, v in zip(times, values)]
    return {"role": role, "number": number, "name": name, "points": json.dumps(points)}
