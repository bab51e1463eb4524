"""Percentiles of one histogram a cell, on an axis that gives every further nine the same room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from plots import canvas, distribution
from plots.arrangement import Arrangement
from plots.bootstrap import Floats, median_interval
from plots.distribution import OBSERVATIONS_BEYOND
from plots.errors import NoData
from plots.panels import Line, Panel
from plots.results import Results
from plots.wording import interval_text

HOW_TO_READ = (
    "Line: median over the repetitions; band: its 95 % bootstrap interval; faint: each repetition,"
    " dotted where tainted; the marker is hollow where every trial is tainted. A line ends at the"
    f" last percentile that its smallest repetition supports: n (1-p) >= {OBSERVATIONS_BEYOND}."
)
_NINES = {0.5: "50", 0.9: "90", 0.99: "99", 0.999: "99.9", 0.9999: "99.99", 0.99999: "99.999"}
_NINES |= {0.999999: "99.9999", 0.9999999: "99.99999"}
_NAMES = list(_NINES.values())
_IN_TABLE = (0.5, 0.9, 0.99, 0.999, 0.9999)


@dataclass(frozen=True)
class Tail:
    metric: str  # of the histogram
    label: str  # of the y axis, with its unit
    of_what: str  # for the x axis, in the plural
    unit: str  # for the headings of the table; empty where each value has its own


def draw(
    axes_of_panels: Sequence[Axes], results: Results, arrangement: Arrangement, tail: Tail
) -> pd.DataFrame:
    """Draws one axes a panel; the table of the percentiles. NoData where no trial has a histogram."""
    rows: list[dict[str, str]] = []
    values: list[float] = []
    for axes, panel in zip(axes_of_panels, arrangement.panels):
        for line in panel.lines:
            drawn, row = _draw_line(axes, results, panel, line, tail)
            values += drawn
            rows += [row] if row else []
    if not rows:
        raise NoData(f"no trial has a histogram of {tail.metric}")
    farthest = max(axes.dataLim.x1 for axes in axes_of_panels if axes.lines)
    for axes in axes_of_panels:
        _tail_axis(axes, farthest, tail)
        canvas.y_scale(axes, values, tail.label)
    return pd.DataFrame(rows).fillna("–")


def _draw_line(
    axes: Axes, results: Results, panel: Panel, line: Line, tail: Tail
) -> tuple[list[float], dict[str, str]]:
    sample = distribution.of_cell(results, str(line.cells.key.iloc[0]), tail.metric)
    if not sample.chosen:
        return [], {}
    observations = min(distribution.sample_size(histogram) for histogram in sample.histograms)
    shares = distribution.grid_of_tails(observations)
    bands = distribution.band([distribution.quantiles(h, shares) for h in sample.histograms])
    trials = [_trial_curve(one, shares) for one in (*sample.chosen, *sample.beside)]
    canvas.draw_distribution(axes, line, 1 / (1 - shares), bands, sample.tainted, trials)
    row = {"panel": panel.full_title} if panel.settings else {}
    row |= {"line": line.label, "observations in the smallest repetition": f"{observations:,.0f}"}
    for share in _IN_TABLE:
        text = _percentile_text(sample.histograms, observations, share, tail)
        row[f"p{_NINES[share]}{f' ({tail.unit})' if tail.unit else ''}"] = text
    drawn = np.concatenate([*bands, *(trial.y for trial in trials)])
    return list(drawn[~np.isnan(drawn)]), row


def _trial_curve(one: distribution.TrialHistogram, shares: Floats) -> canvas.TrialCurve:
    """Only as far as this trial's own sample reaches: one beside the median can be smaller."""
    reach = distribution.sample_size(one.buckets) * (1 - shares)
    curve = distribution.quantiles(one.buckets, shares)
    return canvas.TrialCurve(
        np.where(np.round(reach, 6) >= OBSERVATIONS_BEYOND, curve, np.nan), one.taint
    )


def _percentile_text(
    histograms: Sequence[pd.DataFrame], observations: float, share: float, tail: Tail
) -> str:
    if not distribution.supported(observations, share):
        return "too few observations"
    wanted: Floats = np.array([share])
    values = [float(distribution.quantiles(h, wanted)[0]) for h in histograms]
    return interval_text(f"{tail.metric}_p", median_interval(values))


def _tail_axis(axes: Axes, farthest: float, tail: Tail) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    # Beyond four nines the labels are wide: only every second one is written then.
    written = [name if i < 5 or farthest < 2e5 or i % 2 else "" for i, name in enumerate(_NAMES)]
    axes.set_xticks([1 / (1 - share) for share in _NINES], written, fontsize=7.5)
    axes.set_xlim(0.8, farthest * 1.3)
    axes.set_xlabel(f"percentile of {tail.of_what} (%)")
