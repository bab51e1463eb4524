"""Two forest plots: cycles that counting drops adds to an accepted record, and to a refused reserve."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from plots import interval_mark, style
from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.questions.contrast import Contrast
from plots.wording import counted, interval_text

WAYS = {
    "in_band": "the header of the next record",
    "producer": "a counter for each producer",
    "shared": "one shared atomic",
}
_TITLE = "What does counting drops add?"
_SHORT = {"in_band": "in band", "producer": "each producer's", "shared": "shared atomic"}
_WIDTH = 9.8  # inches
_ROW = 0.29


def draw(accepted: Sequence[Contrast], refused: Sequence[Contrast]) -> Drawn:
    rows = list(dict.fromkeys(_label(one) for one in (*accepted, *refused)))
    transports = dict.fromkeys(str(one.cell["transport"]) for one in (*accepted, *refused))
    picture, grid = sheet(
        _TITLE,
        (_WIDTH, 0.9 + _ROW * max(len(rows), 3)),
        (1, 2),
        [_handle(transport) for transport in transports],
        sharey=True,
    )
    for axes, found, title in zip(
        grid[0], (accepted, refused), ("an accepted record", "a refused reserve")
    ):
        axes.set_title(title)
        _panel(axes, found, rows[::-1])
    return Drawn(
        name="drop_accounting",
        title=_TITLE,
        caption=(
            "Cycles more than without accounting: difference of medians with its 95 % bootstrap interval. Left:"
            " an event in a ring with room for all of them; right: a reserve that a full ring refuses, its interval no narrower than the clock's steps. Hollow:"
            " every trial is tainted."
        ),
        alt=f"Cycles that accounting adds, {counted(len(accepted), 'row')} of accepted records and"
        f" {counted(len(refused), 'row')} of refused ones. The table below holds the same numbers.",
        picture=picture,
        table=pd.DataFrame(
            [
                *(_row("accepted", one) for one in accepted),
                *(_row("refused", one) for one in refused),
            ]
        ),
    )


def _label(one: Contrast) -> str:
    return f"{_SHORT[one.value]}, {counted(int(one.cell['producers']), 'producer')}"


def _panel(axes: Axes, found: Sequence[Contrast], rows: Sequence[str]) -> None:
    for one in found:
        interval_mark.draw(
            axes,
            str(one.cell["transport"]),
            rows.index(_label(one)),
            one.more.median,
            (one.more.low, one.more.high) if one.more.known else None,
            tells=not one.tainted,
            tainted=one.tainted,
        )
    axes.axvline(0, color="#555555", lw=0.8)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("more than without (TSC cycles)")
    if not found:
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", color="#555555")


def _handle(transport: str) -> Line2D:
    look = style.look(transport)
    return Line2D([], [], color=look.colour, marker=look.marker, label=transport)


def _row(record: str, one: Contrast) -> dict[str, str]:
    return {
        "record": record,
        "counted in": WAYS[one.value],
        "producers": str(int(one.cell["producers"])),
        "not counted (TSC cycles)": interval_text("cycles", one.usual),
        "counted (TSC cycles)": interval_text("cycles", one.other),
        "more (TSC cycles)": interval_text("cycles", one.more),
        "taint": "all tainted" if one.tainted else "",
    }
