"""Two names for halves of one run, and what `compare` makes of them; 114 cells by `./run.sh instrument`."""

import random
from pathlib import Path

import pytest

from cli.instrument import CONFIG, HEADLINE, compared, deal
from cli.program import CELLS, ringbench, tiny
from cli.run_store import assert_sound, query


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instrument")
    assert ringbench("run", tiny(folder, repetitions=6), "--out", folder / "run").status == 0
    return folder / "run"


def test_each_half_of_the_repetitions_has_a_name(run: Path, tmp_path: Path) -> None:
    halves = deal(run, tmp_path, random.Random(1))
    trials = [query(half, "SELECT cell_id, started, id FROM trial") for half in halves]
    assert [len(half) for half in trials] == [3 * CELLS, 3 * CELLS]
    assert sorted(trials[0] + trials[1]) == sorted(query(run, "SELECT cell_id, started, id FROM trial"))  # fmt: skip
    for half in halves:
        assert_sound(half)
        assert query(half, "SELECT count(DISTINCT cell_id) FROM trial") == [(CELLS,)]


# By as much as no other load on the machine hides in trials of 5 ms.
def test_one_that_costs_very_much_more_is_found(run: Path, tmp_path: Path) -> None:
    a, b = deal(run, tmp_path, random.Random(1), slower=1e4)
    of_run = f"SELECT id, {HEADLINE} FROM trial WHERE {HEADLINE} IS NOT NULL"
    costs = {trial: cost for trial, cost in query(run, of_run)}
    assert all(cost == costs[trial] for trial, cost in query(a, of_run))
    assert all(cost == pytest.approx(1e4 * costs[trial]) for trial, cost in query(b, of_run))
    found = compared(a, b, "--tainted", "--metric", HEADLINE)
    assert 0 < found.called <= found.cells <= CELLS


def test_the_config_has_a_hundred_cells() -> None:
    ended = ringbench("run", CONFIG, "--benchmark_list_tests")
    assert ended.status == 0 and len(ended.out.splitlines()) >= 100
