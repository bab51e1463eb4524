"""Drop fraction against memory: a panel for each number of CPUs that a burst hits together."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from plots import style
from plots.bootstrap import median_interval
from plots.figure import Drawn
from plots.figures.drops import LINEAR_BELOW, drop_scale, size_axis
from plots.kernel.sheet import sheet
from plots.questions.burst_curves import Curve
from plots.questions.layouts import in_order
from plots.questions.looks import handle, looks, mark
from plots.wording import counted, fraction

_COLUMNS = 3
_PANEL = (3.5, 2.6)  # inches


def drawn(
    title: str, found: Sequence[Curve], shares: Sequence[float], table: pd.DataFrame
) -> Drawn:
    panels = sorted({(curve.producers, curve.width, curve.server) for curve in found})
    columns = min(_COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    names = in_order([curve.layout for curve in found])
    seen = looks(names)
    picture, grid = sheet(
        title,
        (max(_PANEL[0] * columns, 7.4), _PANEL[1] * rows),
        (rows, columns),
        [handle(name, seen[name]) for name in names],
        sharey=True,
    )
    for axes, (producers, width, server) in zip(grid.flat, panels):
        axes.set_title(f"{server}{counted(producers, 'producer')}, burst on {width}")
        own = [c for c in found if (c.producers, c.width, c.server) == (producers, width, server)]
        _panel(axes, own, shares, seen)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_visible(False)
    for axes in grid.flat:
        axes.set_xlabel("memory of all rings")
    for axes in grid[:, 1:].flat:
        axes.set_ylabel("")
    return Drawn(
        name="bursts",
        title=title,
        caption=(
            "Median over the repetitions, bars: 95 % bootstrap interval; hollow: every trial is tainted. Dotted:"
            f" {' and '.join(fraction(share) for share in shares)} of the events dropped. The drop axis is linear below"
            f" {fraction(LINEAR_BELOW)}, so that zero has a place. The memory that a share of drops needs is taken on the"
            " straight line over the logarithm of the bytes between the last size that drops more and the next."
        ),
        alt="Drop fraction against ring memory by layout, a panel for each number of CPUs that a burst"
        " hits together. The table below holds the numbers.",
        picture=picture,
        table=table,
    )


def _panel(
    axes: Axes, own: Sequence[Curve], shares: Sequence[float], seen: dict[str, style.Look]
) -> None:
    for share in shares:
        axes.axhline(share, color="#777777", linestyle=":", linewidth=1.0, zorder=1)
    for curve in own:
        _curve(axes, curve, seen[curve.layout])
    drop_scale(axes, [], "dropped / attempted")
    size_axis(axes, [point.total_bytes for curve in own for point in curve.points], "")


def _curve(axes: Axes, curve: Curve, look: style.Look) -> None:
    middles = [median_interval(point.drops) for point in curve.points]
    axes.plot(
        curve.sizes, [m.median for m in middles], color=look.colour, linestyle=look.dashes, zorder=2
    )
    for point, middle in zip(curve.points, middles):
        mark(axes, look, point.total_bytes, middle, point.tainted)
