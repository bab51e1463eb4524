"""Adds a search to a store: searched cells, what was found for each target, bursts."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from store_writer import Cell, insert, insert_cell

TARGETS = (0, 1e-6, 1e-3)


def add_search(folder: Path, parameters: dict[str, Any]) -> Path:
    """A shared ring that was searched well, one that noise left open, and the floor without rings."""
    with closing(sqlite3.connect(folder / "run.sqlite")) as connection:
        _add(connection, "ringbuf", {"lock": "mcs"}, parameters, _narrow(4e6))
        _add(connection, "perfbuf", {}, parameters, _noisy(3e6))
        _add(connection, "null", {}, {"producers": parameters["producers"]}, _unbounded(2e7))
        connection.commit()
    return folder


Row = dict[str, Any]


def _narrow(rate: float) -> Sequence[Row]:
    return [
        {"rate_low": rate * more, "rate_high": rate * more * 1.02, "status": "found"}
        for more in (1, 1.05, 1.2)
    ]


def _noisy(rate: float) -> Sequence[Row]:
    return [
        {"rate_low": rate, "rate_high": rate * 2, "status": "noisy", "reason": "steal 12 ms"},
        {"rate_low": None, "rate_high": rate, "status": "found", "reason": "too fast"},
        {"rate_low": rate, "rate_high": rate * 1.01, "status": "found"},
    ]


def _unbounded(rate: float) -> Sequence[Row]:
    return [{"rate_low": rate, "status": "unbounded", "reason": "producers could not"}] * 3


def _add(
    connection: sqlite3.Connection,
    transport: str,
    options: dict[str, str],
    parameters: dict[str, Any],
    found: Sequence[Row],
) -> None:
    cell = Cell(transport, (), options, {**parameters, "rate": 0}, status="searched")
    insert_cell(connection, cell)
    for target, row in zip(TARGETS, found):
        insert(connection, "search", {"cell_id": cell.id, "target": target, "trials": 30, **row})
    if transport == "null":
        return
    for poll, accepted in (("busy", 5000), ("after_window", 900)):
        burst = Cell(transport, (), options, {**parameters, "duration_ms": 14, "poll": poll})
        insert_cell(connection, burst)
        for repetition in range(3):
            row = {"repetition": repetition, "accepted_records": accepted, "nominal_records": 1024}
            row |= {"cell_id": burst.id, "searched_cell_id": cell.id}
            insert(connection, "capacity", row)
