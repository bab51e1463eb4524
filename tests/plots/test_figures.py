"""Every figure, from both flavours of store, and what is said where there is nothing to draw."""

import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import Run, plots
from store_writer import Cell, Trial, write_store

from plots import style
from plots.catalogue import FIGURES, KERNEL
from plots.questions.catalogue import QUESTIONS
from plots.errors import NoData
from plots.figure import Request
from plots.figures import contention, drops, order, percentiles, rates
from plots.figures.pareto import pareto_front
from plots.results import load

NAMES = [entry.name for entry in FIGURES]


def test_all_writes_every_figure_and_prints_the_paths(figures: Run) -> None:
    assert (figures.status, figures.err) == (0, "")
    assert [path.name for path in figures.paths] == [
        f"{name}.{kind}" for name in NAMES for kind in ("svg", "png", "csv")
    ]


def test_pictures_are_whole_and_not_empty(figures: Run) -> None:
    for path in figures.paths:
        data = path.read_bytes()
        if path.suffix == ".png":
            assert data.startswith(b"\x89PNG")
            width, height = struct.unpack(">II", data[16:24])
            assert width > 500 and height > 200
        elif path.suffix == ".svg":
            root = ElementTree.fromstring(data)
            assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 20


def test_the_same_store_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    first, second = (
        plots("figure", "reserve_vs_producers", small, "--out", tmp_path / name).paths[0]
        for name in ("a", "b")
    )
    assert first.read_bytes() == second.read_bytes()


def test_list_names_every_figure_with_its_question() -> None:
    lines = plots("list").out.splitlines()
    asked = [question.name for question in QUESTIONS]
    assert [line.split()[0] for line in lines] == [
        *NAMES,
        *(entry.name for entry in KERNEL),
        *asked,
    ]
    assert all(line.endswith("?") for line in lines)


def test_unknown_name_gets_a_suggestion(small: Path) -> None:
    run = plots("figure", "reserve_vs_producer", small)
    assert run.status == 2
    assert "there is no figure reserve_vs_producer: did you mean reserve_vs_producers?" in run.err


def test_unknown_cell_is_refused(small: Path) -> None:
    run = plots("figure", "machine", small, "--cell", "beef")
    assert run.status == 2
    assert "no store has a measured cell with the id beef" in run.err


def test_an_unwritable_place_is_said(small: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = plots("figure", "machine", small, "--out", tmp_path / "file")
    assert run.status == 2 and str(tmp_path / "file") in run.err and "--out" in run.err


@pytest.mark.parametrize(
    "condition, words",
    [
        ("record_size", "write KEY=VALUE"),
        ("record_sise=8", "no such parameter"),
        ("producers=77", "the values of producers are: 1, 2, 4"),
    ],
)
def test_a_condition_that_cannot_be_met_is_refused(small: Path, condition: str, words: str) -> None:
    run = plots("figure", "machine", small, "--where", condition)
    assert run.status == 2 and words in run.err


def one_cell(folder: Path, metrics: dict[str, float], **parameters: Any) -> Path:
    options = parameters.pop("options", {})
    trial = Trial({"attempted": 9, "committed": 9, **metrics})
    return write_store(folder, [Cell("perfbuf", [trial], options, parameters)])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_to_draw_is_a_sentence(name: str, tmp_path: Path) -> None:
    run = plots("figure", name, one_cell(tmp_path, {}, producers=1))
    assert run.status == 2
    assert re.fullmatch(rf"plots: {name} cannot be drawn: [^\n]+\.\n", run.err)


def test_nothing_to_draw_is_no_error_where_all_are_asked_for(tmp_path: Path) -> None:
    run = plots("figure", "all", one_cell(tmp_path, {}, producers=1))
    assert (run.status, run.out) == (0, "")
    assert [line.split()[1] for line in run.err.splitlines()] == NAMES


def test_a_cell_with_only_failed_trials_is_never_drawn(tmp_path: Path) -> None:
    failed = Trial({"reserve_cycles_p50": 5.0}, status="failed", reason="hung")
    results = load([write_store(tmp_path, [Cell("perfbuf", [failed], {}, {"producers": 1})])])
    with pytest.raises(NoData):
        contention.draw(results, Request())


def test_producers_of_different_workloads_are_no_sweep(tmp_path: Path) -> None:
    trials = [Trial({"reserve_cycles_p50": 5.0})]
    cells = [
        Cell("perfbuf", trials, {}, {"producers": n, "poll": poll})
        for n, poll in ((1, "busy"), (2, "epoll"))
    ]
    with pytest.raises(NoData, match="differ in their number of producers alone"):
        contention.draw(load([write_store(tmp_path, cells)]), Request())


def test_a_band_down_to_zero_does_not_stretch_the_axis(tmp_path: Path) -> None:
    lucky = Trial({"order_records": 1000, "reordered_ratio": 0.0})
    unlucky = Trial(
        {"order_records": 1000, "reordered_ratio": 0.1},
        histograms={"reorder_extent": [(1, 1, 100)]},
    )
    store = write_store(
        tmp_path, [Cell("perfbuf", [lucky, unlucky, unlucky], {}, {"producers": 2})]
    )
    bottom, top = order.draw(load([store]), Request()).picture.axes[0].get_ylim()
    assert (bottom, top) == (pytest.approx(0.05), 1.0)


def sweep(folder: Path, statuses: dict[int, list[str]]) -> Path:
    """A store with reserve cycles 10 n + repetition, for n producers."""
    cells = [
        Cell(
            "perfbuf",
            [
                Trial({"reserve_cycles_p50": 10.0 * n + i}, status=status, reason="steal")
                for i, status in enumerate(states)
            ],
            {},
            {"producers": n},
        )
        for n, states in statuses.items()
    ]
    return write_store(folder, cells)


def test_medians_and_taint_by_hand(tmp_path: Path) -> None:
    # 1 producer: 10, 11, 12; 2: only the ok ones of 20, 21, 22; 4: none is ok, so the tainted ones.
    store = sweep(tmp_path, {1: ["ok"] * 3, 2: ["ok", "ok", "tainted"], 4: ["tainted"] * 3})
    drawn = contention.draw(load([store]), Request())
    column = "reserve, p50 (TSC cycles)"
    assert [text.split()[0] for text in drawn.table[column]] == ["11", "20.5", "41"]
    assert list(drawn.table.repetitions) == ["3", "2", "3"]
    assert list(drawn.table.taint) == ["", "", "all tainted"]
    markers = [
        line
        for line in drawn.picture.axes[0].lines
        if line.get_linestyle() == "None" and line.get_marker() == "s"
    ]
    assert {line.get_markerfacecolor(): list(line.get_xdata()) for line in markers} == {
        style.look("perfbuf").colour: [1, 2],
        "white": [4],
    }


def test_percentiles_stop_where_the_sample_does(tmp_path: Path) -> None:
    trial = Trial(
        {"reserve_cycles_p50": 10.0},
        histograms={"reserve_cycles": [(10, 10, 400), (50, 51, 90), (300, 304, 10)]},
    )
    store = write_store(tmp_path, [Cell("perfbuf", [trial] * 3, {}, {"producers": 1})])
    drawn = percentiles.draw(load([store]), Request())
    row = drawn.table.iloc[0]
    assert row["observations in the smallest repetition"] == "500"
    assert [row[f"p{p} (TSC cycles)"] for p in ("50", "90", "99")] == ["10", "51", "304"]
    assert row["p99.9 (TSC cycles)"] == "too few observations"
    # 500 observations support 1 - 5/500: the curve ends at 1/(1-p) = 100.
    assert max(max(line.get_xdata()) for line in drawn.picture.axes[0].lines) == pytest.approx(100)


def test_extents_are_shares_of_all_records(tmp_path: Path) -> None:
    trial = Trial(
        {"order_records": 1000, "reordered_ratio": 0.1, "reorder_extent_max": 8},
        histograms={"reorder_extent": [(1, 1, 60), (2, 2, 30), (8, 8, 10)]},
    )
    store = write_store(tmp_path, [Cell("perfbuf", [trial] * 2, {}, {"producers": 2})])
    drawn = order.draw(load([store]), Request())
    curve = max(drawn.picture.axes[0].lines, key=lambda line: len(line.get_xdata()))
    assert list(curve.get_xdata()) == [1, 2, 8]
    assert list(curve.get_ydata()) == pytest.approx([0.1, 0.04, 0.01])


def test_nothing_reordered_is_written_into_the_panel(tmp_path: Path) -> None:
    store = one_cell(tmp_path, {"order_records": 9, "reordered_ratio": 0.0}, producers=1)
    drawn = order.draw(load([store]), Request())
    assert "nothing reordered" in [text.get_text() for text in drawn.picture.axes[0].texts]


def test_drops_are_drawn_against_the_total_memory(tmp_path: Path) -> None:
    cells = [
        Cell(
            "perfbuf",
            [Trial({"drop_fraction": f, "data_bytes": 4 * size})],
            {},
            {"producers": 4, "bytes": size, "bytes_are": "per_ring", "burst_width": 2},
        )
        for size, f in ((4096, 0.25), (8192, 0.0))
    ]
    drawn = drops.draw(load([write_store(tmp_path, cells)]), Request())
    assert list(drawn.table["ring memory (bytes, all rings)"]) == ["16 KiB", "32 KiB"]
    assert [t.replace("\N{NO-BREAK SPACE}", " ") for t in drawn.table["dropped / attempted"]] == [
        "25 %",
        "0 %",
    ]


def test_a_transport_without_reserve_cycles_is_named(tmp_path: Path) -> None:
    def cell(transport: str, rate: float, **metrics: float) -> Cell:
        measured = {"offered_rate": rate, "delivered_rate": rate, **metrics}
        return Cell(transport, [Trial(measured)], {}, {"producers": 1, "rate": rate})

    cells = [
        *(cell("perfbuf", rate, reserve_cycles_p50=9, event_cycles_p50=20) for rate in (1e4, 1e5)),
        *(cell("kernel_ringbuf", rate, event_cycles_p50=90) for rate in (1e4, 1e5)),
    ]
    drawn = rates.draw(load([write_store(tmp_path, cells)]), Request())
    assert "No reserve, p50 (TSC cycles) was measured for kernel_ringbuf." in drawn.caption


def test_the_floor_is_shown_though_it_delivers_nothing(tmp_path: Path) -> None:
    cells = [
        Cell(
            "null",
            [Trial({"offered_rate": rate, "reserve_cycles_p50": 2})],
            {},
            {"producers": 1, "rate": rate},
        )
        for rate in (1e4, 1e5)
    ]
    drawn = rates.draw(load([write_store(tmp_path, cells)]), Request())
    assert list(drawn.table["reserve, p50 (TSC cycles)"]) == ["2", "2"]
    assert "No delivered (records/s) was measured for null." in drawn.caption


def test_pareto_front_by_hand() -> None:
    points = [
        (1, 5, 0),  # least memory
        (2, 2, 0),  # between
        (2, 3, 0),  # beaten by the one above
        (4, 1, 9),  # fewest drops
        (4, 1, 9),  # its equal: beaten by nobody either
        (5, 1, 9),  # more memory for the same
        (9, 9, 9),
    ]
    assert pareto_front(points).tolist() == [True, True, False, True, True, False, False]
    assert pareto_front(np.zeros((0, 3))).tolist() == []


def test_known_transports_have_looks_of_their_own() -> None:
    looks = [style.look(name) for name in ("null", "ringbuf", "perfbuf", "hybrid")]
    assert len({look.colour for look in looks}) == len({look.marker for look in looks}) == 4


def test_an_unknown_transport_always_looks_the_same() -> None:
    # Written down, so that a change of the assignment cannot pass unseen.
    assert style.look("kernel_ringbuf") == style.look("kernel_ringbuf")
    assert (style.look("moodycamel").colour, style.look("moodycamel").marker) == ("#9c4a1a", "h")
    assert style.look("moodycamel", 1).colour != style.look("moodycamel").colour


def test_a_new_transport_needs_no_change(tmp_path: Path) -> None:
    cells = [
        Cell(name, [Trial({"reserve_cycles_p50": 9.0})], {"shards": "4"}, {"producers": n})
        for name in ("never_seen", "null")
        for n in (1, 2)
    ]
    drawn = contention.draw(load([write_store(tmp_path, cells)]), Request())
    assert set(drawn.table.line) == {"never_seen", "null"}
    assert "shards 4" in drawn.caption
