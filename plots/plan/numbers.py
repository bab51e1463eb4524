"""Numbers of a plan by their unit, as a reader writes them."""

import math

from plots.plan.document import Uncertain
from plots.wording import NO_BREAK, bracketed, digits, duration_ns, fraction, size

CONFIDENCE = "90 %"

_NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


def number_text(number: float, unit: str) -> str:
    if math.isnan(number):
        return "–"
    if unit == "ratio":
        return fraction(number)
    if unit == "bytes":
        return size(number)
    if unit in _NS:
        return duration_ns(number * _NS[unit])
    return f"{digits(number)} {unit}" if unit else digits(number)


def unbroken(number: float, unit: str) -> str:
    return number_text(number, unit).replace(" ", NO_BREAK)


def uncertain_text(number: Uncertain, unit: str) -> str:
    """`value [low, high]`; the value alone where it is exactly known."""
    value, low, high = (number_text(n, unit) for n in (number.value, number.low, number.high))
    if math.isnan(number.low) or math.isnan(number.high):
        return value.replace(" ", NO_BREAK)
    return bracketed(value, low, high)


def bare(number: float) -> str:
    """For a program: the number alone, empty where there is none."""
    return "" if math.isnan(number) else f"{number:.9g}"
