"""One store (a run.sqlite, docs/store.md), opened read-only and checked before anything is read."""

import contextlib
import functools
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from plots import store_values
from plots.errors import InputError
from plots.store_values import TABLES

SCHEMA_VERSION = 4
FILE_NAME = "run.sqlite"

# Histograms whose percentiles are shown as numbers, so that their samples must be large enough.
_SIZED = ("reserve_cycles", "delivery_ns", "reorder_extent")

# SQLite's default limit on bound variables was 999 before 3.32.
_VARIABLES_A_QUERY = 900
_ROWS_A_PIECE = 10_000


@dataclass(frozen=True)
class Store:
    path: Path
    provenance: dict[str, str]
    cells: pd.DataFrame
    trials: pd.DataFrame

    def rows(self, table: str, trial_ids: Sequence[int]) -> pd.DataFrame:
        """The rows of a per-trial table (`producer`, `ring`, `thread`, `series`) that belong to these trials."""
        with _connect(self.path) as connection:
            found = _of_trials(connection, f"SELECT * FROM {table} WHERE", trial_ids)
        return store_values.check_rows(found, table, self.path)

    def histogram(self, metric: str, trial_ids: Sequence[int]) -> pd.DataFrame:
        """Columns trial_id, lower, upper, count, by ascending bucket within each trial."""
        with _connect(self.path) as connection:
            found = _of_trials(
                connection,
                "SELECT trial_id, lower, upper, count FROM histogram WHERE metric = ? AND",
                trial_ids,
                (metric,),
            )
        store_values.check_rows(found, "histogram", self.path)
        return found.sort_values(["trial_id", "lower"], kind="stable")

    @functools.cached_property
    def limits(self) -> pd.DataFrame:
        """What the machine's own operations cost (table `limit`)."""
        return self.all_rows("limit")

    @functools.cached_property
    def clock(self) -> pd.DataFrame:
        """One row a CPU of the run (table `clock`)."""
        return self.all_rows("clock")

    @functools.cached_property
    def sample_sizes(self) -> pd.DataFrame:
        """Observations in each histogram of _SIZED: trial_id, metric, observations."""
        # Trial by trial, because the most of a histogram table is of other metrics.
        wanted = " UNION ALL ".join(f"SELECT '{metric}' AS metric" for metric in _SIZED)
        with _connect(self.path) as connection:
            return pd.read_sql_query(
                "SELECT trial.id AS trial_id, metric, (SELECT SUM(count) FROM histogram"
                " WHERE trial_id = trial.id AND metric = wanted.metric) AS observations"
                f" FROM trial CROSS JOIN ({wanted}) AS wanted WHERE observations IS NOT NULL",
                connection,
            )

    def all_rows(self, table: str) -> pd.DataFrame:
        with _connect(self.path) as connection:
            return pd.read_sql_query(f'SELECT * FROM "{table}"', connection)


def open_store(given: Path) -> Store:
    """Reads the store in a results directory, or the store itself; InputError if that cannot be."""
    path = _locate(given)
    with _connect(path) as connection:
        _check(connection, path)
        store_values.check(connection, path)
        store = Store(
            path,
            dict(connection.execute("SELECT key, value FROM provenance").fetchall()),
            pd.read_sql_query("SELECT * FROM cell", connection),
            _trials(connection),
        )
    if store.trials.empty:
        raise InputError(
            f"{path} holds no trial yet ({len(store.cells)} cells are planned or skipped):"
            f" run `./run.sh resume {path.parent}` first."
        )
    return store


def _locate(given: Path) -> Path:
    if not given.exists():
        raise InputError(
            f"{given} does not exist: give a results directory, as `ringbench run` prints it."
        )
    path = given / FILE_NAME if given.is_dir() else given
    if not path.is_file():
        raise InputError(
            f"{given} holds no {FILE_NAME}: give a results directory, as `ringbench run` prints it."
        )
    return path


@contextlib.contextmanager
def _connect(path: Path) -> Iterator[sqlite3.Connection]:
    # mode=ro never creates or upgrades a file, and still replays the log a killed run left beside it.
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            yield connection
    except (sqlite3.Error, pd.errors.DatabaseError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read as a ringbench store ({error}): give the directory that"
            " `ringbench run` wrote, or restore the file from a copy."
        ) from error


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    present = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if version == 0 and not present.intersection(TABLES):
        raise InputError(
            f"{path} is not a ringbench store (it has none of its tables): give the directory that"
            " `ringbench run` wrote."
        )
    if version != SCHEMA_VERSION:
        raise InputError(
            f"{path} has schema version {version}, and this program knows version"
            f" {SCHEMA_VERSION}: draw it with the ringbench revision that wrote it, or run its"
            " config again with this one."
        )
    missing = [table for table in TABLES if table not in present]
    if missing:
        raise InputError(
            f"{path} lacks the table {missing[0]} that schema version {version} has: the file is"
            " damaged; restore it from a copy or run its config again."
        )


def _trials(connection: sqlite3.Connection) -> pd.DataFrame:
    """Piece by piece: as SQLite gives them, rows take many times the memory of their columns."""
    described = connection.execute("PRAGMA table_info(trial)").fetchall()
    metrics = {name: float for _, name, kind, *_ in described if kind == "REAL"}
    pieces = pd.read_sql_query(
        "SELECT * FROM trial", connection, dtype=metrics, chunksize=_ROWS_A_PIECE
    )
    return pd.concat(pieces, ignore_index=True)


def _of_trials(
    connection: sqlite3.Connection,
    select_where: str,
    trial_ids: Sequence[int],
    first: tuple[str, ...] = (),
) -> pd.DataFrame:
    parts = []
    for start in range(0, max(len(trial_ids), 1), _VARIABLES_A_QUERY):
        ids = [int(trial) for trial in trial_ids[start : start + _VARIABLES_A_QUERY]]
        marks = ",".join("?" * len(ids))
        query = f"{select_where} trial_id IN ({marks})"
        parts.append(pd.read_sql_query(query, connection, params=(*first, *ids)))
    return pd.concat(parts, ignore_index=True)
