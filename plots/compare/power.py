"""How many repetitions a change needs, and how small a change some repetitions can find."""

import functools
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

    def standing_out(self, repetitions: float, effect: float) -> float:
        """A true change by `effect` (log), in standard errors beyond what is allowed."""
        return float((effect - self.allowed) / (self.deviation * np.sqrt(2.0 / repetitions)))

    def enough(self, repetitions: float) -> float:
        """What must stand out by so much is found with POWER by so many repetitions on each side."""
        own = 2.0 * (repetitions - 1.0)
        return _enough(min(self.borrowed + own, self.cells * own), self.level)


@functools.lru_cache(maxsize=65536)
def _enough(freedom: float, level: float) -> float:
    """Many cells ask for the same: they differ in their deviation, which is not part of it."""
    critical = special.stdtrit(freedom, 1.0 - level / 2.0)
    low, high = 0.0, 1.0
    while 1.0 - special.nctdtr(freedom, high, critical) < POWER:
        high *= 2.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        if 1.0 - special.nctdtr(freedom, middle, critical) >= POWER:
            high = middle
        else:
            low = middle
    return high


def needed(design: Design, effect: float) -> int | None:
    """The fewest repetitions on each side that find `effect`; None if MOST are too few."""
    if design.deviation == 0:
        return 2

    def found(repetitions: int) -> bool:
        return design.standing_out(repetitions, effect) >= design.enough(repetitions)

    low, high = 2, MOST
    if not found(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if found(middle):
            high = middle
        else:
            low = middle + 1
    return low


def visible(design: Design, repetitions: float) -> float:
    """The smallest change (log) that so many repetitions on each side find."""
    error = design.deviation * np.sqrt(2.0 / repetitions)
    return float(design.allowed + (error * design.enough(repetitions) if error > 0 else 0.0))
