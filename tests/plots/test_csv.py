"""CSV beside a figure: bare numbers, however the table on the page words them."""

import csv
import io
import math

import pandas as pd

from plots.bootstrap import Interval
from plots.csv_text import csv_text
from plots.wording import interval_text, measured


def rows(**columns: list[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_text(pd.DataFrame(columns)))))


def test_an_interval_becomes_four_numbers() -> None:
    found = rows(
        line=["perfbuf", "null"],
        dropped=[interval_text("drop_fraction", Interval(0.25, 0.125, 0.5, 7)), "–"],
    )
    assert found == [
        ["line"]
        + [f"dropped [share of one]{end}" for end in ("", " low", " high", " repetitions")],
        ["perfbuf", "0.25", "0.125", "0.5", "7"],
        ["null", "", "", "", ""],
    ]


def test_without_intervals_there_is_one_column() -> None:
    one = Interval(1234567.0, math.nan, math.nan, 1)
    assert rows(memory=[measured("data_bytes", 65536.0), interval_text("data_bytes", one)]) == [
        ["memory [bytes]"],
        ["65536"],
        ["1234567"],
    ]


def test_words_are_quoted_where_they_must_be() -> None:
    assert csv_text(pd.DataFrame({"line": ['a, "b"', "–"]})) == 'line\r\n"a, ""b"""\r\n""\r\n'
