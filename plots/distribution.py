"""From the sparse histograms of a cell's trials to curves, only as far as the samples reach."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plots.bootstrap import Floats, median_band
from plots.results import Results
from plots.summary import chosen, taints

# A tail share is read off only where at least this many observations are expected beyond it.
OBSERVATIONS_BEYOND = 5


def supported(observations: float, percentile: float) -> bool:
    """Whether a sample of this size can tell this percentile (0 .. 1): n (1 - p) >= 5."""
    # The rounding keeps 5000 observations enough for 0.999, which is not exact in binary.
    return round(observations * (1.0 - percentile), 6) >= OBSERVATIONS_BEYOND


@dataclass(frozen=True)
class TrialHistogram:
    trial: int
    buckets: pd.DataFrame  # lower, upper, count
    taint: str  # why the trial is doubtful; empty if it is not


@dataclass(frozen=True)
class Sample:
    """The histograms of a cell's trials in one metric; a trial without an observation has none."""

    chosen: tuple[TrialHistogram, ...]  # those behind the median
    beside: tuple[TrialHistogram, ...]  # tainted ones of a cell that has `ok` ones
    tainted: bool  # all of the chosen are
    trials: tuple[int, ...]  # all that were chosen, also those without an observation

    @property
    def histograms(self) -> list[pd.DataFrame]:
        return [one.buckets for one in self.chosen]


def of_cell(results: Results, key: str, metric: str) -> Sample:
    trials = results.drawable[results.drawable.key == key]
    preferred = set(chosen(trials).id)
    store = results.stores[int(trials.store.iloc[0])]
    rows = dict(list(store.histogram(metric, list(trials.id)).groupby("trial_id")))
    found = [
        TrialHistogram(trial, rows[trial], taint)
        for trial, taint in zip(trials.id, taints(trials))
        if trial in rows
    ]
    return Sample(
        tuple(one for one in found if one.trial in preferred),
        tuple(one for one in found if one.trial not in preferred),
        bool((chosen(trials).status == "tainted").all()),
        tuple(int(trial) for trial in trials.id if trial in preferred),
    )


def quantiles(histogram: pd.DataFrame, shares: Floats) -> Floats:
    """The upper end of the bucket in which each quantile falls, as HdrHistogram reports it."""
    reached = np.cumsum(histogram["count"].to_numpy(dtype=np.float64))
    ranks = np.maximum(np.ceil(shares * reached[-1] - 1e-9), 1.0)
    upper = histogram.upper.to_numpy(dtype=np.float64)
    found: Floats = upper[np.searchsorted(reached, ranks)]
    return found


def tail_shares(histogram: pd.DataFrame, at: Floats, population: float) -> Floats:
    """Observations of at least `at`, over the population; a bucket counts by its lower end."""
    lower = histogram.lower.to_numpy(dtype=np.float64)
    count = histogram["count"].to_numpy(dtype=np.float64)
    after = np.append(np.cumsum(count[::-1])[::-1], 0.0)
    shares: Floats = after[np.searchsorted(lower, at)] / population
    return shares


def band(curves: Sequence[Floats]) -> tuple[Floats, Floats, Floats]:
    return median_band(np.vstack(curves))


def sample_size(histogram: pd.DataFrame) -> float:
    return float(histogram["count"].sum())


def grid_of_tails(observations: float, points_a_decade: int = 8) -> npt.NDArray[np.float64]:
    """Percentiles spaced evenly on 1/(1-p), from 0 to the last that the sample supports."""
    farthest = observations / OBSERVATIONS_BEYOND
    count = max(2, int(np.log10(max(farthest, 1.0)) * points_a_decade) + 1)
    spaced = np.logspace(0, np.log10(max(farthest, 1.0)), count)
    grid: npt.NDArray[np.float64] = 1.0 - 1.0 / spaced
    return grid
