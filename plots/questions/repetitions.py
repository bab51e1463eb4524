"""How many repetitions an answer needs."""

from plots.bootstrap import Interval

FEWEST = 3
TOO_FEW = "fewer than three repetitions give no interval"


def enough(*intervals: Interval | None) -> bool:
    """Whether each has repetitions enough to say something."""
    return all(one is not None and one.known and one.n >= FEWEST for one in intervals)
