"""Exact intervals against scipy's own test, and by what they must be."""

import math

import pytest
from scipy import stats

from plots.questions import exact


@pytest.mark.parametrize(("found", "of"), [(0, 50), (1, 50), (17, 50), (50, 50), (3, 1_000_000)])
def test_a_share_is_that_of_clopper_and_pearson(found: int, of: int) -> None:
    told = exact.share(found, of)
    known = stats.binomtest(found, of).proportion_ci(method="exact")
    assert told.median == found / of
    assert (told.low, told.high) == pytest.approx((known.low, known.high))


def test_nothing_of_nothing_is_unknown() -> None:
    assert not exact.share(0, 0).known
    assert math.isnan(exact.ratio(5, 10, 0, 10).median)


def test_a_ratio_is_of_rates_and_turns_over() -> None:
    one = exact.ratio(40, 1000, 400, 2000)
    assert one.median == pytest.approx(0.2)
    other = exact.ratio(400, 2000, 40, 1000)
    assert (other.low, other.high) == pytest.approx((1 / one.high, 1 / one.low))
    assert one.low < 0.2 < one.high < 1
