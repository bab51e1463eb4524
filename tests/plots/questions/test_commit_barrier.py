"""Whether the commit needs its barrier, from counts made by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from question_rows import answered, around, cell
from scipy import stats
from store_writer import Cell

from plots.questions.commit_barrier import QUESTION
from plots.questions.lost_wakeups import in_a_million

CYCLES = "event_amortised_cycles"


def timed(commit: str, cycles: float, poll: str = "after_window", **more: Any) -> Cell:
    return cell("ringbuf", around(CYCLES, cycles), {"commit": commit}, poll=poll, **more)


def slept(
    commit: str, fence: str, lost: Sequence[float], sleeps: float = 1e6, late: float = 0
) -> Cell:
    values = [{"sleeps": sleeps, "lost_wakeups": n, "late_wakeups": late} for n in lost]
    options = {"commit": commit, "consumer_fence": fence}
    return cell("ringbuf", values, options, poll="epoll", arrival="poisson", rate=1e5)


def both_timed() -> list[Cell]:
    """A release store saves 20 cycles without a reader, and 8 with one."""
    cells = [timed("xchg", 60), timed("release", 40)]
    return cells + [timed("xchg", 80, "busy"), timed("release", 72, "busy")]


def test_a_barrier_that_is_needed(tmp_path: Path) -> None:
    cells = both_timed()
    cells += [slept("release", "on", [300] * 3), slept("xchg", "on", [0] * 3)]
    cells += [slept("xchg", "off", [20] * 3)]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and found.sentence.startswith("The full barrier is needed")
    assert "20 [" in found.sentence and "8 [" in found.sentence and "300 [" in found.sentence
    # None of three million is at most 3.7 of three million: the exact interval has two sides.
    assert (
        "no wake-up in 3,000,000 sleeps (at most 1.23 in a million); where it does not"
        in found.sentence
    )
    assert "where it does not, the exchange loses 20 [" in found.sentence
    assert found.figure is not None and len(found.figure.table) == 5


def test_a_barrier_that_is_not_needed(tmp_path: Path) -> None:
    cells = both_timed() + [slept("release", "on", [0] * 3), slept("xchg", "on", [0] * 3)]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "was not needed" in found.sentence


def test_few_sleeps_tell_nothing(tmp_path: Path) -> None:
    few = [slept("release", "on", [0] * 3, 1e4), slept("xchg", "on", [0] * 3, 1e4)]
    found = answered(tmp_path, QUESTION, both_timed() + few)
    assert not found.decided and "30,000 sleeps" in found.sentence and "too few" in found.sentence


def test_an_exchange_that_loses_as_well_settles_nothing(tmp_path: Path) -> None:
    cells = both_timed() + [slept("release", "on", [300] * 3), slept("xchg", "on", [290] * 3)]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "the exchange loses 290 [" in found.sentence


def test_both_halves_are_needed(tmp_path: Path) -> None:
    lost = [slept("release", "on", [300] * 3), slept("xchg", "on", [0] * 3)]
    found = answered(tmp_path / "a", QUESTION, lost)
    assert not found.decided and "cycles of both ways" in found.sentence
    found = answered(tmp_path / "b", QUESTION, both_timed())
    assert not found.decided and "no consumer slept" in found.sentence
    once = both_timed()
    for one in once:
        one.trials = one.trials[:1]
    found = answered(tmp_path / "c", QUESTION, once + lost)
    assert not found.decided and "fewer than three" in found.sentence


def test_a_late_wakeup_is_no_lost_one(tmp_path: Path) -> None:
    cells = both_timed()
    cells += [slept("release", "on", [0] * 3, late=500), slept("xchg", "on", [0] * 3, late=500)]
    found = answered(tmp_path, QUESTION, cells)
    assert "was not needed" in found.sentence
    assert any("Late, not lost" in detail and "500 [" in detail for detail in found.details)


def test_the_loads_are_summed_and_shown_apart(tmp_path: Path) -> None:
    slow = slept("release", "on", [100] * 3)
    fast = slept("release", "on", [300] * 3)
    fast.parameters = {**fast.parameters, "rate": 3e5}
    found = answered(tmp_path, QUESTION, both_timed() + [slow, fast, slept("xchg", "on", [0] * 3)])
    assert found.table is not None and found.table["lost"].tolist() == ["300", "900", "0"]
    assert found.table["load"].tolist() == ["poisson 100k/s, 64 B", "poisson 300k/s, 64 B"] + [
        "poisson 100k/s, 64 B"
    ]
    assert "loses 200 [" in found.sentence


def test_a_sleeping_consumer_of_a_saturating_producer_is_no_measurement_of_cycles(
    tmp_path: Path,
) -> None:
    cells = both_timed()
    for commit, fence, lost in (("release", "on", 300), ("xchg", "off", 20), ("xchg", "on", 0)):
        one = slept(commit, fence, [lost] * 3)
        one.parameters = {**one.parameters, "arrival": "saturate", "rate": None}
        for trial in one.trials:
            trial.metrics = {**trial.metrics, CYCLES: 5000}
        cells.append(one)
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "300 [" in found.sentence and found.table is not None
    assert found.table["load"].tolist() == ["saturate, 64 B"] * 3
    assert found.figure is not None and not found.figure.table.isin(["5,000"]).any().any()


def test_a_release_store_that_is_dearer_saves_nothing(tmp_path: Path) -> None:
    lost = [slept("release", "on", [300] * 3), slept("xchg", "on", [0] * 3)]
    cells = [timed("xchg", 60), timed("release", 100), *lost]
    found = answered(tmp_path / "a", QUESTION, cells)
    assert "a release store costs 40 [" in found.sentence and "saves" not in found.sentence
    cells = [timed("xchg", 60), timed("release", 60.1), *lost]
    found = answered(tmp_path / "b", QUESTION, cells)
    assert "costs the same to 5 % with no reader" in found.sentence
    unsure = cell("ringbuf", around(CYCLES, 60, 0.4), {"commit": "release"}, poll="after_window")
    found = answered(tmp_path / "c", QUESTION, [timed("xchg", 60), unsure, *lost])
    assert "saves nothing with no reader that this run can tell" in found.sentence


def test_the_interval_is_exact() -> None:
    interval = in_a_million([3, 5], [1000, 1000])
    exact = stats.binomtest(8, 2000).proportion_ci(0.95, method="exact")
    assert interval.median == pytest.approx(4000)
    assert interval.low == pytest.approx(1e6 * exact.low)
    assert interval.high == pytest.approx(1e6 * exact.high)
    assert in_a_million([0], [3e6]).high == pytest.approx(3.69 / 3, rel=0.01)
    assert in_a_million([5], [5]).high == 1e6


def test_losses_in_bunches_tell_less() -> None:
    even, bunched = in_a_million([100] * 4, [1e6] * 4), in_a_million([400, 0, 0, 0], [1e6] * 4)
    assert (even.median, bunched.median) == pytest.approx((100, 100))
    assert bunched.high - bunched.low > 5 * (even.high - even.low)
