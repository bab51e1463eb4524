"""What the cells of a question are called, and whether their numbers tell anything."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from plots import wording
from plots.kernel.cells import Cell
from plots.questions.repetitions import enough
from plots.results import OPTION, Results, plain
from plots.wording import counted, value_text


def named(cell: Cell, *names: str) -> str:
    """The transport, and those of these parameters and options that the cell has."""
    settings = (_words(cell, name) for name in names)
    return ", ".join([str(cell["transport"]), *(text for text in settings if text)])


def setting(cell: Cell, name: str, usual: str = "") -> str:
    """A key's or an option's value; both may be silent where it is the usual one."""
    value = _value(cell, name)
    return usual if value is None else plain(value)


def _value(cell: Cell, name: str) -> Any:
    values = (cell.get(OPTION + name), cell.get(name))
    return next((value for value in values if value is not None and not pd.isna(value)), None)


def _words(cell: Cell, name: str) -> str:
    value = _value(cell, name)
    if value is None:
        return ""
    if name == "producers":
        return counted(int(value), "producer")
    return wording.setting(name, value).replace("_", " ")


def signals(every_us: float) -> str:
    """Of an interrupted producer."""
    return f"a signal every {value_text('interrupt_every_us', every_us)}"


def measured(results: Results, *metrics: str) -> list[Cell]:
    """Cells with a trial that has one of these metrics."""
    cells: list[Cell] = results.measured(*metrics).to_dict("records")
    return cells


def headings(cells: Sequence[Cell], *names: str) -> list[str]:
    """Those of the names in which cells that have them differ: the others need not be said."""
    return [name for name in names if len({_words(cell, name) for cell in cells} - {""}) > 1]
