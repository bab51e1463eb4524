"""Deterministic stores with plausible numbers, for two CPUs and for eighty."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import instrument
from machines import LARGE, SMALL, Server
from search_rows import add_search
from store_writer import Cell, write_store
from trial_model import BASE, Model


def small_cells() -> list[Cell]:
    """Two CPUs: the quick matrix, with cells skipped, tainted and failed."""
    model = Model(SMALL, repetitions=5)
    variants: list[tuple[str, dict[str, str]]] = [
        ("null", {}),
        ("ringbuf", {"lock": "mcs"}),
        ("ringbuf", {"lock": "ticket"}),
        ("perfbuf", {}),
        ("hybrid", {"base": "ringbuf", "cpus_per_ring": "1", "mapping": "contiguous"}),
        ("hybrid", {"base": "ringbuf", "cpus_per_ring": "2", "mapping": "contiguous"}),
    ]
    # The consumer shares a CPU with a producer, so that two producers fit.
    model.allowed = 3
    cells = [
        model.cell(transport, options, producers=producers)
        for transport, options in variants
        for producers in (1, 2, 4)
    ]
    for transport, options in variants:
        cells += [
            model.cell(transport, options, producers=2, arrival="constant", rate=rate)
            for rate in (1e5, 4e7)
        ]
        cells += [
            _bursty(model, transport, options, 2, total, width)
            for total in (1 << 16, 1 << 18, 1 << 20)
            for width in (1, 2)
            if transport != "null"
        ]
    cells += [
        model.cell(transport, options, producers=1, sample_every=every)
        for transport, options in (variants[0], variants[1], variants[3])
        for every in (0, 1, 128)
    ]
    _spoil(cells)
    return cells


def _bursty(
    model: Model, transport: str, options: Mapping[str, str], producers: int, total: int, width: int
) -> Cell:
    return model.cell(
        transport,
        options,
        producers=producers,
        bytes=total,
        arrival="bursty",
        rate=2e6,
        burst_on_us=4000,
        burst_every_us=20000,
        burst_width=width,
    )


def _spoil(cells: Sequence[Cell]) -> None:
    """The first measured cell fails once; one is tainted throughout, another once."""
    measured = [cell for cell in cells if cell.trials]
    failed = measured[0].trials[0]
    failed.status, failed.reason = "failed", "the watchdog saw no progress for 2 s"
    failed.metrics = {"attempted": 10, "committed": 3}
    failed.histograms, failed.producers = {}, ()
    for trial in (*measured[3].trials, measured[6].trials[1]):
        trial.status, trial.reason = "tainted", "steal 12 ms is over the limit of 1 ms"


def large_cells() -> list[Cell]:
    """Eighty CPUs: sweeps over producers, sharing and mapping, bursts and rates."""
    model = Model(LARGE, repetitions=3)
    counts = (1, 2, 4, 10, 40, 79)
    plain: list[tuple[str, dict[str, str]]] = [
        ("null", {}),
        ("ringbuf", {"lock": "mcs"}),
        ("ringbuf", {"lock": "ticket"}),
        ("ringbuf", {"lock": "ttas"}),
        ("perfbuf", {}),
    ]
    cells = [
        model.cell(transport, options, producers=producers, record_size=record_size)
        for transport, options in plain
        for producers in (*counts, 128)
        for record_size in (8, 1024)
    ]
    cells += [
        model.cell("hybrid", _grouped(base, share, mapping), producers=producers, record_size=8)
        for base in ("ringbuf", "perfbuf")
        for share in (1, 2, 10, 80)
        for mapping in ("contiguous", "modulo", "core", "l3", "node")
        for producers in (10, 40, 79)
    ]
    few = [plain[1], plain[4], ("hybrid", _grouped("ringbuf", 10, "contiguous"))]
    cells += [
        _bursty(model, transport, options, 79, total, width)
        for transport, options in few
        for total in (5 << 18, 5 << 20, 5 << 22)
        for width in (1, 20, 79)
    ]
    cells += [
        model.cell(t, options, producers=producers, arrival="poisson", rate=rate)
        for t, options in (plain[0], *few)
        for producers in (20, 79)
        for rate in (1e4, 1e6)
    ]
    _spoil(cells)
    return cells


def vast_cells(repetitions: int) -> list[Cell]:
    """A product of many axes: 400 cells."""
    model = Model(LARGE, repetitions)
    layouts: list[tuple[str, dict[str, str]]] = [
        ("null", {}),
        *(("ringbuf", {"lock": lock}) for lock in ("mcs", "ticket", "ttas")),
        ("perfbuf", {}),
        *(("hybrid", _grouped("ringbuf", share, "contiguous")) for share in (1, 2, 10)),
    ]
    cells = [
        model.cell(transport, options, producers=producers, record_size=record_size)
        for transport, options in layouts
        for producers in (1, 2, 3, 4, 8, 12, 20)
        for record_size in (8, 64, 256, 1024)
    ]
    cells += [
        model.cell(transport, options, producers=producers, arrival=arrival, rate=rate)
        for transport, options in layouts
        for producers in (1, 4, 10)
        for arrival in ("constant", "poisson")
        for rate in (1e4, 1e5, 1e6)
    ]
    cells += [
        _bursty(model, transport, options, 8, total, width)
        for transport, options in layouts[1:]
        for total in (1 << 16, 1 << 18, 1 << 20)
        for width in (1, 8)
    ]
    _spoil(cells)
    return cells


def _grouped(base: str, share: int, mapping: str) -> dict[str, str]:
    return {"base": base, "cpus_per_ring": str(share), "mapping": mapping}


def small_store(folder: Path, **provenance: str | None) -> Path:
    store = _with_instrument(folder, small_cells(), SMALL, **provenance)
    return add_search(store, {**BASE, "producers": 1})


def large_store(folder: Path) -> Path:
    return add_search(_with_instrument(folder, large_cells(), LARGE), {**BASE, "producers": 8})


def vast_store(folder: Path, repetitions: int) -> Path:
    return _with_instrument(folder, vast_cells(repetitions), LARGE)


def _with_instrument(
    folder: Path, cells: Sequence[Cell], server: Server, **provenance: str | None
) -> Path:
    start_in_turn(cells)
    return write_store(
        folder,
        cells,
        {**server.provenance, **provenance},
        clock=instrument.clock_rows(server),
        limits=instrument.limit_rows(server),
    )


def start_in_turn(cells: Sequence[Cell]) -> None:
    """Repetitions interleaved over the cells, a quarter of a second apart."""
    begin = datetime(2025, 11, 3, 9, 0, 0)
    longest = max(len(cell.trials) for cell in cells)
    turns = (cell.trials[i] for i in range(longest) for cell in cells if i < len(cell.trials))
    for number, trial in enumerate(turns):
        trial.started = (begin + timedelta(seconds=number // 4)).strftime("%Y-%m-%dT%H:%M:%SZ")
