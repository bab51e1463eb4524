"""The frame of every chart: a grid of panels under the question, one legend for all of them."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from plots import hover, style
from plots.bootstrap import Floats
from plots.panels import Line, Panel
from plots.wording import digits

PANEL_WIDTH = 3.7  # inches
PANEL_HEIGHT = 2.9
SINGLE_PANEL_WIDTH = 6.4
COLUMNS = 3

# Values whose extremes are further apart than this are drawn on a logarithmic axis.
_LOG_FROM = 20.0


@dataclass(frozen=True)
class TrialCurve:
    y: Floats
    taint: str  # why it is doubtful; empty if it is not


@dataclass(frozen=True)
class Canvas:
    picture: Figure
    axes: npt.NDArray[Any]  # rows x columns; unused ones are invisible


def wrapped(title: str, panels: Sequence[Panel], height: float = PANEL_HEIGHT) -> Canvas:
    """One axes a panel, at most COLUMNS in a row, with a shared y axis; in order in `axes.flat`."""
    columns = min(COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    canvas = grid(title, panels, rows, columns, height, sharey="all")
    for axes, panel in zip(canvas.axes.flat, panels):
        axes.set_title(_panel_title(panel.title, columns))
    for axes in canvas.axes.flat[len(panels) :]:
        axes.set_visible(False)
    return canvas


def by_row(
    title: str,
    panels: Sequence[Panel],
    rows: int,
    height: float = PANEL_HEIGHT * 0.85,
    sharex: str = "all",
    sharey: str = "row",
) -> Canvas:
    """One column a panel, one row a metric; the y axis is shared along a row."""
    canvas = grid(title, panels, rows, len(panels), height, sharey, sharex)
    for axes, panel in zip(canvas.axes[0], panels):
        axes.set_title(_panel_title(panel.title, len(panels)))
    return canvas


def grid(
    title: str,
    panels: Sequence[Panel],
    rows: int,
    columns: int,
    panel_height: float,
    sharey: str,
    sharex: str = "all",
) -> Canvas:
    width = SINGLE_PANEL_WIDTH if columns == 1 else PANEL_WIDTH * columns + 0.4
    heading = textwrap.fill(title, int(width * 9.3))
    labels = legend_labels(panels)
    legend_columns = _legend_columns(labels, width)
    legend_rows = math.ceil(len(labels) / legend_columns) if len(labels) > 1 else 0
    top = 0.18 + 0.22 * (heading.count("\n") + 1)
    bottom = 0.12 + 0.2 * legend_rows
    height = top + rows * panel_height + bottom
    # A Figure of its own, not pyplot's: nothing is global and nothing needs closing.
    with_layout = ConstrainedLayoutEngine(
        h_pad=0.06,
        w_pad=0.06,
        rect=(0, bottom / height, 1, 1 - (top + bottom) / height),
    )
    picture = Figure(figsize=(width, height), layout=with_layout)
    picture.text(0.1 / width, 1 - 0.1 / height, heading, fontsize=11, fontweight="bold", va="top")
    axes = picture.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey)
    if legend_rows:
        picture.legend(
            handles=_legend_handles(panels),
            loc="lower left",
            bbox_to_anchor=(0.05 / width, 0.02 / height),
            ncol=legend_columns,
            handlelength=3.2,
            columnspacing=1.6,
        )
    return Canvas(picture, axes)


def legend_labels(panels: Sequence[Panel]) -> list[str]:
    return list({line.label: None for panel in panels for line in panel.lines})


def draw_line(
    axes: Axes,
    line: Line,
    x: Floats,
    median: Floats,
    low: Floats,
    high: Floats,
    tainted: Sequence[bool],
) -> None:
    """The median with its band; a marker is hollow where every trial behind it was tainted."""
    look = style.look(line.transport, line.variant)
    axes.plot(x, median, color=look.colour, linestyle=look.dashes)
    if not np.isnan(low).all():
        axes.fill_between(x, low, high, color=look.colour, alpha=0.17, linewidth=0)
    for hollow in (False, True):
        chosen = np.asarray(tainted, dtype=bool) == hollow
        if chosen.any():
            axes.plot(
                x[chosen],
                median[chosen],
                linestyle="none",
                marker=look.marker,
                color=look.colour,
                markerfacecolor="white" if hollow else look.colour,
                zorder=3,
            )


def draw_distribution(
    axes: Axes,
    line: Line,
    x: Floats,
    bands: tuple[Floats, Floats, Floats],
    tainted: bool,
    trials: Sequence["TrialCurve"] = (),
) -> None:
    """A curve with one marker at its start, which tells its transport and whether it is tainted.

    `trials`: the repetitions behind it, at the same x; drawn faint, dotted where tainted.
    """
    look = style.look(line.transport, line.variant)
    for trial in trials:
        (faint,) = axes.plot(
            x, trial.y, color=look.colour, lw=0.6, ls=":" if trial.taint else "-", alpha=0.35
        )
        if trial.taint:
            hover.explain(faint, [trial.taint])
    median, low, high = bands
    draw_line(axes, line, x[:1], median[:1], low[:1], high[:1], [tainted])
    axes.plot(x, median, color=look.colour, linestyle=look.dashes)
    if not np.isnan(low).all():
        axes.fill_between(x, low, high, color=look.colour, alpha=0.17, linewidth=0)


def draw_trials(
    axes: Axes, line: Line, x: Sequence[float], y: Sequence[float], taints: Sequence[str]
) -> None:
    """Every repetition behind a median, small. None is left out as an outlier.

    `taints`: why a trial is doubtful, empty if it is not; such a mark is hollow and tells it.
    """
    look = style.look(line.transport, line.variant)
    for hollow in (False, True):
        chosen = np.array([bool(taint) == hollow for taint in taints])
        if not chosen.any():
            continue
        dots = axes.scatter(
            np.asarray(x, dtype=float)[chosen],
            np.asarray(y, dtype=float)[chosen],
            s=9,
            marker="o",
            facecolors="none" if hollow else look.colour,
            edgecolors=look.colour,
            linewidths=0.7 if hollow else 0,
            alpha=0.8 if hollow else 0.45,
            zorder=2,
        )
        if hollow:
            hover.explain(dots, [taint for taint in taints if taint])


def y_scale(axes: Axes, values: Sequence[float], label: str) -> None:
    """Zero-based where the values are close together, logarithmic where they are not."""
    positive = [value for value in values if value > 0]
    if positive and max(positive) / min(positive) > _LOG_FROM:
        # A cost below the timer pair's own reads zero or less, and must not vanish from the axis.
        if min(values) > 0:
            axes.set_yscale("log")
            axes.set_ylim(min(values) / 1.3, max(values) * 1.3)
        else:
            axes.set_yscale("symlog", linthresh=min(positive), linscale=0.4)
            axes.set_ylim(bottom=min(0.0, min(values)))
        readable_log(axes.yaxis)
    else:
        axes.set_ylim(bottom=0)
    axes.set_ylabel(label)


def count_axis(axes: Axes, values: Sequence[float], label: str) -> None:
    """An axis of whole numbers with a tick at every value measured, as long as they have room."""
    ticks = sorted(set(values))
    if len(ticks) > 1 and ticks[-1] / max(ticks[0], 1) > 10:
        axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(_spaced(ticks, axes.get_xscale() == "log")))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: digits(value)))
    axes.set_xlabel(label)


def readable_log(axis: Axis) -> None:
    """1, 2, 5, 10, 20 ... where a decade or two is shown, instead of bare powers of ten."""
    low, high = axis.get_view_interval()
    subs = (1.0, 2.0, 5.0) if high / max(low, 1e-12) < 2000 else (1.0,)
    if axis.get_scale() == "log":
        axis.set_major_locator(LogLocator(subs=subs))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: digits(value)))


def label_outer(canvas: Canvas) -> None:
    """Tick labels and axis labels only at the left and at the lowest visible panel of a column."""
    rows, columns = canvas.axes.shape
    for column in range(columns):
        visible = [row for row in range(rows) if canvas.axes[row, column].get_visible()]
        for row in visible:
            axes = canvas.axes[row, column]
            if row != visible[-1]:
                axes.set_xlabel("")
            axes.tick_params(labelbottom=row == visible[-1])
            if column > 0:
                axes.set_ylabel("")


def _spaced(ticks: Sequence[float], logarithmic: bool) -> list[float]:
    """Drops ticks that would touch their neighbour, never the last."""
    if len(ticks) < 3:
        return list(ticks)
    place = [math.log(tick) if logarithmic else tick for tick in ticks]
    gap = (place[-1] - place[0]) / 11
    kept = [len(ticks) - 1]
    for i in range(len(ticks) - 2, -1, -1):
        if place[kept[-1]] - place[i] >= gap:
            kept.append(i)
    return [ticks[i] for i in reversed(kept)]


def _panel_title(text: str, columns: int) -> str:
    return textwrap.fill(text, 46 if columns > 1 else 80)


def _legend_columns(labels: Sequence[str], width: float) -> int:
    widest = max((len(label) for label in labels), default=1)
    return max(1, min(len(labels) or 1, int(width / (0.75 + 0.085 * widest))))


def _legend_handles(panels: Sequence[Panel]) -> list[Line2D]:
    lines = {line.label: line for panel in panels for line in panel.lines}
    handles = []
    for label, line in lines.items():
        look = style.look(line.transport, line.variant)
        handles.append(
            Line2D([], [], color=look.colour, marker=look.marker, ls=look.dashes, label=label)
        )
    return handles
