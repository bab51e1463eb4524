"""What reserve and commit save, from cycles made by hand."""

from pathlib import Path

from question_rows import answered, around, cell, skipped
from store_writer import Cell

from plots.questions.reserve_or_output import QUESTION

CYCLES = "event_amortised_cycles"
SIZES = (8, 64, 1024, 4096)


def pair(
    transport: str, size: int, in_place: float, copied: float, spread: float = 0.01
) -> list[Cell]:
    return [
        cell(transport, around(CYCLES, in_place, spread), record_size=size, fill="in_place"),
        cell(transport, around(CYCLES, copied, spread), record_size=size, fill="scratch"),
    ]


def growing(transport: str = "ringbuf") -> list[Cell]:
    """The copy costs an eighth of a cycle a byte, and an event 100 cycles and as much for its fill."""
    return [c for s in SIZES for c in pair(transport, s, 100 + s / 8, 100 + s / 4)]


def test_the_saving_and_the_size_from_which_it_matters(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, growing())
    assert found.decided
    # 1 cycle of 102 and 8 of 116 (within their spread) are nothing; 128 of 356 and 512 of 1124 are.
    assert "ringbuf: reserve and commit save" in found.sentence
    assert "512 [" in found.sentence and "matters from 64 B on" in found.sentence
    assert found.figure is not None and len(found.figure.table) == len(SIZES)


def test_a_copy_that_costs_nothing_does_not_matter(tmp_path: Path) -> None:
    cells = [c for s in SIZES for c in pair("ringbuf", s, 100 + s, 100 + s)]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "less than it takes to matter" in found.sentence


def test_a_saving_that_is_sure_but_small_does_not_matter(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair("ringbuf", 8, 100, 103, spread=0.001))
    assert found.decided and "less than it takes to matter" in found.sentence
    assert ": 3 [" in found.sentence


def test_a_saving_that_ends_does_not_count_from_its_first_size_on(tmp_path: Path) -> None:
    cells = pair("ringbuf", 8, 100, 150) + pair("ringbuf", 64, 100, 100)
    cells += pair("ringbuf", 1024, 100, 150)
    assert "matters from 1 KiB on" in answered(tmp_path, QUESTION, cells).sentence


def test_a_cheaper_copy_is_said(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair("perfbuf", 8, 150, 100))
    assert found.decided and "save nothing: copying is the cheaper at 8 B" in found.sentence
    assert "by at most 50 [" in found.sentence
    assert "Copying was the cheaper for perfbuf at 8 B." in found.details


def test_the_kernels_own_is_paired_by_its_call(tmp_path: Path) -> None:
    cells = [
        cell("kernel_ringbuf", around(CYCLES, 200), {"call": "reserve"}),
        cell("kernel_ringbuf", around(CYCLES, 290), {"call": "output", "source": "scratch"}),
        cell("kernel_ringbuf", around(CYCLES, 900), {"call": "output", "source": "stack"}),
    ]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "kernel_ringbuf: reserve and commit save 90 [" in found.sentence


def test_two_repetitions_are_too_few(tmp_path: Path) -> None:
    cells = growing()
    for one in cells:
        one.trials = one.trials[:2]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "fewer than three repetitions" in found.sentence
    assert found.figure is not None


def test_wide_intervals_tell_nothing(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, pair("ringbuf", 8, 100, 105, spread=0.3))
    assert not found.decided and "neither surely reaches 5" in found.sentence


def test_a_saving_of_the_largest_that_is_unsure_tells_nothing(tmp_path: Path) -> None:
    cells = pair("ringbuf", 8, 100, 150) + pair("ringbuf", 4096, 100, 105, spread=0.3)
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "(4 KiB)" in found.sentence


def test_one_way_alone_tells_nothing(tmp_path: Path) -> None:
    reason = "needs CAP_BPF"
    cells = [c for c in growing() if c.parameters["fill"] == "in_place"]
    cells.append(skipped("kernel_ringbuf", reason))
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and found.figure is None
    assert "1 cell of kernel_ringbuf not run: needs CAP_BPF." in found.limits


def test_a_cell_that_refused_events_is_left_out(tmp_path: Path) -> None:
    cells = growing()
    copied = around(CYCLES, 50, drop_fraction=0.4)
    cells += [
        cell("perfbuf", around(CYCLES, 100), fill="in_place"),
        cell("perfbuf", copied, fill="scratch"),
    ]
    found = answered(tmp_path, QUESTION, cells)
    assert "perfbuf" not in found.sentence
    assert any("1 cell left out" in limit for limit in found.limits)


def test_disturbed_cells_are_marked(tmp_path: Path) -> None:
    cells = pair("ringbuf", 8, 100, 200)
    for trial in cells[1].trials:
        trial.status = "tainted"
    found = answered(tmp_path, QUESTION, cells)
    assert found.figure is not None and found.figure.table.taint.tolist() == ["all tainted"]
    assert any("tainted trials only" in limit for limit in found.limits)
