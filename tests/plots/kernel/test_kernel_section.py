"""The report's section: which parts it has, life cycles, memory, and the rest of the report beside it."""

from pathlib import Path

import kernel_rows
import pytest
from conftest import plots, report_of
from kernel_rows import cell, several
from store_writer import write_store
from test_report import Page

from plots import style
from plots.errors import NoData
from plots.figure import Request
from plots.figures import lifecycle as figure
from plots.kernel import lifecycle, memory
from plots.kernel.samples import Samples
from plots.report import verdict
from plots.results import load


def parts(page: Page) -> list[str]:
    return [found for found in page.ids if found.startswith("kernel-")]


def test_without_kernel_rows_there_is_no_section(small_report: str) -> None:
    page = Page(small_report)
    assert "kernel" not in page.ids and parts(page) == []


def test_each_part_comes_from_the_cells_that_are_there(tmp_path: Path) -> None:
    stores = [
        kernel_rows.selftest_store(tmp_path / "a"),
        kernel_rows.notify_store(tmp_path / "b"),
        kernel_rows.lifecycle_store(tmp_path / "c"),
    ]
    one = Page(report_of(stores[2:]))
    assert parts(one) == ["kernel-lifecycle", "kernel-memory"]
    assert "figure-lifecycle" in one.ids and "figure-wakeups" not in one.ids
    all_of_them = Page(report_of(stores, "--out", str(tmp_path / "all.html")))
    assert parts(all_of_them) == [
        "kernel-selftest",
        "kernel-wakeups",
        "kernel-lifecycle",
        "kernel-memory",
    ]
    text = all_of_them.words()
    assert "rb-libbpf 7.000 ± 1.414M/s" in text
    assert "timed whole" in text and "bpf_ktime_get_ns" in text


def test_the_section_stands_after_the_verdict_and_is_linked(tmp_path: Path) -> None:
    page = Page(report_of([kernel_rows.notify_store(tmp_path)]))
    sections = [named["id"] for tag, named in page.tags if tag == "section"]
    assert sections[:3] == ["verdict", "kernel", "trust"]
    assert "#kernel" in page.attributes("a", "href")


def test_misses_name_their_causes(tmp_path: Path) -> None:
    cells = [
        cell(name, several("event_amortised_cycles", cost, cost, cost))
        for name, cost in (("ringbuf", 100.0), ("kernel_ringbuf", 300.0))
    ]
    text = Page(report_of([write_store(tmp_path, cells)])).words()
    assert "model 100, kernel 300; kernel ÷ model 3. Known: a, d." in text
    assert "(a) a program of the kernel is called" in text and "(b)" not in text


def test_life_cycles_by_layout(tmp_path: Path) -> None:
    results = load([kernel_rows.lifecycle_store(tmp_path)])
    found = lifecycle.layouts(results, Samples(results))
    table = lifecycle.table(found).set_index(["layout", "poll"])
    perf = table.loc[("kernel_perfbuf, notify always", "epoll")]
    assert perf["chains out of order"].replace("\N{NO-BREAK SPACE}", " ") == "31 % [30, 32]"
    assert perf["whole chains"] == "1,000" and perf["broken chains"] == "2"
    told = " ".join(lifecycle.answer(found)).replace("\N{NO-BREAK SPACE}", " ")
    assert "No chain arrived out of order with kernel_ringbuf, notify adaptive, poll epoll" in told
    assert "most with kernel_perfbuf, notify never, poll busy: 51 % [50, 52]" in told


def test_life_cycles_of_other_workloads_have_rows_of_their_own(tmp_path: Path) -> None:
    cells = [
        kernel_rows.lifecycle_cell("kernel_perfbuf", [0.2, 0.2], poll="busy", stall_ms=stall)
        for stall in (0, 20)
    ]
    results = load([write_store(tmp_path, cells)])
    labels = {one.label for one in lifecycle.layouts(results, Samples(results))}
    assert len(labels) == 2
    assert any("stall" in label for label in labels)


def test_life_cycles_that_overlap_are_not_ranked(tmp_path: Path) -> None:
    cells = [
        kernel_rows.lifecycle_cell(name, [0.1, 0.2, 0.3])
        for name in ("kernel_ringbuf", "kernel_perfbuf")
    ]
    results = load([write_store(tmp_path, cells)])
    (told,) = lifecycle.answer(lifecycle.layouts(results, Samples(results)))
    assert "cannot tell, because the intervals of all overlap" in told


def test_the_figure_of_life_cycles_needs_the_driver(tmp_path: Path) -> None:
    drawn = figure.draw(load([kernel_rows.lifecycle_store(tmp_path / "a")]), Request())
    assert len(drawn.table) == 4
    other = [cell("kernel_ringbuf", several("causal_inversions", 0.5))]
    with pytest.raises(NoData, match="driver = lifecycle"):
        figure.draw(load([write_store(tmp_path / "b", other)]), Request())


def test_memory_shows_that_ring_data_is_mapped_twice(tmp_path: Path) -> None:
    results = load([kernel_rows.lifecycle_store(tmp_path)])
    table = memory.table(results, Samples(results)).set_index("layout")
    row = table.loc["kernel_ringbuf"]
    assert (row["data"], row["virtual"], row["virtual ÷ data"]) == ("1 MiB", "2 MiB", "2")
    assert "kernel_ringbuf 2" in " ".join(memory.answer(table.reset_index()))


def test_figures_draw_kernel_rows_only_where_there_are_some(tmp_path: Path, small: Path) -> None:
    run = plots("figure", "all", kernel_rows.notify_store(tmp_path))
    assert run.status == 0 and "wakeups.svg" in [path.name for path in run.paths]
    assert "lifecycle is left out: no cell has driver = lifecycle" in run.err
    assert "lifecycle" not in plots("figure", "all", small, "--out", tmp_path / "s").err


def test_kernel_transports_look_like_their_models_and_are_told_apart() -> None:
    names = ("null", "ringbuf", "perfbuf", "hybrid")
    looks = [style.look(prefix + name) for name in names for prefix in ("", "kernel_")]
    assert len({look.marker for look in looks}) == len({look.colour for look in looks}) == 8


def test_each_world_has_its_own_floor(tmp_path: Path) -> None:
    cost = "event_amortised_cycles"
    cells = [
        cell(name, several(cost, cycles, cycles))
        for name, cycles in (
            ("null", 10.0),
            ("ringbuf", 100.0),
            ("kernel_null", 50.0),
            ("kernel_ringbuf", 200.0),
        )
    ]
    (one,) = verdict.compare(load([write_store(tmp_path, cells)]))[0].shown
    ratios = {row.transport: row.ratio.median for row in one.rows if row.ratio}
    assert ratios == {"ringbuf": 10, "kernel_ringbuf": 4}
    assert "kernel_null" not in " ".join(one.sentences)


def test_what_an_event_executes_in_the_kernel_has_no_bare_cost(tmp_path: Path) -> None:
    cells = [
        cell(name, several("event_amortised_cycles", 100)) for name in ("ringbuf", "kernel_ringbuf")
    ]
    for one in cells:
        one.atomics = {"xchg": 1}
    limits = [
        {"round": 0, "operation": "xchg", "threads": 1, "cycles": 20},
        {"round": 0, "operation": "fill", "bytes": 64, "cycles": 5},
    ]
    results = load([write_store(tmp_path, cells, limits=limits)])
    assert list(results.cells.set_index("key").loc[results.bare.index].transport) == ["ringbuf"]
