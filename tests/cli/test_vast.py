"""A matrix of 20,000 cells, in processor time so that a busy machine can judge: 100,000 take five times as long."""

import resource
from pathlib import Path

import pytest

from cli.program import Ended, ringbench
from cli.run_store import query
from cli.vast_store import FEW, begun, fill, many_cells

CELLS = 20_000
# Each takes 1 s or so; what looks at every cell for every cell takes 15.
MOST_S = 6


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return many_cells(tmp_path_factory.mktemp("vast"), CELLS)


def _timed(*words: object) -> tuple[Ended, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = ringbench(*words, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_many_cells_are_listed_soon(config: Path) -> None:
    ended, seconds = _timed("run", config, "--benchmark_list_tests")
    assert (ended.status, len(ended.out.splitlines())) == (0, CELLS)
    assert seconds < MOST_S


def test_a_run_of_many_cells_is_resumed_soon(config: Path, tmp_path: Path) -> None:
    run = begun(config, tmp_path / "run", FEW)
    assert fill(run, repetitions=1, but=1) == CELLS - 1
    ended, seconds = _timed("resume", run)
    assert ended.status == 0
    assert query(run, "SELECT count(*), count(DISTINCT cell_id) FROM trial") == [(CELLS, CELLS)]
    assert seconds < MOST_S
