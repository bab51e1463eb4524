"""A row of panels for each transport: cost, wake-ups, delay and the consumer's CPU time over the rate, by mode."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.questions.wakeup_modes import COST, DELAY, DELAY_TAIL, SHARE, WOKEN, Mode, table
from plots.wording import as_unit, digits, listed, rate

_TITLE = "What does a mode of waking cost the producer, and what the delay?"
_PANEL = (2.45, 1.85)  # inches
_METRICS = (COST, WOKEN, DELAY, SHARE)
_HEADINGS = {
    COST: "event (TSC cycles, mean)",
    WOKEN: "wake-ups a record",
    DELAY: "delay (p50; dotted: p99)",
    SHARE: "consumer's CPU time",
}
_LOGARITHMIC = (COST, DELAY)
# Modes are told apart here, transports by their panels.
_LOOKS = {
    "always": ("#d55e00", "s"),
    "adaptive": ("#0072b2", "o"),
    "watermark": ("#0072b2", "P"),
    "never": ("#555555", "D"),
}
_OTHERS = (("#008f68", "^"), ("#a3428f", "v"), ("#8c6d00", "<"))


@dataclass(frozen=True)
class _Look:
    colour: str
    marker: str


def draw(found: Sequence[Mode]) -> Drawn:
    names = list(dict.fromkeys(one.of for one in found))
    looks = _looks(found)
    picture, grid = sheet(
        _TITLE,
        (_PANEL[0] * len(_METRICS), _PANEL[1] * len(names) + 0.3),
        (len(names), len(_METRICS)),
        [_handle(name, look) for name, look in looks.items()],
        sharex=True,
        sharey="col",
    )
    for row, name in zip(grid, names):
        mine = [one for one in found if one.of == name]
        row[0].set_ylabel(textwrap.fill(name, 22))
        for axes, metric in zip(row, _METRICS):
            _panel(axes, mine, metric, looks)
    for axes, metric in zip(grid[0], _METRICS):
        axes.set_title(_HEADINGS[metric])
    for number, metric in enumerate(_METRICS):
        if metric not in _LOGARITHMIC:
            grid[0][number].set_ylim(bottom=0)  # of the whole column
    for axes in grid[-1]:
        axes.set_xlabel("offered rate")
    return Drawn(
        name="notification",
        title=_TITLE,
        caption=(
            "Medians over the repetitions with 95 % bootstrap intervals, over the rate of each producer. Wake-ups: sleeps of"
            " the consumer that a notification ended. A consumer that nobody wakes looks by itself every 10 ms."
            " Hollow: every trial is tainted."
        ),
        alt=f"Cost, wake-ups, delay and CPU time of the consumer by rate for {listed(names)}, a line for"
        f" each of {listed(looks)}. The table below holds the same numbers.",
        picture=picture,
        table=table(found),
    )


def _looks(found: Sequence[Mode]) -> dict[str, _Look]:
    names = list(dict.fromkeys(one.name for one in found))
    others = [name for name in names if name not in _LOOKS]
    extra = dict(zip(others, _OTHERS * len(others)))
    return {name: _Look(*(_LOOKS.get(name) or extra[name])) for name in names}


def _panel(axes: Axes, mine: Sequence[Mode], metric: str, looks: dict[str, _Look]) -> None:
    axes.set_xscale("log")
    if metric in _LOGARITHMIC:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(numticks=6))
    for name, look in looks.items():
        line = [one for one in mine if one.name == name]
        _line(axes, line, metric, look, "-")
        if metric == DELAY:
            _line(axes, line, DELAY_TAIL, look, ":")
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: rate(value)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(metric, value)))


def _tick(metric: str, value: float) -> str:
    return as_unit(metric, value) if metric in (DELAY, SHARE) else digits(value)


def _line(axes: Axes, line: Sequence[Mode], metric: str, look: _Look, dashes: str) -> None:
    known = [(one, interval) for one in line if (interval := one.interval(metric))]
    rates, medians = [one.rate for one, _ in known], [i.median for _, i in known]
    axes.plot(rates, medians, color=look.colour, ls=dashes, lw=1.2)
    for one, interval in known if dashes == "-" else ():
        if interval.known:
            axes.plot([one.rate] * 2, [interval.low, interval.high], color=look.colour, lw=0.9)
        axes.plot(
            [one.rate],
            [interval.median],
            ls="none",
            marker=look.marker,
            ms=4.5,
            color=look.colour,
            markerfacecolor="white" if one.tainted else look.colour,
            zorder=3,
        )


def _handle(name: str, look: _Look) -> Line2D:
    return Line2D([], [], color=look.colour, marker=look.marker, label=name)
