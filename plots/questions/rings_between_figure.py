"""A panel for each workload: its metric by the CPUs that share a ring, and by which ones do."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from plots import style
from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.questions.groups import Row, by_workload
from plots.questions.looks import handle, mark
from plots.wording import as_unit

_COLUMNS = 3
_PANEL = (3.4, 2.5)  # inches
# A transport has one colour everywhere; here there is one, and the mappings differ.
_NEAR, _FAR, _MACHINE = (
    "neighbours share (contiguous)",
    "neighbours apart (modulo)",
    "what the machine groups",
)
_LOOKS = {
    _NEAR: style.Look("#008f68", "^"),
    _FAR: style.Look("#a3428f", "v", (0, (5, 1.6))),
    _MACHINE: style.Look("#8c6d00", "D", "none"),
}
_DODGE = 0.08
_METRICS = {
    "event_amortised_cycles": "event (TSC cycles)",
    "delivered_rate": "delivered (records)",
    "drop_fraction": "dropped / attempted",
}


def drawn(title: str, found: Sequence[Row], table: pd.DataFrame) -> Drawn:
    panels = by_workload(found)
    columns = min(_COLUMNS, len(panels))
    lines = math.ceil(len(panels) / columns)
    kinds = [kind for kind in _LOOKS if any(_kind(row) == kind for row in found)]
    picture, grid = sheet(
        title,
        (max(_PANEL[0] * columns, 8.6), _PANEL[1] * lines),
        (lines, columns),
        [handle(kind, _LOOKS[kind]) for kind in kinds],
    )
    for axes, own in zip(grid.flat, panels.values()):
        _panel(axes, own)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_visible(False)
    return Drawn(
        name="rings_between",
        title=title,
        caption=(
            "Contention: producers that saturate, nobody reads. Throughput: a consumer that reads beside them; more is better, elsewhere"
            " less. Bursts: the same total bytes, or the same bytes in each ring. A ring for each CPU and one ring for all are the ends"
            " of each axis. Median over the repetitions, bars: 95 % bootstrap interval; hollow: every trial is tainted."
        ),
        alt="Cycles of an event, delivered rate and dropped share by the number of CPUs that share a ring, a"
        " panel for each workload. The table below holds the numbers.",
        picture=picture,
        table=table,
    )


def _kind(row: Row) -> str:
    if row.grouping.by_machine:
        return _MACHINE
    return _FAR if row.grouping.mapping == "modulo" else _NEAR


def _panel(axes: Axes, own: Sequence[Row]) -> None:
    work = own[0].workload
    axes.set_title(
        work.text.replace(" producers, ", " producers,\n") if work.is_burst else work.text
    )
    ticks = list(dict.fromkeys(row.grouping.tick for row in own))
    for kind, look in _LOOKS.items():
        line = [row for row in own if _kind(row) == kind]
        places = [ticks.index(row.grouping.tick) + _dodge(kind) for row in line]
        medians = [row.interval.median for row in line]
        axes.plot(places, medians, color=look.colour, ls=look.dashes, zorder=2)
        for at, row in zip(places, line):
            mark(axes, look, at, row.interval, row.tainted)
    axes.set_xticks(range(len(ticks)), ticks)
    axes.set_xlim(-0.5, len(ticks) - 0.5)
    axes.set_xlabel("CPUs that share a ring")
    _scale(axes, own)


def _dodge(kind: str) -> float:
    return _DODGE if kind == _FAR else 0.0


def _scale(axes: Axes, own: Sequence[Row]) -> None:
    metric = own[0].workload.metric
    ends = [row.interval.high if row.interval.known else row.interval.median for row in own]
    top = max([*ends, 0.001])
    axes.set_ylim(-0.04 * top, 1.12 * top)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: as_unit(metric, max(value, 0.0))))
    axes.set_ylabel(_METRICS[metric])
