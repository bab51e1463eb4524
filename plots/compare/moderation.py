"""Variances of many small samples that learn from each other: Smyth's moderated t.

G. K. Smyth, "Linear models and empirical Bayes methods for assessing differential expression in
microarray experiments", Statistical Applications in Genetics and Molecular Biology 3 (2004),
sections 3 and 6.2.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from plots.bootstrap import Floats


@dataclass(frozen=True)
class Prior:
    """What the cells have in common: a variance, and how many degrees of freedom it is worth.

    `freedom` 0: nothing in common, each cell stands alone; infinite: they all have one variance.
    """

    variance: float
    freedom: float


def fit(variances: Floats, freedom: Floats) -> Prior:
    """The scaled F distribution that has the mean and variance of the log variances (6.2)."""
    usable = (variances > 0) & (freedom > 0)
    own = freedom[usable] / 2.0
    if len(own) < 2:
        return Prior(0.0, 0.0)
    logs = np.log(variances[usable]) - special.digamma(own) + np.log(own)
    centre = float(logs.mean())
    beyond_sampling = float(logs.var(ddof=1) - special.polygamma(1, own).mean())
    if beyond_sampling <= 0:
        return Prior(float(np.exp(centre)), np.inf)
    half = _trigamma_inverse(beyond_sampling)
    return Prior(float(np.exp(centre + special.digamma(half) - np.log(half))), 2.0 * half)


def moderated(variances: Floats, freedom: Floats, prior: Prior) -> tuple[Floats, Floats]:
    """Each variance drawn towards the common one, and the degrees of freedom of the result.

    No more degrees of freedom than all cells have together: the common variance is an estimate too.
    """
    total = float(freedom[freedom > 0].sum())
    if prior.freedom == 0:
        return variances, freedom
    if np.isinf(prior.freedom):
        return np.full_like(variances, prior.variance), np.full_like(freedom, total)
    drawn = (prior.freedom * prior.variance + freedom * variances) / (prior.freedom + freedom)
    return drawn, np.minimum(prior.freedom + freedom, total)


def _trigamma_inverse(value: float) -> float:
    """Newton's method on 1 / trigamma, which is convex and nearly linear (Smyth, appendix)."""
    y = 0.5 + 1.0 / value
    for _ in range(50):
        trigamma = float(special.polygamma(1, y))
        change = trigamma * (1.0 - trigamma / value) / float(special.polygamma(2, y))
        y += change
        if abs(change) < 1e-9 * y:
            break
    return float(y)
