"""Stores as large as anybody will make them: a run of few cells, whose trials are copied to all others."""

import random
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from cli.program import ringbench, written
from cli.run_store import OF_A_TRIAL

SEED = 20260101

CELLS = """
title = "Vast"
question = "Is it listed, begun and resumed in seconds?"

[run]
seed = {seed}
repetitions = 1
max_repetitions = 1
interval = 0

[noise]
attempts = 1

[matrix]
transport = ["null", "ringbuf", "perfbuf", "hybrid"]
consumer = "shares_producer_core"
arrival = "constant"
record_size = {sizes}
rate = {rates}
warmup_ms = 1
duration_ms = {duration_ms}
"""
# Of many_cells: one of each transport.
FEW = "/record_size:64/.*rate:100001/"


def many_cells(folder: Path, cells: int, duration_ms: int = 1) -> Path:
    """A config of so many cells, a multiple of 400."""
    rates = [100_000 + i for i in range(cells // 400)]
    sizes = list(range(8, 808, 8))
    text = CELLS.format(seed=SEED, sizes=sizes, rates=rates, duration_ms=duration_ms)
    return written(folder, text, "cells")


def begun(config: Path, folder: Path, cells: str) -> Path:
    """A run of which only the cells that match are done."""
    ended = ringbench("run", config, "--out", folder, f"--benchmark_filter={cells}", timeout=600)
    assert ended.status == 0, ended.err[-1000:]
    return folder


def fill(folder: Path, repetitions: int, but: int = 0, seed: int = SEED) -> int:
    """Every trial that is missing, `but` so many, is a copy of one of a like cell that was run, at another cost.

    How many trials there are now."""
    with closing(sqlite3.connect(folder / "run.sqlite")) as store:
        store.execute("PRAGMA synchronous = OFF")
        copies = _copies(store, repetitions, seed)
        store.execute(
            "CREATE TEMP TABLE copy (id INTEGER PRIMARY KEY, cell, repetition, source, factor)"
        )
        store.executemany("INSERT INTO copy VALUES (?, ?, ?, ?, ?)", copies[: len(copies) - but])
        _copy_trials(store)
        for table in OF_A_TRIAL:
            _copy_rows(store, table)
        store.execute("DROP TABLE copy")
        store.commit()
        [(trials,)] = store.execute("SELECT count(*) FROM trial").fetchall()
    return int(trials)


def _copies(
    store: sqlite3.Connection, repetitions: int, seed: int
) -> list[tuple[int, str, int, int, float]]:
    sources: dict[tuple[object, ...], list[int]] = {}
    found = store.execute(
        "SELECT trial.id, transport, arrival, producers FROM trial JOIN cell ON cell.id = cell_id"
        " WHERE trial.status <> 'failed'"
    )
    for trial, *like in found:
        sources.setdefault(tuple(like), []).append(trial)
    cells = store.execute(
        "SELECT id, transport, arrival, producers FROM cell WHERE status = 'planned'"
        " AND id NOT IN (SELECT cell_id FROM trial) ORDER BY rowid"
    ).fetchall()
    [(last,)] = store.execute("SELECT max(id) FROM trial").fetchall()
    chance = random.Random(seed)
    scale = {cell: chance.lognormvariate(0, 0.3) for cell, *_ in cells}
    # Repetitions are interleaved over the cells, as a run has them.
    wanted = [(cell, tuple(like), r) for r in range(repetitions) for cell, *like in cells]
    return [
        (
            last + 1 + number,
            cell,
            repetition,
            chance.choice(sources[like]),
            scale[cell] * chance.lognormvariate(0, 0.02),
        )
        for number, (cell, like, repetition) in enumerate(wanted)
    ]


def _columns(store: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in store.execute(f"PRAGMA table_info({table})")]


def _copy_trials(store: sqlite3.Connection) -> None:
    own = {
        "id": "copy.id",
        "cell_id": "cell",
        "repetition": "copy.repetition",
        "status": "'ok'",
        "reason": "NULL",
    }
    values = [
        own.get(name, f"{name} * factor" if re.search("_cycles|_ns_", name) else name)
        for name in _columns(store, "trial")
    ]
    store.execute(
        f"INSERT INTO trial SELECT {_list(values)} FROM copy JOIN trial ON trial.id = source ORDER BY copy.id"
    )


def _copy_rows(store: sqlite3.Connection, table: str) -> None:
    values = ["copy.id", *_columns(store, table)[1:]]
    store.execute(
        f"INSERT INTO {table} SELECT {_list(values)} FROM copy JOIN {table} ON trial_id = source ORDER BY copy.id"
    )


def _list(values: Iterable[str]) -> str:
    return ", ".join(values)
