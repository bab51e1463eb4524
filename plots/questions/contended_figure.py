"""Cycles of a record, and records of all together, against the producers of one ring."""

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from planner import published
from plots import canvas, style
from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.questions import contention
from plots.questions.contention import CYCLES, FLOOR, PER_CPU, Point, Predicted
from plots.results import Results
from plots.wording import digits, interval_text, rate

_TITLE = "What does a ring cost that all CPUs share?"
_PREDICTED = "#444444"
_BARE = "#8c6d00"
_PUBLISHED = (("#a3428f", "*"), ("#3f51b5", "P"))


def draw(results: Results, points: Sequence[Point], ahead: Sequence[Predicted]) -> Drawn:
    bare = contention.bare(results, "xadd")
    picture, grid = sheet(_TITLE, (9.6, 3.6), (1, 2), _handles(points, bool(ahead), bool(bare)))
    cycles, rates = grid[0]
    _lines(cycles, points, "cycles")
    _lines(rates, points, "rate")
    if bare:
        cycles.plot(list(bare), list(bare.values()), color=_BARE, ls=":", marker="_", ms=8)
    _bands(cycles, [(p.producers, p.cycles.low, p.cycles.high) for p in ahead])
    _bands(rates, [(p.producers, p.rate.low, p.rate.high) for p in ahead])
    for machine, (colour, marker) in zip(published.machines(), _PUBLISHED):
        known = machine.rates
        rates.scatter(list(known), list(known.values()), s=16, color=colour, marker=marker)
    _dress(cycles, "record, each producer (TSC cycles)", digits)
    _dress(rates, "records of all producers", rate)
    return Drawn(
        name="contended_ring",
        title=_TITLE,
        caption=_caption(bool(ahead)),
        alt="Cycles of a record of each producer, and records a second of all of them, against the number"
        " of producers, by the ring's lock. The table below holds the same numbers.",
        picture=picture,
        table=_table(points, ahead),
    )


def _caption(ahead: bool) -> str:
    said = (
        "Measured: median over the repetitions with its 95 % interval, producers that saturate a ring which"
        " overwrites and is read when the window has closed; hollow where every trial was tainted."
        " Stars and diamonds: published throughputs of the kernel's ring with a consumer, on other machines."
    )
    if ahead:
        said += (
            " Dashed band: PREDICTION for more producers than this machine has CPUs, from the time a cache"
            " line takes between its own; CPUs farther apart make it worse."
        )
    return said


def _lines(axes: Axes, points: Sequence[Point], what: str) -> None:
    for variant, line in enumerate(_names(points)):
        mine = [p for p in points if p.line == line]
        look = style.look(mine[0].transport, variant if _is_lock(line) else 0)
        values = [getattr(p, what) for p in mine]
        x = [p.producers for p in mine]
        axes.plot(x, [v.median for v in values], color=look.colour, ls=look.dashes)
        for place, value, point in zip(x, values, mine):
            axes.plot([place, place], [value.low, value.high], color=look.colour, lw=0.9)
            axes.plot(
                [place],
                [value.median],
                marker=look.marker,
                color=look.colour,
                markerfacecolor="white" if point.tainted else look.colour,
            )


def _bands(axes: Axes, rows: Sequence[tuple[int, float, float]]) -> None:
    if not rows:
        return
    x, low, high = (list(column) for column in zip(*rows))
    axes.fill_between(x, low, high, color=_PREDICTED, alpha=0.12, linewidth=0)
    for edge in (low, high):
        axes.plot(x, edge, color=_PREDICTED, ls=(0, (5, 2)), lw=1.1, marker="_")


def _dress(axes: Axes, label: str, words: Callable[[float], str]) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    canvas.readable_log(axes.yaxis)
    axes.yaxis.set_major_formatter(lambda value, _: words(value))
    axes.xaxis.set_major_formatter(lambda value, _: digits(value))
    axes.set_xlabel("producers")
    axes.set_ylabel(label)


def _is_lock(line: str) -> bool:
    return line not in (PER_CPU, FLOOR)


def _names(points: Sequence[Point]) -> list[str]:
    names = dict.fromkeys(point.line for point in points)
    return sorted(names, key=lambda line: line == FLOOR)


def _handles(points: Sequence[Point], ahead: bool, bare: bool) -> list[Line2D]:
    handles = []
    for variant, line in enumerate(_names(points)):
        transport = next(p.transport for p in points if p.line == line)
        look = style.look(transport, variant if _is_lock(line) else 0)
        handles.append(
            Line2D([], [], color=look.colour, marker=look.marker, ls=look.dashes, label=line)
        )
    if bare:
        handles.append(
            Line2D([], [], color=_BARE, ls=":", marker="_", label="bare locked addition")
        )
    if ahead:
        handles.append(Line2D([], [], color=_PREDICTED, ls=(0, (5, 2)), label="PREDICTION"))
    for machine, (colour, marker) in zip(published.machines(), _PUBLISHED):
        handles.append(
            Line2D([], [], ls="none", color=colour, marker=marker, label=machine.name.split(",")[0])
        )
    return handles


def _table(points: Sequence[Point], ahead: Sequence[Predicted]) -> pd.DataFrame:
    rows = [
        {
            "line": p.line,
            "kind": "measured",
            "producers": str(p.producers),
            "record (cycles, each producer)": interval_text(CYCLES, p.cycles),
            "records, all together": interval_text("achieved_rate", p.rate),
            "taint": "all tainted" if p.tainted else "",
        }
        for p in points
    ]
    rows += [
        {
            "line": "shared ring, any lock",
            "kind": "PREDICTION",
            "producers": str(p.producers),
            "record (cycles, each producer)": f"{digits(p.cycles.low)} to {digits(p.cycles.high)}",
            "records, all together": f"{rate(p.rate.low)} to {rate(p.rate.high)}",
            "taint": "",
        }
        for p in ahead
    ]
    return pd.DataFrame(rows)
