"""The tail of reserve: percentiles on an axis that gives every further nine the same room."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from plots import canvas, curves, distribution
from plots.arrangement import arrange
from plots.bootstrap import Floats, median_interval
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.panels import Line, Panel
from plots.results import Results
from plots.wording import interval_text

QUESTION = "How bad are the slow reserves, and how rare?"
_METRIC = "reserve_cycles"
_NINES = {0.5: "50", 0.9: "90", 0.99: "99", 0.999: "99.9", 0.9999: "99.99", 0.99999: "99.999"}
_NINES |= {0.999999: "99.9999", 0.9999999: "99.99999"}
_NAMES = list(_NINES.values())
_IN_TABLE = (0.5, 0.9, 0.99, 0.999, 0.9999)
_MAX_PANELS = 9


def draw(results: Results, _: Request) -> Drawn:
    cells = results.measured("reserve_cycles_p50")
    if cells.empty:
        raise NoData("no trial has reserve cycles (sample_every = 0, or no transport times them)")
    arrangement = arrange(
        results, cells, keep=["producers", "arrival", "rate"], max_panels=_MAX_PANELS
    )
    sheet = canvas.wrapped(QUESTION, arrangement.panels)
    rows: list[dict[str, str]] = []
    values: list[float] = []
    for axes, panel in zip(sheet.axes.flat, arrangement.panels):
        for line in panel.lines:
            drawn, row = _draw_line(axes, results, panel, line)
            values += drawn
            rows += [row] if row else []
    if not rows:
        raise NoData("no trial of a cell with reserve cycles has a histogram of them")
    farthest = max(axes.dataLim.x1 for axes in sheet.axes.flat if axes.lines)
    for axes in sheet.axes.flat:
        _tail_axis(axes, farthest)
        canvas.y_scale(axes, values, "reserve (TSC cycles)")
    canvas.label_outer(sheet)
    return Drawn(
        name="reserve_percentiles",
        title=QUESTION,
        caption=(
            "Percentiles of the sampled reserve calls, merged over producers, on a 1/(1-p) axis."
            " Line: median over the repetitions; band: its 95 % bootstrap interval; the marker"
            " is hollow where every trial is tainted. A line ends at the last percentile that its smallest repetition"
            f" supports: n (1-p) >= {distribution.OBSERVATIONS_BEYOND}. {arrangement.caption()}"
        ),
        alt=curves.alt_text("Percentiles of reserve cycles on a 1/(1-p) axis", arrangement),
        picture=sheet.picture,
        table=pd.DataFrame(rows).fillna("–"),
    )


def _draw_line(
    axes: Axes, results: Results, panel: Panel, line: Line
) -> tuple[list[float], dict[str, str]]:
    histograms, tainted = distribution.of_cell(results, str(line.cells.key.iloc[0]), _METRIC)
    if not histograms:
        return [], {}
    observations = min(distribution.sample_size(histogram) for histogram in histograms)
    shares = distribution.grid_of_tails(observations)
    bands = distribution.band([distribution.quantiles(h, shares) for h in histograms])
    canvas.draw_distribution(axes, line, 1 / (1 - shares), bands, tainted)
    row = {"panel": panel.full_title} if panel.settings else {}
    row |= {"line": line.label, "observations in the smallest repetition": f"{observations:,.0f}"}
    for share in _IN_TABLE:
        row[f"p{_NINES[share]} (TSC cycles)"] = _percentile_text(histograms, observations, share)
    return list(np.concatenate(bands)[~np.isnan(np.concatenate(bands))]), row


def _percentile_text(histograms: list[pd.DataFrame], observations: float, share: float) -> str:
    if not distribution.supported(observations, share):
        return "too few observations"
    wanted: Floats = np.array([share])
    values = [float(distribution.quantiles(h, wanted)[0]) for h in histograms]
    return interval_text(_METRIC, median_interval(values))


def _tail_axis(axes: Axes, farthest: float) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    # Beyond four nines the labels are wide: only every second one is written then.
    written = [name if i < 5 or farthest < 2e5 or i % 2 else "" for i, name in enumerate(_NAMES)]
    axes.set_xticks([1 / (1 - share) for share in _NINES], written, fontsize=7.5)
    axes.set_xlim(0.8, farthest * 1.3)
    axes.set_xlabel("percentile of reserve calls (%)")
