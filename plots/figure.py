"""What a figure function takes and gives, and how its picture becomes a file."""

import io
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from plots import style
from plots.csv_text import csv_text
from plots.results import Results

PNG_DPI = 130
_CAPTION_CHARACTERS = 17.0  # an inch, at the caption's font size
_CAPTION_LINE = 0.145  # inches


@dataclass(frozen=True)
class Request:
    """What the user asked for beyond the name of the figure."""

    cell: str | None = None  # id of the cell that the machine drawing shows


@dataclass(frozen=True)
class Drawn:
    name: str
    title: str  # the question
    caption: str
    alt: str
    picture: Figure
    table: pd.DataFrame  # the numbers in the picture, as text with units in the headings


Draw = Callable[[Results, Request], Drawn]


@dataclass(frozen=True)
class Entry:
    name: str
    question: str
    draw: Draw


def svg(drawn: Drawn) -> bytes:
    buffer = io.BytesIO()
    _save(drawn, buffer, "svg", None)
    return buffer.getvalue()


def write(drawn: Drawn, folder: Path) -> list[Path]:
    """NAME.svg, NAME.png with the caption below, so that a file can stand alone; and NAME.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    width, height = drawn.picture.get_size_inches()
    caption = textwrap.fill(drawn.caption, int(width * _CAPTION_CHARACTERS))
    note = drawn.picture.text(
        0.1 / width,
        0.0,
        caption,
        fontsize=7.5,
        color="#444444",
        va="top",
        linespacing=1.35,
    )
    below = _CAPTION_LINE * (caption.count("\n") + 1) + 0.1
    with_caption = Bbox([[0, -below], [width, height]])
    paths = [folder / f"{drawn.name}.{kind}" for kind in ("svg", "png")]
    for path in paths:
        with path.open("wb") as file:
            _save(drawn, file, path.suffix[1:], with_caption)
    note.remove()
    numbers = folder / f"{drawn.name}.csv"
    # RFC 4180 ends its lines with CR LF on every system.
    numbers.write_text(csv_text(drawn.table), encoding="utf-8", newline="")
    return [*paths, numbers]


def _save(drawn: Drawn, file: IO[bytes], kind: str, box: Bbox | None) -> None:
    # Without the date, the same store gives the same bytes.
    metadata: dict[str, str | None] = {"Title": drawn.title}
    if kind == "svg":
        metadata["Date"] = None
    with rc_context(style.RC):
        _settle_layout(drawn.picture)
        drawn.picture.savefig(file, format=kind, dpi=PNG_DPI, bbox_inches=box, metadata=metadata)


def _settle_layout(picture: Figure) -> None:
    """Once, and without the whole drawing that savefig would make for each file to settle it."""
    engine = picture.get_layout_engine()
    if engine is not None:
        engine.execute(picture)
        picture.set_layout_engine("none")
