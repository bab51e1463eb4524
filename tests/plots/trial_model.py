"""Trials with plausible numbers: costs that follow from how many producers share a ring."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

import instrument
from machines import Server
from store_writer import SHARES, Cell, Trial

BASE: dict[str, Any] = {
    "placement": "compact",
    "consumer": "own_core_same_node",
    "consumers": "one",
    "poll": "busy",
    "service_ns": 0,
    "ring_memory": "consumer_node",
    "oversubscribe": 0,
    "bytes_are": "total",
    "bytes": 1 << 20,
    "record_size": 64,
    "arrival": "saturate",
    "sample_every": 64,
    "stamps": 1,
    "warmup_ms": 50,
    "duration_ms": 200,
}


# What timing one event in so many costs an event.
TIMING_COSTS = {0: 1.0, 1: 2.5, 128: 1.02}


class Model:
    """Costs that follow from how many producers share a ring; noise from a seed."""

    def __init__(self, server: Server, repetitions: int, seed: int = 7) -> None:
        self.server = server
        self.allowed = server.cpus
        self.repetitions = repetitions
        self.random = np.random.default_rng(seed)
        # The instrument's noise has a source of its own: the costs do not depend on it.
        self.noise = np.random.default_rng(seed + 1)

    def cell(self, transport: str, options: Mapping[str, str] | None = None, **wanted: Any) -> Cell:
        parameters = {**BASE, **wanted}
        options = options or {}
        if transport == "null":
            for name in ("bytes", "bytes_are", "ring_memory"):
                parameters.pop(name)
        needed = parameters["producers"] + 1
        if needed > self.allowed:
            reason = f"needs {needed} CPUs, and this machine allows {self.allowed}"
            return Cell(transport, (), options, parameters, None, "skipped", reason)
        sharing, rings = self._sharing(transport, options, parameters["producers"])
        trials = [
            self._trial(transport, options, parameters, sharing, rings)
            for _ in range(self.repetitions)
        ]
        atomics = instrument.atomics(transport, options)
        return Cell(transport, trials, options, parameters, rings, atomics=atomics)

    def _sharing(
        self, transport: str, options: Mapping[str, str], producers: int
    ) -> tuple[int, int]:
        """How many producers meet on one ring, and how many rings there are."""
        if transport == "null":
            return 0, 0
        if transport == "perfbuf":
            return 1, producers
        if transport == "hybrid":
            share = min(int(options["cpus_per_ring"]), producers)
            return share, math.ceil(producers / share)
        return producers, 1

    def _trial(
        self,
        transport: str,
        options: Mapping[str, str],
        parameters: Mapping[str, Any],
        sharing: int,
        rings: int,
    ) -> Trial:
        noise = float(self.random.normal(1, 0.02))
        lock = {"ticket": 1.35, "ttas": 1.8}.get(options.get("lock", ""), 1.0)
        busy = parameters["arrival"] == "saturate"
        crowd = sharing if busy else 1 + (sharing - 1) * 0.15
        reserve = (3 if transport == "null" else 9 + 14 * max(0, crowd - 0.5) ** 1.2 * lock) * noise
        event = reserve + (2 if transport == "null" else 21 + parameters["record_size"] / 16)
        producers = parameters["producers"]
        seconds = parameters["duration_ms"] / 1000
        offered = producers * (parameters.get("rate") or 2e9 / event / max(1, sharing))
        dropped = self._drop_fraction(transport, parameters, sharing, offered)
        attempted = int(offered * seconds)
        drops = int(attempted * dropped)
        disorder = 0.0 if rings < 2 else min(0.6, 0.08 * math.log2(rings) * noise)
        committed = attempted - drops
        sampled = max(200, attempted // 64)
        tails = {"p50": 1.0, "p90": 1.4, "p99": 3.0, "p999": 12.0, "max": 60.0, "mean": 1.2}
        metrics: dict[str, float] = {
            "attempted": attempted,
            "committed": committed,
            "discarded": 0,
            "drop_no_space": drops,
            "consumed": committed,
            "overwritten": 0,
            "left_in_buffer": 0,
            "window_s": seconds,
            "window_attempted": attempted,
            "window_dropped": drops,
            "drop_fraction": drops / attempted,
            "offered_rate": offered,
            "achieved_rate": offered,
            "delivered_rate": committed / seconds,
            "event_amortised_cycles": event * TIMING_COSTS.get(parameters["sample_every"], 1.0),
            "jain_index": 1 - 0.02 * (1 - 1 / producers) * float(self.noise.random()),
            "worst_drop_fraction": drops / attempted,
            **instrument.noise(self.noise),
            "involuntary_switches": float(self.random.integers(0, 3)),
        }
        histograms = {}
        if parameters["sample_every"]:
            for name, value in (("reserve", reserve), ("event", event)):
                metrics |= {f"{name}_cycles_{tail}": value * f for tail, f in tails.items()}
            histograms["reserve_cycles"] = self._histogram(reserve, sampled)
        if not busy:
            histograms["lag_ns"] = instrument.lags(parameters["rate"], sampled, self.noise)
        if transport != "null":
            delay = 900.0 * noise * (1 + rings / 8)
            metrics |= {f"delivery_ns_{tail}": delay * f for tail, f in tails.items()}
            metrics |= {
                "data_bytes": parameters["bytes"],
                "footprint_bytes": parameters["bytes"] + 8192 * rings,
                "order_records": committed,
                "reordered_ratio": disorder,
            }
            histograms["delivery_ns"] = self._histogram(delay, sampled)
            histograms["reorder_density"] = instrument.displacements(rings, committed)
            histograms["buffer_occupancy"] = instrument.occupancies(rings, committed)
        if disorder:
            extents = self._extents(rings, int(committed * disorder))
            histograms["reorder_extent"] = extents
            metrics |= {
                "reorder_extent_p50": extents[len(extents) // 2][0],
                "reorder_extent_p99": extents[-1][0],
                "reorder_extent_max": extents[-1][0],
            }
        return Trial(
            metrics,
            producers=self._producers(metrics, producers, rings),
            threads=self._threads(producers),
            rings=self._rings(parameters.get("bytes"), rings),
            series=instrument.series(metrics, producers, seconds, parameters["warmup_ms"] / 1000),
            histograms=histograms,
        )

    def _drop_fraction(
        self, transport: str, parameters: Mapping[str, Any], sharing: int, offered: float
    ) -> float:
        if transport == "null" or parameters["arrival"] != "bursty":
            return max(0.0, 1 - 4e7 / offered) if transport != "null" else 0.0
        width = parameters["burst_width"]
        burst = parameters["rate"] * parameters["burst_on_us"] / 1e6 * parameters["record_size"]
        mine = parameters["bytes"] / max(1, parameters["producers"] / sharing)
        hit = min(width, sharing)
        lost = max(0.0, 1 - float(mine / (burst * hit)))
        return min(0.999, lost * float(self.random.normal(1, 0.03)))

    def _histogram(self, median: float, observations: int) -> list[tuple[float, float, int]]:
        edges = np.unique(np.round(np.logspace(np.log10(median * 0.7), np.log10(median * 40), 50)))
        shares = np.exp(-2.6 * np.log(edges / edges[0]) ** 0.9)
        counts = np.floor(observations * -np.diff(np.append(shares, 0))).astype(int)
        return [(float(e), float(e), int(c)) for e, c in zip(edges, counts) if c > 0]

    def _extents(self, rings: int, records: int) -> list[tuple[float, float, int]]:
        edges = [2**power for power in range(int(math.log2(rings * 16)))]
        shares = [0.5 ** (i + 1) for i in range(len(edges))]
        return [
            (float(e), float(2 * e - 1), max(1, int(records * s))) for e, s in zip(edges, shares)
        ]

    def _producers(
        self, metrics: Mapping[str, float], producers: int, rings: int
    ) -> list[dict[str, Any]]:
        rows = []
        weights = self.noise.uniform(0.9, 1.1, producers)
        parts = {name: _parts(int(metrics[name]), weights) for name in (*SHARES, "drop_no_space")}
        for number in range(producers):
            split = {name: part[number] for name, part in parts.items()}
            split["attempted"] = split["committed"] + split["drop_no_space"]
            ring = number * rings // producers if rings else None
            rows.append({"producer": number, "cpu": number, "ring": ring, **split})
        return rows

    def _threads(self, producers: int) -> list[dict[str, Any]]:
        placed = [("producer", number, number) for number in range(producers)]
        placed.append(("consumer", 0, self.server.cpus - 1))
        names = ("role", "number", "cpu_wanted", "cpu_found")
        return [dict(zip(names, (role, number, cpu, cpu))) for role, number, cpu in placed]

    def _rings(self, total: int | None, rings: int) -> list[dict[str, Any]]:
        return [
            {
                "ring": ring,
                "bytes": (total or 0) // rings,
                "nodes_wanted": "[0]",
                "nodes_found": json.dumps({str(ring * self.server.nodes // rings): 16}),
            }
            for ring in range(rings)
        ]


def _parts(total: int, weights: npt.NDArray[np.float64]) -> list[int]:
    """Whole numbers that add up to the total, nearly as the weights have it."""
    edges = np.round(total * np.cumsum(weights) / weights.sum()).astype(int)
    return [int(part) for part in np.diff(edges, prepend=0)]
