"""How parameters, metrics and their values are written for a reader: words, units, digits."""

import math
from collections.abc import Iterable

from plots.bootstrap import Interval
from plots.results import OPTION, plain

# What stands for a parameter that a cell leaves out while others of its transport set it.
ABSENT = "none"
NO_BREAK = "\N{NO-BREAK SPACE}"

_WORDS = {
    "bytes": "ring bytes",
    "bytes_are": "bytes are",
    "service_ns": "service time",
    "downstream_ns": "downstream time",
    "stall_ms": "stall",
    "stall_every_ms": "stall period",
    "interrupt_every_us": "interrupted every",
    "hold_us": "pause",
    "hold_every_ms": "pause period",
    "abandon_every": "given up one in",
    "chain_gap_us": "chain gap",
    "race_window_ns": "race window",
    "race_every_ns": "race period",
    "merge_wait_us": "merge wait",
    "hot_every_ms": "hot CPU moves every",
    "record_size_max": "largest record",
    "burst_on_us": "burst length",
    "burst_every_us": "burst period",
    "warmup_ms": "warm-up",
    "duration_ms": "window",
}
_UNIT_SUFFIXES = {"_ns": "ns", "_us": "µs", "_ms": "ms", "_s": "s"}
_SIZES = {"bytes", "record_size", "record_size_max"}
_SWITCHES = {"stamps", "oversubscribe", "counter"}


def word(column: str) -> str:
    """The words for a parameter or option column."""
    name = column.removeprefix(OPTION)
    return _WORDS.get(name, name.replace("_", " "))


def value_text(column: str, value: object) -> str:
    """A parameter's value with its unit."""
    name = column.removeprefix(OPTION)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if name in _SIZES:
            return size(float(value))
        if name == "rate":
            return rate(float(value))
        if name == "duration_ms" and value == 0:
            return "chosen from the noise"
        if name in _SWITCHES:
            return "on" if value else "off"
        for suffix, unit in _UNIT_SUFFIXES.items():
            if name.endswith(suffix):
                return f"{plain(value)} {unit}"
    return plain(value)


def setting(column: str, value: object) -> str:
    return f"{word(column)} {value_text(column, value)}"


def size(count: float) -> str:
    """Bytes in binary units, exact where it divides."""
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= scale:
            return f"{digits(count / scale)} {unit}"
    return f"{digits(count)} B"


def rate(per_second: float) -> str:
    for unit, scale in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if per_second >= scale:
            return f"{digits(per_second / scale)}{unit}/s"
    return f"{digits(per_second)}/s"


def digits(number: float) -> str:
    """Three significant digits; whole numbers from 100 on, with thousands separators."""
    if math.isnan(number):
        return "–"
    if number == 0:
        return "0"
    if abs(number) >= 99.95:
        return f"{number:,.0f}"
    decimals = max(0, 2 - math.floor(math.log10(abs(number))))
    text = f"{number:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def fraction(share: float) -> str:
    """A share of one as per cent, with small ones kept apart from zero."""
    if math.isnan(share):
        return "–"
    if 0 < share < 1e-5:
        return f"{share * 100:.1e} %"
    return f"{digits(share * 100)} %"


def duration_ns(nanoseconds: float) -> str:
    for unit, scale in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if abs(nanoseconds) >= scale:
            return f"{digits(nanoseconds / scale)} {unit}"
    return f"{digits(nanoseconds)} ns" if not math.isnan(nanoseconds) else "–"


def as_unit(metric: str, number: float) -> str:
    """A metric's value in the unit that its name promises."""
    if metric.endswith(("_fraction", "_ratio", "_share")):
        return fraction(number)
    if metric.endswith("_rate"):
        return rate(number) if not math.isnan(number) else "–"
    if metric.endswith("_bytes"):
        return size(number) if not math.isnan(number) else "–"
    if "_ns" in metric:
        return duration_ns(number)
    return digits(number)


class Measured(str):
    """A number as a reader sees it, with what a program needs of it: `csv_text` takes it apart."""

    interval: Interval
    unit: str  # of the bare numbers; empty where the heading says it

    @classmethod
    def of(cls, text: str, interval: Interval, unit: str = "") -> "Measured":
        made = cls(text)
        made.interval, made.unit = interval, unit
        return made


def bare_unit(metric: str) -> str:
    """The unit of a metric's numbers before they are scaled for the eye."""
    if metric.endswith(("_fraction", "_ratio", "_share")):
        return "share of one"
    if metric.endswith("_rate") or metric == "rate":
        return "a second"
    if metric.endswith("_bytes") or metric in _SIZES:
        return "bytes"
    return "ns" if "_ns" in metric else ""


def measured(metric: str, number: float) -> Measured:
    """A single number, without repetitions behind it."""
    single = Interval(number, math.nan, math.nan, 1)
    text = value_text(metric, number) if metric in _SIZES or metric == "rate" else None
    return Measured.of(text or as_unit(metric, number), single, bare_unit(metric))


def interval_text(metric: str, interval: Interval) -> Measured:
    """`median [low, high]` with the numbers behind it, for a table."""
    return Measured.of(_interval_words(metric, interval), interval, bare_unit(metric))


def _interval_words(metric: str, interval: Interval) -> str:
    """`median [low, high]`; the median alone where there is no interval."""
    middle, low, high = (
        as_unit(metric, value) for value in (interval.median, interval.low, interval.high)
    )
    return bracketed(middle, low, high) if interval.known else middle.replace(" ", NO_BREAK)


def bracketed(middle: str, low: str, high: str) -> str:
    """`middle [low, high]` of numbers with their units; the middle alone where all read the same.

    The unit is written once where it is the same; a line can break only before the bracket.
    """
    if low == middle == high:
        return middle.replace(" ", NO_BREAK)
    unit = middle.partition(" ")[2]
    if all(text.partition(" ")[2] == unit for text in (low, high)):
        low, high = low.partition(" ")[0], high.partition(" ")[0]
    inside = f"[{low}, {high}]"
    return f"{middle.replace(' ', NO_BREAK)} {inside.replace(' ', NO_BREAK)}"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def sentences(*parts: str) -> str:
    """A caption from its sentences; those that do not apply are empty."""
    return " ".join(part for part in parts if part)


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
