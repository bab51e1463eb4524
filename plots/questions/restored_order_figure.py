"""A row for each way to merge: what disorder it leaves, and what it takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from plots import interval_mark
from plots.bootstrap import Interval
from plots.figure import Drawn
from plots.figures.drops import LINEAR_BELOW
from plots.kernel.sheet import sheet
from plots.questions.layouts import transport_of
from plots.questions.looks import handle, looks
from plots.questions.merging import Row, setting_place
from plots.wording import digits, duration_ns, fraction

_ROW = 0.25  # inches
_PANEL = 2.35


@dataclass(frozen=True)
class _Column:
    label: str
    value: Callable[[Row], Interval | None]
    scale: Callable[[Axes, float], None]


def drawn(title: str, found: Sequence[Row], table: pd.DataFrame) -> Drawn:
    workloads = list(dict.fromkeys(row.workload for row in found))
    settings = sorted({row.setting for row in found}, key=setting_place)[::-1]
    names = list(dict.fromkeys(transport_of(row.setting.layout) for row in found))
    seen = looks(names)
    columns = [one for one in _COLUMNS if any(one.value(row) for row in found)]
    height = 0.75 + _ROW * max(len(settings), 3)
    picture, grid = sheet(
        title,
        (2.4 + _PANEL * len(columns), height * len(workloads)),
        (len(workloads), len(columns)),
        [handle(name, seen[name]) for name in names],
        sharey=True,
        sharex="col",
    )
    for line, workload in zip(grid, workloads):
        line[0].set_title(workload.text)
        own = [row for row in found if row.workload == workload]
        for axes, column in zip(line, columns):
            for row in own:
                _mark(axes, settings.index(row.setting), row, column.value(row))
    for axes, column in zip(grid.T, columns):
        column.scale(axes[-1], _most(found, column))
        axes[-1].set_xlabel(column.label)
    grid[0, 0].set_yticks(range(len(settings)), [one.text for one in settings])
    grid[0, 0].set_ylim(-0.7, len(settings) - 0.3)
    for axes in grid.flat:
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0, labelsize=8)
    return Drawn(
        name="restored_order",
        title=title,
        caption=(
            "Out of place: by stamps, or by the counter where it is what the merge goes by; linear below"
            f" {fraction(LINEAR_BELOW)}. Watermark: releases what is older than the newest seen less that time; seen:"
            " what is older than the oldest of the newest of every buffer. Medians over the repetitions with their 95 % bootstrap"
            " intervals; hollow and dashed: every trial is tainted."
        ),
        alt="What each way to merge leaves out of place, the delay it adds, the records it holds and the"
        " cycles it takes. The table below holds the numbers.",
        picture=picture,
        table=table,
    )


def _mark(axes: Axes, place: int, row: Row, value: Interval | None) -> None:
    if value is None:
        return
    interval_mark.draw(
        axes,
        transport_of(row.setting.layout),
        place,
        value.median,
        (value.low, value.high) if value.known else None,
        tells=not row.tainted,
        tainted=row.tainted,
    )


def _most(found: Sequence[Row], column: _Column) -> float:
    known = [value for row in found if (value := column.value(row))]
    return max(max(one.median, one.high if one.known else 0.0) for one in known)


def _shares(axes: Axes, most: float) -> None:
    axes.set_xscale("symlog", linthresh=LINEAR_BELOW, linscale=0.5)
    axes.xaxis.set_major_locator(FixedLocator([0, 1e-4, 1e-3, 1e-2, 0.1, 1]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    axes.set_xlim(-LINEAR_BELOW / 3, max(2 * most, 1e-3))


def _short(share: float) -> str:
    return digits(share * 100)


def _times(axes: Axes, most: float) -> None:
    axes.set_xscale("symlog", linthresh=1e3, linscale=0.7)
    axes.xaxis.set_major_locator(FixedLocator([0, *(10.0**power for power in range(3, 11, 2))]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: duration_ns(value) if value else "0")
    )
    axes.set_xlim(-300, 3 * max(most, 1e3))


def _counts(axes: Axes, most: float) -> None:
    axes.set_xscale("symlog", linthresh=1, linscale=0.5)
    axes.xaxis.set_major_locator(FixedLocator([0, *(10.0**power for power in range(0, 9, 2))]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: digits(value)))
    axes.set_xlim(-0.3, 3 * max(most, 1))


def _cycles(axes: Axes, most: float) -> None:
    axes.set_xlim(-0.04 * most, 1.15 * max(most, 1))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: digits(max(value, 0.0))))


_COLUMNS = (
    _Column("out of place (%)", lambda row: row.order_left, _shares),
    _Column("merge delay p99", lambda row: row.intervals.get("merge_delay_ns_p99"), _times),
    _Column("delivery p50", lambda row: row.intervals.get("delivery_ns_p50"), _times),
    _Column("held, most (records)", lambda row: row.intervals.get("merge_held_max"), _counts),
    _Column("consumer (cycles a record)", lambda r: r.intervals.get("consumer_cycles"), _cycles),
)
