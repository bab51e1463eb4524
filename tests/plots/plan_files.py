"""A plan.json made by hand: layouts of a machine with 192 CPUs, and what a test changes in them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Document = dict[str, Any]

FIGURES = (
    ("drop_fraction", "records dropped", "ratio"),
    ("reserve_p50_ns", "time of a reserve, p50", "ns"),
    ("reserve_p99_ns", "time of a reserve, p99", "ns"),
    ("delay_p50_us", "delay until read, p50", "us"),
    ("delay_p99_us", "delay until read, p99", "us"),
    ("reordered_ratio", "records out of order", "ratio"),
    ("reorder_extent", "extent of the disorder, mean", "records"),
    ("merge_held", "records held to be merged", "records"),
    ("merge_delay_us", "delay by merging", "us"),
    ("lock_records_per_s", "what the busiest lock could take", "records/s"),
    ("consumer_records_per_s", "what the consumers could read", "records/s"),
    ("delivered_per_s", "delivered", "records/s"),
)
TARGETS = (
    ("drop_fraction", "records dropped", "ratio", 0.01),
    ("reserve_p99_ns", "time of a reserve, p99", "ns", 2000.0),
    ("memory", "memory held", "bytes", 256.0 * 2**20),
)
MIB = 2**20


def around(value: float, spread: float = 0.3) -> dict[str, float]:
    low, high = (round(value * share, 9) for share in (1 - spread, 1 + spread))
    return {"value": value, "low": low, "high": high}


def layout(
    kind: str, rings: int, ring_bytes: int, drops: float, reserve_p99: float, **more: Any
) -> Document:
    total = rings * ring_bytes
    each = f"{ring_bytes // MIB} MiB" if ring_bytes >= MIB else f"{ring_bytes // 1024} KiB"
    names = {
        "shared": f"shared {each}",
        "rings": f"rings of {192 // rings} CPUs (contiguous) {rings} x {each}",
        "perf": f"perf {rings} x {each}",
    }
    figures = {
        "drop_fraction": around(drops),
        "reserve_p50_ns": around(reserve_p99 / 4),
        "reserve_p99_ns": around(reserve_p99),
        "delay_p50_us": around(120.0),
        "delay_p99_us": around(2400.0),
        "reordered_ratio": around(0.0 if kind == "shared" else 0.2),
        "reorder_extent": around(0.0 if kind == "shared" else 1800.0),
        "merge_held": around(0.0),
        "merge_delay_us": around(0.0),
        "lock_records_per_s": around(5.6e6),
        "consumer_records_per_s": around(3.1e6),
        "delivered_per_s": around(2.0e6 * (1 - drops)),
    }
    made = {
        "name": names[kind],
        "kind": kind,
        "rings": rings,
        "cpus_per_ring": 192 // rings,
        "mapping": "contiguous" if kind == "rings" else "",
        "consumers": min(4, rings),
        "ring_bytes": ring_bytes,
        "total_bytes": total,
        "basis": "extrapolated",
        "basis_words": "No calibration of this very machine is given: latencies are assumed.",
        "figures": figures,
        "memory": {
            "held": total + rings * 8192,
            "mapped": 2 * total + rings * 8192,
            "resident": 2 * total + rings * 8192,
        },
        "limit": "ring_space" if drops else "nothing",
        "limit_words": f"In bursts {drops * 100:.2g} % of the records are lost.",
        "missed": [key for key, value in (("drop_fraction", drops),) if value > 0.01],
        "unsure": ["reserve_p99_ns"] if 1400 < reserve_p99 <= 2000 else [],
        "pareto": False,
        "settings": [f"bpf_map__set_max_entries(map, {ring_bytes});"],
    }
    return made | more


def layouts() -> list[Document]:
    found = []
    for step, mib in enumerate((4, 16, 64, 256)):
        drops = (0.18, 0.03, 0.004, 0.0)[step]
        found.append(layout("shared", 1, mib * MIB, drops, 9000.0, pareto=step > 1))
        found.append(layout("rings", 8, mib * MIB // 8, drops * 1.4, 1900.0, pareto=step == 2))
        found.append(layout("rings", 32, mib * MIB // 32, drops * 1.9, 700.0, pareto=step >= 2))
        found.append(layout("perf", 192, mib * MIB // 256, drops * 2.6 + 2e-4, 90.0, pareto=True))
    return found


def document() -> Document:
    chosen = 10
    return {
        "format": "ringbench plan",
        "version": 1,
        "plan": {
            "path": "configs/plans/example.toml",
            "title": "192 CPUs, 2 M events/s, bursts, 256 MiB to spend",
            "seed": 1,
            "seconds": 10.0,
            "draws": 40,
            "command": "./run.sh plan configs/plans/example.toml --what-if consumer.ns_per_record=300",
        },
        "machine": {
            "words": "package:2 core:48 pu:2",
            "cpus": 192,
            "nodes": 2,
            "packages": 2,
            "code_path": "linux-6.10",
            "lock": "queued",
            "latency": "by class: what pairs of CPUs share",
        },
        "workload": {
            "words": "each CPU sends 8,000 records/s, and bursts of 2 ms hit 20 CPUs together",
            "records_per_s": 2.0e6,
            "in_burst_records_per_s": 2.1e7,
        },
        "inputs": inputs(),
        "targets": [dict(zip(("key", "words", "unit", "limit"), one)) for one in TARGETS],
        "figures": [dict(zip(("key", "words", "unit"), one)) for one in FIGURES],
        "layouts": layouts(),
        "recommended": chosen,
        "nearest": None,
        "why": "It drops what is allowed at most and holds the least memory of those that do."
        " Every cheaper layout drops more than 1 % in bursts.",
        "crossovers": [
            {
                "wide": 0,
                "narrow": 3,
                "burst_width": {"value": 17, "low": 15, "high": 18},
                "words": "Up to bursts of 17 CPUs (15 to 18) shared loses no more, beyond it more.",
            }
        ],
        "changes": [
            change("reserve what is used: 112 bytes", "source.record_size", 2048, 112, 0.0021),
            change("double the rings", "layout.ring_bytes", 8 * MIB, 16 * MIB, 0.0004),
        ],
        "decisive": {
            "key": "consumer.ns_per_record",
            "words": "Between 250 and 520 ns a record, the dropped records go from 0.1 to 2.1 %.",
            "measurement": "./run.sh calibrate on the machine, with the payload really read.",
        },
        "remarks": ["The plan was not calibrated.", "A stall of the consumer is not modelled."],
    }


def change(words: str, key: str, start: float, end: float, drops: float) -> Document:
    figures = {name: {"before": 100.0, "after": 100.0} for name, _, _ in FIGURES}
    figures["drop_fraction"] = {"before": 0.0056, "after": drops}
    return {"words": words, "key": key, "from": start, "to": end, "figures": figures}


def inputs() -> list[Document]:
    rows = (
        ("source.rate_per_cpu", 8000.0, 0.0, "records/s", "stated", "steady rate of a CPU"),
        ("source.record_size", 2048.0, 0.0, "bytes", "stated", "payload reserved for a record"),
        ("source.burst_width", 20.0, 0.0, "CPUs", "stated", "CPUs that a burst hits together"),
        ("consumer.ns_per_record", 350.0, 0.3, "ns", "assumed", "time of a thread for a record"),
        ("producer.alone_ns", 42.0, 0.1, "ns", "calibrated", "reserve and commit, nobody else"),
        ("latency.machine_ns", 220.0, 0.2, "ns", "assumed", "from package to package"),
        ("consumer.poll_interval_us", 1500.0, 0.1, "us", "assumed", "pause between two looks"),
    )
    names = ("key", "unit", "origin", "summary")
    return [
        dict(zip(names, (key, unit, origin, summary))) | around(value, spread)
        for key, value, spread, unit, origin, summary in rows
    ]


def nothing_meets(plan: Document) -> None:
    for one in plan["layouts"]:
        one["missed"], one["unsure"] = ["drop_fraction", "memory"], ["reserve_p99_ns"]
    plan["recommended"], plan["nearest"] = None, 2


def no_targets(plan: Document) -> None:
    plan["targets"] = []
    for one in plan["layouts"]:
        one["missed"], one["unsure"] = [], []


def one_layout(plan: Document) -> None:
    plan["layouts"] = [plan["layouts"][plan["recommended"]]]
    plan["recommended"] = 0


def nothing_to_change(plan: Document) -> None:
    plan["changes"], plan["decisive"], plan["remarks"] = [], None, []


def no_drops(plan: Document) -> None:
    for one in plan["layouts"]:
        one["figures"]["drop_fraction"] = around(0.0)
        one["missed"] = []


def huge(plan: Document) -> None:
    """As far as a number of JSON goes, and a rate that has no bound."""
    for step, one in enumerate(plan["layouts"]):
        one["figures"]["delay_p99_us"] = around(1e15)
        one["figures"]["reserve_p99_ns"] = {"value": 1e12, "low": 0.0, "high": 1e300}
        one["figures"]["drop_fraction"] = {"value": 1.0, "low": 1e-9, "high": 1.0}
        one["figures"]["lock_records_per_s"] = {"value": None, "low": None, "high": None}
        one["memory"] = dict.fromkeys(("held", "mapped", "resident"), 2 ** (12 + 3 * step))


HOSTILE = '<script>alert("x")</script> $\\frac{1}$ & -- \u0007 \ud800 ]]> \'"'


def hostile(plan: Document) -> None:
    """Text everywhere that a page or a figure could take for its own."""
    _every_text(plan, ("format", "unit", "kind", "basis", "limit", "origin", "key"))
    plan["targets"][0]["words"] = HOSTILE


def _every_text(value: Any, but: Sequence[str]) -> None:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(parts):
        if isinstance(part, (dict, list)) and key not in ("missed", "unsure"):
            _every_text(part, but)
        elif isinstance(part, str) and key not in but:
            value[key] = f"{HOSTILE} {part}"


def write(folder: Path, *changes: Callable[[Document], None]) -> Path:
    """The folder, with a plan.json in it."""
    plan = document()
    for change_it in changes:
        change_it(plan)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return folder
