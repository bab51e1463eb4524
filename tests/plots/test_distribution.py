import numpy as np
import pandas as pd
import pytest

from plots.distribution import grid_of_tails, quantiles, supported, tail_shares


def histogram(*buckets: tuple[float, float, int]) -> pd.DataFrame:
    return pd.DataFrame(buckets, columns=["lower", "upper", "count"])


@pytest.mark.parametrize(
    "observations, percentile, enough",
    [(500, 0.99, True), (499, 0.99, False), (5000, 0.999, True), (4999, 0.999, False)],
)
def test_a_percentile_needs_five_observations_beyond_it(
    observations: int, percentile: float, enough: bool
) -> None:
    assert supported(observations, percentile) is enough


def test_the_grid_ends_at_the_last_supported_percentile() -> None:
    grid = grid_of_tails(5000)
    assert grid[0] == 0.0
    assert grid[-1] == pytest.approx(0.999)
    assert np.all(np.diff(grid) > 0)


def test_a_quantile_is_the_upper_end_of_its_bucket() -> None:
    sample = histogram((10, 11, 50), (20, 21, 40), (80, 81, 10))
    found = quantiles(sample, np.array([0.0, 0.5, 0.51, 0.9, 0.91, 1.0]))
    assert found.tolist() == [11, 11, 21, 21, 81, 81]


def test_tail_shares_count_whole_buckets_over_the_population() -> None:
    sample = histogram((1, 1, 6), (2, 3, 3), (8, 9, 1))
    assert tail_shares(sample, np.array([1.0, 2.0, 8.0, 9.0]), 100).tolist() == [
        0.1,
        0.04,
        0.01,
        0.0,
    ]
