"""What every page shares: templates (style.css, table.html.j2, copy.js), limits, pictures, CSV."""

import base64
from pathlib import Path

import jinja2

import pandas as pd
from markupsafe import Markup

from plots import figure, hover
from plots.csv_text import csv_text

# More rows than this are folded away under a figure.
LONG_TABLE = 12
# A page with every row of a long sweep could not be scrolled; the store keeps them all.
MAX_ROWS = 400


def environment(*folders: Path) -> jinja2.Environment:
    """Templates of the folders, which may include and import those that all pages share."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["csv_uri"] = csv_uri
    return made


def data_uri(drawn: figure.Drawn) -> str:
    """An image of its own document: ids of two figures cannot clash, and styles cannot leak."""
    return f"data:image/svg+xml;base64,{base64.b64encode(figure.svg(drawn)).decode('ascii')}"


def inline(drawn: figure.Drawn) -> Markup:
    """An <svg> in the page itself: only there a mark tells its words when the pointer rests on it."""
    words = hover.name_marks(drawn.picture)
    return Markup(hover.inline(figure.svg(drawn), drawn.name, words, drawn.alt))


def csv_uri(table: pd.DataFrame) -> str:
    """All rows of the table as CSV, in the link itself, so that saving it needs no network."""
    return (
        f"data:text/csv;charset=utf-8;base64,{base64.b64encode(csv_text(table).encode()).decode()}"
    )


def min_width(drawn: figure.Drawn) -> int:
    """Pixels below which the text of a figure could not be read."""
    return min(int(drawn.picture.get_figwidth() * 80), 1150)
