"""Both halves beside each other: cycles saved by a release store, and wake-ups lost by each pair of barriers."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from plots import interval_mark, style
from plots.figure import Drawn
from plots.kernel.sheet import sheet
from plots.questions.contrast import Contrast
from plots.questions.lost_wakeups import Losses
from plots.wording import digits, interval_text

_TITLE = "What does a release store save, and what does it lose?"
_WIDTH = 9.6  # inches
_ROW = 0.34
_RINGBUF = "ringbuf"
_LATE = "#8a8a8a"
_BESIDE = 0.24  # of a row


def condition(one: Contrast) -> str:
    """Who reads meanwhile."""
    return "no reader" if one.cell["poll"] == "after_window" else "a reader"


def draw(cycles: Sequence[Contrast], lost: Sequence[Losses]) -> Drawn:
    height = 0.9 + _ROW * max(len(cycles), len(lost), 3)
    picture, grid = sheet(_TITLE, (_WIDTH, height), (1, 2), _handles())
    _saved(grid[0][0], list(reversed(cycles)))
    _lost(grid[0][1], list(reversed(lost)))
    return Drawn(
        name="commit_barrier",
        title=_TITLE,
        caption=(
            "Left: cycles of an event that a release store saves against the exchange, with 95 % bootstrap"
            " intervals of the difference of medians. Right: of a million sleeps of the consumer, those whose"
            " wake-up was lost (filled) and those that were only late (grey), with exact 95 % intervals over"
            " the counts of all trials, wider where trials differ beyond chance. Hollow: every trial is"
            " tainted."
        ),
        alt=f"{len(cycles)} comparisons of the cycles and {len(lost)} rows of lost wake-ups. The table"
        " below holds the same numbers.",
        picture=picture,
        table=pd.DataFrame([*map(_cycles_row, cycles), *map(_lost_row, lost)]),
    )


def _saved(axes: Axes, rows: Sequence[Contrast]) -> None:
    for place, one in enumerate(rows):
        less = one.less
        interval = (less.low, less.high) if less.known else None
        transport = str(one.cell["transport"])
        interval_mark.draw(
            axes,
            transport,
            place,
            less.median,
            interval,
            tells=not one.tainted,
            tainted=one.tainted,
        )
    axes.axvline(0, color="#555555", lw=0.8)
    _rows(axes, [_condition_name(one) for one in rows])
    axes.set_title("cycles saved")
    axes.set_xlabel("saved by a release store (TSC cycles an event)")


def _condition_name(one: Contrast) -> str:
    producers = int(one.cell["producers"])
    return f"{producers} producer{'s' if producers > 1 else ''}, {condition(one)}"


def _lost(axes: Axes, rows: Sequence[Losses]) -> None:
    axes.set_xscale("symlog", linthresh=1.0, linscale=0.5)
    for place, one in enumerate(rows):
        interval = (one.lost.low, one.lost.high)
        interval_mark.draw(
            axes,
            _RINGBUF,
            place + _BESIDE / 2,
            one.lost.median,
            interval,
            tells=not one.tainted,
            tainted=one.tainted,
        )
        low = place - _BESIDE
        axes.plot([one.late.low, one.late.high], [low, low], color=_LATE, lw=1.0)
        axes.plot([one.late.median], [low], ls="none", marker="|", color=_LATE, mew=1.6)
    _rows(axes, [f"{one.commit}, fence {one.fence}" for one in rows])
    axes.set_xlim(-0.15, None)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: digits(value)))
    axes.set_title("wake-ups lost")
    axes.set_xlabel("of a million sleeps")


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.7, max(len(names), 1) - 0.3)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)


def _handles() -> list[Line2D]:
    look = style.look(_RINGBUF)
    return [
        Line2D([], [], color=look.colour, marker=look.marker, label="ringbuf: saved, lost"),
        Line2D([], [], color=_LATE, marker="|", mew=1.6, label="late, not lost"),
    ]


def _cycles_row(one: Contrast) -> dict[str, str]:
    return {
        "commit": "release against xchg",
        "consumer's fence": "on",
        "load": _condition_name(one),
        "release (TSC cycles)": interval_text("cycles", one.other),
        "xchg (TSC cycles)": interval_text("cycles", one.usual),
        "saved (TSC cycles)": interval_text("cycles", one.less),
        "sleeps": "–",
        "lost": "–",
        "lost of a million": "–",
        "late of a million": "–",
        "taint": "all tainted" if one.tainted else "",
    }


def _lost_row(one: Losses) -> dict[str, str]:
    heard = {"commit": one.commit, "consumer's fence": one.fence, "load": "a reader that sleeps"}
    nothing = {f"{name} (TSC cycles)": "–" for name in ("release", "xchg", "saved")}
    return heard | nothing | loss_row(one)


def loss_row(one: Losses) -> dict[str, str]:
    return {
        "commit": one.commit,
        "consumer's fence": one.fence,
        "sleeps": f"{one.sleeps:,}",
        "lost": f"{one.count:,}",
        "lost of a million": interval_text("times", one.lost),
        "late of a million": interval_text("times", one.late),
        "taint": "all tainted" if one.tainted else "",
    }
