"""A forest plot of ratios: the plain load's cycles over the acquire's, each pair of cells and all."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from plots import interval_mark, style
from plots.bootstrap import Interval
from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.questions.contrast import SAME, Contrast
from plots.wording import counted, interval_text, size

_TITLE = "What does an event cost with a plain load, over the cost with an acquire?"
_WIDTH = 8.6  # inches
_ROW = 0.3
_ALL = "#222222"


def draw(found: Sequence[Contrast], pooled: Interval | None) -> Drawn:
    """`pooled`: over all pairs; None where no interval is known."""
    rows = len(found) + (pooled is not None)
    transports = list(dict.fromkeys(str(one.cell["transport"]) for one in found))
    handles = [*map(_handle, transports), *([_pooled_handle()] if pooled else [])]
    picture, grid = sheet(_TITLE, (_WIDTH, 0.8 + _ROW * max(rows, 3)), (1, 1), handles)
    axes = grid[0][0]
    _pairs(axes, found, rows)
    if pooled is not None:
        axes.plot([pooled.low, pooled.high], [0, 0], color=_ALL, lw=2.2)
        axes.plot([pooled.median], [0], ls="none", marker="D", color=_ALL, ms=6.5)
    _frame(axes, [*map(_label, found), *(["all"] if pooled else [])])
    return Drawn(
        name="position_load",
        title=_TITLE,
        caption=(
            "Ratio of the median cycles of an event, plain load over acquire, with its 95 % bootstrap interval;"
            " all: the geometric mean over the pairs. Shaded: differences of less than 5 %. Hollow: every trial"
            " is tainted."
        ),
        alt=f"Ratios of cycles for {counted(len(found), 'pair')} of cells. The table below holds the same"
        " numbers.",
        picture=picture,
        table=_table(found, pooled),
    )


def _pairs(axes: Axes, found: Sequence[Contrast], rows: int) -> None:
    for number, one in enumerate(found):
        ratio = one.ratio
        interval_mark.draw(
            axes,
            str(one.cell["transport"]),
            rows - 1 - number,
            ratio.median,
            (ratio.low, ratio.high) if ratio.known else None,
            tells=not one.tainted,
            tainted=one.tainted,
        )


def _label(one: Contrast) -> str:
    producers = counted(int(one.cell["producers"]), "producer")
    reader = "no reader" if one.cell["poll"] == "after_window" else "a reader"
    return f"{producers}, {size(one.record_size)}, {reader}"


def _frame(axes: Axes, names: Sequence[str]) -> None:
    axes.axvspan(1 - SAME, 1 + SAME, color="#eeeeee", zorder=0, lw=0)
    axes.axvline(1, color="#555555", lw=0.8)
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("cycles of an event, plain load / acquire")


def _handle(transport: str) -> Line2D:
    look = style.look(transport)
    return Line2D([], [], color=look.colour, marker=look.marker, label=transport)


def _pooled_handle() -> Line2D:
    return Line2D([], [], color=_ALL, marker="D", lw=2.2, label="all pairs")


def _table(found: Sequence[Contrast], pooled: Interval | None) -> pd.DataFrame:
    rows = [
        {
            "cells": _label(one),
            "acquire (TSC cycles)": interval_text("cycles", one.usual),
            "plain (TSC cycles)": interval_text("cycles", one.other),
            "plain / acquire": interval_text("times", one.ratio),
            "taint": "all tainted" if one.tainted else "",
        }
        for one in found
    ]
    if pooled is not None:
        nothing = {"acquire (TSC cycles)": "–", "plain (TSC cycles)": "–"}
        mean = {"plain / acquire": interval_text("times", pooled), "taint": ""}
        rows.append({"cells": "all", **nothing, **mean})
    return pd.DataFrame(rows)
