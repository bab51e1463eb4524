"""Models beside the kernel's buffers: who is paired with whom, residuals, causes, stamps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from kernel_rows import cell, several
from store_writer import Cell, write_store

from plots.errors import NoData
from plots.figure import Request
from plots.figures import model_vs_kernel
from plots.kernel import causes, residuals, stamps
from plots.kernel.pairing import pairs
from plots.kernel.samples import Samples
from plots.results import load

COST = "event_amortised_cycles"


def rows_of(folder: Path, cells: Sequence[Cell]) -> list[residuals.Residual]:
    results = load([write_store(folder, cells)])
    return residuals.residuals(pairs(results).found, Samples(results))


def ringbufs(model: Sequence[float], kernel: Sequence[float]) -> list[Cell]:
    return [
        cell("ringbuf", several(COST, *model, drop_fraction=0.5)),
        cell("kernel_ringbuf", several(COST, *kernel, drop_fraction=0.0)),
    ]


def test_the_ratio_is_kernel_over_model_and_drops_are_a_difference(tmp_path: Path) -> None:
    cycles, drops = rows_of(tmp_path, ringbufs([100, 100, 100], [250, 250, 250]))
    assert (cycles.model.median, cycles.kernel.median) == (100, 250)
    assert (cycles.change.median, cycles.missed) == (2.5, True)
    assert (drops.measure.name, drops.change.median) == ("drops", -0.5)
    assert residuals.change_text(drops) == "−50 points"
    assert "model 100, kernel 250; kernel ÷ model 2.5" in residuals.sentence(cycles)


def test_an_interval_that_includes_one_is_no_miss(tmp_path: Path) -> None:
    cycles = rows_of(tmp_path, ringbufs([90, 100, 110], [92, 101, 111]))[0]
    assert cycles.change.low < 1 < cycles.change.high and not cycles.missed


def test_a_single_repetition_tells_nothing(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, ringbufs([100], [250]))
    assert not rows[0].missed
    assert "a single repetition gives no interval" in " ".join(residuals.answer(rows))


@pytest.mark.parametrize(
    "options",
    [{"call": "output"}, {"reader": "libbpf"}, {"driver": "syscall"}, {"notify": "always"}],
)
def test_what_has_no_model_is_not_paired(options: dict[str, str], tmp_path: Path) -> None:
    cells = ringbufs([100], [250])[:1]
    cells += [cell("kernel_ringbuf", several(COST, 250), options)]
    assert rows_of(tmp_path, cells) == []


@pytest.mark.parametrize("other", [{"record_size": 8}, {"producers": 2}, {"poll": "epoll"}])
def test_another_workload_is_no_pair(other: dict[str, Any], tmp_path: Path) -> None:
    cells = [cell("ringbuf", several(COST, 100)), cell("kernel_ringbuf", several(COST, 9), **other)]
    assert rows_of(tmp_path, cells) == []


def test_options_without_effect_do_not_part_a_pair(tmp_path: Path) -> None:
    cells = ringbufs([100], [250])[:1]
    # notify = never: how often sampled would wake means nothing.
    cells.append(cell("kernel_ringbuf", several(COST, 250), {"notify_every": "7"}))
    assert len(rows_of(tmp_path, cells)) == 1


def test_native_of_a_hybrid_is_what_its_rings_do(tmp_path: Path) -> None:
    shares = {"cpus_per_ring": "1", "mapping": "contiguous"}
    model = {"base": "ringbuf", "lock": "mcs", "notify": "native", **shares}
    kernel = {"driver": "test_run", "call": "reserve", "reader": "mapped", "notify": "adaptive"}
    cells = [
        cell("hybrid", several(COST, 100), model),
        cell("kernel_hybrid", several(COST, 150), {**kernel, **shares}),
        cell("kernel_hybrid", several(COST, 150), {**kernel, **shares, "cpus_per_ring": "2"}),
    ]
    (row,) = rows_of(tmp_path, cells)
    assert row.change.median == 1.5


def test_of_the_locks_the_one_that_queues_stands_for_the_kernels(tmp_path: Path) -> None:
    cells = ringbufs([100], [250])
    cells.append(cell("ringbuf", several(COST, 50), {"lock": "ticket"}))
    assert rows_of(tmp_path, cells)[0].change.median == 2.5


def test_at_a_rate_the_median_event_is_compared(tmp_path: Path) -> None:
    paced: dict[str, Any] = {"arrival": "poisson", "rate": 1e5}
    cells = [
        cell("ringbuf", several("event_cycles_p50", 40, 40), **paced),
        cell("kernel_ringbuf", several("event_cycles_p50", 60, 60), **paced),
    ]
    (row,) = rows_of(tmp_path, cells)
    assert (row.column, row.change.median) == ("event_cycles_p50", 1.5)
    assert "poisson at 100k/s" in row.pair.label or row.pair.label == ""


def test_tainted_pairs_say_so(tmp_path: Path) -> None:
    cells = ringbufs([100, 100], [250, 250])
    cells[0] = cell("ringbuf", several(COST, 100, 100), status="tainted")
    rows = rows_of(tmp_path, cells)
    assert rows[0].tainted and residuals.table(rows)["taint"].tolist() == ["all tainted"]


def test_the_worst_miss_is_first_whichever_way_it_lies(tmp_path: Path) -> None:
    def sized(size: int, model: float, kernel: float) -> list[Cell]:
        return [
            cell(name, several(COST, cost, cost), record_size=size)
            for name, cost in (("ringbuf", model), ("kernel_ringbuf", kernel))
        ]

    rows = rows_of(tmp_path, [*sized(8, 100, 200), *sized(64, 400, 100), *sized(256, 9, 9)])
    missed = residuals.misses(rows, residuals.MEASURES[0])
    assert [row.pair.label for row in missed] == ["64 B records", "8 B records"]
    told = " ".join(residuals.answer(rows))
    assert "no difference in 1 of 3 pairs" in told and "farthest off is ringbuf, 64 B" in told


def test_known_causes_explain_only_a_dearer_kernel(tmp_path: Path) -> None:
    dearer = rows_of(tmp_path / "a", ringbufs([100, 100], [250, 250]))[0]
    cheaper = rows_of(tmp_path / "b", ringbufs([250, 250], [100, 100]))[0]
    # Called not inlined, and stamped by another clock; nobody is woken, nothing is a perf buffer.
    assert (causes.marks(dearer), causes.marks(cheaper)) == ("a, d", "")
    assert len(causes.legend([dearer])) == 2


def test_small_ratios_can_be_read() -> None:
    assert residuals.ratio_text(1 / 17600) == "1/17,600"
    assert residuals.ratio_text(0.5) == "0.5"


def test_the_figure_has_every_pair_in_its_table(tmp_path: Path) -> None:
    cells = [
        *ringbufs([100, 101], [250, 251]),
        cell("null", several(COST, 5, 5)),
        cell("kernel_null", several(COST, 20, 20)),
    ]
    drawn = model_vs_kernel.draw(load([write_store(tmp_path, cells)]), Request())
    assert list(drawn.table["model and workload"]) == ["null", "ringbuf"]
    assert "kernel ÷ model" in " ".join(drawn.table)


def test_without_a_pair_there_is_no_figure(tmp_path: Path) -> None:
    store = write_store(tmp_path, ringbufs([100], [250])[:1])
    with pytest.raises(NoData, match="beside it"):
        model_vs_kernel.draw(load([store]), Request())


def test_a_stamp_costs_the_difference(tmp_path: Path) -> None:
    cells = [
        cell("kernel_ringbuf", several(COST, 250, 251, 252)),
        cell("kernel_ringbuf", several(COST, 200, 201, 202), stamps=0),
        cell("ringbuf", several(COST, 90, 100, 110)),
        cell("ringbuf", several(COST, 91, 101, 111), stamps=0),
    ]
    results = load([write_store(tmp_path, cells)])
    found = stamps.stamps(results, Samples(results))
    costs = {one.transport: one.cost for one in found}
    assert costs["kernel_ringbuf"].median == 50
    assert (costs["kernel_ringbuf"].low, costs["kernel_ringbuf"].high) == (48, 52)
    told, doubtful = stamps.answer(found)
    assert "kernel_ringbuf 50 [48,\N{NO-BREAK SPACE}52]" in told
    assert "ringbuf this run cannot tell" in doubtful


def test_stamps_of_models_alone_are_another_matter(tmp_path: Path) -> None:
    cells = [cell("ringbuf", several(COST, 100), stamps=on) for on in (0, 1)]
    results = load([write_store(tmp_path, cells)])
    assert stamps.stamps(results, Samples(results)) == []
