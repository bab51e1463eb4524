"""Damaged files for everything that Python reads: python3 -m fuzz.hostile_files EXECUTIONS [SEED].

Each file must end in a result or in a sentence of the program's own. What is thrown beside that, takes
longer than ALARM_S or needs more than MOST_BYTES ends the run, and is kept."""

import json
import random
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plan_files
import store_writer

from planner.cell_plan import read_calibration
from plots import topology
from plots.errors import InputError, NoData
from plots.kernel import selftest
from plots.plan import reading
from plots.results import load
from plots.series import course
from plots.stored_config import lag_limit_ns

ALARM_S = 10
MOST_BYTES = 4 << 30
_WORDS = (
    None,
    "",
    "x",
    "-1",
    "[[",
    "{}",
    "\x00",
    "1e999",
    0,
    -1,
    2**63 - 1,
    -(2**63),
    1e308,
    9e999,
)
_BLOB = b"\xff\xfe\x00"
_CALIBRATION = {
    "format": "ringbench calibration",
    "version": 1,
    "inputs": [
        {"key": key, "value": 50.0, "low": 40.0, "high": 60.0}
        for key in ("consumer.ns_per_record", "producer.watched_ns", "producer.alone_ns")
    ],
    "stalls": {"per_s": 10.0, "share_lost": 0.01},
    "pairs": [{"cpu_a": 0, "cpu_b": 1, "latency_ns": {"value": 60.0}}],
}


@dataclass(frozen=True)
class Target:
    make: Callable[[Path], Path]
    damage: Callable[[random.Random, Path], None]
    read: Callable[[Path], object]


def make_store(folder: Path) -> Path:
    trial = store_writer.Trial(
        {"attempted": 9, "committed": 9, "consumed": 9, "event_amortised_cycles": 50.0},
        producers=[{"producer": 0, "cpu": 0, "ring": 0, "attempted": 9}],
        threads=[{"role": "producer", "number": 0, "cpu_wanted": 0, "cpu_found": 0}],
        rings=[{"ring": 0, "bytes": 4096, "nodes_wanted": "[0]", "nodes_found": '{"0": 2}'}],
        series=[{"role": "producer", "number": 0, "name": "attempted", "points": "[[1,2],[3,4]]"}],
        histograms={"event_cycles": [(1, 2, 3), (2, 4, 5)]},
    )
    parameters = {"producers": 1, "bytes": 4096, "record_size": 64, "arrival": "saturate"}
    atomics = {"xchg": 1}
    cells = [
        store_writer.Cell(name, [trial, trial], {"lock": "mcs"}, parameters, atomics=atomics)
        for name in ("ringbuf", "perfbuf")
    ]
    xml = '<topology><object type="Machine"><object type="PU" os_index="0"/></object></topology>'
    limits = [{"round": 0, "operation": "xchg", "threads": 1, "cycles": 20.0}]
    provenance = {"topology_xml": xml}
    folder = store_writer.write_store(folder, cells, provenance, clock=[{"cpu": 0}], limits=limits)
    return folder / "run.sqlite"


def make_plan(folder: Path) -> Path:
    return plan_files.write(folder) / reading.FILE_NAME


def make_calibration(folder: Path) -> Path:
    file = folder / "calibration.json"
    file.write_text(json.dumps(_CALIBRATION), encoding="utf-8")
    return file


def read_store(file: Path) -> None:
    results = load([file])
    results.bare
    selftest.text(results)
    for store in results.stores:
        store.limits, store.clock, store.sample_sizes
        ids = [int(number) for number in store.trials.id]
        store.histogram("event_cycles", ids)
        for number in ids:
            course(store.rows("series", [number]))
        for table in ("producer", "ring", "thread"):
            store.rows(table, ids)
        lag_limit_ns(store.provenance)
        topology.parse(store.provenance.get("topology_xml", ""))


def damage_bytes(chance: random.Random, file: Path) -> None:
    """Bits, bytes, a part taken out or put in twice, the end cut off."""
    data = bytearray(file.read_bytes())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) or 1)
        length = chance.choice((1, 2, 8, 100, 4096))
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                data[at : at + length] = chance.randbytes(length)
            case 2:
                del data[at : at + length]
            case 3:
                other = chance.randrange(len(data) or 1)
                data[at : at + length] = data[other : other + length]
            case _:
                if chance.random() < 0.2:
                    del data[at:]
    file.write_bytes(data)


def damage_store(chance: random.Random, file: Path) -> None:
    if chance.random() < 0.5:
        damage_bytes(chance, file)
        return
    with sqlite3.connect(file) as connection:
        tables = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE sql > ''")
        ]
        table = chance.choice(tables)
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        column = chance.choice(columns)
        value = chance.choice((*_WORDS, _BLOB))
        change = chance.choice(
            (
                f'UPDATE OR IGNORE "{table}" SET "{column}" = ?',
                f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE random() % 2',
                f'DELETE FROM "{table}"',
                f'ALTER TABLE "{table}" DROP COLUMN "{column}"',
                f'DROP TABLE "{table}"',
            )
        )
        try:
            connection.execute(change, (value,) if "?" in change else ())
        except sqlite3.Error:  # a key cannot be dropped
            return
    connection.close()


def damage_json(chance: random.Random, file: Path) -> None:
    if chance.random() < 0.3:
        damage_bytes(chance, file)
        return
    document = json.loads(file.read_text(encoding="utf-8"))
    for _ in range(chance.randint(1, 3)):
        place: Any = document
        while isinstance(place, (dict, list)) and place:
            key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
            if not isinstance(place[key], (dict, list)) or chance.random() < 0.2:
                if chance.random() < 0.3:
                    del place[key]
                else:
                    place[key] = chance.choice((*_WORDS, 10**400, [], {}, True, "\ud800"))
                break
            place = place[key]
    text = json.dumps(document)
    file.write_text("[" * 100_000 + text if chance.random() < 0.01 else text, encoding="utf-8")


TARGETS: Mapping[str, Target] = {
    "run.sqlite": Target(make_store, damage_store, read_store),
    "plan.json": Target(make_plan, damage_json, reading.read),
    "calibration.json": Target(make_calibration, damage_json, read_calibration),
}


@dataclass
class Count:
    read: int = 0
    refused: int = 0


def attack(target: Target, executions: int, seed: int, folder: Path) -> Count:
    """Raises what is no refusal; the file is then still there."""
    (folder / "sound").mkdir(parents=True)
    sound = target.make(folder / "sound")
    file = folder / sound.name
    count = Count()
    for number in range(executions):
        shutil.copy(sound, file)
        target.damage(random.Random(seed * 1_000_003 + number), file)
        signal.alarm(ALARM_S)
        try:
            target.read(file)
            count.read += 1
        except (InputError, NoData) as refusal:
            if not str(refusal):
                raise
            count.refused += 1
        finally:
            signal.alarm(0)
    return count


def main(arguments: list[str]) -> int:
    executions, seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    for name, target in TARGETS.items():
        folder = Path(tempfile.mkdtemp())
        begin = time.monotonic()
        try:
            count = attack(target, executions, seed, folder)
        except BaseException:  # also what a handler of signals or a lack of memory throws
            traceback.print_exc()
            print(f"{name}: this file is read wrong: {folder / name}", file=sys.stderr)
            return 1
        rate = executions / (time.monotonic() - begin)
        print(f"{name}: {executions} files, {rate:.0f} a second: {count}", flush=True)
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
