"""The hybrid map: how many CPUs should share a ring, by how many producers there are."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize

from plots import canvas, curves
from plots.arrangement import arrange
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.panels import Panel, distinct
from plots.results import OPTION, Results, plain
from plots.summary import summarise
from plots.wording import as_unit, interval_text

QUESTION = "How many CPUs should share one ring, and which ones?"
_SHARE = OPTION + "cpus_per_ring"
_MAX_PANELS = 5  # one column each
_PANEL_HEIGHT = 2.9


@dataclass(frozen=True)
class _Metric:
    column: str
    label: str


_METRICS = (
    _Metric("event_cycles_p50", "event, p50 (TSC cycles)"),
    _Metric("drop_fraction", "dropped / attempted"),
)


def draw(results: Results, _: Request) -> Drawn:
    if _SHARE not in results.options:
        raise NoData("no transport in these stores has the option cpus_per_ring")
    cells = results.measured(*(metric.column for metric in _METRICS))
    cells = cells[cells[_SHARE].notna() & cells.producers.notna()]
    if cells.empty:
        raise NoData("no measured cell sets cpus_per_ring")
    arrangement = arrange(
        results,
        cells,
        ["producers", _SHARE],
        keep=[OPTION + "mapping"],
        sweep=[_SHARE],
        max_panels=_MAX_PANELS,
        alike=True,
        max_lines=1,
    )
    metrics = [metric for metric in _METRICS if _tells(results, cells, metric.column)]
    sheet = canvas.by_row(
        QUESTION,
        [panel.without_lines() for panel in arrangement.panels],
        len(metrics),
        _PANEL_HEIGHT,
    )
    rows: dict[str, dict[str, str]] = {}
    for i, metric in enumerate(metrics):
        _draw_metric(list(sheet.axes[i]), results, arrangement.panels, metric, rows)
    canvas.label_outer(sheet)
    return Drawn(
        name="hybrid_map",
        title=QUESTION,
        caption=(
            "Median over the repetitions in each field, darker is worse; ° marks fields whose trials"
            " are all tainted, hatched fields were not measured. The intervals are in the table."
            f" {arrangement.caption()}"
        ),
        alt=curves.alt_text("Heat map of CPUs per ring against producers", arrangement),
        picture=sheet.picture,
        table=pd.DataFrame(rows.values()).fillna("–"),
    )


def _tells(results: Results, cells: pd.DataFrame, column: str) -> bool:
    """A metric that is zero or missing everywhere needs no map."""
    values = results.drawable.loc[results.drawable.key.isin(cells.key), column].dropna()
    return bool((values > 0).any())


def _draw_metric(
    all_axes: list[Axes],
    results: Results,
    panels: tuple[Panel, ...],
    metric: _Metric,
    rows: dict[str, dict[str, str]],
) -> None:
    shown = pd.concat([line.cells for panel in panels for line in panel.lines])
    producers, shares = distinct(shown.producers), distinct(shown[_SHARE])
    summary = summarise(results.drawable, metric.column, shown.key)
    norm = _norm([row.interval.median for row in summary.itertuples()])
    image = None
    for axes, panel in zip(all_axes, panels):
        grid = np.full((len(shares), len(producers)), np.nan)
        for line in panel.lines:
            for cell in line.cells.to_dict("records"):
                if cell["key"] in summary.index:
                    at = shares.index(cell[_SHARE]), producers.index(cell["producers"])
                    found = summary.loc[cell["key"]]
                    grid[at] = found.interval.median
                    _write_value(axes, at, metric.column, found, norm)
                    row = rows.setdefault(cell["key"], _row_head(panel, line.label, cell))
                    row[metric.label] = interval_text(metric.column, found.interval)
        image = axes.imshow(grid, norm=norm, cmap="YlOrBr", aspect="auto", origin="lower")
        _dress(axes, producers, shares)
    bar = all_axes[0].figure.colorbar(
        image, ax=all_axes, label=metric.label, fraction=0.03, pad=0.01
    )
    bar.ax.yaxis.set_major_formatter(lambda value, _: as_unit(metric.column, value))
    bar.ax.yaxis.set_minor_formatter(lambda value, _: "")


def _norm(values: list[float]) -> Normalize:
    positive = [value for value in values if value > 0]
    if positive and min(values) > 0 and max(positive) / min(positive) > 10:
        return LogNorm(min(positive), max(positive))
    return Normalize(0, max(positive, default=1.0))


def _write_value(
    axes: Axes, at: tuple[int, int], column: str, found: pd.Series, norm: Normalize
) -> None:
    mark = "°" if found.tainted else ""
    dark = float(norm(found.interval.median)) > 0.6
    axes.text(
        at[1],
        at[0],
        as_unit(column, found.interval.median).replace(" %", "%") + mark,
        ha="center",
        va="center",
        fontsize=7.5,
        color="white" if dark else "#222222",
    )


def _dress(axes: Axes, producers: list[object], shares: list[object]) -> None:
    axes.grid(False)
    axes.set_facecolor("#f4f4f4")
    axes.patch.set_hatch("////")
    axes.patch.set_edgecolor("#cccccc")
    axes.set_xticks(range(len(producers)), [plain(value) for value in producers])
    axes.set_yticks(range(len(shares)), [plain(value) for value in shares])
    axes.set_xlabel("producers")
    axes.set_ylabel("CPUs per ring")


def _row_head(panel: Panel, label: str, cell: dict[str, object]) -> dict[str, str]:
    where = {"panel": panel.full_title} if panel.settings else {}
    return {
        **where,
        "line": label,
        "producers": plain(cell["producers"]),
        "CPUs per ring": plain(cell[_SHARE]),
    }
