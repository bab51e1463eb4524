"""How often fork, exec and exit of a process arrive in another order, by what carries them."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from plots import style
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.kernel.lifecycle import INVERSIONS, Layout, layouts, table
from plots.kernel.samples import Samples
from plots.kernel.sheet import sheet
from plots.results import Results
from plots.wording import counted, fraction

QUESTION = "How often do fork, exec and exit of a process arrive in another order?"

_ROW = 0.27  # inches
_WIDTH = 9.6


def draw(results: Results, _: Request) -> Drawn:
    found = [one for one in layouts(results, Samples(results)) if INVERSIONS in one.intervals]
    if not found:
        raise NoData("no cell has driver = lifecycle and a whole chain of fork, exec and exit")
    polls = list(dict.fromkeys(one.poll for one in found))
    rows = list(dict.fromkeys(_row_name(one, found) for one in found))[::-1]
    transports = sorted({one.transport for one in found})
    picture, grid = sheet(
        QUESTION,
        (_WIDTH, 0.8 + _ROW * max(len(rows), 3)),
        (1, len(polls)),
        [_handle(name) for name in transports],
        sharey=True,
        sharex=True,
    )
    for axes, poll in zip(grid[0], polls):
        axes.set_title(f"poll {poll.replace('_', ' ')}")
        for one in (one for one in found if one.poll == poll):
            _mark(axes, rows.index(_row_name(one, found)), one)
        _frame(axes, rows, max(one.intervals[INVERSIONS].median for one in found))
    return Drawn(
        name="lifecycle",
        title=QUESTION,
        caption=(
            "Chains (processes) whose records did not arrive as fork, exec, exit, over chains of which every"
            " record arrived: median over the repetitions, with its 95 % bootstrap interval. Hollow: every"
            " trial is tainted. Broken chains (a record was dropped) are in the table, not here."
        ),
        alt=f"Share of processes out of order for {counted(len(found), 'layout')}, by how the consumer"
        " waits and is woken. The table below holds the same numbers.",
        picture=picture,
        table=table(found),
    )


def _row_name(one: Layout, found: Sequence[Layout]) -> str:
    several = len({other.server for other in found}) > 1
    return f"{one.server}: {one.label}" if several else one.label


def _mark(axes: Axes, place: int, one: Layout) -> None:
    look = style.look(one.transport)
    share = one.intervals[INVERSIONS]
    if share.known:
        axes.plot([share.low, share.high], [place] * 2, color=look.colour, lw=1.5)
    axes.plot(
        [share.median],
        [place],
        ls="none",
        marker=look.marker,
        color=look.colour,
        markerfacecolor="white" if one.tainted else look.colour,
        zorder=3,
    )


def _frame(axes: Axes, rows: Sequence[str], most: float) -> None:
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    # Room for the whole marker at either end; a wild interval may leave the panel.
    right = max(1.15 * most, 0.001)
    axes.set_xlim(-0.04 * right, right)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: fraction(max(value, 0.0))))
    axes.set_xlabel("chains out of order")


def _handle(transport: str) -> Line2D:
    look = style.look(transport)
    return Line2D([], [], color=look.colour, marker=look.marker, label=transport)
