"""Balances recomputed from the store, on counts with a planted error in one place each."""

from pathlib import Path
from typing import Any

import pytest
from conftest import report_of
from store_writer import Cell, Trial, write_store

from plots.report.conservation import Balance, check
from plots.results import load

GOOD = {
    "attempted": 1000,
    "committed": 880,
    "discarded": 20,
    "drop_no_space": 90,
    "drop_lock_busy": 10,
    "consumed": 870,
    "overwritten": 4,
    "left_in_buffer": 6,
}
HALF = {name: count // 2 for name, count in GOOD.items()}


def store(folder: Path, *trials: Trial) -> Path:
    return write_store(folder, [Cell("perfbuf", trials, {}, {"producers": 2})])


def trial(producers: tuple[dict[str, Any], ...] = (HALF, HALF), **wrong: float) -> Trial:
    rows = [{"producer": number, **counts} for number, counts in enumerate(producers)]
    return Trial({**GOOD, **wrong}, producers=rows)


def balance(folder: Path, *trials: Trial) -> Balance:
    return check(load([store(folder, *trials)]))


def test_the_sums_are_printed_as_numbers(tmp_path: Path) -> None:
    found = balance(tmp_path, trial(), trial())
    assert (found.trials, found.balanced, found.unchecked, found.violations) == (2, 2, 0, ())
    assert found.offered_sum == (
        "attempted 2,000 = committed 1,760 + discarded 40 + dropped 200"
        " (no_space 180, lock_busy 20, too_big 0, recursion 0)"
    )
    assert found.delivered_sum == (
        "committed 1,760 = consumed 1,740 + overwritten 8 + left in the buffer 12"
    )


@pytest.mark.parametrize("name", sorted(GOOD))
def test_one_count_off_by_one_is_caught(name: str, tmp_path: Path) -> None:
    found = balance(tmp_path, trial(), trial(producers=(), **{name: GOOD[name] + 1}))
    assert found.balanced == 1
    assert len(found.violations) == 1
    assert "trial 2 of alpha quick" in found.violations[0] and "≠" in found.violations[0]
    assert f"{GOOD[name] + 1:,}" in found.violations[0]


def test_a_producer_that_does_not_balance_is_caught(tmp_path: Path) -> None:
    # The two errors cancel in the trial's own counts.
    producers = ({**HALF, "discarded": 11}, {**HALF, "discarded": 9})
    found = balance(tmp_path, trial(producers))
    assert found.balanced == 0
    assert [text.split(":")[0] for text in found.violations] == [
        "producer 0 of trial 1 of alpha quick",
        "producer 1 of trial 1 of alpha quick",
    ]


def test_producers_that_do_not_add_up_are_caught(tmp_path: Path) -> None:
    found = balance(tmp_path, trial((HALF,)))
    assert "trial 1 of alpha quick: attempted is 1,000, and its producers add up to 500." in (
        found.violations
    )


def test_a_transport_that_delivers_nothing_has_one_sum(tmp_path: Path) -> None:
    found = balance(tmp_path, Trial({"attempted": 5, "committed": 5}))
    assert (found.balanced, found.violations) == (1, ())


def test_failed_and_uncounted_trials_are_told_apart(tmp_path: Path) -> None:
    failed = Trial({"attempted": 5, "committed": 1}, status="failed", reason="hung")
    found = balance(tmp_path, trial(), failed, Trial({"reserve_cycles_p50": 1}))
    assert (found.trials, found.balanced, found.unchecked, found.failed) == (2, 1, 1, 1)
    assert found.violations == ()


def test_the_report_shouts(tmp_path: Path) -> None:
    page = report_of([store(tmp_path, trial(producers=(), consumed=0))])
    assert "NOT EVERY TRIAL BALANCES" in page
    assert "consumed 0 + overwritten 4 + left in the buffer 6" in page
