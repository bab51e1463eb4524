"""Figures of one value a cell against a parameter: medians with bands, and their table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from plots import canvas as frame
from plots import style
from plots.arrangement import Arrangement
from plots.panels import Line, Panel
from plots.results import Results
from plots.summary import summarise, taints
from plots.wording import interval_text, listed, measured

HOW_TO_READ = (
    "Lines: median over the repetitions; band: 95 % bootstrap interval of that median (none for a"
    " single repetition); dots: the repetitions, hollow where a trial is tainted. A line's marker is"
    " hollow where no trial of the cell was free of taint."
)


@dataclass(frozen=True)
class Metric:
    column: str
    label: str  # of the y axis, with its unit
    scale: Callable[[Axes, Sequence[float], str], None] = frame.y_scale
    floor: str = ""  # column of Results.bare: the bare cost that stands under it


@dataclass(frozen=True)
class XAxis:
    column: str  # a parameter, or a metric of the trials when `of_trials`
    label: str
    scale: Callable[[Axes, Sequence[float], str], None]
    of_trials: bool = False


def draw_metric(
    axes_of_panels: Sequence[Axes],
    results: Results,
    arrangement: Arrangement,
    x: XAxis,
    metric: Metric,
) -> None:
    """Draws one metric into one axes a panel; the axes share their scales."""
    values: list[float] = []
    ticks: list[float] = []
    for axes, panel in zip(axes_of_panels, arrangement.panels):
        lines = [(line, line_points(results, line, x, metric.column)) for line in panel.lines]
        lines = [(line, points) for line, points in lines if not points.empty]
        if not lines:
            nothing_here(axes)
        for line, points in lines:
            _draw_points(axes, results, line, points, metric.column)
            values += [*points["median"], *points.low.dropna(), *points.high.dropna()]
            values += _draw_floor(axes, results, line, points, metric.floor)
            ticks += list(points.x)
    for axes in axes_of_panels:
        x.scale(axes, ticks, x.label)
        metric.scale(axes, values, metric.label)


def nothing_here(axes: Axes) -> None:
    axes.text(0.5, 0.5, "no measurement", transform=axes.transAxes, ha="center", color="#777777")


def line_points(results: Results, line: Line, x: XAxis, column: str) -> pd.DataFrame:
    """Columns key, x, median, low, high, interval, tainted; by ascending x."""
    keys = list(line.cells.key)
    summary = summarise(results.drawable, column, keys)
    if summary.empty:
        return summary
    places = _places(results, line, x, keys)
    rows = [
        (key, places[key], row.interval.median, row.interval.low, row.interval.high, *row)
        for key, row in summary.iterrows()
        if key in places
    ]
    names = ["key", "x", "median", "low", "high", "interval", "tainted"]
    return pd.DataFrame(rows, columns=names).sort_values("x", kind="stable")


def table(
    results: Results, arrangement: Arrangement, x: XAxis, metrics: Sequence[Metric]
) -> pd.DataFrame:
    """One row a point: where it is, then each metric as `median [low, high]`."""
    rows = []
    for panel in arrangement.panels:
        for line in panel.lines:
            found = {m.label: line_points(results, line, x, m.column) for m in metrics}
            rows += _table_rows(panel, line, x, {m.label: m.column for m in metrics}, found)
    return pd.DataFrame(rows).fillna("–")


def not_measured(results: Results, arrangement: Arrangement, metric: Metric) -> str:
    """A sentence that names the lines for which the stores have no value of this metric."""
    with_values = set(results.drawable.loc[results.drawable[metric.column].notna(), "key"])
    lines = [line for panel in arrangement.panels for line in panel.lines]
    missing = {line.label for line in lines if not with_values.intersection(line.cells.key)}
    drawn = {line.label for line in lines if line.label not in missing}
    names = sorted(missing - drawn)
    return f"No {metric.label} was measured for {listed(names)}." if names else ""


def how_to_read_floor(results: Results, what: str) -> str:
    if results.bare.empty:
        return ""
    return (
        f"Dotted with dashes: the bare cost of {what}, measured alone in the same run (producers"
        " that saturate: all that share a ring at once)."
    )


def alt_text(what: str, arrangement: Arrangement) -> str:
    labels = frame.legend_labels(arrangement.panels)
    panels = len(arrangement.panels)
    where = f" in {panels} panels" if panels > 1 else ""
    return f"{what}{where}, for {listed(labels)}. The table below holds the same numbers."


def _places(results: Results, line: Line, x: XAxis, keys: Sequence[str]) -> Mapping[str, float]:
    if x.of_trials:
        summary = summarise(results.drawable, x.column, keys)
        return {key: row.interval.median for key, row in summary.iterrows()}
    return {k: float(v) for k, v in zip(line.cells.key, line.cells[x.column]) if not pd.isna(v)}


def _draw_points(
    axes: Axes, results: Results, line: Line, points: pd.DataFrame, column: str
) -> None:
    at = dict(zip(points.key, points.x))
    trials = results.drawable[
        results.drawable.key.isin(points.key) & results.drawable[column].notna()
    ]
    frame.draw_trials(
        axes, line, [at[key] for key in trials.key], list(trials[column]), taints(trials)
    )
    x, median, low, high = (
        np.asarray(points[name], dtype=np.float64) for name in ("x", "median", "low", "high")
    )
    frame.draw_line(axes, line, x, median, low, high, list(points.tainted))


def _draw_floor(
    axes: Axes, results: Results, line: Line, points: pd.DataFrame, floor: str
) -> list[float]:
    """A thin dotted line at the bare cost of each point's cell; its values."""
    known = points[points.key.isin(results.bare.index)] if floor else points.head(0)
    cycles = [float(results.bare.loc[key, floor]) for key in known.key]
    if not any(cycles):
        return []
    look = style.look(line.transport, line.variant)
    axes.plot(known.x, cycles, color=look.colour, ls=":", lw=1.0, marker="_", ms=7, alpha=0.8)
    return cycles


def _table_rows(
    panel: Panel,
    line: Line,
    x: XAxis,
    columns: Mapping[str, str],
    found: Mapping[str, pd.DataFrame],
) -> list[dict[str, str]]:
    by_key: dict[str, dict[str, str]] = {}
    repetitions: dict[str, int] = {}
    for label, points in found.items():
        for point in points.itertuples():
            where = {"panel": panel.full_title} if panel.settings else {}
            row = by_key.setdefault(
                point.key,
                {
                    **where,
                    "line": line.label,
                    x.label: measured(x.column, point.x),
                    "repetitions": "",
                    "taint": "",
                },
            )
            repetitions[point.key] = max(repetitions.get(point.key, 0), point.interval.n)
            row["repetitions"] = str(repetitions[point.key])
            row["taint"] = "all tainted" if point.tainted else row["taint"]
            row[label] = interval_text(columns[label], point.interval)
    return list(by_key.values())
