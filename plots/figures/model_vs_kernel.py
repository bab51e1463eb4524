"""How far each model is from the kernel's buffer: a row a workload, a panel a measure."""

import math
import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from plots import interval_mark, style
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.kernel.pairing import Pair, pairs
from plots.kernel.residuals import MEASURES, Measure, Residual, residuals, table
from plots.kernel.samples import Samples
from plots.kernel.sheet import sheet
from plots.results import Results
from plots.wording import digits, listed, sentences

QUESTION = "How far is each model from the kernel's buffer it stands for?"

_ROW = 0.235  # inches
_WIDTH = 11.5
_LABEL = 66  # characters in a line of a label
_LINE = 0.55  # rows that a line of a label takes
_HEADING = 1.5  # rows that a transport's name takes
_TICKS = [10.0**power for power in range(-6, 7)]
_FINE = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]


def draw(results: Results, _: Request) -> Drawn:
    matched = pairs(results)
    rows = residuals(matched.found, Samples(results))
    if not rows:
        raise NoData(
            "no cell of a kernel transport has a model's cell of the same workload beside it"
        )
    # What no pair differs in is said and not drawn.
    shown = [m for m in MEASURES if any(r.measure is m and _tells(r) for r in rows)] or [
        rows[0].measure
    ]
    places = _places([pair for pair in matched.found if any(r.pair is pair for r in rows)])
    transports = list(dict.fromkeys(pair.transport for pair in matched.found))
    pictured = sum(name not in map(_heading, transports) for name in places)
    picture, grid = sheet(
        QUESTION,
        (_WIDTH, 0.7 + _ROW * (1 - min(places.values()))),
        (1, len(shown)),
        [_handle(name) for name in transports],
        sharey=True,
    )
    for axes, measure in zip(grid[0], shown):
        mine = [row for row in rows if row.measure is measure]
        for row in mine:
            _mark(axes, places[row.pair.name], row)
        _frame(axes, measure, mine)
    _label_rows(grid[0][0], matched.found, places)
    silent = [m.heading for m in MEASURES if m not in shown and any(r.measure is m for r in rows)]
    missed = sum(row.missed for row in rows if row.measure is MEASURES[0])
    return Drawn(
        name="model_vs_kernel",
        title=QUESTION,
        caption=sentences(
            "Marker: the kernel's median over the model's, or minus it; line: its 95 % bootstrap interval"
            " over the repetitions of both. Grey line: no difference. Right of it the kernel's is larger.",
            "Filled: the interval excludes agreement; white: it does not, or there is none; dashed: every"
            " trial of one side is tainted.",
            "Cycles: amortised over the window where producers saturate, else the median event (the"
            " kernel's: a mean over the events of a call).",
            f"No pair differs in {listed(silent)}." if silent else "",
            matched.held,
        ),
        alt=f"Forest plot of {pictured} pairs of a model and the kernel's buffer, in"
        f" {listed(m.heading for m in shown)}; in cycles {missed} intervals exclude agreement.",
        picture=picture,
        table=table(rows),
    )


def _tells(row: Residual) -> bool:
    return row.change.median != row.same


def _places(shown: Sequence[Pair]) -> dict[str, float]:
    """Name of each pair, and of each transport, to its height; the first is on top."""
    height = 0.0
    places: dict[str, float] = {}
    for pair in shown:
        if _heading(pair.transport) not in places:
            height -= _HEADING if places else 0.0
            places[_heading(pair.transport)] = height
        # A label of several lines takes as much room above its row's middle as below.
        room = max(1.0, _LINE * (1 + _wrapped(pair).count("\n")))
        places[pair.name] = height - 0.5 - room / 2
        height -= room
    return places


def _wrapped(pair: Pair) -> str:
    return textwrap.fill(pair.label, _LABEL)


def _heading(transport: str) -> str:
    return f"{transport} ↔ kernel_{transport}"


def _mark(axes: Axes, place: float, row: Residual) -> None:
    change = row.change
    interval_mark.draw(
        axes,
        row.pair.transport,
        place,
        change.median,
        (change.low, change.high) if change.known else None,
        tells=row.missed,
        tainted=row.tainted,
    )


def _frame(axes: Axes, measure: Measure, rows: Sequence[Residual]) -> None:
    axes.axvline(1.0 if measure.relative else 0.0, color="#777777", lw=1.0, zorder=1)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_title(measure.heading)
    if measure.relative:
        _log_axis(axes, rows)
        axes.set_xlabel("kernel ÷ model")
    else:
        _points_axis(axes, rows)
        axes.set_xlabel("kernel − model (points)")


def _log_axis(axes: Axes, rows: Sequence[Residual]) -> None:
    ends = [end for end in _ends(rows) if end > 0]
    low, high = min([*ends, 0.7]) / 1.5, max([*ends, 1.4]) * 1.5
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = _FINE if high / low < 60 else _TICKS
    if high / low > 1e5:
        ticks = _TICKS[::2]
    axes.xaxis.set_major_locator(FixedLocator([t for t in ticks if low <= t <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    wide = high / low > 1e5
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"$10^{{{math.log10(value):.0f}}}$")
        if wide
        else FuncFormatter(lambda value, _: digits(value))
    )


def _ends(rows: Sequence[Residual]) -> list[float]:
    found = [row.change.median for row in rows]
    return found + [e for r in rows if r.change.known for e in (r.change.low, r.change.high)]


def _points_axis(axes: Axes, rows: Sequence[Residual]) -> None:
    ends = [*_ends(rows), 0.0]
    margin = max(0.08 * (max(ends) - min(ends)), 0.005)
    axes.set_xlim(min(ends) - margin, max(ends) + margin)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g}"))


def _label_rows(axes: Axes, found: Sequence[Pair], places: dict[str, float]) -> None:
    labels = {pair.name: _wrapped(pair) for pair in found}
    axes.set_yticks(
        list(places.values()),
        [labels.get(name, name) for name in places],
        fontsize=7,
        linespacing=0.9,
    )
    for name, tick in zip(places, axes.get_yticklabels()):
        tick.set_fontweight("normal" if name in labels else "bold")
    axes.set_ylim(min(places.values()) - 0.7, 0.7)


def _handle(transport: str) -> Line2D:
    look = style.look(transport)
    marker = look.marker if look.marker != "x" else "d"
    return Line2D([], [], color=look.colour, marker=marker, label=_heading(transport))
