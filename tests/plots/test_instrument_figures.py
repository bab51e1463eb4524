"""The figures of the machine and of single trials, on stores whose numbers are known."""

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from machines import hwloc_xml
from matplotlib.figure import Figure
from store_writer import Cell, Trial, write_store

from plots import hover
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.figures import core_to_core, density, fairness, lag, series
from plots.results import load
from plots.series import course

ANY = Cell("perfbuf", [Trial({"attempted": 1, "committed": 1})], {}, {"producers": 1})


def hand_over(a: int, b: int, cycles: float, number: int = 0) -> dict[str, Any]:
    return {"round": number, "operation": "hand_over", "cpu_a": a, "cpu_b": b, "cycles": cycles}


def matrix(folder: Path, rows: list[dict[str, Any]], xml: str) -> Drawn:
    store = write_store(folder, [ANY], {"topology_xml": xml}, limits=rows)
    return core_to_core.draw(load([store]), Request())


def test_hand_over_is_the_median_over_the_rounds(tmp_path: Path) -> None:
    rows = [hand_over(0, 1, cycles, i) for i, cycles in enumerate((100, 900, 120))]
    drawn = matrix(tmp_path, [*rows, hand_over(1, 0, 80)], hwloc_xml(1, 2, 1))
    assert list(drawn.table["hand-over (TSC cycles)"]) == ["120", "80"]
    assert list(drawn.table.distance) == ["same L3", "same L3"]
    assert {text.get_text() for text in drawn.picture.axes[0].texts} >= {"120", "80"}
    assert "same L3 100 (50 ns)" in drawn.caption


def test_a_pair_measured_once_stands_on_both_sides(tmp_path: Path) -> None:
    drawn = matrix(tmp_path, [hand_over(0, 1, 120)], hwloc_xml(1, 2, 1))
    assert [text.get_text() for text in drawn.picture.axes[0].texts] == ["120", "120"]


def test_cpus_stand_in_the_order_of_the_topology(tmp_path: Path) -> None:
    # Siblings far apart in number: core 0 has CPUs 0 and 2, core 1 has 1 and 3.
    xml = hwloc_xml(1, 2, 2)
    for old, new in ((1, "x"), (2, 1), ("x", 2)):
        xml = xml.replace(f'"PU" os_index="{old}"', f'"PU" os_index="{new}"')
    rows = [hand_over(a, b, 10 * a + b) for a in range(4) for b in range(4) if a != b]
    drawn = matrix(tmp_path, rows, xml)
    axes = drawn.picture.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "2", "1", "3"]
    assert axes.images[0].get_array()[0].tolist()[1:] == [2, 1, 3]
    same_core = drawn.table[drawn.table.distance == "same core"]
    assert set(zip(same_core["CPU"], same_core["and CPU"])) == {
        ("0", "2"),
        ("2", "0"),
        ("1", "3"),
        ("3", "1"),
    }


def test_sampled_pairs_are_shown_by_distance(tmp_path: Path) -> None:
    rows = [hand_over(0, 1, 40), hand_over(0, 2, 100), hand_over(0, 6, 300), hand_over(1, 7, 320)]
    drawn = matrix(tmp_path, rows, hwloc_xml(2, 2, 2))
    axes = drawn.picture.axes[0]
    assert not axes.images
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "same core\n1 pairs",
        "same L3\n1 pairs",
        "other package\n2 pairs",
    ]
    assert "4 sampled pairs, by distance" in drawn.caption and "other package 310" in drawn.caption


def test_a_server_without_hand_overs_is_left_out(tmp_path: Path) -> None:
    stores = [
        write_store(tmp_path / "a", [ANY], limits=[hand_over(0, 1, 7)]),
        write_store(tmp_path / "b", [ANY]),
    ]
    drawn = core_to_core.draw(load(stores), Request())
    assert len(set(drawn.table.server)) == 1
    with pytest.raises(NoData, match="hand-over"):
        core_to_core.draw(load(stores[1:]), Request())


def ordered(folder: Path, *trials: Trial) -> Path:
    return write_store(folder, [Cell("perfbuf", trials, {}, {"producers": 2})])


def rfc_trial(times: int, status: str = "ok") -> Trial:
    """RFC 5236's shares for the arrivals 1 6 7 2 3 4 5 8, so many times over."""
    displaced = [(-4, -4, 2 * times), (0, 0, 2 * times), (2, 2, 4 * times)]
    held = [(0, 0, 3 * times), (1, 1, times), (2, 2, 4 * times)]
    return Trial(
        {"reordered_ratio": 0.5, "order_records": 8 * times},
        status=status,
        reason=None if status == "ok" else "steal",
        histograms={"reorder_density": displaced, "buffer_occupancy": held},
    )


def test_densities_are_shares_of_the_records(tmp_path: Path) -> None:
    drawn = density.draw(load([ordered(tmp_path, rfc_trial(100), rfc_trial(200))]), Request())
    shares = {(row.of.split()[0], row.places): row.share for row in drawn.table.itertuples()}
    assert {at: share.interval.median for at, share in shares.items()} == {
        ("displacement", "-4"): 0.25,
        ("displacement", "0"): 0.25,
        ("displacement", "2"): 0.5,
        ("records", "0"): 0.375,
        ("records", "1"): 0.125,
        ("records", "2"): 0.5,
    }


def test_a_tainted_trial_beside_ok_ones_is_drawn_and_not_in_the_median(tmp_path: Path) -> None:
    odd = rfc_trial(100, "tainted")
    odd.histograms = {"reorder_density": [(0, 0, 800)], "buffer_occupancy": [(0, 0, 800)]}
    drawn = density.draw(load([ordered(tmp_path, rfc_trial(100), odd)]), Request())
    top = drawn.picture.axes[0]
    faint = [line for line in top.lines if line.get_alpha() == 0.35]
    assert [line.get_linestyle() for line in faint] == ["-", ":"]
    assert faint[1].hover_words == ["tainted: steal (trial 2)"]
    assert drawn.table.share[0].interval.n == 1


def test_lag_is_drawn_with_its_limit(tmp_path: Path) -> None:
    trial = Trial({"attempted": 1}, histograms={"lag_ns": [(100, 101, 900), (3000, 3003, 100)]})
    cell = Cell("perfbuf", [trial] * 2, {}, {"producers": 1, "arrival": "constant", "rate": 1e5})
    drawn = lag.draw(load([write_store(tmp_path, [cell])]), Request())
    assert list(drawn.table.iloc[0])[2:5] == [
        "101\N{NO-BREAK SPACE}ns",
        "101\N{NO-BREAK SPACE}ns",
        "3\N{NO-BREAK SPACE}µs",
    ]
    limits = [line for line in drawn.picture.axes[0].lines if line.get_linestyle() == "--"]
    assert list(limits[0].get_ydata()) == [2000, 2000]


def curve(role: str, name: str, points: list[list[float]], number: int = 0) -> dict[str, Any]:
    return {"role": role, "number": number, "name": name, "points": json.dumps(points)}


def watched(drops: float, dropped: list[list[float]]) -> Trial:
    return Trial(
        {"drop_fraction": drops, "data_bytes": 4096, "window_s": 0.002},
        series=[
            curve("producer", "attempted", [[0, 0], [1000, 500], [2000, 1000]]),
            curve("producer", "dropped", dropped),
            curve("consumer", "consumed", [[0, 0], [2000, 800]]),
            curve("consumer", "occupancy_bytes", [[0, 0], [1000, 4096], [2000, 0]]),
        ],
    )


def test_the_worst_trial_and_the_median_one_of_its_cell(tmp_path: Path) -> None:
    quiet, loud = [[0.0, 0.0], [2000.0, 0.0]], [[0.0, 0.0], [1000.0, 100.0], [2000.0, 100.0]]
    trials = [watched(drops, loud if drops else quiet) for drops in (0.1, 0.0, 0.3)]
    other = Cell("perfbuf", [watched(0.2, loud)], {}, {"producers": 2})
    cell = Cell("perfbuf", trials, {}, {"producers": 1})
    drawn = series.draw(load([write_store(tmp_path, [other, cell])]), Request())
    assert set(drawn.table.trial) == {"median (2)", "worst (4)"}
    worst = drawn.table[drawn.table.trial == "worst (4)"]
    assert list(worst["in the buffers"]) == ["0 B", "4 KiB", "0 B"]
    assert list(worst.delivered)[1:] == ["400k/s", "400k/s"]
    assert "producers 1" in drawn.caption


def test_only_the_trials_that_are_drawn_are_read(tmp_path: Path) -> None:
    broken = Trial(
        {"drop_fraction": 0.1, "data_bytes": 4096, "window_s": 1},
        series=[{"role": "consumer", "number": 0, "name": "consumed", "points": "no JSON"}],
    )
    trials = [watched(0.2, [[0, 0]]), watched(0.3, [[0, 0]]), broken]
    store = write_store(tmp_path, [Cell("perfbuf", trials, {}, {"producers": 1})])
    assert len(set(series.draw(load([store]), Request()).table.trial)) == 2


def test_threads_are_added_on_one_clock() -> None:
    rows = [
        curve("consumer", "consumed", [[0, 0], [10, 100]]),
        curve("consumer", "consumed", [[5, 0], [15, 10]], 1),
        curve("producer", "dropped", [[0, 0], [5, 0], [10, 3], [15, 3]]),
    ]
    found = course(pd.DataFrame(rows))
    assert found is not None
    assert found.times.tolist() == [0, 5, 10, 15]
    assert found.consumed.tolist() == [0, 50, 105, 110]
    assert found.rate(found.consumed)[1:].tolist() == [10e6, 11e6, 1e6]
    assert found.dropping() == [(5, 10)]
    assert np.isnan(found.occupancy).all()


def test_each_producer_against_the_mean(tmp_path: Path) -> None:
    producers = [
        {"producer": i, "attempted": 100, "committed": 100 - lost, "drop_no_space": lost}
        for i, lost in enumerate((0, 40, 20))
    ]
    trial = Trial(
        {"attempted": 300, "jain_index": 0.95, "worst_drop_fraction": 0.4}, producers=producers
    )
    cell = Cell("perfbuf", [trial] * 2, {}, {"producers": 3})
    drawn = fairness.draw(load([write_store(tmp_path, [cell])]), Request())
    row = drawn.table.iloc[0]
    assert (row["Jain's index"], row["worst"]) == ("0.95", "40\N{NO-BREAK SPACE}%")
    assert row["least accepted"] == "0.75 of the mean (producer 1)"
    accepted, dropped = (
        next(line for line in axes.lines if len(line.get_xdata()) == 3)
        for axes in drawn.picture.axes
    )
    assert list(accepted.get_ydata()) == [1.25, 0.75, 1.0]
    assert list(dropped.get_ydata()) == pytest.approx([0, 0.4, 0.2])


def test_words_stand_at_their_marks() -> None:
    picture = Figure()
    axes = picture.subplots()
    hover.explain(axes.scatter([1, 2], [1, 2]), ["first", "second"])
    hover.explain(axes.scatter([3], [3]), ["alone"])
    words = hover.name_marks(picture)
    file = io.BytesIO()
    picture.savefig(file, format="svg")
    root = ElementTree.fromstring(hover.inline(file.getvalue(), "fig", words, "A <label>"))
    titles = [e.text for e in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["first", "second", "alone"]
    assert root.get("aria-label") == "A <label>" and root.get("width") is None
