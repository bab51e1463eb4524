"""Memory against drops against order: which layouts nothing else beats in all three."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from plots import canvas, curves, style
from plots.arrangement import arrange
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.figures.drops import drop_scale, size_axis
from plots.panels import Line, Panel
from plots.results import Results
from plots.summary import summarise, taints
from plots.wording import fraction, interval_text, measured

QUESTION = "Which layouts give the least memory, loss and disorder at once?"
_METRICS = ("data_bytes", "drop_fraction", "reordered_ratio")
# What a planner may choose; everything else is the workload, which must be equal within a panel.
_CHOICES = ("bytes", "bytes_are", "ring_memory", "consumers", "budget")
_MAX_PANELS = 6
_APART = 0.11  # powers of two between the markers of two transports


def pareto_front(points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which rows no other row beats: nowhere larger, somewhere smaller. Equal rows both stay."""
    rows = np.asarray(points, dtype=np.float64)
    no_larger = (rows[None, :, :] <= rows[:, None, :]).all(axis=2)
    smaller = (rows[None, :, :] < rows[:, None, :]).any(axis=2)
    front: npt.NDArray[np.bool_] = ~(no_larger & smaller).any(axis=1)
    return front


def draw(results: Results, _: Request) -> Drawn:
    cells = results.cells
    for metric in _METRICS:
        cells = cells[cells.key.isin(results.measured(metric).key)]
    cells = cells[cells.bytes.notna()]
    if cells.empty:
        raise NoData("no cell has ring memory, a drop fraction and order metrics (stamps = true)")
    arrangement = arrange(
        results,
        cells,
        keep=["producers", "burst_width", "arrival"],
        in_line=_CHOICES,
        sweep=["bytes"],
        alike=True,
        max_panels=_MAX_PANELS,
        max_lines=float("inf"),
    )
    points = [_points(results, panel) for panel in arrangement.panels]
    # The legend names transports only: in a panel every point is a variant of its own.
    sheet = canvas.wrapped(QUESTION, [panel.without_lines() for panel in arrangement.panels], 3.4)
    norm = Normalize(0, max(float(panel.reordered.max()) for panel in points) or 1.0)
    for axes, panel in zip(sheet.axes.flat, points):
        _draw_panel(axes, results, panel, norm)
    _dress(sheet, points, norm)
    return Drawn(
        name="pareto",
        title=QUESTION,
        caption=(
            "One marker a layout: its shape is the transport, its colour the share of records that"
            " arrive out of order, its bar the 95 % interval of the median drop fraction; hollow:"
            " every trial is tainted; dots: the repetitions, hollow where tainted; transports stand"
            " side by side around their memory. Ringed: on the Pareto front, no other layout of the"
            f" panel is as good in all three and better in one. {arrangement.caption()}"
        ),
        alt=curves.alt_text("Ring memory against drop fraction, by reordered ratio", arrangement),
        picture=sheet.picture,
        table=pd.concat([_table(*pair) for pair in zip(arrangement.panels, points)]),
    )


def _points(results: Results, panel: Panel) -> pd.DataFrame:
    keys = {key: line for line in panel.lines for key in line.cells.key}
    found = {metric: summarise(results.drawable, metric, keys) for metric in _METRICS}
    rows = []
    for key, line in keys.items():
        memory, drops, order = (found[metric].loc[key] for metric in _METRICS)
        rows.append(
            {
                "key": key,
                "line": line,
                "memory": memory.interval.median,
                "drops": drops.interval,
                "dropped": drops.interval.median,
                "order": order.interval,
                "reordered": order.interval.median,
                "tainted": bool(drops.tainted),
            }
        )
    points = pd.DataFrame(rows)
    return points.assign(front=pareto_front(points[["memory", "dropped", "reordered"]]))


def _draw_panel(axes: Axes, results: Results, points: pd.DataFrame, norm: Normalize) -> None:
    colours = ScalarMappable(norm, "viridis_r")
    for point in points.assign(memory=_side_by_side(points)).itertuples():
        colour = colours.to_rgba(point.reordered)
        trials = results.drawable[results.drawable.key == point.key]
        canvas.draw_trials(
            axes,
            point.line,
            [point.memory] * len(trials),
            list(trials.drop_fraction),
            taints(trials),
        )
        marker = style.look(point.line.transport).marker
        if point.drops.known:
            axes.vlines(point.memory, point.drops.low, point.drops.high, color=colour, lw=1)
        axes.plot(
            [point.memory],
            [point.dropped],
            ls="none",
            marker=marker,
            ms=6.5,
            color=colour,
            markerfacecolor="white" if point.tainted else colour,
            zorder=3,
        )
        if point.front:
            axes.plot(
                [point.memory],
                [point.dropped],
                ls="none",
                marker="o",
                ms=12,
                markerfacecolor="none",
                color="#222222",
                markeredgewidth=1.1,
                zorder=4,
            )


def _side_by_side(points: pd.DataFrame) -> pd.Series:
    """Memory, a little apart for each transport: equal bytes are the rule, and would hide markers."""
    ranks = points.line.map(lambda line: line.transport).rank(method="dense")
    return points.memory * 2.0 ** (_APART * (ranks - ranks.mean()))


def _dress(sheet: canvas.Canvas, points: Sequence[pd.DataFrame], norm: Normalize) -> None:
    everything = pd.concat(list(points))
    visible = [axes for axes in sheet.axes.flat if axes.get_visible()]
    for axes in visible:
        size_axis(axes, list(everything.memory), "ring memory (bytes, all rings)")
        drop_scale(axes, list(everything.dropped), "dropped / attempted")
    canvas.label_outer(sheet)
    bar = sheet.picture.colorbar(
        ScalarMappable(norm, "viridis_r"),
        ax=visible,
        label="reordered / delivered",
        fraction=0.04,
        pad=0.02,
    )
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: fraction(value)))
    transports = sorted({line.transport for line in everything.line})
    visible[0].legend(
        handles=[
            Line2D([], [], ls="none", marker=style.look(name).marker, color="#444444", label=name)
            for name in transports
        ],
        loc="best",
        framealpha=0.8,
        frameon=True,
        edgecolor="none",
    )


def _table(panel: Panel, points: pd.DataFrame) -> pd.DataFrame:
    where = {"panel": panel.full_title} if panel.settings else {}
    ordered = points.sort_values(["memory", "dropped"], kind="stable")
    return pd.DataFrame([{**where, **_row(point)} for point in ordered.to_dict("records")])


def _row(point: dict[str, Any]) -> dict[str, str]:
    line, drops, order = point["line"], point["drops"], point["order"]
    return {
        "layout": line.label,
        "ring memory": measured("data_bytes", point["memory"]),
        "dropped": interval_text("drop_fraction", drops),
        "reordered": interval_text("reordered_ratio", order),
        "Pareto front": "yes" if point["front"] else "",
        "taint": "all tainted" if point["tainted"] else "",
    }
