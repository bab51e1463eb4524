"""Writes a store as docs/store.md describes it, from cells and trials given in Python."""

import itertools
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PARAMETERS = (
    "producers placement cpus consumer consumers poll budget service_ns downstream_ns"
    " stall_ms stall_every_ms merge merge_by merge_wait_us ring_memory oversubscribe"
    " interrupt_every_us bytes bytes_are record_size sizes record_size_max size_sigma"
    " size_list arrival rate burst_on_us burst_every_us burst_width chain_length chain_gap_us"
    " race_window_ns race_every_ns probe trace skew skew_exponent hot_share hot_every_ms fill"
    " abandon_every hold_us hold_every_ms sample_every stamps counter warmup_ms duration_ms"
).split()
METRICS = (
    "attempted committed discarded consumed overwritten left_in_buffer drop_no_space"
    " drop_lock_busy drop_too_big drop_recursion interrupt_attempted interrupt_lock_busy"
    " interrupt_recursion interrupt_no_space lost_marked window_s window_attempted"
    " window_dropped drop_fraction offered_rate achieved_rate delivered_rate"
    " event_amortised_cycles event_amortised_core_cycles core_cycles_per_tick"
    " reserve_cycles_p50 reserve_cycles_p90 reserve_cycles_p99 reserve_cycles_p999"
    " reserve_cycles_max reserve_cycles_mean commit_cycles_p50 commit_cycles_p90"
    " commit_cycles_p99 commit_cycles_p999 commit_cycles_max commit_cycles_mean"
    " event_cycles_p50 event_cycles_p90 event_cycles_p99 event_cycles_p999 event_cycles_max"
    " event_cycles_mean call_cycles_p50 empty_call_cycles_p50 refused_cycles_p50"
    " refused_cycles_p99 order_records tie_window_cycles stamp_error_cycles reordered_ratio"
    " reorder_extent_mean reorder_extent_p50 reorder_extent_p99 reorder_extent_max"
    " late_time_ns_p50 late_time_ns_p99 late_time_ns_max n_reordering_1_ratio"
    " n_reordering_2_ratio n_reordering_3_ratio reordering_free_run_mean reorder_density_zero"
    " buffer_occupancy_mean buffer_occupancy_max chains_whole chains_broken causal_inversions"
    " counter_reordered_ratio merge_held_mean merge_held_max merge_delay_ns_p50"
    " merge_delay_ns_p99 merge_late merge_cycles holds hold_us_max recovery_us_p50"
    " recovery_us_max race_tries races delivery_ns_p50 delivery_ns_p90 delivery_ns_p99"
    " delivery_ns_p999 delivery_ns_max delivery_ns_mean consumer_cycles polls empty_polls"
    " wakeups sleeps lost_wakeups late_wakeups consumer_cpu_share notifications data_bytes"
    " footprint_bytes mapped_bytes resident_bytes peak_pool_bytes peak_ring_bytes lag_ns_p50"
    " lag_ns_p99 lag_ns_max gap_p50 gap_max sequence_gaps_seen gap_place_records_mean"
    " gap_place_records_p99 gap_place_records_max first_drop_us accepted_before_drop"
    " jain_index worst_drop_fraction involuntary_switches migrations page_faults steal_ms"
    " steal_share hiccups hiccup_us_max hiccup_share frequency_change"
).split()
_DROPS = ["drop_no_space", "drop_lock_busy", "drop_too_big", "drop_recursion"]
SHARES = ["attempted", "committed", "discarded", "consumed", "overwritten", "left_in_buffer"]
PRODUCER = ["producer", "cpu", "ring", *SHARES, *_DROPS, "window_attempted", "window_dropped"]
PRODUCER += ["reserve_cycles_p50", "event_cycles_p50", "first_drop_us"]

PROVENANCE = {
    "started": "2025-11-03T09:00:00Z",
    "finished": "2025-11-03T09:02:00Z",
    "host": "alpha",
    "kernel": "6.1.0-18-amd64",
    "cpu_model": "Example CPU 1.0 GHz",
    "cpus_allowed": "0-1",
    "governor": "performance",
    "smt": "off",
    "turbo": "off",
    "mitigations": "none",
    "isolated_cpus": "none",
    "huge_pages": "none",
    "hypervisor": "none",
    "clocksource": "tsc",
    "numa_nodes": "1",
    "compiler": "g++ 12.2.0",
    "compile_flags": "-O2",
    "git_revision": "0123abc",
    "ringbench_version": "0.1.0",
    "config_name": "quick",
    "config_title": "Quick look",
    "config_question": "What do the layouts cost on this machine?",
    "config_text": '[matrix]\ntransport = ["null", "ringbuf"] # <all> & more\n',
    "seed": "42",
    "command": "build/ringbench run configs/quick.toml",
    "tsc_invariant": "1",
    "tsc_hz": "2000000000",
    "tsc_hz_relative_error": "1e-7",
    "tsc_resolution_cycles": "2",
    "timer_pair_cycles": "38",
    "tsc_offset_bound_cycles": "120",
    "hiccups_per_s": "0.5",
    "chosen_duration_ms": "35",
    "chosen_repetitions": "5",
}


@dataclass
class Trial:
    """One trial; the metrics not named are NULL."""

    metrics: Mapping[str, float]
    status: str = "ok"
    reason: str | None = None
    producers: Sequence[Mapping[str, Any]] = ()
    threads: Sequence[Mapping[str, Any]] = ()
    rings: Sequence[Mapping[str, Any]] = ()
    series: Sequence[Mapping[str, Any]] = ()
    histograms: Mapping[str, Iterable[tuple[float, float, int]]] = field(default_factory=dict)
    repetition: int | None = None  # None: its place among the trials of the cell
    attempt: int = 0
    started: str = "2025-11-03T09:00:01Z"


@dataclass
class Cell:
    transport: str
    trials: Sequence[Trial] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rings: int | None = 1
    status: str = "planned"
    reason: str | None = None
    atomics: Mapping[str, int] | None = None

    @property
    def id(self) -> str:
        text = f"{self.transport}{sorted(self.options.items())}{sorted(self.parameters.items())}"
        return f"{hash_of(text):016x}"


def hash_of(text: str) -> int:
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def write_store(
    folder: Path,
    cells: Sequence[Cell],
    provenance: Mapping[str, str | None] | None = None,
    version: int = 4,
    clock: Sequence[Mapping[str, float]] = (),
    limits: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """A results directory with run.sqlite in it. A provenance value of None leaves the key out."""
    folder.mkdir(parents=True, exist_ok=True)
    merged: dict[str, str | None] = {**PROVENANCE, **(provenance or {})}
    connection = sqlite3.connect(folder / "run.sqlite")
    _create(connection, version)
    rows = [(key, value) for key, value in merged.items() if value is not None]
    connection.executemany("INSERT INTO provenance VALUES (?, ?)", rows)
    for table, measured in (("clock", clock), ('"limit"', limits)):
        for part in measured:
            insert(connection, table, part)
    numbers = itertools.count(1)
    for cell in cells:
        insert_cell(connection, cell)
        for repetition, trial in enumerate(cell.trials):
            _insert_trial(connection, next(numbers), cell.id, repetition, trial)
    connection.commit()
    connection.close()
    return folder


def _create(connection: sqlite3.Connection, version: int) -> None:
    metrics = ", ".join(f"{name} REAL" for name in METRICS)
    connection.executescript(
        f"""
        PRAGMA user_version = {version};
        CREATE TABLE provenance (key TEXT PRIMARY KEY, value TEXT);
        CREATE TABLE clock (cpu INTEGER, timer_pair_cycles, resolution_cycles, offset_cycles,
            offset_bound_cycles);
        CREATE TABLE "limit" (round INTEGER, operation TEXT, bytes, threads, cpu_a, cpu_b, cycles);
        CREATE TABLE cell (id TEXT PRIMARY KEY, name TEXT, status TEXT, reason TEXT,
            transport TEXT, options TEXT, atomics TEXT, rings INTEGER, {", ".join(PARAMETERS)});
        CREATE TABLE trial (id INTEGER PRIMARY KEY, cell_id TEXT, repetition INTEGER,
            attempt INTEGER, started TEXT, status TEXT, reason TEXT, {metrics});
        CREATE TABLE producer (trial_id INTEGER, {", ".join(PRODUCER)},
            PRIMARY KEY (trial_id, producer)) WITHOUT ROWID;
        CREATE TABLE ring (trial_id INTEGER, ring, bytes, peak_bytes, nodes_wanted, nodes_found,
            PRIMARY KEY (trial_id, ring)) WITHOUT ROWID;
        CREATE TABLE thread (trial_id INTEGER, role, number, cpu_wanted, cpu_found,
            voluntary_switches, involuntary_switches, migrations, page_faults,
            hiccups, hiccup_us, hiccup_us_max, PRIMARY KEY (trial_id, role, number)) WITHOUT ROWID;
        CREATE TABLE series (trial_id INTEGER, role, number, name, points,
            PRIMARY KEY (trial_id, role, number, name)) WITHOUT ROWID;
        CREATE TABLE histogram (trial_id INTEGER, metric, lower, upper, count,
            PRIMARY KEY (trial_id, metric, lower)) WITHOUT ROWID;
        CREATE TABLE search (cell_id TEXT, target, rate_low, rate_high, conditional_rate, status,
            reason, trials);
        CREATE TABLE load_point (cell_id TEXT, target, share, measured_cell_id);
        CREATE TABLE capacity (cell_id TEXT, repetition, nominal_records, accepted_records,
            searched_cell_id);
        """
    )


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values())
    )


def insert_cell(connection: sqlite3.Connection, cell: Cell) -> None:
    shown = [f"{key}:{value}" for key, value in (*cell.options.items(), *cell.parameters.items())]
    row = {
        "id": cell.id,
        "name": "/".join([cell.transport, *shown]),
        "status": cell.status,
        "reason": cell.reason,
        "transport": cell.transport,
        "options": json.dumps(dict(cell.options)),
        "atomics": None if cell.atomics is None else json.dumps(dict(cell.atomics)),
        "rings": cell.rings,
        **cell.parameters,
    }
    insert(connection, "cell", row)


def _insert_trial(
    connection: sqlite3.Connection, number: int, cell: str, repetition: int, trial: Trial
) -> None:
    row = {
        "id": number,
        "cell_id": cell,
        "repetition": repetition if trial.repetition is None else trial.repetition,
        "attempt": trial.attempt,
        "started": trial.started,
        "status": trial.status,
        "reason": trial.reason,
        **trial.metrics,
    }
    insert(connection, "trial", row)
    for table, rows in (
        ("producer", trial.producers),
        ("thread", trial.threads),
        ("ring", trial.rings),
        ("series", trial.series),
    ):
        for part in rows:
            insert(connection, table, {"trial_id": number, **part})
    connection.executemany(
        "INSERT INTO histogram VALUES (?, ?, ?, ?, ?)",
        [
            (number, metric, *bucket)
            for metric, buckets in trial.histograms.items()
            for bucket in buckets
        ],
    )
