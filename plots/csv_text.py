"""A table of a figure as CSV (RFC 4180): bare numbers in columns of their own, for other programs."""

import csv
import io
import math

import pandas as pd

from plots.wording import NO_BREAK, Measured

_ABSENT = {"–", ""}


def csv_text(table: pd.DataFrame) -> str:
    """Where a column holds measured numbers: the median, its interval's ends and the repetitions."""
    columns = [_split(str(name), list(table[name])) for name in table]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([heading for headings, _ in columns for heading in headings])
    for row in zip(*(rows for _, rows in columns)):
        writer.writerow([field for fields in row for field in fields])
    return buffer.getvalue()


def _split(name: str, values: list[object]) -> tuple[list[str], list[list[str]]]:
    """The headings of a column's parts, and its parts in each row."""
    known = [value for value in values if isinstance(value, Measured)]
    if not known:
        return [name], [[_plain(value)] for value in values]
    unit = known[0].unit
    heading = f"{name} [{unit}]" if unit else name
    if not any(value.interval.known for value in known):
        return [heading], [_parts(value)[:1] for value in values]
    return (
        [heading, f"{heading} low", f"{heading} high", f"{heading} repetitions"],
        [_parts(value) for value in values],
    )


def _parts(value: object) -> list[str]:
    if not isinstance(value, Measured):
        return [_plain(value), "", "", ""]
    found = value.interval
    return [*(_number(n) for n in (found.median, found.low, found.high)), str(found.n)]


def _number(number: float) -> str:
    return "" if math.isnan(number) else f"{number:.9g}"


def _plain(value: object) -> str:
    text = str(value).replace(NO_BREAK, " ")
    return "" if text in _ABSENT else text
