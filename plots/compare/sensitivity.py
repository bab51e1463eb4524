"""What this comparison could see in the headline metric, and what it takes to see more."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plots.compare import power
from plots.compare.comparison import Change, Rules


@dataclass(frozen=True)
class Sight:
    """`spread`: relative deviation of one repetition; `visible`: smallest relative change found."""

    change: Change
    spread: float
    visible: float
    needed: int | None  # repetitions a side for the effect; None: more than power.MOST


def sights(changes: Sequence[Change], rules: Rules, effect: float) -> list[Sight]:
    """Of every cell whose headline was tested, the one that needs most repetitions first."""
    tested = [c for c in changes if c.family == "headline" and not np.isnan(c.p)]
    if not tested:
        return []
    level = rules.level_of("headline") / len(tested)
    found = [_sight(c, level, len(tested), effect) for c in tested]
    return sorted(found, key=lambda s: (-(s.needed or np.inf), -s.visible))


def _sight(change: Change, level: float, cells: int, effect: float) -> Sight:
    design = power.Design(change.deviation, level, cells, change.prior.freedom, change.allowed)
    repetitions = 2.0 / (1.0 / change.n[0] + 1.0 / change.n[1])
    return Sight(
        change,
        float(np.expm1(change.deviation)),
        float(np.expm1(power.visible(design, repetitions))),
        power.needed(design, float(np.log1p(effect))),
    )


def share(values: Sequence[float], part: float) -> float:
    """The value that `part` of the cells do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, int(np.ceil(part * len(ordered))) - 1)]
