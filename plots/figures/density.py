"""How far records are displaced and how many wait for one: RFC 5236's two densities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from plots import canvas, curves, distribution
from plots.bootstrap import Floats, Interval
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.figures.order import arranged
from plots.panels import Line, Panel
from plots.results import Results, plain
from plots.wording import fraction, interval_text, sentences

QUESTION = "How far from their place do records arrive, and how many must a receiver hold back?"
_DENSITIES = (
    ("reorder_density", "displacement (records; negative: early)", "share of records"),
    ("buffer_occupancy", "records held back for order", "share of arrivals"),
)
_LINEAR_UP_TO = 64  # places; beyond, the axis is logarithmic on both sides
_MAX_PANELS = 4  # one column each


def draw(results: Results, _: Request) -> Drawn:
    arrangement, left_out = arranged(results, _MAX_PANELS)
    sheet = canvas.by_row(QUESTION, arrangement.panels, len(_DENSITIES), sharex="row")
    rows = []
    for all_axes, (metric, x_label, y_label) in zip(sheet.axes, _DENSITIES):
        found = []
        for axes, panel in zip(all_axes, arrangement.panels):
            for line in panel.lines:
                density = _density(results, line, metric)
                if density is not None:
                    _draw(axes, line, density)
                    rows += _rows(panel, line, x_label, density)
                    found.append(density)
        if not found:
            raise NoData(f"no trial has a histogram of {metric}")
        _scales(list(all_axes), found, x_label, y_label)
    return Drawn(
        name="reorder_density",
        title=QUESTION,
        caption=sentences(
            "Above: reorder density, the share of records that arrive so many places late, or early"
            " where negative. Below: reorder buffer-occupancy density, how many records a receiver"
            " that restores the order holds back at each arrival (RFC 5236). Line: median over the"
            " repetitions; band: its 95 % bootstrap interval; faint: each repetition, dotted where"
            f" tainted. Shares of less than {distribution.OBSERVATIONS_BEYOND} records are not"
            " drawn.",
            left_out,
            arrangement.caption(),
        ),
        alt=curves.alt_text("Reorder density and buffer-occupancy density", arrangement),
        picture=sheet.picture,
        table=pd.DataFrame(rows),
    )


@dataclass(frozen=True)
class _Density:
    places: Floats
    trials: tuple[canvas.TrialCurve, ...]
    bands: tuple[Floats, Floats, Floats]
    repetitions: int
    least: float  # the share that is worth a point
    tainted: bool


def _density(results: Results, line: Line, metric: str) -> _Density | None:
    sample = distribution.of_cell(results, str(line.cells.key.iloc[0]), metric)
    if not sample.chosen:
        return None
    every = (*sample.chosen, *sample.beside)
    places = np.unique(np.concatenate([_middles(one.buckets) for one in every]))
    trials = tuple(canvas.TrialCurve(_shares(one.buckets, places), one.taint) for one in every)
    smallest = min(distribution.sample_size(histogram) for histogram in sample.histograms)
    return _Density(
        places,
        trials,
        distribution.band([trial.y for trial in trials[: len(sample.chosen)]]),
        len(sample.chosen),
        distribution.OBSERVATIONS_BEYOND / smallest,
        sample.tainted,
    )


def _middles(histogram: pd.DataFrame) -> Floats:
    middles: Floats = (histogram.lower + histogram.upper).to_numpy(dtype=np.float64) / 2
    return middles


def _shares(histogram: pd.DataFrame, places: Floats) -> Floats:
    """Share of the observations a place, zero where there is none; a wide bucket is spread evenly."""
    count = histogram["count"].to_numpy(dtype=np.float64)
    wide = (histogram.upper - histogram.lower + 1).to_numpy(dtype=np.float64)
    shares = np.zeros_like(places)
    shares[np.searchsorted(places, _middles(histogram))] = count / wide / count.sum()
    return shares


def _draw(axes: Axes, line: Line, density: _Density) -> None:
    def shown(curve: Floats) -> Floats:
        return np.where(curve >= density.least, curve, np.nan)

    median, low, high = density.bands
    median = shown(median)
    low, high = (np.where(np.isnan(median), np.nan, curve) for curve in (low, high))
    bands = median, np.maximum(low, density.least), high
    trials = [canvas.TrialCurve(shown(trial.y), trial.taint) for trial in density.trials]
    canvas.draw_distribution(axes, line, density.places, bands, density.tainted, trials)


def _rows(panel: Panel, line: Line, heading: str, density: _Density) -> list[dict[str, str]]:
    where = {"panel": panel.full_title} if panel.settings else {}
    return [
        {
            **where,
            "line": line.label,
            "of": heading,
            "places": plain(float(place)),
            "share": interval_text("share_ratio", Interval(m, low, high, density.repetitions)),
        }
        for place, m, low, high in zip(density.places, *density.bands)
        if m >= density.least
    ]


def _scales(
    all_axes: Sequence[Axes], densities: Sequence[_Density], x_label: str, y_label: str
) -> None:
    least = min(density.least for density in densities)
    medians = np.concatenate([density.bands[0] for density in densities])
    places = np.concatenate([density.places for density in densities])
    for axes in all_axes:
        axes.set_xlabel(x_label)
        axes.set_yscale("log")
        axes.set_ylim(max(least, medians[medians >= least].min()) / 2, 1.4)
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: fraction(value)))
        if np.abs(places).max() > _LINEAR_UP_TO:
            axes.set_xscale("symlog", linthresh=1)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        else:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    all_axes[0].set_ylabel(y_label)
