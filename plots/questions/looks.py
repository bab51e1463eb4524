"""Colours and markers of layouts: variants of a transport share its hue, in lines and in the legend."""

from collections import Counter
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from plots import style
from plots.bootstrap import Interval
from plots.questions.layouts import transport_of

_VARIANT_MARKERS = "^vDPX<>"


def looks(names: Sequence[str]) -> dict[str, style.Look]:
    seen: Counter[str] = Counter()
    found = {}
    for name in names:
        transport = transport_of(name)
        look = style.look(transport, seen[transport])
        marker = _VARIANT_MARKERS[seen[transport] % len(_VARIANT_MARKERS)]
        found[name] = style.Look(
            look.colour, marker if seen[transport] else look.marker, look.dashes
        )
        seen[transport] += 1
    return found


def handle(name: str, look: style.Look) -> Line2D:
    return Line2D([], [], color=look.colour, marker=look.marker, ls=look.dashes, label=name)


def mark(axes: Axes, look: style.Look, x: float, interval: Interval, tainted: bool) -> None:
    """A median with its interval, upright; hollow where it is in doubt."""
    if interval.known:
        axes.plot([x, x], [interval.low, interval.high], color=look.colour, linewidth=1.3)
    axes.plot(
        [x],
        [interval.median],
        linestyle="none",
        marker=look.marker,
        color=look.colour,
        markerfacecolor="white" if tainted else look.colour,
        zorder=3,
    )
