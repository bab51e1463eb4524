"""The figure of question 16: what a pause does, by its length, a line for each layout."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from plots import style
from plots.bootstrap import Floats, Interval
from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.questions.exact import scaled
from plots.questions.forest import HOLLOW
from plots.wording import counted, duration_ns, fraction, interval_text

TITLE = (
    "What do the consumer and the other producers lose or wait for, while one producer is stuck?"
)

WAIT, MOST = "delivery_ns_p99", "delivery_ns_max"
DROPPED, RECOVERY = "drop_fraction", "recovery_us_p50"

_NS_A_US = 1e3


@dataclass(frozen=True)
class Reading:
    name: str
    transport: str
    cpus_per_ring: str  # of a hybrid
    producers: int
    hold: float  # us
    waits: Floats  # WAIT of each repetition
    intervals: Mapping[str, Interval]
    tainted: bool


@dataclass(frozen=True)
class _Panel:
    metric: str
    title: str
    text: Callable[[float], str]
    logarithmic: bool
    factor: float = 1.0  # to the unit that `text` reads


_PANELS = (
    _Panel(WAIT, "wait of a record, p99", duration_ns, True),
    _Panel(MOST, "longest wait", duration_ns, True),
    _Panel(DROPPED, "events dropped", fraction, False),
    _Panel(RECOVERY, "to the first new record, p50", duration_ns, True, _NS_A_US),
)


def pause(us: float) -> str:
    return duration_ns(us * _NS_A_US)


def in_ns(us: Interval) -> Interval:
    return scaled(us, _NS_A_US)


def drawn(found: Sequence[Reading], producers: int) -> Drawn:
    """Of so many producers; the table has all."""
    lines: dict[str, list[Reading]] = {}
    for one in sorted(found, key=lambda one: (one.transport, one.cpus_per_ring, one.hold)):
        if one.producers == producers:
            lines.setdefault(one.name, []).append(one)
    looks = _looks(lines)
    picture, grid = sheet(
        TITLE,
        (9.6, 5.2),
        (2, 2),
        [_handle(name, look) for name, look in looks.items()],
        sharex=True,
    )
    for axes, panel in zip(grid.flat, _PANELS):
        axes.set_title(panel.title)
        for number, (name, line) in enumerate(lines.items()):
            _draw(axes, panel, line, looks[name], 1.06 ** (number - (len(lines) - 1) / 2))
        _frame(axes, panel)
    for axes in grid[-1]:
        axes.set_xlabel("length of the pause")
    return Drawn(
        name="stuck_producer",
        title=TITLE,
        caption=(
            f"By the length of the pause between reserve and commit of one of {producers} producers: how long records"
            " wait from reserve to delivery, what is dropped, and the time from the end of a pause to the"
            " first record made after it. Median over the repetitions with its 95 % bootstrap interval;"
            f" points of one pause stand side by side. {HOLLOW}"
        ),
        alt=f"Waits and drops by the length of a pause, for {counted(len(lines), 'layout')}. The table holds"
        " the same numbers.",
        picture=picture,
        table=pd.DataFrame([_row(one) for one in found]),
    )


def _looks(lines: Mapping[str, Sequence[Reading]]) -> dict[str, style.Look]:
    """Hybrids differ by dashes and lightness."""
    seen: dict[str, int] = {}
    looks = {}
    for name, line in lines.items():
        transport = line[0].transport
        looks[name] = style.look(transport, seen.get(transport, 0))
        seen[transport] = seen.get(transport, 0) + 1
    return looks


def _handle(name: str, look: style.Look) -> Line2D:
    return Line2D([], [], color=look.colour, marker=look.marker, ls=look.dashes, label=name)


def _draw(
    axes: Axes, panel: _Panel, line: Sequence[Reading], look: style.Look, aside: float
) -> None:
    points = [
        (
            aside * one.hold * _NS_A_US,
            scaled(one.intervals[panel.metric], panel.factor),
            one.tainted,
        )
        for one in line
        if panel.metric in one.intervals
    ]
    axes.plot(
        [at for at, _, _ in points],
        [value.median for _, value, _ in points],
        color=look.colour,
        ls=look.dashes,
        lw=1.3,
    )
    for at, value, tainted in points:
        if value.known:
            axes.plot([at, at], [value.low, value.high], color=look.colour, lw=1.0)
        axes.plot(
            [at],
            [value.median],
            ls="none",
            marker=look.marker,
            color=look.colour,
            markerfacecolor="white" if tainted else look.colour,
            zorder=3,
        )


def _frame(axes: Axes, panel: _Panel) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: duration_ns(value)))
    if panel.logarithmic:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator())
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        low, high = axes.get_ylim()
        axes.set_ylim(min(-0.04 * high, 0 if low >= 0 else low), max(high, 0.01))
        axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: panel.text(value)))


def _row(one: Reading) -> dict[str, object]:
    row: dict[str, object] = {
        "layout": one.name,
        "producers": one.producers,
        "pause": pause(one.hold),
        "pauses in a window": _text(one, "holds"),
        "wait p99": _text(one, WAIT),
        "longest wait": _text(one, MOST),
        "dropped": _text(one, DROPPED),
        "to the first new record, p50": _recovery(one),
        "most memory in use": _text(one, "peak_pool_bytes"),
    }
    return row | {"taint": "all tainted" if one.tainted else ""}


def _text(one: Reading, metric: str) -> str:
    known = one.intervals.get(metric)
    return interval_text(metric, known) if known else "–"


def _recovery(one: Reading) -> str:
    known = one.intervals.get(RECOVERY)
    return interval_text("recovery_ns", in_ns(known)) if known else "–"
