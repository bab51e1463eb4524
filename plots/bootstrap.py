"""Percentile bootstrap of the median (Efron and Tibshirani 1993, chapter 13), seeded."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.95
RESAMPLES = 2000
SEED = 20200513
_TOGETHER = 256  # samples: their resamples fit a cache

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A median over n values with its interval; low and high are NaN when n = 1 gives none."""

    median: float
    low: float
    high: float
    n: int

    @property
    def known(self) -> bool:
        return not np.isnan(self.low)

    def overlaps(self, other: "Interval") -> bool:
        return self.low <= other.high and other.low <= self.high


def median_interval(values: npt.ArrayLike) -> Interval:
    """The median of the values and its 95 % interval; ValueError if there is no value."""
    return _median_interval(np.asarray(values, dtype=np.float64).tobytes())


@functools.lru_cache(maxsize=65536)
def _median_interval(values: bytes) -> Interval:
    """The same sample is asked for by several figures and tables."""
    column = np.frombuffer(values, dtype=np.float64).reshape(-1, 1)
    median, low, high = median_band(column)
    return Interval(float(median[0]), float(low[0]), float(high[0]), len(column))


def median_intervals(samples: Sequence[Floats]) -> list[Interval]:
    """Of each sample; those of one size are resampled together, which is a matter of time alone."""
    found: dict[int, Interval] = {}
    places_of: dict[int, list[int]] = {}
    for place, sample in enumerate(samples):
        places_of.setdefault(len(sample), []).append(place)
    for n, places in places_of.items():
        for start in range(0, len(places), _TOGETHER):
            some = places[start : start + _TOGETHER]
            bands = median_band(np.stack([samples[place] for place in some], axis=1))
            for place, median, low, high in zip(some, *bands):
                found[place] = Interval(float(median), float(low), float(high), n)
    return [found[place] for place in range(len(samples))]


def median_band(rows: Floats) -> tuple[Floats, Floats, Floats]:
    """For each column of repetitions x points: median, low, high over the repetitions."""
    if len(rows) == 0:
        raise ValueError("a median needs at least one value")
    medians = np.median(rows, axis=0)
    if len(rows) == 1:
        nothing = np.full_like(medians, np.nan)
        return medians, nothing, nothing
    low, high = np.percentile(_resampled_medians(rows, SEED), _tails(), axis=0)
    return medians, low, high


def ratio_interval(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Interval:
    """The ratio of two medians; the two samples are independent and so are their resamples."""
    above = np.asarray(numerator, dtype=np.float64).reshape(-1, 1)
    below = np.asarray(denominator, dtype=np.float64).reshape(-1, 1)
    ratio, low, high = ratio_band(above, below)
    return Interval(float(ratio[0]), float(low[0]), float(high[0]), min(len(above), len(below)))


def ratio_band(above: Floats, below: Floats) -> tuple[Floats, Floats, Floats]:
    """For each column: ratio of the medians, low, high; NaN where a denominator can be zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        bottom = np.median(below, axis=0)
        ratio = np.where(bottom != 0, np.median(above, axis=0) / bottom, np.nan)
        nothing = np.full_like(ratio, np.nan)
        if min(len(above), len(below)) < 2:
            return ratio, nothing, nothing
        bottoms = _resampled_medians(below, SEED + 1)
        quotients = _resampled_medians(above, SEED) / bottoms
        quotients[:, (bottoms == 0).any(axis=0)] = np.nan
    low, high = np.percentile(quotients, _tails(), axis=0)
    return ratio, low, high


def difference_interval(left: npt.ArrayLike, right: npt.ArrayLike) -> Interval:
    """The left median minus the right one; the two samples are independent and so are their resamples."""
    minuend, subtrahend = (np.asarray(values, dtype=np.float64) for values in (left, right))
    middle = float(np.median(minuend) - np.median(subtrahend))
    fewest = min(len(minuend), len(subtrahend))
    if fewest < 2:
        return Interval(middle, np.nan, np.nan, fewest)
    low, high = np.percentile(_differences(minuend, subtrahend), _tails())
    return Interval(middle, float(low), float(high), fewest)


def quotient_interval(
    left: npt.ArrayLike, right: npt.ArrayLike, divisor: npt.ArrayLike
) -> Interval:
    """A difference of medians over a third median, which is resampled too; NaN where it can be zero."""
    minuend, subtrahend, below = (
        np.asarray(values, dtype=np.float64) for values in (left, right, divisor)
    )
    fewest = min(len(minuend), len(subtrahend), len(below))
    bottom = float(np.median(below))
    middle = float(np.median(minuend) - np.median(subtrahend)) / bottom if bottom else np.nan
    if fewest < 2 or not bottom:
        return Interval(middle, np.nan, np.nan, fewest)
    bottoms = _resampled_medians(below.reshape(-1, 1), SEED + 2)[:, 0]
    if (bottoms == 0).any():
        return Interval(middle, np.nan, np.nan, fewest)
    low, high = np.percentile(_differences(minuend, subtrahend) / bottoms, _tails())
    return Interval(middle, float(low), float(high), fewest)


def function_interval(
    samples: Sequence[npt.ArrayLike], function: Callable[[Floats], Floats]
) -> Interval:
    """Of a function of several medians, which are resampled independently of each other.

    `function`: from sets of medians x samples to a value for each set, which may be infinite: a
    bound. NaN in more resamples than a tail holds leaves the interval unknown.
    """
    rows = [np.asarray(values, dtype=np.float64).reshape(-1, 1) for values in samples]
    middle = float(function(np.array([[np.median(one) for one in rows]]))[0])
    fewest = min(len(one) for one in rows)
    if fewest < 2:
        return Interval(middle, np.nan, np.nan, fewest)
    drawn = [_resampled_medians(one, SEED + place) for place, one in enumerate(rows)]
    values = function(np.concatenate(drawn, axis=1))
    if np.isnan(values).mean() > (1.0 - CONFIDENCE) / 2.0:
        return Interval(middle, np.nan, np.nan, fewest)
    # Between two infinite values nothing can be interpolated.
    low, high = np.nanpercentile(values, _tails(), method="nearest")
    return Interval(middle, float(low), float(high), fewest)


def _differences(minuend: Floats, subtrahend: Floats) -> Floats:
    above = _resampled_medians(minuend.reshape(-1, 1), SEED)
    found: Floats = (above - _resampled_medians(subtrahend.reshape(-1, 1), SEED + 1))[:, 0]
    return found


def range_coverage(n: int) -> float:
    """Chance that the median lies within the range of n values, the widest interval they can give."""
    return 1.0 - 2.0 * 0.5**n


def _tails() -> tuple[float, float]:
    tail = 50.0 * (1.0 - CONFIDENCE)
    return tail, 100.0 - tail


def _resampled_medians(rows: Floats, seed: int) -> Floats:
    """Resamples x columns. In sorted values a resample's median stands where its middle ranks say."""
    ordered = np.sort(rows, axis=0)
    ordered[:, np.isnan(rows).any(axis=0)] = np.nan
    lower, upper = _middle_ranks(len(rows), seed)
    medians: Floats = 0.5 * (ordered[lower] + ordered[upper])
    return medians


@functools.lru_cache(maxsize=64)
def _middle_ranks(n: int, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of each resample with replacement of n ranks, its two middle ones (the same one if n is odd)."""
    draws = np.sort(np.random.default_rng(seed).integers(0, n, size=(RESAMPLES, n)), axis=1)
    return draws[:, (n - 1) // 2], draws[:, n // 2]
