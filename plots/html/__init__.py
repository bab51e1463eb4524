"""What every page shares: its templates' folder (style.css, table.html.j2), its limits, its pictures."""

import base64
from pathlib import Path

import jinja2

from plots import figure

# More rows than this are folded away under a figure.
LONG_TABLE = 12
# A page with every row of a long sweep could not be scrolled; the store keeps them all.
MAX_ROWS = 400


def environment(folder: Path) -> jinja2.Environment:
    """Templates of `folder`, which may include and import those that all pages share."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, Path(__file__).parent]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def data_uri(drawn: figure.Drawn) -> str:
    """An image of its own document: ids of two figures cannot clash, and styles cannot leak."""
    return f"data:image/svg+xml;base64,{base64.b64encode(figure.svg(drawn)).decode('ascii')}"


def min_width(drawn: figure.Drawn) -> int:
    """Pixels below which the text of a figure could not be read."""
    return min(int(drawn.picture.get_figwidth() * 80), 1150)
