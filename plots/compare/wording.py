"""One change in words: values with their unit, the ratio with its interval, the error rate."""

import math

from plots.bootstrap import Interval
from plots.compare.comparison import Change
from plots.compare.metrics import Metric
from plots.wording import digits, duration_ns, fraction, rate, size


def value_text(metric: Metric, value: float) -> str:
    if metric.scale == "arcsine":
        return fraction(value)
    if metric.unit == "1/s":
        return rate(value)
    if metric.unit == "bytes":
        return size(value)
    if metric.unit == "ns":
        return duration_ns(value)
    return f"{digits(value)} {metric.unit}".rstrip()


def values_text(change: Change) -> str:
    """`A → B`; more digits where the usual three would make them look alike."""
    metric, (a, b) = change.metric, change.medians
    texts = [value_text(metric, a), value_text(metric, b)]
    if a != b and texts[0] == texts[1]:
        texts = [f"{v:.6g} {metric.unit}".rstrip() for v in (a, b)]
    unit = texts[0].partition(" ")[2]
    if unit and unit == texts[1].partition(" ")[2]:
        texts[0] = texts[0].partition(" ")[0]
    return f"{texts[0]} → {texts[1]}"


def ratio_text(ratio: Interval) -> str:
    if math.isnan(ratio.median):
        return "–"
    text = _ratio(ratio.median)
    return f"{text} [{_ratio(ratio.low)}, {_ratio(ratio.high)}]" if ratio.known else text


def q_text(q: float) -> str:
    """The share of false calls among all that are as sure as this one."""
    if math.isnan(q):
        return "–"
    if q < 1e-6:
        return "<1e-6"
    return f"{q:.1e}" if q < 0.001 else f"{q:.3f}"


def _ratio(number: float) -> str:
    return f"{number:.3f}" if number < 100 else f"{number:,.0f}"
