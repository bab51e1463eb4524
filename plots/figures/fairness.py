"""Whether every producer gets its part: accepted events and drops of each, and Jain's index."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from plots import canvas, curves
from plots.arrangement import arrange
from plots.bootstrap import Floats, median_band
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.figures.drops import LINEAR_BELOW, drop_scale
from plots.panels import Line, Panel
from plots.results import Results
from plots.summary import chosen, summarise, taints
from plots.wording import fraction, interval_text, sentences

QUESTION = "Does every producer get its part, or do some pay for the others?"
_MAX_PANELS = 4  # one column each
_MARKERS_UP_TO = 20  # producers; more would hide each other


@dataclass(frozen=True)
class _Shares:
    """Trials x producers of one cell; the chosen trials come first."""

    accepted: Floats  # over the mean of the trial's producers
    dropped: Floats  # over the producer's own attempts
    chosen: int
    taints: tuple[str, ...]

    @property
    def tainted(self) -> bool:
        return all(self.taints[: self.chosen])


def draw(results: Results, _: Request) -> Drawn:
    cells = results.cells[(results.cells.producers > 1)]
    cells = cells[cells.key.isin(results.measured("attempted").key)]
    if cells.empty:
        raise NoData("no measured cell has two producers or more")
    arrangement = arrange(
        results, cells, keep=["producers", "arrival", "skew"], max_panels=_MAX_PANELS
    )
    sheet = canvas.by_row(QUESTION, arrangement.panels, 2)
    rows: list[dict[str, str]] = []
    largest, crowded = 1.2, False
    for column, panel in enumerate(arrangement.panels):
        for line in panel.lines:
            shares = _shares(results, str(line.cells.key.iloc[0]))
            if shares is not None:
                crowded = crowded or shares.accepted.shape[1] > _MARKERS_UP_TO
                _draw_line(sheet.axes[0, column], line, shares.accepted, shares)
                _draw_line(sheet.axes[1, column], line, shares.dropped, shares)
                largest = max(largest, float(np.nanmax(shares.accepted)))
                rows.append(_row(results, panel, line, shares))
    if not rows:
        raise NoData("no trial of several producers has counts for each of them")
    _scales(sheet, largest, crowded)
    canvas.label_outer(sheet)
    return Drawn(
        name="fairness",
        title=QUESTION,
        caption=sentences(
            "Above: accepted (committed) events of each producer over the mean of all, 1 where"
            " everybody gets the same; with skewed load the producers do not ask for the same."
            " Below: dropped over attempted of each. Whole trial. Jain's index in the table is 1"
            " where all get the same, and 1/n where one of n gets everything; `worst` is the"
            " largest drop fraction of a producer."
            f" The drop axis is linear below {fraction(LINEAR_BELOW)}.",
            "Line: median over the repetitions; band: its 95 % bootstrap interval; dots: the"
            " repetitions, hollow where tainted.",
            f"Lines of more than {_MARKERS_UP_TO} producers have them in the order of what they got."
            if crowded
            else "",
            arrangement.caption(),
        ),
        alt=curves.alt_text("Accepted share and drop fraction of each producer", arrangement),
        picture=sheet.picture,
        table=pd.DataFrame(rows),
    )


def _shares(results: Results, key: str) -> _Shares | None:
    trials = results.drawable[results.drawable.key == key]
    preferred = set(chosen(trials).id)
    trials = trials.assign(beside=~trials.id.isin(preferred)).sort_values("beside", kind="stable")
    producers = results.stores[int(trials.store.iloc[0])].rows("producer", list(trials.id))
    if producers.empty:
        return None
    wide = producers.pivot(index="trial_id", columns="producer", values=["committed", "attempted"])
    wide = wide.reindex(trials.id).astype(float)
    committed, attempted = (wide[name].to_numpy() for name in ("committed", "attempted"))
    dropped = _dropped(producers).reindex(trials.id).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        accepted = committed / np.nanmean(committed, axis=1, keepdims=True)
        shares = _Shares(accepted, dropped / attempted, len(preferred), tuple(taints(trials)))
    return shares if np.isfinite(shares.accepted).any() else None


def _dropped(producers: pd.DataFrame) -> pd.DataFrame:
    causes = producers.filter(like="drop_").drop(columns="first_drop_us", errors="ignore")
    total = causes.astype(float).fillna(0).sum(axis=1)
    return producers.assign(dropped=total).pivot(
        index="trial_id", columns="producer", values="dropped"
    )


def _draw_line(axes: Axes, line: Line, values: Floats, shares: _Shares) -> None:
    numbers = np.arange(values.shape[1], dtype=np.float64)
    crowded = len(numbers) > _MARKERS_UP_TO
    if crowded:
        values = values[:, np.argsort(np.median(shares.accepted[: shares.chosen], axis=0))]
    for trial, taint in zip(values, shares.taints):
        canvas.draw_trials(axes, line, list(numbers), list(trial), [taint] * len(trial))
    bands = median_band(values[: shares.chosen])
    if crowded:
        canvas.draw_distribution(axes, line, numbers, bands, shares.tainted)
    else:
        canvas.draw_line(axes, line, numbers, *bands, [shares.tainted] * len(numbers))


def _row(results: Results, panel: Panel, line: Line, shares: _Shares) -> dict[str, str]:
    keys = [str(line.cells.key.iloc[0])]
    row = {"panel": panel.full_title} if panel.settings else {}
    row["line"] = line.label
    for column, heading in (("jain_index", "Jain's index"), ("worst_drop_fraction", "worst")):
        found = list(summarise(results.drawable, column, keys).interval)
        row[heading] = interval_text(column, found[0]) if found else "–"
    medians = np.median(shares.accepted[: shares.chosen], axis=0)
    return row | _extremes(medians)


def _extremes(medians: Floats) -> dict[str, str]:
    least, most = int(np.argmin(medians)), int(np.argmax(medians))
    return {
        "least accepted": f"{medians[least]:.2f} of the mean (producer {least})",
        "most accepted": f"{medians[most]:.2f} of the mean (producer {most})",
    }


def _scales(sheet: canvas.Canvas, largest: float, crowded: bool) -> None:
    for axes in sheet.axes[0]:
        axes.axhline(1.0, color="#999999", lw=0.9, ls=":", zorder=1)
        axes.set_ylim(0, largest * 1.08)
        axes.set_ylabel("accepted / mean")
    for axes in sheet.axes[1]:
        drop_scale(axes, [], "dropped / attempted")
        axes.set_xlabel("producers, from the one that got least" if crowded else "producer")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
