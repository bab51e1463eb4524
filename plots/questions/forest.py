"""Intervals in rows, in panels side by side: what most questions draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from plots import style
from plots.bootstrap import Interval
from plots.kernel.sheet import sheet
from plots.wording import digits

HOLLOW = "Hollow: every trial is tainted."

_ROW = 0.3  # inches
_WIDTH = 9.6
_DODGE = 0.24  # of a row, between marks that share one
_OWN = (("#0072b2", "o"), ("#d55e00", "s"), ("#008f68", "^"), ("#a3428f", "D"))


@dataclass(frozen=True)
class Kind:
    """What a mark's colour and shape say."""

    label: str
    colour: str
    marker: str


@dataclass(frozen=True)
class Mark:
    panel: str  # the title of its Panel
    row: str
    kind: Kind
    interval: Interval
    tainted: bool


@dataclass(frozen=True)
class Panel:
    title: str
    axis: str  # with the unit
    text: Callable[[float], str] = digits
    logarithmic: bool = False  # from zero on, which has a place of its own
    line: float | None = None  # where nothing has changed


def of_transport(transport: str) -> Kind:
    look = style.look(transport)
    return Kind(transport, look.colour, look.marker if look.marker != "x" else "d")


def of_number(number: int, label: str) -> Kind:
    """For what is not a transport."""
    return Kind(label, *_OWN[number % len(_OWN)])


def forest(title: str, panels: Sequence[Panel], marks: Sequence[Mark]) -> Figure:
    """Panels of the same quantity have the same axis."""
    marks = [mark for mark in marks if not np.isnan(mark.interval.median)]
    rows = list(dict.fromkeys(mark.row for mark in marks))[::-1]
    kinds = list(dict.fromkeys(mark.kind for mark in marks))
    handles = [Line2D([], [], color=k.colour, marker=k.marker, label=k.label) for k in kinds]
    height = 0.85 + _ROW * max(len(rows), 3)
    picture, grid = sheet(title, (_WIDTH, height), (1, len(panels)), handles, sharey=True)
    alike = len({panel.axis for panel in panels}) == 1
    for axes, panel in zip(grid[0], panels):
        mine = [mark for mark in marks if mark.panel == panel.title]
        for mark in mine:
            _draw(axes, rows.index(mark.row) + _dodge(mark, mine), mark)
        _frame(axes, panel, rows, marks if alike else mine)
    return picture


def _dodge(mark: Mark, marks: Sequence[Mark]) -> float:
    sharing = [other.kind for other in marks if other.row == mark.row]
    return _DODGE * ((len(sharing) - 1) / 2 - sharing.index(mark.kind))


def _draw(axes: Axes, place: float, mark: Mark) -> None:
    kind, interval = mark.kind, mark.interval
    if interval.known:
        axes.plot([interval.low, interval.high], [place] * 2, color=kind.colour, lw=1.4)
    axes.plot(
        [interval.median],
        [place],
        ls="none",
        marker=kind.marker,
        color=kind.colour,
        markerfacecolor="white" if mark.tainted else kind.colour,
        zorder=3,
    )


def _frame(axes: Axes, panel: Panel, rows: Sequence[str], marks: Sequence[Mark]) -> None:
    axes.set_title(panel.title)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(panel.axis)
    ends = [end for mark in marks for end in _ends(mark.interval)]
    if panel.logarithmic:
        _logarithmic(axes, ends)
    else:
        _linear(axes, panel, ends)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: panel.text(value)))
    if panel.line is not None:
        axes.axvline(panel.line, color="#555555", lw=0.9, ls=(0, (4, 3)), zorder=0)


def _ends(interval: Interval) -> list[float]:
    return [end for end in (interval.low, interval.median, interval.high) if np.isfinite(end)]


def _linear(axes: Axes, panel: Panel, ends: Sequence[float]) -> None:
    seen = [*ends, *([0.0] if panel.line is None else [panel.line])]
    room = 0.06 * (max(seen) - min(seen)) or 0.06
    axes.set_xlim(min(seen) - room, max(seen) + room)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))


def _logarithmic(axes: Axes, ends: Sequence[float]) -> None:
    above = [end for end in ends if end > 0] or [1.0]
    first, last = np.floor(np.log10(min(above))), np.ceil(np.log10(max(above)))
    last = max(last, first + 1)
    zero = any(end <= 0 for end in ends)
    if zero:
        axes.set_xscale("symlog", linthresh=10**first, linscale=0.6)
    else:
        axes.set_xscale("log")
    axes.set_xlim(-0.25 * 10**first if zero else 0.8 * 10**first, 1.25 * 10**last)
    step = max(1, int(np.ceil((last - first) / 4)))
    powers = [10.0**power for power in np.arange(last, first - 1, -step)]
    axes.xaxis.set_major_locator(FixedLocator(([0.0] if zero else []) + powers[::-1]))
    axes.xaxis.set_minor_locator(NullLocator())
