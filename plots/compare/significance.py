"""From differences to probabilities, and from many probabilities to what may be called a change."""

import numpy as np
from scipy import special

from plots.bootstrap import Floats


def beyond(difference: Floats, error: Floats, freedom: Floats, allowed: Floats) -> Floats:
    """Probability of so large a difference if the true one were no more than `allowed`.

    McCarthy and Smyth, "Testing significance relative to a fold-change threshold is a TREAT",
    Bioinformatics 25 (2009). With `allowed` = 0 it is the two-sided t test. Without scatter a
    difference is certain.
    """
    size = np.abs(difference)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(error > 0, (size - allowed) / error, np.where(size > allowed, np.inf, 0.0))
        far = np.where(error > 0, (size + allowed) / error, np.where(size > allowed, np.inf, 0.0))
    tails = special.stdtr(freedom, -near) + special.stdtr(freedom, -far)
    found: Floats = np.clip(tails, 0.0, 1.0)
    return found


# Fewer cells do not tell how far all of them moved.
FEWEST_FOR_DRIFT = 20


def inflation(difference: Floats, error: Floats, freedom: Floats) -> float:
    """How much further apart two runs are than their own scatter says: at least 1.

    A run's repetitions share the machine as it was in those minutes, so what differs between two
    runs is not in their scatter. Most cells are taken to be what they were: then the middle |t| of
    all cells is that of the t distribution, and what it is beyond that is the machine. This is
    genomic control: B. Devlin and K. Roeder, Biometrics 55 (1999), on the scale of t, not its square.
    """
    usable = error > 0
    if usable.sum() < FEWEST_FOR_DRIFT:
        return 1.0
    quantiles = np.abs(difference[usable]) / error[usable]
    expected = special.stdtrit(freedom[usable], 0.75)
    return max(1.0, float(np.median(quantiles / expected)))


def adjusted(probabilities: Floats) -> Floats:
    """Benjamini and Hochberg (1995): of all that are called up to q, at most q is false."""
    count = len(probabilities)
    order = np.argsort(probabilities)
    scaled = probabilities[order] * count / np.arange(1, count + 1)
    found = np.empty(count)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found
