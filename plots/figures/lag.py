"""Whether the producers kept their schedule: how late events were sent, by rate."""

from matplotlib.axes import Axes

from plots import canvas, curves, tails
from plots.arrangement import arrange
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.results import Results
from plots.wording import duration_ns, sentences

QUESTION = "How late are events sent, and does that let the offered rate be believed?"
_TAIL = tails.Tail("lag_ns", "lag behind the schedule (ns)", "events", "")
_MAX_PANELS = 9
LIMIT_NS = 2000.0


def draw(results: Results, _: Request) -> Drawn:
    cells = results.cells[results.cells.rate.notna()]
    cells = cells[cells.key.isin(results.drawable.key)]
    if cells.empty:
        raise NoData("no cell offers events at a set rate (arrival = constant, poisson or bursty)")
    arrangement = arrange(
        results, cells, keep=["rate", "arrival", "producers"], max_panels=_MAX_PANELS
    )
    sheet = canvas.wrapped(QUESTION, arrangement.panels)
    table = tails.draw(list(sheet.axes.flat), results, arrangement, _TAIL)
    for axes in sheet.axes.flat:
        _draw_limit(axes)
    canvas.label_outer(sheet)
    return Drawn(
        name="schedule_lag",
        title=QUESTION,
        caption=sentences(
            "Percentiles of how long after its due time an event was sent (open loop: a late event"
            f" is sent at once, and its due time stays). Grey: {duration_ns(LIMIT_NS)}, which the"
            " 99th percentile of a schedule that was held stays under.",
            tails.HOW_TO_READ,
            arrangement.caption(),
        ),
        alt=curves.alt_text("Percentiles of the lag behind the schedule", arrangement),
        picture=sheet.picture,
        table=table,
    )


def _draw_limit(axes: Axes) -> None:
    axes.axhline(LIMIT_NS, color="#777777", lw=1.0, ls="--", zorder=1)
    axes.plot([100.0], [LIMIT_NS], marker="v", color="#777777", ms=5, ls="none", zorder=1)
    if axes.get_ylim()[1] < LIMIT_NS * 1.3:
        axes.set_ylim(top=LIMIT_NS * 1.6)
