"""How much is lost for a given amount of memory, by how many CPUs a burst hits together."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plots import canvas, curves
from plots.arrangement import arrange
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.results import Results
from plots.wording import fraction, size, sentences

QUESTION = "How much memory keeps bursts from being dropped, by how many CPUs they hit together?"

# Below this share the drop axis is linear, so that zero has a place on it.
LINEAR_BELOW = 1e-4


def size_axis(axes: Axes, values: Sequence[float], label: str) -> None:
    axes.set_xscale("log", base=2)
    present = sorted(set(values))
    low, high = (present[0], present[-1]) if present else (4096.0, 8192.0)
    powers = [2.0**power for power in range(8, 64) if low / 1.5 <= 2.0**power <= high * 1.5]
    axes.xaxis.set_major_locator(FixedLocator(powers[:: len(powers) // 6 + 1]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: size(value)))
    axes.set_xlabel(label)


def drop_scale(axes: Axes, values: Sequence[float], label: str) -> None:
    axes.set_yscale("symlog", linthresh=LINEAR_BELOW, linscale=0.5)
    axes.yaxis.set_major_locator(FixedLocator([0, 1e-4, 1e-3, 1e-2, 0.1, 1]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: fraction(value)))
    axes.set_ylim(-LINEAR_BELOW / 4, 1.7)
    axes.set_ylabel(label)


_X = curves.XAxis("data_bytes", "ring memory (bytes, all rings)", size_axis, True)
_METRIC = curves.Metric("drop_fraction", "dropped / attempted", drop_scale)


def draw(results: Results, _: Request) -> Drawn:
    cells = results.measured("drop_fraction")
    cells = cells[cells.bytes.notna() & cells.burst_width.notna()]
    cells = cells[cells.key.isin(results.measured("data_bytes").key)]
    if cells.empty:
        raise NoData("no cell has bursty arrivals and ring memory (see configs/burst.toml)")
    arrangement = arrange(
        results, cells, ["bytes"], keep=["burst_width", "producers"], sweep=["bytes"]
    )
    sheet = canvas.wrapped(QUESTION, arrangement.panels)
    curves.draw_metric(list(sheet.axes.flat), results, arrangement, _X, _METRIC)
    canvas.label_outer(sheet)
    return Drawn(
        name="drops_vs_bytes",
        title=QUESTION,
        caption=sentences(
            "Burst width is the number of CPUs hit together; the drop axis is linear below"
            f" {fraction(LINEAR_BELOW)}, so that zero can be shown.",
            curves.HOW_TO_READ,
            arrangement.caption(),
        ),
        alt=curves.alt_text("Drop fraction against ring memory", arrangement),
        picture=sheet.picture,
        table=curves.table(results, arrangement, _X, [_METRIC]),
    )
