"""Makes the stores that fuzzing begins with: a run and a search of this program, as small as they get.

    PYTHONPATH=tests python3 -m fuzz.seeds

writes them anew, for a new version of the store's schema.
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from cli.program import ringbench, written

CORPUS = Path(__file__).parent / "corpus"
STORES = {"run": CORPUS / "store" / "run", "search": CORPUS / "store" / "search"}
LATENCIES = CORPUS / "latency_store" / "two_cpus"

COMMON = """
title = "Seed"
question = "Can it be read?"
[run]
repetitions = 1
max_repetitions = 1
[noise]
attempts = 1
[defaults]
warmup_ms = 1
duration_ms = 2
bytes = 4096
[matrix]
transport = "ringbuf"
consumer = "shares_producer_core"
"""
SEARCH = """
[search]
targets = [0]
shortest_ms = 5
longest_ms = 5
sum_ms = 10
width = 0.5
max_trials = 3
"""

# What only the Python readers read.
OTHERS = ["clock", "producer", "ring", "thread", "series", "histogram"]

TWO_CPUS = """<topology version="2.0">
<object type="Machine" os_index="0" cpuset="0x3" complete_cpuset="0x3" allowed_cpuset="0x3"
 nodeset="0x1" complete_nodeset="0x1" allowed_nodeset="0x1" gp_index="1">
<object type="NUMANode" os_index="0" cpuset="0x3" complete_cpuset="0x3" nodeset="0x1"
 complete_nodeset="0x1" gp_index="2" local_memory="0"/>
<object type="PU" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1"
 complete_nodeset="0x1" gp_index="3"/>
<object type="PU" os_index="1" cpuset="0x2" complete_cpuset="0x2" nodeset="0x1"
 complete_nodeset="0x1" gp_index="4"/>
</object></topology>"""


def shrink(store: sqlite3.Connection) -> None:
    for table in OTHERS:
        store.execute(f"DELETE FROM {table}")
    store.execute("UPDATE provenance SET value = substr(value, 1, 40) WHERE length(value) > 200")
    store.execute('DELETE FROM "limit" WHERE round > 0')
    store.execute("PRAGMA journal_mode = DELETE")  # with a WAL pages keep their size
    store.execute("PRAGMA page_size = 512")
    store.execute("VACUUM")


def make_stores() -> None:
    for kind, target in STORES.items():
        with tempfile.TemporaryDirectory() as place:
            command = "search" if kind == "search" else "run"
            config = written(Path(place), COMMON + (SEARCH if kind == "search" else ""))
            folder = Path(place) / "run"
            ended = ringbench(command, config, "--out", folder)
            assert ended.status == 0, ended.err
            with closing(sqlite3.connect(folder / "run.sqlite", isolation_level=None)) as store:
                shrink(store)
            target.write_bytes((folder / "run.sqlite").read_bytes())


def make_latencies() -> None:
    LATENCIES.unlink(missing_ok=True)
    with closing(sqlite3.connect(LATENCIES)) as store:
        store.executescript(
            "PRAGMA page_size = 512;"
            "CREATE TABLE provenance (key TEXT PRIMARY KEY, value TEXT);"
            'CREATE TABLE "limit" (round INTEGER, operation TEXT, bytes INTEGER,'
            " threads INTEGER, cpu_a INTEGER, cpu_b INTEGER, cycles REAL);"
            f"INSERT INTO provenance VALUES ('tsc_hz', '2e9'), ('topology_xml', '{TWO_CPUS}');"
            "INSERT INTO \"limit\" VALUES (0, 'hand_over', NULL, 2, 0, 1, 150.5),"
            " (1, 'hand_over', NULL, 2, 0, 1, 160.0)"
        )


if __name__ == "__main__":
    make_stores()
    make_latencies()
