"""The scale on which a metric's repetitions are tested, and the steps its instrument moves in."""

import numpy as np

from plots.bootstrap import Floats
from plots.compare.metrics import BUCKET, Metric


def transformed(metric: Metric, values: Floats) -> Floats:
    """Values on the scale where their scatter depends least on their size."""
    moved = values
    if metric.scale == "log":
        # An empty timer pair is subtracted, so a cost below the instrument can read zero or less.
        moved = np.log(np.maximum(values, 1.0))
    elif metric.scale == "arcsine":
        moved = np.arcsin(np.sqrt(np.clip(values, 0.0, 1.0)))
    elif metric.scale == "root":
        moved = np.sign(values) * np.sqrt(np.abs(values))
    return moved


def allowance(metric: Metric, base: Floats, tolerance: float) -> Floats:
    """How far a relative change by `tolerance` moves `base` on the metric's scale."""
    if metric.scale == "log":
        return np.full_like(base, np.log1p(tolerance))
    moved: Floats = np.abs(
        transformed(metric, base * (1.0 + tolerance)) - transformed(metric, base)
    )
    return moved


def resolution(metric: Metric, at: Floats, tsc_step: float) -> Floats:
    """The largest difference between two medians that is no more than one step of the instrument.

    `tsc_step`: cycles in which the time-stamp counter advances; a single call is known to a step.
    """
    if metric.step == "none":
        return np.zeros_like(at)
    if metric.step == "unit":
        return np.ones_like(at)
    single = tsc_step if metric.unit == "cycles" else 0.0
    return np.maximum(np.abs(at) * BUCKET, max(1.0, single))
