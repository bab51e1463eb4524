"""Every parameter that varies ends in exactly one place: axis, label, panel, or the caption."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from store_writer import Cell, Trial, write_store

from plots.arrangement import Arrangement, arrange
from plots.results import Results, load, narrowed, server_labels

TRIAL = Trial({"attempted": 1, "committed": 1, "reserve_cycles_p50": 5})


def cell(transport: str, options: dict[str, str] | None = None, **parameters: Any) -> Cell:
    parameters = {"producers": 1, "arrival": "saturate", "record_size": 64, **parameters}
    return Cell(transport, [TRIAL], options or {}, parameters)


def results_of(folder: Path, *cells: Cell) -> Results:
    return load([write_store(folder, cells)])


def labels(arrangement: Arrangement) -> list[list[str]]:
    return [[line.label for line in panel.lines] for panel in arrangement.panels]


def titles(arrangement: Arrangement) -> list[str]:
    return [panel.title.replace("\N{NO-BREAK SPACE}", " ") for panel in arrangement.panels]


def no_point_is_shared(arrangement: Arrangement, *axes: str) -> bool:
    return all(
        not line.cells.duplicated(list(axes)).any() if axes else len(line.cells) == 1
        for panel in arrangement.panels
        for line in panel.lines
    )


def test_only_what_varies_is_in_the_label(tmp_path: Path) -> None:
    results = results_of(
        tmp_path,
        cell("ringbuf", {"lock": "mcs", "notify": "adaptive"}),
        cell("ringbuf", {"lock": "ticket", "notify": "adaptive"}),
        cell("perfbuf"),
    )
    found = arrange(results, results.cells, ["producers"])
    assert labels(found) == [["perfbuf", "ringbuf, lock mcs", "ringbuf, lock ticket"]]
    assert "record size 64 B" in found.caption() and "notify adaptive" in found.caption()


def test_an_option_that_only_differs_between_transports_is_in_the_caption(tmp_path: Path) -> None:
    results = results_of(
        tmp_path, cell("ringbuf", {"notify": "adaptive"}), cell("perfbuf", {"notify": "watermark"})
    )
    found = arrange(results, results.cells, ["producers"])
    assert labels(found) == [["perfbuf", "ringbuf"]]
    assert "notify watermark for perfbuf and adaptive for ringbuf" in found.caption()


def test_leaving_an_option_out_is_a_variant_of_its_own(tmp_path: Path) -> None:
    results = results_of(tmp_path, cell("ringbuf"), cell("ringbuf", {"overwrite": "yes"}))
    found = arrange(results, results.cells, ["producers"])
    assert labels(found) == [["ringbuf, overwrite yes", "ringbuf"]]
    assert no_point_is_shared(found, "producers")


def test_another_parameter_becomes_a_panel(tmp_path: Path) -> None:
    results = results_of(
        tmp_path,
        *(cell("perfbuf", producers=p, record_size=s) for p in (1, 2) for s in (8, 1024)),
    )
    found = arrange(results, results.cells, ["producers"])
    assert titles(found) == ["record size 8 B", "record size 1 KiB"]
    assert no_point_is_shared(found, "producers")


def test_a_cell_without_the_parameter_is_in_every_panel(tmp_path: Path) -> None:
    results = results_of(
        tmp_path, cell("null"), *(cell("perfbuf", bytes=size) for size in (4096, 8192))
    )
    found = arrange(results, results.cells, ["producers"])
    assert titles(found) == ["ring bytes 4 KiB", "ring bytes 8 KiB"]
    assert labels(found) == [["null", "perfbuf"]] * 2


def test_more_than_six_lines_become_small_multiples(tmp_path: Path) -> None:
    results = results_of(
        tmp_path,
        cell("perfbuf"),
        *(
            cell("hybrid", {"cpus_per_ring": str(n), "mapping": m})
            for n in (1, 2, 4, 10)
            for m in ("contiguous", "modulo")
        ),
    )
    found = arrange(results, results.cells, ["producers"])
    assert max(len(panel.lines) for panel in found.panels) <= 6
    assert titles(found) == [f"cpus per ring {n}" for n in (1, 2, 4, 10)]
    # What is not a hybrid stays beside it as the reference.
    assert all("perfbuf" in lines for lines in labels(found))


def test_too_many_panels_fix_a_parameter_and_say_so(tmp_path: Path) -> None:
    results = results_of(
        tmp_path,
        *(cell("perfbuf", producers=p, budget=b) for p in (1, 2, 3) for b in (1, 2, 3, 4)),
    )
    found = arrange(results, results.cells, max_panels=4, keep=["producers"])
    assert titles(found) == ["producers 1", "producers 2", "producers 3"]
    assert "Only cells with budget 4; the store also has 1, 2 and 3" in found.caption()
    assert no_point_is_shared(found)


def test_what_moves_with_the_axis_is_said(tmp_path: Path) -> None:
    results = results_of(
        tmp_path, *(cell("perfbuf", producers=p, bytes=4096 * p) for p in (1, 2, 4))
    )
    found = arrange(results, results.cells, ["producers"])
    assert len(found.panels) == 1
    assert "Changes together with the x axis: ring bytes." in found.caption()


def test_a_sweep_is_not_hidden_among_lone_cells(tmp_path: Path) -> None:
    lone = [cell("perfbuf", producers=2, arrival="poisson", rate=rate) for rate in (1e4, 1e5)]
    results = results_of(tmp_path, *(cell("perfbuf", producers=p) for p in (1, 2)), *lone)
    found = arrange(results, results.cells, ["producers"], sweep=["producers"])
    assert titles(found) == [""]
    assert "Left out: 2 cells that belong to no sweep over producers." in found.caption()


def test_sweeps_of_different_workloads_are_never_one_line(tmp_path: Path) -> None:
    # No rate occurs in both arrivals, so the arrival would pass for a function of the rate.
    results = results_of(
        tmp_path,
        *(cell("perfbuf", arrival="poisson", rate=rate) for rate in (1e4, 1e5)),
        *(cell("perfbuf", arrival="constant", rate=rate) for rate in (2e4, 2e5)),
    )
    found = arrange(results, results.cells, ["rate"], sweep=["rate"])
    assert titles(found) == ["arrival constant", "arrival poisson"]
    assert found.along == ()


def test_titles_name_only_what_tells_panels_apart(tmp_path: Path) -> None:
    results = results_of(
        tmp_path, cell("perfbuf", poll="busy"), cell("perfbuf", poll="epoll", arrival="poisson")
    )
    found = arrange(results, results.cells, alike=True)
    assert titles(found) == ["arrival saturate", "arrival poisson"]
    assert "Differs between panels too (see the table): poll." in found.caption()
    assert "poll" in found.panels[0].full_title


def test_numbers_in_labels_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    results = results_of(
        tmp_path, *(cell("hybrid", {"cpus_per_ring": n}) for n in ("10", "2", "1"))
    )
    found = arrange(results, results.cells, ["producers"])
    assert labels(found) == [[f"hybrid, cpus per ring {n}" for n in (1, 2, 10)]]


@pytest.mark.parametrize("flavour", ["small", "large"])
@pytest.mark.parametrize("axes", [(), ("producers",), ("rate",), ("bytes",)])
def test_no_two_cells_ever_share_a_point(
    flavour: str, axes: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    results = load([request.getfixturevalue(flavour)])
    cells = results.measured("attempted")
    cells = cells[cells[list(axes)].notna().all(axis=1)]
    found = arrange(results, cells, axes)
    assert no_point_is_shared(found, *axes)
    assert max(len(panel.lines) for panel in found.panels) <= 6


def test_several_servers_are_told_apart(tmp_path: Path) -> None:
    stores = [
        write_store(tmp_path / host, [cell("perfbuf")], {"host": host}) for host in ("a", "b")
    ]
    results = load(stores)
    found = arrange(results, results.cells, ["producers"])
    assert labels(found) == [["perfbuf, a quick", "perfbuf, b quick"]]


def test_a_difference_between_servers_is_a_label_and_not_the_axis(tmp_path: Path) -> None:
    # With one value of x each, the record size would also pass for a function of x.
    stores = [
        write_store(tmp_path / host, [cell("perfbuf", producers=p, record_size=s)], {"host": host})
        for host, p, s in (("a", 1, 8), ("b", 2, 64))
    ]
    results = load(stores)
    found = arrange(results, results.cells, ["producers"])
    assert labels(found) == [
        ["perfbuf, a quick, record size 8 B", "perfbuf, b quick, record size 64 B"]
    ]
    assert found.along == ()


def test_panels_of_like_workloads_never_mix_servers_or_producers(small: Path, large: Path) -> None:
    results = load([small, large])
    cells = results.measured("drop_fraction")
    found = arrange(results, cells, in_line=["bytes"], alike=True, max_lines=1e9)
    for panel in found.panels:
        together = pd.concat([line.cells for line in panel.lines])
        assert together.server.nunique() == together.producers.nunique() == 1


def test_one_line_a_panel_is_kept_at_any_price(small: Path, large: Path) -> None:
    results = load([small, large])
    cells = results.cells[results.cells["option:cpus_per_ring"].notna()]
    axes = ["producers", "option:cpus_per_ring"]
    found = arrange(results, cells, axes, max_panels=2, max_lines=1)
    assert [len(panel.lines) for panel in found.panels] in ([1], [1, 1])
    assert no_point_is_shared(found, *axes)


def test_server_labels_are_unique() -> None:
    same = {"host": "a", "config_name": "quick", "started": "10:00"}
    assert server_labels([same, {**same, "host": "b"}]) == ("a quick", "b quick")
    assert server_labels([same, {**same, "started": "11:00"}]) == ("a quick 10:00", "a quick 11:00")
    assert server_labels([same, same]) == ("a quick 10:00 #1", "a quick 10:00 #2")


def test_where_keeps_cells_to_which_the_parameter_does_not_apply(tmp_path: Path) -> None:
    results = results_of(
        tmp_path, cell("null"), *(cell("perfbuf", bytes=size) for size in (4096, 8192))
    )
    kept = narrowed(results, {"bytes": "4096"})
    assert sorted(kept.cells.transport) == ["null", "perfbuf"]
    assert pd.Series(kept.trials.key).isin(kept.cells.key).all() and len(kept.trials) == 2
