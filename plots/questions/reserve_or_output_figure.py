"""Two panels over the size of a record: what an event costs either way, and the share that is saved."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from plots import style
from plots.bootstrap import Interval
from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.questions.contrast import Contrast
from plots.wording import digits, fraction, interval_text, listed, size

_TITLE = "What does the copy through a scratch array cost?"
_SIZE = (9.2, 3.4)  # inches
_ASIDE = 1.07  # layouts stand beside each other at the same size


def draw(found: Sequence[Contrast]) -> Drawn:
    names = list(dict.fromkeys(one.name for one in found))
    handles = [_handle(name, style.look(_transport(found, name))) for name in names]
    picture, grid = sheet(_TITLE, _SIZE, (1, 2), [*handles, *_ways()])
    costs, saved = grid[0]
    for place, name in enumerate(names):
        mine = [one for one in found if one.name == name]
        aside = _ASIDE ** (place - (len(names) - 1) / 2)
        _costs(costs, mine, aside)
        _saved(saved, mine, aside)
    _frame(costs, found, "event (TSC cycles)")
    costs.set_yscale("log")
    costs.yaxis.set_minor_locator(NullLocator())
    costs.yaxis.set_major_formatter(FuncFormatter(lambda value, _: digits(value)))
    _frame(saved, found, "saved, of the copied event")
    saved.axhline(0, color="#555555", lw=0.8)
    saved.yaxis.set_major_formatter(FuncFormatter(lambda value, _: fraction(value)))
    return Drawn(
        name="reserve_or_output",
        title=_TITLE,
        caption=(
            "Left: cycles of an event made in place (solid) and of one that is copied from a scratch array"
            " (dashed). Right: the share that making it in place saves. Medians over the repetitions with 95 %"
            " bootstrap intervals. Hollow: every trial is tainted."
        ),
        alt=f"Cycles of an event and the share saved by making it in place, by record size, for"
        f" {listed(names)}. The table below holds the same numbers.",
        picture=picture,
        table=_table(found),
    )


def _transport(found: Sequence[Contrast], name: str) -> str:
    return next(str(one.cell["transport"]) for one in found if one.name == name)


def _costs(axes: Axes, mine: Sequence[Contrast], aside: float) -> None:
    _line(axes, mine, [one.usual for one in mine], aside, "-")
    _line(axes, mine, [one.other for one in mine], aside, (0, (4, 2)))


def _saved(axes: Axes, mine: Sequence[Contrast], aside: float) -> None:
    _line(axes, mine, [one.share for one in mine], aside, "-")


def _line(
    axes: Axes,
    mine: Sequence[Contrast],
    intervals: Sequence[Interval],
    aside: float,
    dashes: str | tuple[int, tuple[float, ...]],
) -> None:
    look = style.look(str(mine[0].cell["transport"]))
    places = [one.record_size * aside for one in mine]
    axes.plot(places, [i.median for i in intervals], color=look.colour, ls=dashes, lw=1.2)
    for one, place, interval in zip(mine, places, intervals):
        if interval.known:
            axes.plot([place, place], [interval.low, interval.high], color=look.colour, lw=1.0)
        axes.plot(
            [place],
            [interval.median],
            ls="none",
            marker=look.marker,
            color=look.colour,
            markerfacecolor="white" if one.tainted else look.colour,
            zorder=3,
        )


def _frame(axes: Axes, found: Sequence[Contrast], label: str) -> None:
    sizes = sorted({one.record_size for one in found})
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [size(count) for count in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("record")
    axes.set_ylabel(label)


def _handle(name: str, look: style.Look) -> Line2D:
    return Line2D([], [], color=look.colour, marker=look.marker, ls="none", label=name)


def _ways() -> list[Line2D]:
    return [
        Line2D([], [], color="#555555", ls="-", label="made in place"),
        Line2D([], [], color="#555555", ls=(0, (4, 2)), label="copied from scratch"),
    ]


def _table(found: Sequence[Contrast]) -> pd.DataFrame:
    rows = [
        {
            "transport": one.name,
            "record": size(one.record_size),
            "made in place (TSC cycles)": interval_text("cycles", one.usual),
            "copied (TSC cycles)": interval_text("cycles", one.other),
            "saved (TSC cycles)": interval_text("cycles", one.more),
            "saved, of the copied event": interval_text("share_ratio", one.share),
            "taint": "all tainted" if one.tainted else "",
        }
        for one in found
    ]
    return pd.DataFrame(rows)
