"""The figure of a search: what it shows, and when it is absent."""

from pathlib import Path

import pytest
import synthetic
import trial_model
from search_rows import add_search
from store_writer import write_store

from plots.errors import NoData
from plots.figure import Request
from plots.figures import throughput
from plots.results import load


def test_every_target_of_every_searched_cell_is_in_the_table(small: Path) -> None:
    table = throughput.draw(load([small]), Request()).table
    assert list(table["target"]) == ["0", "1e-06", "0.001"] * 3
    first = table.iloc[0]
    assert first["met at"] == "4M/s"
    assert first["not met at"] == "4.08M/s"
    assert first["result"] == "found"
    assert first["burst taken (records)"] == "900", "of the consumer that was away"
    assert first["nominal (records)"] == "1,024"


def test_what_was_not_found_is_said(small: Path) -> None:
    table = throughput.draw(load([small]), Request()).table
    perfbuf = table[table["cell"].str.startswith("perfbuf")]
    assert list(perfbuf["result"]) == ["noisy: steal 12 ms", "found: too fast", "found"]
    assert list(perfbuf["met at"]) == ["3M/s", "–", "3M/s"]
    null = table[table["cell"].str.startswith("null")]
    assert set(null["not met at"]) == {"–"}
    assert set(null["burst taken (records)"]) == {"–"}


def test_servers_are_told_apart(small: Path, large: Path) -> None:
    table = throughput.draw(load([small, large]), Request()).table
    assert len(table) == 18
    assert table["cell"].nunique() == 6


def test_a_run_has_no_search(tmp_path: Path) -> None:
    store = write_store(tmp_path / "plain", synthetic.small_cells())
    with pytest.raises(NoData, match="run.sh search"):
        throughput.draw(load([store]), Request())
    add_search(store, {**trial_model.BASE, "producers": 1})
    assert throughput.draw(load([store]), Request()).name == "throughput"
