"""A row of a forest plot: an interval, and its median as a mark that is filled where it tells."""

from matplotlib.axes import Axes

from plots import style


def draw(
    axes: Axes,
    transport: str,
    place: float,
    median: float,
    interval: tuple[float, float] | None,
    *,
    tells: bool,
    tainted: bool,
) -> None:
    """`interval`: None where it is not known. Dashed: some of what it rests on is tainted."""
    look = style.look(transport)
    if interval:
        axes.plot(
            interval,
            [place, place],
            color=look.colour,
            linestyle=(0, (2, 1.5)) if tainted else "-",
            linewidth=1.3,
            alpha=1.0 if tells else 0.6,
        )
    axes.plot(
        [median],
        [place],
        linestyle="none",
        marker=look.marker if look.marker != "x" else "d",
        color=look.colour,
        markerfacecolor=look.colour if tells else "white",
        zorder=3,
    )
