"""Two names for what one run measured, and what `compare` makes of them; at length by `./run.sh instrument`."""

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cli.instrument import CONFIG, HEADLINE, Compared, compared, deal, judged
from cli.program import CELLS, ringbench, tiny
from cli.run_store import assert_sound, query
from cli.twins import names, slowed, standing_in


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instrument")
    assert ringbench("run", tiny(folder, repetitions=6), "--out", folder / "run").status == 0
    return folder / "run"


def test_each_half_of_the_repetitions_has_a_name(run: Path, tmp_path: Path) -> None:
    halves = deal(run, tmp_path, random.Random(1))
    trials = [query(half, "SELECT cell_id, id FROM trial") for half in halves]
    assert [len(half) for half in trials] == [3 * CELLS, 3 * CELLS]
    assert sorted(trials[0] + trials[1]) == sorted(query(run, "SELECT cell_id, id FROM trial"))  # fmt: skip
    for half in halves:
        assert_sound(half)
        assert query(half, "SELECT count(DISTINCT cell_id) FROM trial") == [(CELLS,)]


# The perf buffer's trials under ringbuf's name, and whatever of it costs a hundred times as much.
def test_one_that_costs_very_much_more_is_found(run: Path, tmp_path: Path) -> None:
    cells = names(run, "ringbuf")[:2]
    other = cells[1].replace("ringbuf", "perfbuf")
    a = standing_in(run, tmp_path / "A", {cell: cell for cell in cells})
    b = standing_in(run, tmp_path / "B", {cells[0]: cells[0], cells[1]: other})
    of_store = "SELECT name, trial.id FROM trial JOIN cell ON cell.id = cell_id ORDER BY trial.id"
    measured = query(run, of_store)
    for store, second in ((a, cells[1]), (b, other)):
        assert_sound(store)
        called = {cells[0]: cells[0], second: cells[1]}
        expected = [(called[name], trial) for name, trial in measured if name in called]
        assert query(store, of_store) == expected
    with closing(sqlite3.connect(b / "run.sqlite")) as changed, changed:
        of_cell = "WHERE cell_id = (SELECT id FROM cell WHERE name = ?)"
        changed.execute(f"UPDATE trial SET {HEADLINE} = 100 * {HEADLINE} {of_cell}", (cells[1],))
    found = compared(a, b, "--tainted", "--metric", HEADLINE)
    assert found.tested == set(cells)
    assert cells[1] in found.worse and found.ratios[cells[1]] > 10


# Four cells: two slower, and in one of these it could be seen.
SEEN = Compared(
    {"a", "b", "c", "d"}, {"a"}, set(), dict.fromkeys("abcd", 1.03), {"a": 0.02, "b": 0.05}
)


def test_what_was_surely_visible_has_to_be_found() -> None:
    assert judged(SEEN, {"a", "b"})
    assert not judged(replace(SEEN, worse=set()), {"a", "b"})
    assert not judged(replace(SEEN, worse=set(), better={"a"}), {"a", "b"}), "faster is not slower"
    assert not judged(replace(SEEN, worse={"a", "c", "d"}), {"a", "b"}), "the others are the same"
    assert not judged(replace(SEEN, visible={}), {"a", "b"}), "nothing could be seen"


def test_every_second_cell_is_slowed() -> None:
    assert slowed(["twin/a", "twin/b", "twin/c", "twin/d"]) == {
        "twin/a": "slower/a",
        "twin/b": "same/b",
        "twin/c": "slower/c",
        "twin/d": "same/d",
    }


def test_the_config_has_a_hundred_cells() -> None:
    ended = ringbench("run", CONFIG, "--benchmark_list_tests")
    assert ended.status == 0 and len(ended.out.splitlines()) >= 100
