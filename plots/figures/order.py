"""How far out of order records arrive: RFC 4737 extent against the stamps taken at reserve."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from plots import canvas, curves, distribution
from plots.arrangement import Arrangement, arrange
from plots.bootstrap import Floats
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.panels import Line, Panel
from plots.results import Results
from plots.summary import summarise
from plots.wording import fraction, interval_text, sentences

QUESTION = "How many records arrive late in order, and by how many places?"
_METRIC = "reorder_extent"
_MAX_PANELS = 9


def draw(results: Results, _: Request) -> Drawn:
    arrangement, left_out = arranged(results, _MAX_PANELS)
    sheet = canvas.wrapped(QUESTION, arrangement.panels)
    rows, hidden, smallest = [], 0, 1.0
    for axes, panel in zip(sheet.axes.flat, arrangement.panels):
        drawn = [line for line in panel.lines if _draw_line(axes, results, line)]
        hidden += len(panel.lines) - len(drawn)
        smallest = min([smallest, *(axes_line.get_ydata().min() for axes_line in axes.lines)])
        rows += [_row(results, panel, line) for line in panel.lines]
        if not drawn:
            axes.text(0.5, 0.5, "nothing reordered", transform=axes.transAxes, ha="center")
    _scales(list(sheet.axes.flat), smallest if hidden < len(rows) else None)
    canvas.label_outer(sheet)
    return Drawn(
        name="reorder_extent",
        title=QUESTION,
        caption=sentences(
            "Share of delivered records whose RFC 4737 reordering extent is at least x places;"
            " stamps closer than the clock's uncertainty are ties, not reorderings. Line: median"
            " over the repetitions; band: its 95 % bootstrap interval; faint: each repetition, dotted"
            " where tainted. A line ends where fewer"
            f" than {distribution.OBSERVATIONS_BEYOND} records are left.",
            left_out,
            "Where a line is missing, too few of its records were reordered." if hidden else "",
            arrangement.caption(),
        ),
        alt=curves.alt_text("Complementary distribution of reordering extent", arrangement),
        picture=sheet.picture,
        table=pd.DataFrame(rows),
    )


def arranged(results: Results, max_panels: int) -> tuple[Arrangement, str]:
    """The workloads in which some layout reordered (all, if none did), and what is left out."""
    cells = results.measured("reordered_ratio")
    if cells.empty:
        raise NoData("no trial has order metrics (stamps = false, or nothing is delivered)")
    same = cells[["server", *results.parameters]].astype(str).agg("\n".join, axis=1)
    late = results.drawable.loc[results.drawable.reordered_ratio > 0, "key"]
    kept = cells[same.isin(same[cells.key.isin(late)])]
    if kept.empty:
        kept = cells
    arrangement = arrange(
        results, kept, keep=["producers", "arrival", "rate"], max_panels=max_panels
    )
    in_order = len(cells) - len(kept)
    if not in_order:
        return arrangement, ""
    return arrangement, f"Left out: {in_order} cells of workloads in which no layout reordered."


def _draw_line(axes: Axes, results: Results, line: Line) -> bool:
    """False where no record, or hardly one, was reordered: such a line has no point."""
    key = str(line.cells.key.iloc[0])
    sample = distribution.of_cell(results, key, _METRIC)
    populations = _records(results, key)
    usable = [one for one in sample.chosen if populations.get(one.trial, 0) > 0]
    if not usable:
        return False
    extents = _extents([one.buckets for one in usable])
    beside = [one for one in sample.beside if populations.get(one.trial, 0) > 0]
    trials = [
        canvas.TrialCurve(
            distribution.tail_shares(one.buckets, extents, populations[one.trial]), one.taint
        )
        for one in (*usable, *beside)
    ]
    curves_of_trials = [trial.y for trial in trials[: len(usable)]]
    # A repetition without a reordering has no histogram; its share is zero at every extent.
    delivered = [count for trial in sample.trials if (count := populations.get(trial, 0)) > 0]
    curves_of_trials += [np.zeros_like(extents)] * (len(delivered) - len(usable))
    bands = distribution.band(curves_of_trials)
    fewest = min(delivered)
    kept = bands[0] * fewest >= distribution.OBSERVATIONS_BEYOND
    if not kept.any():
        return False
    median, low, high = (curve[kept] for curve in bands)
    shown = [canvas.TrialCurve(_positive(trial.y[kept]), trial.taint) for trial in trials]
    canvas.draw_distribution(axes, line, extents[kept], (median, low, high), sample.tainted, shown)
    return True


def _positive(shares: Floats) -> Floats:
    """A share of zero has no place on a logarithmic axis."""
    return np.where(shares > 0, shares, np.nan)


def _extents(histograms: list[pd.DataFrame]) -> Floats:
    """Where the curve is known exactly: the lower ends of the buckets, from an extent of one."""
    lowers = np.unique(np.concatenate([h.lower.to_numpy(dtype=np.float64) for h in histograms]))
    extents: Floats = lowers[lowers >= 1]
    return extents


def _records(results: Results, key: str) -> dict[int, float]:
    trials = results.drawable[results.drawable.key == key]
    return dict(zip(trials.id.astype(int), trials.order_records.fillna(0)))


def _row(results: Results, panel: Panel, line: Line) -> dict[str, str]:
    keys = list(line.cells.key)
    row = {"panel": panel.full_title} if panel.settings else {}
    row["line"] = line.label
    for column, heading in (
        ("order_records", "records"),
        ("reordered_ratio", "reordered"),
        ("reorder_extent_p50", "extent p50 (records)"),
        ("reorder_extent_p99", "extent p99 (records)"),
        ("reorder_extent_max", "extent max (records)"),
    ):
        summary = summarise(results.drawable, column, keys)
        intervals = list(summary.interval)
        row[heading] = interval_text(column, intervals[0]) if intervals else "–"
    return row


def _scales(all_axes: list[Axes], smallest: float | None) -> None:
    """`smallest`: the least share drawn; a band that reaches zero must not stretch the axis to it."""
    for axes in all_axes:
        axes.set_xlabel("reordering extent (records)")
        axes.set_ylabel("share of records ≥ extent")
        if smallest is not None:
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_ylim(smallest / 2, 1.0)
            canvas.readable_log(axes.xaxis)
            axes.yaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: fraction(value)))
