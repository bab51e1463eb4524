"""Share of chains out of order, and how far records are, by the gap of a hop and by layout."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots import style
from plots.figure import Drawn
from plots.figures.drops import LINEAR_BELOW, drop_scale
from plots.kernel.sheet import sheet
from plots.questions.chains import INVERSIONS, Row
from plots.questions.layouts import in_order
from plots.questions.looks import handle, looks, mark
from plots.wording import counted, digits, fraction

_PANEL = (3.4, 2.5)  # inches
_SPREAD = 0.6  # of the distance between two gaps
_EXTENT = "reorder_extent_p99"
_LABELS = {INVERSIONS: "chains out of order", _EXTENT: "extent p99 (records)"}


def drawn(title: str, found: Sequence[Row], table: pd.DataFrame) -> Drawn:
    panels = list(dict.fromkeys(_panel_of(row) for row in found))
    names = in_order([row.layout for row in found])
    seen = looks(names)
    metrics = [one for one in (INVERSIONS, _EXTENT) if any(one in row.intervals for row in found)]
    picture, grid = sheet(
        title,
        (max(8.6, _PANEL[0] * len(panels)), len(metrics) * _PANEL[1]),
        (len(metrics), len(panels)),
        [handle(name, style.Look(seen[name].colour, seen[name].marker, "none")) for name in names],
        sharey="row",
    )
    for column, panel in zip(grid.T, panels):
        column[0].set_title(panel)
        for axes, metric in zip(column, metrics):
            _fill(axes, [row for row in found if _panel_of(row) == panel], metric, seen)
    for line, metric in zip(grid, metrics):
        for axes in line:
            drop_scale(axes, [], "") if metric == INVERSIONS else _extent_scale(axes, found)
        line[0].set_ylabel(_LABELS[metric])
    return Drawn(
        name="causal_order",
        title=title,
        caption=(
            "Above: whole chains that did not arrive in their order, linear below"
            f" {fraction(LINEAR_BELOW)}. Below: how many records late the records out of order by their stamps come (RFC 4737"
            " extent, 99th percentile); no mark where none was out of order, or too few for a percentile. Median over the repetitions, bars: 95 % bootstrap interval;"
            " hollow: every trial is tainted. The gap is what passes between two events of a chain; fork, exec and exit are those of"
            " real processes, through the kernel's own buffers."
        ),
        alt="Share of chains out of order and the reordering extent by gap and layout, a column for each"
        " way the consumer waits. The table below holds the numbers.",
        picture=picture,
        table=table,
    )


def _panel_of(row: Row) -> str:
    workload = row.workload
    return f"{workload.server}{counted(workload.producers, 'producer')}, poll {workload.poll}"


def _fill(axes: Axes, own: Sequence[Row], metric: str, seen: dict[str, style.Look]) -> None:
    hops = list(dict.fromkeys(row.workload.hop for row in own))
    for place, hop in enumerate(hops):
        at = [row for row in own if row.workload.hop == hop]
        for number, row in enumerate(at):
            if metric in row.intervals:
                x = place + _SPREAD * ((number + 0.5) / len(at) - 0.5)
                mark(axes, seen[row.layout], x, row.intervals[metric], row.tainted)
    axes.set_xticks(range(len(hops)), [hop.replace(", exec", ",\nexec") for hop in hops])
    axes.set_xlim(-0.5, len(hops) - 0.5)
    axes.grid(axis="x", visible=False)
    for edge in range(1, len(hops)):
        axes.axvline(edge - 0.5, color="#e3e3e3", linewidth=0.7, zorder=0)


def _extent_scale(axes: Axes, found: Sequence[Row]) -> None:
    known = [row.intervals[_EXTENT] for row in found if _EXTENT in row.intervals]
    most = max([10.0, *(max(one.median, one.high if one.known else 0) for one in known)])
    axes.set_yscale("symlog", linthresh=1, linscale=0.4)
    axes.yaxis.set_major_locator(FixedLocator([0.0, *(10.0**power for power in range(9))]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: digits(value)))
    axes.set_ylim(-0.3, most * 2)
