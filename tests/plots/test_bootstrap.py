import math

import numpy as np
import pytest

from plots.bootstrap import (
    Floats,
    difference_interval,
    function_interval,
    median_band,
    median_interval,
    quotient_interval,
    range_coverage,
    ratio_interval,
)


def test_one_value_has_no_interval() -> None:
    found = median_interval([7.0])
    assert (found.median, found.n, found.known) == (7.0, 1, False)
    assert math.isnan(found.low) and math.isnan(found.high)


def test_no_value_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        median_interval([])


def test_equal_values_give_a_point() -> None:
    found = median_interval([4.0] * 9)
    assert (found.median, found.low, found.high) == (4.0, 4.0, 4.0)


def test_two_values_give_their_range() -> None:
    # Resampled medians of {1, 3}: 1, 2, 3 with chances 1/4, 1/2, 1/4; both ends lie beyond 2.5 %.
    found = median_interval([1.0, 3.0])
    assert (found.median, found.low, found.high) == (2.0, 1.0, 3.0)


def test_five_values_reach_the_extremes_only_where_the_tail_does() -> None:
    # The median of a resample of five is the smallest value when at least three of the five draws
    # hit it: sum over k >= 3 of C(5,k) 0.2^k 0.8^(5-k) = 5.8 %, more than 2.5 %.
    found = median_interval([10.0, 20.0, 30.0, 40.0, 50.0])
    assert (found.low, found.high) == (10.0, 50.0)
    # Of seven, at least four must: 3.3 %. Of nine, at least five: 1.9 %, so the end moves inwards.
    nine = median_interval(np.arange(1.0, 10.0))
    assert 1.0 < nine.low < 5.0 < nine.high < 9.0


def test_the_interval_covers_the_median_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    inside = [
        found.low <= 0.0 <= found.high
        for found in (median_interval(random.normal(size=25)) for _ in range(300))
    ]
    assert 0.90 <= np.mean(inside) <= 0.99


def test_same_values_give_the_same_interval_every_time() -> None:
    values = np.random.default_rng(2).normal(size=12)
    assert median_interval(values) == median_interval(values.copy())


def test_a_band_is_the_interval_of_each_column() -> None:
    rows = np.random.default_rng(3).normal(size=(6, 3))
    median, low, high = median_band(rows)
    alone = median_interval(rows[:, 1])
    assert (median[1], low[1], high[1]) == (alone.median, alone.low, alone.high)


def test_ratio_of_medians() -> None:
    found = ratio_interval([20.0, 20.0, 20.0], [5.0, 5.0])
    assert (found.median, found.low, found.high, found.n) == (4.0, 4.0, 4.0, 2)


def test_ratio_over_zero_is_unknown() -> None:
    assert math.isnan(ratio_interval([1.0, 1.0], [0.0, 0.0]).median)
    assert not ratio_interval([1.0, 1.0], [0.0, 2.0]).known


def test_intervals_that_share_a_point_overlap() -> None:
    low, high = median_interval([1.0, 3.0]), median_interval([3.0, 5.0])
    assert low.overlaps(high) and high.overlaps(low)
    assert not median_interval([1.0, 2.0]).overlaps(high)


@pytest.mark.parametrize("n, chance", [(2, 0.5), (5, 0.9375), (6, 0.96875)])
def test_coverage_of_the_range(n: int, chance: float) -> None:
    assert range_coverage(n) == chance


def test_a_difference_reaches_from_the_closest_to_the_farthest_pair() -> None:
    # Of two values each, both ends of a resampled median are likely enough to lie in the interval.
    found = difference_interval([10.0, 14.0], [1.0, 2.0])
    assert (found.median, found.low, found.high) == (10.5, 8.0, 13.0)
    assert not difference_interval([10.0], [1.0, 2.0]).known


def test_a_quotient_of_a_difference_has_no_interval_over_what_can_be_zero() -> None:
    sure = quotient_interval([110.0, 110.0], [10.0, 10.0], [0.5, 0.5])
    assert (sure.median, sure.low, sure.high) == (200.0, 200.0, 200.0)
    assert not quotient_interval([110.0, 110.0], [10.0, 10.0], [0.0, 0.5]).known
    assert math.isnan(quotient_interval([110.0], [10.0], [0.0]).median)


def test_a_function_of_one_median_is_the_medians_interval() -> None:
    values = [1.0, 2.0, 5.0, 7.0, 11.0]
    found = function_interval([values], lambda medians: medians[:, 0])
    plain = median_interval(values)
    assert (found.median, found.low, found.high) == (plain.median, plain.low, plain.high)


def test_a_function_of_medians_resamples_each_of_them() -> None:
    def sums(medians: Floats) -> Floats:
        total: Floats = medians.sum(axis=1)
        return total

    found = function_interval([[1.0, 3.0], [10.0, 30.0]], sums)
    assert (found.median, found.low, found.high) == (22.0, 11.0, 33.0)


def test_a_function_may_give_a_bound_and_not_too_often_nothing() -> None:
    def of_two(middle: float) -> Floats:
        found = function_interval([[1.0, 3.0]], lambda m: np.where(m[:, 0] > 2, middle, m[:, 0]))
        return np.array([found.low, found.high])

    assert of_two(np.inf).tolist() == [1.0, np.inf]
    assert np.isnan(of_two(np.nan)).all()


def test_a_function_of_a_single_value_has_no_interval() -> None:
    assert not function_interval([[1.0, 3.0], [2.0]], lambda medians: medians[:, 1]).known
