"""The headline metric of every cell as a forest plot: how far it moved, and how sure that is."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots import interval_mark, style
from plots.compare.comparison import Change
from plots.compare.names import shortened
from plots.compare.outcome import Outcome, percent
from plots.compare.wording import q_text, ratio_text, values_text
from plots.errors import NoData
from plots.figure import Drawn
from plots.wording import NO_BREAK, counted, sentences

QUESTION = "How did the cost of an event change from A to B?"

MOST_ROWS = 60
_WIDTH = 9.6  # inches
_ROW = 0.19
_NAME_CHARACTERS = 72  # a longer one would leave the axis no room
# Ratios at which a tick may stand; those in view are used.
_TICKS = tuple(
    float(text)
    for text in "0.001 0.01 0.1 0.2 0.5 0.8 0.9 0.95 0.98 0.99 1 1.01 1.02 1.05 1.1 1.25 2 5 10 100"
    " 1000".split()
)
_NARROWEST = math.log(1.02)  # half-width of the axis: noise below it must not fill the picture
_TICKS_APART = 0.055  # of the axis


def draw(found: Outcome) -> Drawn:
    """The changes of the headline metric, the called ones and then the largest; worst on top."""
    usable = [c for c in found.headline if c.ratio.median > 0]
    if not usable:
        raise NoData("no cell has a headline metric above zero on both sides")
    chosen = sorted(usable, key=lambda c: (not c.called, -c.size))[:MOST_ROWS]
    rows = sorted(chosen, key=lambda c: c.ratio.median)
    picture, axes = _canvas(len(rows))
    for place, change in enumerate(rows):
        _row(axes, place, change)
    _frame(axes, rows, found)
    left_out = len(usable) - len(rows)
    caption = sentences(
        "Ratio B / A of the medians over repetitions, with its 95 % bootstrap interval; right of 1,"
        " an event costs more in B.",
        "Filled: called different; hollow: no difference found.",
        "Dashed and marked (tainted): every trial of a side is tainted, not tested."
        if any(c.tainted for c in rows) and not found.rules.with_tainted
        else "",
        f"The {len(rows)} that changed most of {counted(len(usable), 'cell')}." if left_out else "",
        f"Every cell: {' '.join(found.shared)}." if found.shared else "",
    )
    called = sum(c.called for c in rows)
    alt = (
        f"Forest plot of {counted(len(rows), 'cell')}: ratios from"
        f" {rows[0].ratio.median:.3f} to {rows[-1].ratio.median:.3f}; {called} called different."
    )
    return Drawn("compare", QUESTION, caption, alt, picture, table(rows[::-1], found.shared))


def table(changes: Sequence[Change], shared: Sequence[str]) -> pd.DataFrame:
    rows = [
        (
            shortened(c.name, shared),
            c.metric.name,
            values_text(c).replace(" ", NO_BREAK),
            ratio_text(c.ratio).replace(" ", NO_BREAK),
            q_text(c.q),
            f"{c.n[0]} / {c.n[1]}",
            c.verdict + (f" ({c.why})" if c.why else ""),
        )
        for c in changes
    ]
    headings = ["cell", "metric", "A → B", "ratio B/A", "q", "repetitions", "verdict"]
    return pd.DataFrame(rows, columns=headings)


def _canvas(rows: int) -> tuple[Figure, Axes]:
    top, bottom = 0.42, 0.42
    height = top + bottom + 0.5 + _ROW * max(rows, 4)
    engine = ConstrainedLayoutEngine(
        h_pad=0.04, w_pad=0.06, rect=(0, bottom / height, 1, 1 - (top + bottom) / height)
    )
    picture = Figure(figsize=(_WIDTH, height), layout=engine)
    picture.text(0.1 / _WIDTH, 1 - 0.1 / height, QUESTION, fontsize=11, fontweight="bold", va="top")
    return picture, picture.subplots()


def _row(axes: Axes, place: int, change: Change) -> None:
    ratio = change.ratio
    interval = (ratio.low, ratio.high) if ratio.known and ratio.low > 0 else None
    interval_mark.draw(
        axes,
        change.transport,
        place,
        ratio.median,
        interval,
        tells=change.called,
        tainted=bool(change.tainted),
    )


def _frame(axes: Axes, rows: Sequence[Change], found: Outcome) -> None:
    low, high = _limits(rows)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(-0.8, len(rows) - 0.2)
    allowed = 1.0 + found.rules.tolerance
    axes.axvspan(1.0 / allowed, allowed, color="#e9e9e9", linewidth=0, zorder=0)
    axes.axvline(1.0, color="#555555", linewidth=1.0, zorder=1)
    axes.set_yticks(range(len(rows)), [_label(c, found.shared) for c in rows], fontsize=7.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_locator(FixedLocator(_ticks(low, high)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    band = f"; grey: within the tolerance of {percent(found.rules.tolerance, False)}"
    axes.set_xlabel("B / A" + (band if found.rules.tolerance else ""))
    transports = sorted({c.transport for c in rows})
    axes.figure.legend(
        handles=[_handle(name) for name in transports],
        loc="lower left",
        bbox_to_anchor=(0.0, 0.0),
        ncol=len(transports),
    )


def _limits(rows: Sequence[Change]) -> tuple[float, float]:
    """Symmetrical about 1, wide enough for every median; a wild interval may leave the edge."""
    medians = max(abs(math.log(c.ratio.median)) for c in rows)
    ends = sorted(
        max(abs(math.log(c.ratio.low)), abs(math.log(c.ratio.high)))
        for c in rows
        if c.ratio.known and c.ratio.low > 0
    )
    usual = ends[int(0.9 * (len(ends) - 1))] if ends else 0.0
    half = 1.08 * max(medians, usual, _NARROWEST)
    return math.exp(-half), math.exp(half)


def _ticks(low: float, high: float) -> list[float]:
    """From 1 outwards, those that do not touch their neighbour."""
    apart = _TICKS_APART * math.log(high / low)
    kept = [1.0]
    for tick in sorted(_TICKS, key=lambda t: abs(math.log(t))):
        if low <= tick <= high and all(abs(math.log(tick / k)) >= apart for k in kept):
            kept.append(tick)
    return sorted(kept)


def _label(change: Change, shared: Sequence[str]) -> str:
    name = shortened(change.name, shared)
    if len(name) > _NAME_CHARACTERS:
        keep = _NAME_CHARACTERS // 2
        name = f"{name[:keep]} … {name[-keep:]}"
    return f"{name} (tainted)" if change.tainted else name


def _handle(transport: str) -> Line2D:
    look = style.look(transport)
    marker = look.marker if look.marker != "x" else "d"
    return Line2D([], [], color=look.colour, marker=marker, linestyle="-", label=transport)
