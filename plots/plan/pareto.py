"""Memory against drops: what each layout of a plan would hold and lose."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter

from plots import hover, style
from plots.figure import Drawn
from plots.figures.drops import LINEAR_BELOW, drop_scale, size_axis
from plots.plan.beside import side_by_side
from plots.plan.document import KINDS, MEMORY, Layout, Plan, Uncertain
from plots.plan.labels import Label, place
from plots.plan.numbers import CONFIDENCE, bare, number_text, uncertain_text
from plots.wording import fraction, sentences, size

QUESTION = "How much memory does each layout hold, and what does it lose?"
# A kind has the look of the transport that does it here.
_TRANSPORTS = {"shared": "ringbuf", "rings": "hybrid", "perf": "perfbuf"}
KIND_WORDS = {
    "shared": "one shared ring",
    "rings": "rings for groups of CPUs",
    "perf": "perf buffer for each CPU",
}
_WIDTH = 7.2  # inches
_PANEL = 3.6
_ROW = 0.152  # of the list of names
_MOST_NAMES = 16
_NAME_CHARACTERS = 46  # two columns of them are as wide as the figure
_SPREAD_FROM = 20.0  # values further apart than this need an axis that is not linear


@dataclass(frozen=True)
class _Point:
    number: int  # in the plan's table, from 1
    layout: Layout
    x: float
    drops: Uncertain
    chosen: bool

    @property
    def numbered(self) -> bool:
        return self.layout.pareto or self.chosen


def draw(plan: Plan) -> Drawn:
    points = _points(plan)
    picture, axes = _sheet(points)
    _draw_points(axes, points)
    _scales(axes, plan, points)
    _draw_targets(axes, plan)
    _kinds(axes, plan, points)
    _number(picture, axes, plan, points)
    return Drawn(
        name="pareto",
        title=QUESTION,
        caption=_caption(plan, points),
        alt=(
            f"Dropped records against memory held, {len(points)} layouts. The table of the layouts"
            " holds the same numbers."
        ),
        picture=picture,
        table=_table(plan),
    )


def _points(plan: Plan) -> list[_Point]:
    beside = side_by_side([one.memory.held for one in plan.layouts], _limit(plan, MEMORY))
    return [
        _Point(i + 1, layout, beside[i], layout.figures["drop_fraction"], i == plan.nearest)
        for i, layout in enumerate(plan.layouts)
    ]


def _sheet(points: Sequence[_Point]) -> tuple[Figure, Axes]:
    named = _named(points)
    names = [_name(point) for point in named]
    columns = 2 if len(names) > 1 and max(map(len, names)) <= _NAME_CHARACTERS else 1
    bottom = 0.1 + _ROW * math.ceil(len(names) / columns)
    top = 0.4
    height = top + _PANEL + bottom
    layout = ConstrainedLayoutEngine(
        h_pad=0.06, w_pad=0.06, rect=(0, bottom / height, 1, 1 - (top + bottom) / height)
    )
    picture = Figure(figsize=(_WIDTH, height), layout=layout)
    picture.text(0.1 / _WIDTH, 1 - 0.1 / height, QUESTION, fontsize=11, fontweight="bold", va="top")
    legend = picture.legend(
        handles=[_mark(point.layout.kind, name) for point, name in zip(named, names)],
        loc="lower left",
        bbox_to_anchor=(0.05 / _WIDTH, 0.02 / height),
        ncol=columns,
        fontsize=8,
        handletextpad=0.3,
        labelspacing=0.25,
    )
    for point, text in zip(named, legend.get_texts()):
        text.set_parse_math(False)  # a dollar in a name is a dollar
        text.set_fontweight("bold" if point.chosen else "normal")
    return picture, picture.subplots()


def _named(points: Sequence[_Point]) -> list[_Point]:
    """Whatever there is no room for, the one that is taken is among them."""
    numbered = [point for point in points if point.numbered]
    shown = sorted(numbered, key=lambda point: not point.chosen)[:_MOST_NAMES]
    return sorted(shown, key=lambda point: point.number)


def _name(point: _Point) -> str:
    name = textwrap.shorten(point.layout.name, 80, placeholder=" …") or "…"
    return f"{point.number}  {name}"


def _state(plan: Plan) -> str:
    return "nearest" if plan.recommended is None else "recommended"


def _mark(kind: str, label: str) -> Line2D:
    look = style.look(_TRANSPORTS[kind])
    return Line2D([], [], ls="none", marker=look.marker, color=look.colour, label=label)


def _draw_points(axes: Axes, points: Sequence[_Point]) -> None:
    for kind in KINDS:
        look = style.look(_TRANSPORTS[kind])
        for numbered in (False, True):
            found = [p for p in points if p.layout.kind == kind and p.numbered == numbered]
            if not found:
                continue
            x, y = [p.x for p in found], [p.drops.value for p in found]
            axes.vlines(
                x,
                [p.drops.low for p in found],
                [p.drops.high for p in found],
                color=look.colour,
                lw=1.2 if numbered else 0.9,
                alpha=1.0 if numbered else 0.45,
            )
            marks = axes.scatter(
                x,
                y,
                s=38 if numbered else 20,
                marker=look.marker,
                facecolors=look.colour if numbered else "white",
                edgecolors=look.colour,
                linewidths=1.0,
                zorder=4 if numbered else 3,
                clip_on=False,
            )
            hover.explain(marks, [_words(point) for point in found])
    for point in points:
        if point.chosen:
            axes.scatter(
                [point.x],
                [point.drops.value],
                s=190,
                facecolors="none",
                edgecolors="#222222",
                linewidths=1.6,
                zorder=5,
                clip_on=False,
            )


def _words(point: _Point) -> str:
    return (
        f"{point.number} {point.layout.name}: {size(point.layout.memory.held)} held,"
        f" {uncertain_text(point.drops, 'ratio')} dropped"
    )


def _limit(plan: Plan, key: str) -> float | None:
    return next((target.limit for target in plan.targets if target.key == key), None)


def _scales(axes: Axes, plan: Plan, points: Sequence[_Point]) -> None:
    memory = _limit(plan, MEMORY)
    held = [point.x for point in points]
    if memory:
        held.append(memory)
    size_axis(axes, held, "memory held (page frames: data and control pages)")
    room = 2.0 ** max(0.35, 0.04 * math.log2(max(held) / min(held)))
    axes.set_xlim(min(held) / room, max(held) * room)
    drops = _drops(plan)
    top = max(drops)
    if _is_linear(drops):
        axes.set_ylim(-0.03 * top, 1.12 * top)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: fraction(value)))
        axes.set_ylabel("records dropped")
    else:
        drop_scale(axes, drops, "records dropped")
        axes.set_ylim(top=min(1.7, max(top, 10 * LINEAR_BELOW) * 2))


def _drops(plan: Plan) -> list[float]:
    """Every share that the drop axis must show."""
    found = [layout.figures["drop_fraction"] for layout in plan.layouts]
    limit = _limit(plan, "drop_fraction")
    ends = [end for drops in found for end in (drops.value, drops.high)]
    return ends if limit is None else [*ends, limit]


def _is_linear(drops: Sequence[float]) -> bool:
    """From zero, where all but zero are close together."""
    positive = [share for share in drops if share > 0]
    return (
        bool(positive)
        and max(positive) > LINEAR_BELOW
        and max(positive) / min(positive) <= _SPREAD_FROM
    )


def _draw_targets(axes: Axes, plan: Plan) -> None:
    line = {"color": "#444444", "linewidth": 1.0, "linestyle": (0, (5, 3)), "zorder": 1.5}
    memory, drops = _limit(plan, MEMORY), _limit(plan, "drop_fraction")
    if memory:
        axes.axvline(memory, **line)
    if drops is not None:
        axes.axhline(drops, **line)


def _kinds(axes: Axes, plan: Plan, points: Sequence[_Point]) -> None:
    handles = [
        _mark(kind, KIND_WORDS[kind])
        for kind in KINDS
        if any(point.layout.kind == kind for point in points)
    ]
    limits = [
        f"{word} ≤ {number_text(limit, unit)}"
        for word, unit, limit in (
            ("dropped", "ratio", _limit(plan, "drop_fraction")),
            ("memory", "bytes", _limit(plan, MEMORY)),
        )
        if limit is not None
    ]
    if limits:
        dashes = (0, (5, 3))
        label = f"target: {', '.join(limits)}"
        handles.append(Line2D([], [], color="#444444", lw=1.0, ls=dashes, label=label))
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncol=2,
        borderaxespad=0.2,
        handlelength=2.2,
        columnspacing=1.4,
        fontsize=8,
    )


def _number(picture: Figure, axes: Axes, plan: Plan, points: Sequence[_Point]) -> None:
    engine = picture.get_layout_engine()
    if engine is not None:
        engine.execute(picture)  # only then it is known where the marks are
    to_points = 72.0 / picture.dpi
    marks = [axes.transData.transform((p.x, p.drops.value)) * to_points for p in points]
    # The one that is taken first: it must have its place.
    ordered = sorted(zip(points, marks), key=lambda pair: not pair[0].chosen)
    labels = [
        Label(
            f"{point.number} {_state(plan)}" if point.chosen else str(point.number),
            (float(mark[0]), float(mark[1])),
            11.0 if point.chosen else 5.5,
        )
        for point, mark in ordered
        if point.numbered
    ]
    box = axes.get_window_extent()
    inside = tuple(float(edge) * to_points for edge in (box.x0, box.y0, box.x1, box.y1))
    others = [(float(mark[0]), float(mark[1])) for mark in marks]
    at = {mark: (point.x, point.drops.value) for mark, point in zip(others, points)}
    for label, corner in place(labels, others, (inside[0], inside[1], inside[2], inside[3])):
        chosen = " " in label.text
        axes.annotate(
            label.text,
            xy=at[label.mark],
            xytext=(corner[0] - label.mark[0], corner[1] - label.mark[1]),
            textcoords="offset points",
            fontsize=8,
            fontweight="bold" if chosen else "normal",
            color="#222222",
            va="bottom",
            ha="left",
            zorder=6,
            path_effects=[withStroke(linewidth=2.0, foreground="white")],
        ).set_in_layout(False)


def _caption(plan: Plan, points: Sequence[_Point]) -> str:
    numbered = sum(point.numbered for point in points)
    return sentences(
        "One mark a layout, with the number that it has in the table; its shape and colour tell the"
        f" kind, its bar the {CONFIDENCE} interval of the share of records that are dropped.",
        "Filled and numbered: no other layout has less of one of memory, drops and the p99 of a"
        " reserve without more of another.",
        f"Ringed: the {'recommended' if plan.recommended is not None else 'nearest'} layout.",
        "Layouts of nearly equal memory stand side by side.",
        (
            ""
            if _is_linear(_drops(plan))
            else f"The drop axis is linear below {fraction(LINEAR_BELOW)}, so that zero can be shown."
        ),
        f"{numbered - _MOST_NAMES} more are numbered, which only the table names."
        if numbered > _MOST_NAMES
        else "",
    )


def _table(plan: Plan) -> pd.DataFrame:
    """The numbers in the picture, bare: the page's own table has them for the eye."""
    rows = []
    for i, layout in enumerate(plan.layouts):
        drops = layout.figures["drop_fraction"]
        rows.append(
            {
                "layout": i + 1,
                "name": layout.name,
                "kind": layout.kind,
                "memory held [bytes]": layout.memory.held,
                "dropped [share of one]": bare(drops.value),
                "dropped low": bare(drops.low),
                "dropped high": bare(drops.high),
                "Pareto front": "yes" if layout.pareto else "no",
                "chosen": _state(plan) if i == plan.nearest else "",
            }
        )
    return pd.DataFrame(rows)
