"""Figures as a page takes them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup
from matplotlib import rc_context

from plots import figure, html, style
from plots.errors import NoData
from plots.results import Results


@dataclass(frozen=True)
class Shown:
    """A figure as the template takes it."""

    name: str
    title: str
    caption: str
    picture: Markup
    min_width: int  # pixels below which its text could not be read
    table: pd.DataFrame


def shown(
    results: Results, entries: Sequence[figure.Entry]
) -> tuple[list[Shown], list[tuple[str, str]]]:
    """Those that can be drawn; of the others the question and the reason."""
    drawable, absent = [], []
    for entry in entries:
        try:
            with rc_context(style.RC):
                drawn = entry.draw(results, figure.Request())
        except NoData as reason:
            absent.append((entry.question, str(reason)))
            continue
        drawable.append(as_shown(drawn))
    return drawable, absent


def as_shown(drawn: figure.Drawn) -> Shown:
    picture, width = html.inline(drawn), html.min_width(drawn)
    return Shown(drawn.name, drawn.title, drawn.caption, picture, width, drawn.table)
