"""What the cells of a question are called, and whether their numbers tell anything."""

from collections.abc import Sequence

import pandas as pd

from plots.bootstrap import Interval
from plots.kernel.cells import Cell
from plots.results import OPTION, Results
from plots.wording import counted, setting

FEWEST = 3  # repetitions


def named(cell: Cell, *names: str) -> str:
    """The transport, and those of these parameters and options that the cell has."""
    settings = (_setting(cell, name) for name in names)
    return ", ".join([str(cell["transport"]), *(text for text in settings if text)])


def _setting(cell: Cell, name: str) -> str:
    value = cell.get(name, cell.get(OPTION + name))
    if value is None or pd.isna(value):
        return ""
    if name == "producers":
        return counted(int(value), "producer")
    return setting(name, value).replace("_", " ")


def measured(results: Results, *metrics: str) -> list[Cell]:
    """Cells with a trial that has one of these metrics."""
    cells: list[Cell] = results.measured(*metrics).to_dict("records")
    return cells


def told(interval: Interval | None) -> bool:
    """Whether there are repetitions enough for the interval to say something."""
    return interval is not None and interval.known and interval.n >= FEWEST


def headings(cells: Sequence[Cell], *names: str) -> list[str]:
    """Those of the names in which cells that have them differ: the others need not be said."""
    return [name for name in names if len({_setting(cell, name) for cell in cells} - {""}) > 1]
