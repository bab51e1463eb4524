"""Whether a store holds what its tables are documented to hold (docs/store.md), so that whoever reads may
rely on it: tables, no views; text where text belongs, numbers where numbers belong."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from plots.errors import InputError

# Of each table the columns that hold text; the others hold numbers.
TEXT: Mapping[str, tuple[str, ...]] = {
    "provenance": ("key", "value"),
    "clock": (),
    "limit": ("operation",),
    "cell": ("id", "name", "status", "reason", "transport", "options", "atomics"),
    "trial": ("cell_id", "started", "status", "reason"),
    "producer": (),
    "ring": ("nodes_wanted", "nodes_found"),
    "thread": ("role",),
    "series": ("role", "name", "points"),
    "histogram": ("metric",),
    "search": ("cell_id", "status", "reason"),
    "load_point": ("cell_id", "measured_cell_id"),
    "capacity": ("cell_id", "searched_cell_id"),
}
TABLES = tuple(TEXT)
# Too long to be read for this alone: check_rows() looks at what is read of them.
_LONG = ("series", "histogram")
# Parameters of a cell whose values are words, lists or files.
_WORDS = (
    "placement cpus consumer consumers poll merge merge_by ring_memory bytes_are sizes size_list"
    " arrival probe trace skew fill"
).split()
_NEEDED = {
    "clock": "cpu timer_pair_cycles resolution_cycles offset_cycles offset_bound_cycles",
    "limit": "round bytes threads cpu_a cpu_b cycles",
    "cell": "rings producers bytes record_size arrival rate",
    "trial": "id repetition attempt",
    "producer": "trial_id producer cpu ring attempted committed discarded consumed overwritten"
    " left_in_buffer drop_no_space drop_lock_busy drop_too_big drop_recursion window_attempted"
    " window_dropped reserve_cycles_p50 event_cycles_p50 first_drop_us",
    "ring": "trial_id ring bytes peak_bytes",
    "thread": "trial_id number cpu_wanted cpu_found voluntary_switches involuntary_switches"
    " migrations page_faults hiccups hiccup_us hiccup_us_max",
    "series": "trial_id number",
    "histogram": "trial_id lower upper count",
    "search": "target rate_low rate_high conditional_rate trials",
    "load_point": "target share",
    "capacity": "repetition nominal_records accepted_records",
}
# What cannot be left out of a row.
_PRESENT = {
    "provenance": ("key", "value"),
    "cell": ("id", "name", "status", "transport"),
    "trial": ("id", "cell_id", "repetition", "attempt", "status"),
    "series": ("trial_id", "name", "points"),
    "histogram": ("trial_id", "metric", "lower", "upper", "count"),
    **{table: ("trial_id",) for table in ("producer", "ring", "thread")},
}
# By table and column: what a JSON object there maps its keys to.
_OBJECTS = (
    ("cell", "options", "('text')"),
    ("cell", "atomics", "('integer', 'real')"),
    ("ring", "nodes_found", "('integer')"),
)
_STATUSES = (
    ("cell", "('planned', 'skipped', 'searched', 'measured')"),
    ("trial", "('ok', 'tainted', 'failed')"),
)


def check(connection: sqlite3.Connection, path: Path) -> None:
    """InputError names the first table and column where something else was found."""

    def damaged(what: str) -> InputError:
        return _damaged(path, what)

    # A view in the place of a table is a program, which may run for ever.
    for kind, name in connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger')"
    ):
        raise damaged(f"it has the {kind} {name}, and no store has any")
    for table in TABLES:
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        for needed in (*TEXT[table], *_NEEDED.get(table, "").split()):
            if needed not in columns:
                raise damaged(f"the table {table} lacks the column {needed}")
        if table in _LONG:
            continue
        wrong = [_wrong(table, column) for column in columns]
        for start in range(0, len(columns), 100):
            query = f'SELECT {", ".join(wrong[start : start + 100])} FROM "{table}"'
            for column, found in zip(columns[start:], connection.execute(query).fetchone()):
                if found:
                    raise damaged(_misplaced(table, column))
    for table, column, types in _OBJECTS:
        if not _are_objects(connection, table, column, types):
            raise damaged(
                f"the column {column} of the table {table} holds what is no such JSON object"
            )
    for table, known in _STATUSES:
        for (status,) in connection.execute(
            f"SELECT status FROM {table} WHERE status NOT IN {known}"
        ):
            raise damaged(f"the table {table} has the status {status!r}, which there is not")


def check_rows(rows: pd.DataFrame, table: str, path: Path) -> pd.DataFrame:
    """The rows, if their values are what belongs there; else InputError."""
    for column in rows:
        values = rows[column].dropna()
        if column in TEXT[table]:
            right = all(isinstance(value, str) for value in values)
        else:
            numbers = pd.api.types.is_numeric_dtype(values.infer_objects())
            right = values.empty or (numbers and bool(np.isfinite(values).all()))
        if not right or (column in _PRESENT.get(table, ()) and len(values) < len(rows)):
            raise _damaged(path, _misplaced(table, column))
    return rows


def _damaged(path: Path, what: str) -> InputError:
    return InputError(
        f"{path}: {what}, so the file is damaged: restore it from a copy or run its config again."
    )


def _misplaced(table: str, column: str) -> str:
    kind = "text" if column in TEXT[table] else "a finite number"
    return f"the column {column} of the table {table} holds what is not {kind}"


def _wrong(table: str, column: str) -> str:
    """An expression that is true where a value does not belong in the column."""
    name = '"' + column.replace('"', '""') + '"'
    absent = f"{name} IS NULL" if column in _PRESENT.get(table, ()) else "0"
    if column in TEXT[table]:
        return f"max({absent} OR typeof({name}) NOT IN ('text', 'null'))"
    words = "'text', " if table == "cell" and column in _WORDS else ""
    return (
        f"max({absent} OR typeof({name}) NOT IN ({words}'integer', 'real', 'null')"
        f" OR {name} IN (9e999, -9e999))"
    )


def _are_objects(connection: sqlite3.Connection, table: str, column: str, types: str) -> bool:
    stated = f"{column} IS NOT NULL AND {column} <> ''"
    for query in (
        f"SELECT 1 FROM {table} WHERE {stated} AND NOT json_valid({column})",
        f"SELECT 1 FROM {table} WHERE {stated} AND json_type({column}) <> 'object'",
        f"SELECT 1 FROM {table}, json_each({column}) part WHERE {stated} AND part.type NOT IN {types}",
    ):
        if connection.execute(query).fetchone():
            return False
    return True
