"""How many repetitions a change needs, and how small a change some repetitions can find."""

from dataclasses import dataclass

import numpy as np
from scipy import special

POWER = 0.80
MOST = 1000  # repetitions; the config allows no more


@dataclass(frozen=True)
class Design:
    """One of `cells` cells that are tested together.

    `deviation` is that of one repetition, on the log scale. `level` is what its own test must pass
    if it is the only cell that changed; `borrowed`: degrees of freedom that the other cells lend
    it; `allowed`: the change (log) that does not count.
    """

    deviation: float
    level: float
    cells: int
    borrowed: float
    allowed: float

    def power(self, repetitions: float, effect: float) -> float:
        """Chance to call a true change by `effect` (log) with so many repetitions on each side."""
        own = 2.0 * (repetitions - 1.0)
        freedom = min(self.borrowed + own, self.cells * own)
        critical = special.stdtrit(freedom, 1.0 - self.level / 2.0)
        centre = (effect - self.allowed) / (self.deviation * np.sqrt(2.0 / repetitions))
        return float(1.0 - special.nctdtr(freedom, centre, critical))


def needed(design: Design, effect: float) -> int | None:
    """The fewest repetitions on each side that find `effect`; None if MOST are too few."""
    if design.deviation == 0:
        return 2
    low, high = 2, MOST
    if not design.power(high, effect) >= POWER:
        return None
    while low < high:
        middle = (low + high) // 2
        if design.power(middle, effect) >= POWER:
            high = middle
        else:
            low = middle + 1
    return low


def visible(design: Design, repetitions: float) -> float:
    """The smallest change (log) that so many repetitions on each side find."""
    if design.deviation == 0:
        return design.allowed
    low, high = design.allowed, design.allowed + design.deviation
    while design.power(repetitions, high) < POWER:
        high = design.allowed + 2.0 * (high - design.allowed)
    for _ in range(40):
        middle = 0.5 * (low + high)
        if design.power(repetitions, middle) >= POWER:
            high = middle
        else:
            low = middle
    return high
