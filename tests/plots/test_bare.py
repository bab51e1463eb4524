"""The bare cost of an event, from limits and counts of atomics that are known."""

from pathlib import Path
from typing import Any

import pytest
from store_writer import Cell, Trial, write_store

from plots.figure import Request
from plots.figures import contention
from plots.report.verdict import BARE, compare
from plots.results import Results, load


def limit(operation: str, cycles: float, **at: Any) -> dict[str, Any]:
    return {"round": 0, "operation": operation, "cycles": cycles, **at}


LIMITS = [
    *(limit("xadd", cycles, threads=1) for cycles in (20, 18, 90)),  # the median of three rounds
    limit("xadd", 100, threads=4),
    limit("release_store", 1, threads=1),
    limit("fill", 4, bytes=64),
    limit("fill", 12, bytes=128),
]
ATOMICS = {"xadd": 2, "release_store": 1}


def cell(rings: list[int], atomics: dict[str, int] | None = ATOMICS, **parameters: Any) -> Cell:
    producers = [{"producer": i, "ring": ring} for i, ring in enumerate(rings)]
    wanted = {"producers": len(rings), "arrival": "saturate", "record_size": 64, **parameters}
    measured = {"attempted": 1.0, "event_amortised_cycles": 90, "reserve_cycles_p50": 50}
    trials = [Trial(measured, producers=producers)] * 2
    return Cell("ringbuf", trials, {}, wanted, atomics=atomics)


def bare(folder: Path, *cells: Cell) -> Results:
    return load([write_store(folder, cells, limits=LIMITS)])


def cost(folder: Path, one: Cell) -> tuple[float, float] | None:
    found = bare(folder, one).bare
    return None if found.empty else (float(found.atomics.iloc[0]), float(found.event.iloc[0]))


def test_alone_on_a_ring(tmp_path: Path) -> None:
    assert cost(tmp_path, cell([0])) == (41, 45)  # 2 x 20 + 1, and the fill of 64 bytes


@pytest.mark.parametrize("rings, atomics", [([0] * 3, 41), ([0] * 5, 201), ([0, 0, 1, 1, 2], 41)])
def test_the_nearest_number_of_threads_not_above(
    rings: list[int], atomics: float, tmp_path: Path
) -> None:
    assert cost(tmp_path, cell(rings)) == (atomics, atomics + 4)


def test_paced_producers_rarely_meet(tmp_path: Path) -> None:
    assert cost(tmp_path, cell([0] * 5, arrival="poisson")) == (41, 45)


@pytest.mark.parametrize("size, fill", [(8, 4), (96, 8), (128, 12), (256, 24)])
def test_sizes_between_and_beyond_the_measured_ones(size: int, fill: float, tmp_path: Path) -> None:
    assert cost(tmp_path, cell([0], record_size=size)) == (41, 41 + fill)


@pytest.mark.parametrize("atomics", [None, {"cmpxchg": 1}])
def test_what_was_not_measured_has_no_bare_cost(
    atomics: dict[str, int] | None, tmp_path: Path
) -> None:
    assert cost(tmp_path, cell([0], atomics)) is None


def test_the_verdict_has_a_ratio_to_it(tmp_path: Path) -> None:
    first = compare(bare(tmp_path, cell([0])))[0].shown[0]
    assert list(first.table[BARE]) == ["2"]


def test_figures_of_cost_draw_it(tmp_path: Path) -> None:
    drawn = contention.draw(bare(tmp_path, cell([0]), cell([0] * 5)), Request())
    floors = [line for line in drawn.picture.axes[0].lines if line.get_linestyle() == ":"]
    assert [list(line.get_ydata()) for line in floors] == [[41, 201]]
    assert "the bare cost of the atomics" in drawn.caption
