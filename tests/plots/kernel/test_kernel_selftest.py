"""The text in the form of the kernel's script, and what the command says where there is none."""

from pathlib import Path

import kernel_rows
from conftest import plots
from store_writer import write_store

from plots.kernel import selftest
from plots.results import load


def test_lines_have_the_form_of_the_script(tmp_path: Path) -> None:
    text = selftest.text(load([kernel_rows.selftest_store(tmp_path)]))
    header, underline, first, *others = text.splitlines()
    assert header == "Single-producer, parallel producer"
    assert underline == "=" * len(header)
    # Mean of 6 and 8 M/s; the standard deviation of a sample divides by n - 1.
    kernel, _, model = first.partition(" | ")
    assert kernel.rstrip() == "rb-libbpf            7.000 ± 1.414M/s (drops 0.000 ± 0.000M/s)"
    assert model == "ringbuf  21.000 ± 0.000M/s (drops 0.000 ± 0.000M/s)"
    assert others[0].startswith("rb-custom            5.000 ± 0.000M/s (drops 1.500 ± 0.000M/s)")
    assert others[1] == "pb-libbpf            1.500 ± 0.707M/s (drops 0.000 ± 0.000M/s)"


def test_a_single_repetition_has_no_deviation(tmp_path: Path) -> None:
    text = selftest.text(load([kernel_rows.selftest_store(tmp_path)]))
    assert "rb-custom            0.200 ± -M/s (drops 0.000 ± -M/s)" in text
    assert "consumer/producer competing on the same CPU, low batch count\n====" in text


def test_what_was_skipped_says_why_and_the_model_counts_what_it_committed(tmp_path: Path) -> None:
    lines = selftest.text(load([kernel_rows.selftest_store(tmp_path)])).splitlines()
    (skipped,) = [line for line in lines if line.startswith("rb-prod nr_prod 1")]
    assert "skipped" in skipped
    assert skipped.endswith("| ringbuf  30.000 ± 0.000M/s (drops 10.000 ± 0.000M/s)")
    assert lines[lines.index(skipped) + 1] == "# skipped: this kernel has no BPF_F_RB_OVERWRITE"


def test_scenarios_without_a_cell_are_left_out(tmp_path: Path) -> None:
    text = selftest.text(load([kernel_rows.selftest_store(tmp_path)]))
    assert "sample rate" not in text and "back-to-back" not in text
    assert "nr_prod 2" not in text


def test_each_way_of_sharing_memory_is_a_block(tmp_path: Path) -> None:
    one = kernel_rows.selftest_store(tmp_path / "a")
    other = kernel_rows.selftest_store(tmp_path / "b", bytes_are="per_ring")
    text = selftest.text(load([one, other]))
    heads = [line for line in text.splitlines() if line.startswith("# alpha")]
    assert len(heads) == 2
    assert heads[0].endswith("512 KiB for all buffers together")
    assert heads[1].endswith("512 KiB for each buffer")


def test_sampled_cells_are_told_by_their_bytes(tmp_path: Path) -> None:
    cells = [
        kernel_rows.selftest_cell(
            "kernel_ringbuf",
            kernel_rows.rates([rate, rate]),
            {"notify": "bytes", "notify_bytes": str(16 * n), "batch": str(min(n, 1000))},
            consumer="shares_producer_core",
        )
        for n, rate in ((100, 4.0), (3000, 25.0))
    ]
    text = selftest.text(load([write_store(tmp_path, cells)]))
    assert "rb-sampled-100       4.000" in text and "rb-sampled-3000      25.000" in text


def test_the_answer_compares_the_two_buffers(tmp_path: Path) -> None:
    (answer,) = selftest.answer(load([kernel_rows.selftest_store(tmp_path)]))
    # 7 over 1.5 M/s; no cell has sampled notification.
    assert "the ring buffer delivers 4.67 [3, 8] times the perf buffer's rate" in answer.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "cannot tell, because one of the two was not measured" in answer


def test_the_command_prints_the_text_alone(tmp_path: Path) -> None:
    run = plots("selftest", kernel_rows.selftest_store(tmp_path))
    assert run.status == 0
    assert run.out == selftest.text(load([tmp_path])) + "\n"
    assert "standard deviation" in run.err


def test_the_command_says_what_is_missing(tmp_path: Path, small: Path) -> None:
    run = plots("selftest", small)
    assert (run.status, run.out) == (2, "")
    assert "configs/kernel/selftest.toml" in run.err
    other = plots("selftest", kernel_rows.notify_store(tmp_path))
    assert other.status == 2 and "none of the script's scenarios" in other.err
