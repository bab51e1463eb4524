"""How single trials went: what the buffer held, when it dropped, and what was delivered."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from plots import canvas, style
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.panels import Panel
from plots.results import Results
from plots.series import Course, course
from plots.wording import NO_BREAK, fraction, listed, measured, rate, sentences, setting, size

QUESTION = "When in a trial do the buffers fill, drop and recover?"
_MAX_LAYOUTS = 4  # one column each
_SHADE = "#c00000"


@dataclass(frozen=True)
class _Shown:
    layout: str
    transport: str
    which: str  # median or worst
    cell: str  # in words, what tells it from the other cells of the store
    trial: pd.Series
    course: Course


def draw(results: Results, _: Request) -> Drawn:
    candidates = _candidates(results)
    layouts = list(dict.fromkeys(layout for layout, _, _ in candidates))
    kept = layouts[:_MAX_LAYOUTS]
    shown = [
        _Shown(layout, str(trial.transport), which, _cell(results, trial.key), trial, found)
        for layout, which, trial in candidates
        if layout in kept and (found := _course(results, trial)) is not None
    ]
    if not shown:
        raise NoData("no trial has a time series (table series)")
    kept = [layout for layout in kept if any(one.layout == layout for one in shown)]
    left_out = [layout for layout in layouts if layout not in kept]
    return Drawn(
        name="series",
        title=QUESTION,
        caption=sentences(
            "Of each transport the trial with the largest share of drops (of equals, with the"
            " fullest buffer), and the median trial of the same cell. Above: bytes in the buffers,"
            " all rings; the dashed line is the memory there is; red: time in which events were"
            " dropped. Below: delivered a second, and attempted, dotted. Between the grey lines"
            " lies the measured window.",
            *(_said(one) for one in shown if one.which == "worst"),
            f"Not shown: {listed(left_out)}." if left_out else "",
        ),
        alt=f"Occupancy and rates over the time of single trials of {listed(kept)}."
        " The table below holds the numbers.",
        picture=_picture(kept, shown),
        table=pd.concat([_table(one) for one in shown], ignore_index=True),
    )


def _candidates(results: Results) -> list[tuple[str, str, pd.Series]]:
    """Layout, median or worst, trial; the layout with the worst trial first."""
    trials = results.drawable[results.drawable.data_bytes > 0]
    # Where nothing is read before the window has closed, a full buffer says nothing.
    cells = results.cells[results.cells.poll != "after_window"]
    trials = trials.merge(cells[["key", "transport"]], on="key")
    fullness = trials.peak_pool_bytes / trials.data_bytes
    trials = trials.assign(
        drops=trials.drop_fraction.fillna(0), fullness=fullness.fillna(0)
    ).sort_values(["drops", "fullness", "id"], ascending=[False, False, True], kind="stable")
    found = []
    for (server, transport), mine in trials.groupby(["server", "transport"], sort=False):
        worst = mine.iloc[0]
        same = mine[mine.key == worst.key]
        layout = f"{server}: {transport}" if len(results.servers) > 1 else str(transport)
        if len(same) > 1:
            found.append((layout, "median", same.iloc[len(same) // 2]))
        found.append((layout, "worst", worst))
    return found


def _course(results: Results, trial: pd.Series) -> Course | None:
    return course(results.stores[int(trial.store)].rows("series", [int(trial.id)]))


def _picture(layouts: Sequence[str], shown: Sequence[_Shown]) -> Figure:
    whichs = [which for which in ("median", "worst") if any(s.which == which for s in shown)]
    panels = [Panel({}, (), ())] * len(layouts)
    sheet = canvas.by_row(QUESTION, panels, 2 * len(whichs), 1.75, sharex="col", sharey="none")
    for axes in sheet.axes.flat:
        axes.set_axis_off()
    for one in shown:
        row, column = 2 * whichs.index(one.which), layouts.index(one.layout)
        _draw_occupancy(sheet.axes[row, column], one)
        _draw_rates(sheet.axes[row + 1, column], one)
    for axes in sheet.axes[-1]:
        axes.set_xlabel("time from the start of the window (ms)")
    return sheet.picture


def _draw_occupancy(axes: Axes, one: _Shown) -> None:
    look = style.look(one.transport)
    _dress(axes, one)
    drops = fraction(float(one.trial.drops)).replace(" ", NO_BREAK)
    hollow = ", tainted" if one.trial.status == "tainted" else ""
    axes.set_title(f"{one.layout}, {one.which} trial: {drops} dropped{hollow}", fontsize=8.5)
    axes.plot(one.course.times / 1e3, one.course.occupancy, color=look.colour, lw=1.3)
    axes.axhline(one.trial.data_bytes, color="#444444", ls="--", lw=0.9)
    axes.set_ylim(0, one.trial.data_bytes * 1.12)
    axes.set_yticks([0, one.trial.data_bytes / 2, one.trial.data_bytes])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: size(value)))
    axes.set_ylabel("in the buffers")


def _draw_rates(axes: Axes, one: _Shown) -> None:
    look = style.look(one.transport)
    _dress(axes, one)
    times = one.course.times / 1e3
    axes.step(times, one.course.rate(one.course.attempted), color="#777777", ls=":", lw=1.0)
    axes.step(times, one.course.rate(one.course.consumed), color=look.colour, lw=1.3)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: rate(value)))
    axes.set_ylabel("delivered")


def _dress(axes: Axes, one: _Shown) -> None:
    axes.set_axis_on()
    for start, end in one.course.dropping():
        axes.axvspan(start / 1e3, end / 1e3, color=_SHADE, alpha=0.16, lw=0)
    for edge in (0.0, float(one.trial.window_s) * 1e3):
        axes.axvline(edge, color="#999999", lw=0.8)


def _said(one: _Shown) -> str:
    taint = f", {one.trial.reason}" if one.trial.status == "tainted" else ""
    return f"Worst of {one.layout}: trial {one.trial.id}{taint}, of {one.cell}."


def _cell(results: Results, key: str) -> str:
    (cell,) = results.cells[results.cells.key == key].to_dict("records")
    told = [
        setting(name, cell[name])
        for name in (*results.options, *results.parameters)
        if not pd.isna(cell[name]) and results.cells[name].nunique() > 1
    ]
    return ", ".join([f"cell {cell['id']}", *told])


def _table(one: _Shown) -> pd.DataFrame:
    course, rows = one.course, []
    delivered, attempted = course.rate(course.consumed), course.rate(course.attempted)
    for i, time in enumerate(course.times):
        rows.append(
            {
                "layout": one.layout,
                "trial": f"{one.which} ({one.trial.id})",
                "time (ms)": measured("time", float(time) / 1e3),
                "in the buffers": measured("occupancy_bytes", float(course.occupancy[i])),
                "dropped so far": measured("dropped", float(np.round(course.dropped[i]))),
                "delivered": measured("delivered_rate", float(delivered[i])),
                "attempted": measured("attempted_rate", float(attempted[i])),
            }
        )
    return pd.DataFrame(rows)
