"""What one wake-up costs, by hand."""

import math
from pathlib import Path
from typing import Any

import pytest
from kernel_rows import cell, notify_store, several
from store_writer import write_store

from plots.errors import NoData
from plots.figure import Request
from plots.figures import wakeups as figure
from plots.kernel.samples import Samples
from plots.kernel.wakeups import Cost, answer, costs, table
from plots.results import load


def found_in(folder: Path) -> dict[tuple[str, float], Cost]:
    results = load([folder])
    found = costs(results, Samples(results))
    return {(c.mode, -1.0 if math.isnan(c.rate) else c.rate): c for c in found}


def test_the_cost_is_the_difference_over_the_wakeups_asked_for(tmp_path: Path) -> None:
    found = found_in(notify_store(tmp_path))
    always, sampled = found["always", 1e3].each, found["one in 100", 1e5].each
    assert always is not None and always.median == 1000
    # Ten cycles more for each record, and one in a hundred wakes.
    assert sampled is not None and sampled.median == pytest.approx(1000)
    assert found["always", -1.0].cycles.median == 1402
    assert found["never", 1e3].each is None and found["never", 1e3].extra is None


def test_other_modes_are_divided_by_the_wakeups_seen(tmp_path: Path) -> None:
    found = found_in(notify_store(tmp_path))
    adaptive = found["adaptive", 1e5]
    # 500 cycles more; 50,000 wake-ups over 1e6/s x 0.1 s records: every second one.
    assert adaptive.extra is not None and adaptive.extra.median == 500
    assert adaptive.woken.median == 0.5
    assert adaptive.each is not None and adaptive.each.median == 1000
    assert adaptive.basis == "seen, so at most"
    assert "adaptive" not in " ".join(answer(list(found.values())))


def test_a_model_counts_what_it_asks_for(tmp_path: Path) -> None:
    paced: dict[str, Any] = {"arrival": "constant", "rate": 1e5, "poll": "epoll"}
    rest: dict[str, float] = {"delivered_rate": 1e5, "achieved_rate": 1e5, "wakeups": 10}
    counted: dict[str, float] = {**rest, "notifications": 2500, "window_attempted": 10_000}
    cells = [
        cell("ringbuf", several("event_cycles_mean", 100, 100, **rest), **paced),
        cell("ringbuf", several("event_cycles_mean", 600, 600, **counted), {"notify": "adaptive"}),
        cell("kernel_ringbuf", several("event_cycles_mean", 400, 400, **rest), **paced),
        cell("kernel_ringbuf", several("event_cycles_mean", 900, 900, **rest), **paced),
    ]
    cells[1].parameters = {**cells[1].parameters, **paced}
    cells[3].options = {**cells[3].options, "notify": "always"}
    results = load([write_store(tmp_path, cells)])
    (adaptive,) = [c for c in costs(results, Samples(results)) if c.mode == "adaptive"]
    assert adaptive.basis == "asked for, counted by the model"
    assert adaptive.each is not None and adaptive.each.median == 500 / 0.25


def test_a_window_without_a_wakeup_tells_no_cost(tmp_path: Path) -> None:
    # 50 records in the window, one in 100 of which would wake.
    rest: dict[str, float] = {"delivered_rate": 500.0, "achieved_rate": 500.0, "wakeups": 0}
    paced: dict[str, Any] = {"arrival": "constant", "rate": 500.0, "poll": "epoll"}
    cells = [
        cell("kernel_ringbuf", several("event_cycles_mean", 400, 400, **rest), **paced),
        cell(
            "kernel_ringbuf",
            several("event_cycles_mean", 450, 450, **rest),
            {"notify": "sampled"},
            **paced,
        ),
    ]
    store = write_store(tmp_path, cells)
    found = found_in(store)
    assert found["one in 100", 500.0].each is None
    assert "none in the window" in table(list(found.values()))["one wake-up (TSC cycles)"].tolist()
    assert "cannot tell" in " ".join(answer(list(found.values())))


def test_one_sentence_a_transport_with_its_interval(tmp_path: Path) -> None:
    (told,) = answer(list(found_in(notify_store(tmp_path)).values()))
    assert told.startswith("kernel_ringbuf: one wake-up costs the producer")
    assert "1,000" in told and "[" in told and "always" in told


def test_the_figure_needs_never_beside_another_mode(tmp_path: Path) -> None:
    drawn = figure.draw(load([notify_store(tmp_path / "a")]), Request())
    assert len(drawn.table) == 10 and "kernel_ringbuf" in drawn.alt
    cells = [cell("kernel_ringbuf", several("event_cycles_mean", 9), poll="epoll")]
    with pytest.raises(NoData, match="notify = never"):
        figure.draw(load([write_store(tmp_path / "b", cells)]), Request())


def test_two_servers_are_two_panels(tmp_path: Path) -> None:
    stores = [notify_store(tmp_path / name, host=name) for name in ("a", "b")]
    drawn = figure.draw(load(stores), Request())
    shown = [axes.get_title() for axes in drawn.picture.axes if axes.get_visible()]
    assert shown == ["kernel_ringbuf, a quick", "kernel_ringbuf, b quick"]
