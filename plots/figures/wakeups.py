"""Cycles of an event against the rate, by mode of waking: what lies above `never` are wake-ups."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.kernel.samples import Samples
from plots.kernel.sheet import sheet
from plots.kernel.wakeups import Cost, costs, table
from plots.results import Results
from plots.wording import digits, listed, rate

QUESTION = "What does an event cost the producer, by how it wakes the consumer?"

_COLUMNS = 2
_PANEL = (4.4, 2.9)  # inches
_NEVER = ("#555555", "x", "-")
# Modes are told apart here, transports by their panels.
_LOOKS = (
    ("#d55e00", "s", "-"),
    ("#0072b2", "o", "-"),
    ("#008f68", "^", (0, (5, 1.6))),
    ("#a3428f", "v", (0, (1.2, 1.2))),
    ("#8c6d00", "D", (0, (6, 1.5, 1.2, 1.5))),
    ("#5c6e00", "P", (0, (9, 2))),
    ("#b3265e", "*", (0, (3, 1.2, 1.2, 1.2))),
)


@dataclass(frozen=True)
class _Look:
    colour: str
    marker: str
    dashes: str | tuple[int, tuple[float, ...]]


def draw(results: Results, _: Request) -> Drawn:
    found = costs(results, Samples(results))
    if not found:
        raise NoData(
            "no workload of a kernel transport was run with notify = never and with another mode, for"
            " a consumer that sleeps (poll = epoll)"
        )
    names = list(dict.fromkeys(cost.name for cost in found))
    looks = _looks(found)
    columns = min(_COLUMNS, len(names))
    rows = math.ceil(len(names) / columns)
    picture, grid = sheet(
        QUESTION,
        (_PANEL[0] * columns, _PANEL[1] * rows),
        (rows, columns),
        [_handle(mode, look) for mode, look in looks.items()],
        sharex=True,
        sharey=True,
    )
    for axes, name in zip(grid.flat, names):
        _panel(axes, name, [cost for cost in found if cost.name == name], looks)
    for axes in grid.flat[len(names) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("event (TSC cycles, mean)")
    for axes in grid[-1]:
        axes.set_xlabel("offered rate (events/s)")
    return Drawn(
        name="wakeups",
        title=QUESTION,
        caption=(
            "Lines: median over the repetitions of an event's mean cycles, at the rate that was offered;"
            " bars: 95 % bootstrap interval. Larger points without a line: producers that saturate, at"
            " the rate they achieved. Hollow: every trial is tainted (at a rate: mostly events sent late). Means,"
            " because a median event wakes nobody where one in 100 does. A mean also holds what interrupts"
            " the producer; that is in never's too."
        ),
        alt=f"Cycles of an event against the offered rate for {listed(names)}, a line for each of"
        f" {listed(looks)}. The table below holds the same numbers.",
        picture=picture,
        table=table(found),
    )


def _looks(found: Sequence[Cost]) -> dict[str, _Look]:
    """Modes that mean the same to different buffers look alike, so that panels can be compared."""
    modes = list(dict.fromkeys(cost.mode for cost in found))
    modes.sort(key=lambda mode: (mode != "always", mode != "adaptive", len(mode), mode))
    others = (mode for mode in modes if mode != "never")
    looks = {mode: _Look(*_LOOKS[i % len(_LOOKS)]) for i, mode in enumerate(others)}
    return {"never": _Look(*_NEVER)} | looks


def _panel(axes: Axes, name: str, found: Sequence[Cost], looks: dict[str, _Look]) -> None:
    axes.set_title(textwrap.fill(name, 50))
    axes.set_xscale("log")
    axes.set_yscale("log")
    for mode, look in looks.items():
        mine = [cost for cost in found if cost.mode == mode and cost.cycles.median > 0]
        paced = sorted((c for c in mine if not math.isnan(c.rate)), key=lambda c: c.rate)
        axes.plot(
            [c.rate for c in paced],
            [c.cycles.median for c in paced],
            color=look.colour,
            ls=look.dashes,
            lw=1.4,
        )
        for cost in mine:
            _point(axes, cost, look)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator())
        axis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: rate(value)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: digits(value)))


def _point(axes: Axes, cost: Cost, look: _Look) -> None:
    saturated = math.isnan(cost.rate)
    at = cost.achieved.median if saturated else cost.rate
    if cost.cycles.known and cost.cycles.low > 0:
        axes.plot([at, at], [cost.cycles.low, cost.cycles.high], color=look.colour, lw=0.9)
    axes.plot(
        [at],
        [cost.cycles.median],
        ls="none",
        marker=look.marker,
        ms=8.0 if saturated else 5.5,
        color=look.colour,
        markerfacecolor="white" if cost.tainted else look.colour,
        markeredgewidth=1.8 if saturated else 1.0,
        zorder=3,
    )


def _handle(mode: str, look: _Look) -> Line2D:
    return Line2D([], [], color=look.colour, marker=look.marker, ls=look.dashes, label=mode)
