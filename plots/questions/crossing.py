"""Where a ratio that was measured at several rates reaches a level."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from plots.bootstrap import Interval


class Kind(Enum):
    CROSSES = "crosses"
    ABOVE = "above"  # at every rate, from the lowest on
    BELOW = "below"  # at every rate
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Crossing:
    kind: Kind
    at: Interval | None = None  # where the ratio crosses; `n`: of the fewest repetitions


def crossing(rates: Sequence[float], ratios: Sequence[Interval], level: float) -> Crossing:
    """`rates` ascend. Between two of them the ratio is a line over the logarithm of the rate."""
    if not ratios or not all(ratio.known for ratio in ratios):
        return Crossing(Kind.UNCLEAR)
    if all(ratio.high < level for ratio in ratios):
        return Crossing(Kind.BELOW)
    if all(ratio.low > level for ratio in ratios):
        return Crossing(Kind.ABOVE)
    first = _reaches(rates, [ratio.high for ratio in ratios], level)
    middle = _reaches(rates, [ratio.median for ratio in ratios], level)
    last = _reaches(rates, [ratio.low for ratio in ratios], level)
    if first is None or middle is None or last is None:
        return Crossing(Kind.UNCLEAR)
    fewest = min(ratio.n for ratio in ratios)
    return Crossing(Kind.CROSSES, Interval(middle, first, last, fewest))


def _reaches(rates: Sequence[float], values: Sequence[float], level: float) -> float | None:
    """The rate from which on all values reach the level, and before which none does; None: there is none."""
    above = [value >= level for value in values]
    i = above.index(True) if True in above else 0
    if i == 0 or not all(above[i:]):
        return None
    if math.isinf(values[i]):
        return rates[i - 1]  # the line to it rises at once
    share = (level - values[i - 1]) / (values[i] - values[i - 1])
    return rates[i - 1] * math.exp(share * math.log(rates[i] / rates[i - 1]))
