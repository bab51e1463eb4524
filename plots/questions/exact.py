"""Shares of counted events, summed over the repetitions of a cell, with exact 95 % intervals."""

import numpy as np
from scipy import special

from plots.bootstrap import CONFIDENCE, Interval
from plots.kernel.samples import Samples
from plots.wording import interval_text

# What an event is dropped for.
CAUSES = ("drop_no_space", "drop_lock_busy", "drop_too_big", "drop_recursion")

_TAIL = (1 - CONFIDENCE) / 2


def totals(samples: Samples, key: str, *metrics: str) -> list[float]:
    """The sum of each metric over the trials that have them all; zeros where none has."""
    return [float(total) for total in samples.trials(key, *metrics)[list(metrics)].sum()]


def share(found: float, of: float) -> Interval:
    """Clopper and Pearson 1934; NaN where nothing was counted."""
    if of <= 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    low = special.betaincinv(found, of - found + 1, _TAIL) if found > 0 else 0.0
    high = special.betaincinv(found + 1, of - found, 1 - _TAIL) if found < of else 1.0
    return Interval(found / of, float(low), float(high), int(of))


def ratio(found: float, of: float, other: float, other_of: float) -> Interval:
    """The rate of rare events over another rate: exact, given how many there are of both together."""
    if not (other > 0 and of > 0):
        return Interval(np.nan, np.nan, np.nan, int(found + other))
    part = share(found, found + other)
    middle, low, high = (
        np.inf if p >= 1 else p / (1 - p) * other_of / of
        for p in (part.median, part.low, part.high)
    )
    return Interval(float(middle), float(low), float(high), int(found + other))


def of_million(found: float, of: float) -> str:
    """The share as text."""
    return str(interval_text("per_million", per_million(share(found, of))))


def per_million(interval: Interval) -> Interval:
    return scaled(interval, 1e6)


def scaled(interval: Interval, factor: float) -> Interval:
    return Interval(
        interval.median * factor, interval.low * factor, interval.high * factor, interval.n
    )
