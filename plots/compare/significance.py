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


def adjusted(probabilities: Floats) -> Floats:
    """Benjamini and Hochberg (1995): of all that are called up to q, at most q is false."""
    count = len(probabilities)
    order = np.argsort(probabilities)
    scaled = probabilities[order] * count / np.arange(1, count + 1)
    found = np.empty(count)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found
