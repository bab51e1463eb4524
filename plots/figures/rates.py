"""What is delivered, and at what cost to the producer, as the offered rate rises."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from plots import canvas, curves
from plots.arrangement import arrange
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.kernel.cells import how_timed
from plots.results import Results
from plots.wording import rate, sentences

QUESTION = "Up to what offered rate does every record arrive, and what does an event cost there?"


def _rate_axis(axes: Axes, values: Sequence[float], label: str) -> None:
    axes.set_xscale("log")
    _rate_ticks(axes.xaxis, values)
    axes.set_xlabel(label)


def _rate_scale(axes: Axes, values: Sequence[float], label: str) -> None:
    axes.set_yscale("log")
    positive = [value for value in values if value > 0]
    if positive:
        axes.set_ylim(min(positive) / 1.4, max(positive) * 1.4)
    _rate_ticks(axes.yaxis, values)
    axes.set_ylabel(label)


def _rate_ticks(axis: Axes, values: Sequence[float]) -> None:
    wide = not values or max(values) / max(min(values), 1e-9) > 50
    axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: rate(value)))


_X = curves.XAxis("offered_rate", "offered rate (events/s, all producers)", _rate_axis, True)
_METRICS = (
    curves.Metric("delivered_rate", "delivered (records/s)", _rate_scale),
    curves.Metric("reserve_cycles_p50", "reserve, p50 (TSC cycles)"),
    curves.Metric("event_cycles_p50", "event, p50 (TSC cycles)", floor="event"),
)


def draw(results: Results, _: Request) -> Drawn:
    cells = results.measured(*(metric.column for metric in _METRICS))
    cells = cells[cells.rate.notna() & cells.key.isin(results.measured("offered_rate").key)]
    if cells.empty:
        raise NoData("no cell offers events at a set rate (arrival = constant, poisson or bursty)")
    arrangement = arrange(
        results, cells, ["rate"], keep=["producers", "arrival"], sweep=["rate"], max_panels=4
    )
    sheet = canvas.by_row(QUESTION, arrangement.panels, len(_METRICS))
    for row, metric in enumerate(_METRICS):
        curves.draw_metric(list(sheet.axes[row]), results, arrangement, _X, metric)
    for axes in sheet.axes[0]:
        low, high = axes.get_xlim()
        axes.plot([low, high], [low, high], color="#999999", lw=0.9, ls=":", zorder=1)
        axes.set_xlim(low, high)
    canvas.label_outer(sheet)
    return Drawn(
        name="rates",
        title=QUESTION,
        caption=sentences(
            "Grey dotted: delivered = offered. An event is reserve, fill and commit.",
            how_timed(results),
            curves.HOW_TO_READ,
            curves.how_to_read_floor(results, "an event's atomics and of writing its payload"),
            *(curves.not_measured(results, arrangement, metric) for metric in _METRICS),
            arrangement.caption(),
        ),
        alt=curves.alt_text(
            "Delivered rate, reserve cycles and event cycles against the offered rate", arrangement
        ),
        picture=sheet.picture,
        table=curves.table(results, arrangement, _X, _METRICS),
    )
