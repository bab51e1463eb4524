"""Reserve cycles against the offered rate, shared ring and buffers per CPU."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from plots import canvas, style
from plots.bootstrap import Interval
from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.wording import counted, digits, interval_text, rate

RESERVE = "reserve_cycles_p50"
_TITLE = "What does a reserve cost, by how many events a second there are?"
_MAX_PANELS = 4
_TWICE = "#8c6d00"
_NAMES = {"ringbuf": "one shared ring", "perfbuf": "buffers per CPU"}


@dataclass(frozen=True)
class Rate:
    """Both layouts at one rate of one number of producers."""

    producers: int
    each: float  # events/s of each producer
    shared: Interval
    own: Interval
    ratio: Interval
    tainted: bool


def draw(rows: Sequence[Rate]) -> Drawn:
    """A panel for each number of producers; of many, the largest ones."""
    numbers = sorted({row.producers for row in rows})[-_MAX_PANELS:]
    size = max(5.2, 3.6 * len(numbers)), 3.2
    picture, grid = sheet(_TITLE, size, (1, len(numbers)), _handles(), sharey=True)
    for axes, producers in zip(grid[0], numbers):
        mine = sorted((r for r in rows if r.producers == producers), key=lambda r: r.each)
        _panel(axes, mine)
        axes.set_title(counted(producers, "producer"))
    grid[0, 0].set_ylabel("reserve, p50 (TSC cycles)")
    return Drawn(
        name="event_rate",
        title=_TITLE,
        caption="Median over the repetitions of the median reserve, with its 95 % interval; hollow where"
        " every trial was tainted. Dotted: twice the cost of a buffer per CPU.",
        alt="Reserve cycles against the rate of each producer, for a shared ring and for buffers per"
        " CPU, a panel for each number of producers. The table below holds the same numbers.",
        picture=picture,
        table=table(rows),
    )


def _panel(axes: Axes, rows: Sequence[Rate]) -> None:
    x = [row.each for row in rows]
    _line(axes, "ringbuf", x, [row.shared for row in rows], [row.tainted for row in rows])
    _line(axes, "perfbuf", x, [row.own for row in rows], [row.tainted for row in rows])
    axes.plot(x, [2 * row.own.median for row in rows], color=_TWICE, ls=":")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    canvas.readable_log(axes.yaxis)
    axes.xaxis.set_major_formatter(lambda value, _: rate(value))
    axes.yaxis.set_major_formatter(lambda value, _: digits(value))
    axes.set_xlabel("rate of each producer (events/s)")


def _line(
    axes: Axes,
    transport: str,
    x: Sequence[float],
    values: Sequence[Interval],
    tainted: Sequence[bool],
) -> None:
    look = style.look(transport)
    axes.plot(x, [value.median for value in values], color=look.colour)
    for place, value, hollow in zip(x, values, tainted):
        axes.plot([place, place], [value.low, value.high], color=look.colour, lw=0.9)
        face = "white" if hollow else look.colour
        axes.plot(
            [place], [value.median], marker=look.marker, color=look.colour, markerfacecolor=face
        )


def _handles() -> list[Line2D]:
    handles = []
    for transport, name in _NAMES.items():
        look = style.look(transport)
        handles.append(Line2D([], [], color=look.colour, marker=look.marker, label=name))
    return [*handles, Line2D([], [], color=_TWICE, ls=":", label="twice buffers per CPU")]


def table(rows: Sequence[Rate]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "producers": str(row.producers),
            "rate (each producer)": rate(row.each),
            "shared ring (cycles, p50)": interval_text(RESERVE, row.shared),
            "buffers per CPU (cycles, p50)": interval_text(RESERVE, row.own),
            "shared / per CPU": interval_text("x", row.ratio),
            "taint": "all tainted" if row.tainted else "",
        }
        for row in sorted(rows, key=lambda row: (row.producers, row.each))
    )
