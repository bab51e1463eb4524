"""Whether the producers kept their schedule: how late events were sent, by rate."""

from matplotlib.axes import Axes

from plots import canvas, curves, stored_config, tails
from plots.arrangement import arrange
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.results import Results
from plots.wording import duration_ns, sentences

QUESTION = "How late are events sent, and does that let the offered rate be believed?"
_TAIL = tails.Tail("lag_ns", "lag behind the schedule (ns)", "events", "")
_MAX_PANELS = 9


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
    limits = sorted({stored_config.lag_limit_ns(store.provenance) for store in results.stores})
    for axes in sheet.axes.flat:
        for limit in limits:
            _draw_limit(axes, limit)
    canvas.label_outer(sheet)
    return Drawn(
        name="schedule_lag",
        title=QUESTION,
        caption=sentences(
            "Percentiles of how long after its due time an event was sent (open loop: a late event"
            f" is sent at once, and its due time stays). Grey: {' and '.join(map(duration_ns, limits))},"
            " the config's limit for the 99th percentile, above which a trial is tainted.",
            tails.HOW_TO_READ,
            arrangement.caption(),
        ),
        alt=curves.alt_text("Percentiles of the lag behind the schedule", arrangement),
        picture=sheet.picture,
        table=table,
    )


def _draw_limit(axes: Axes, limit: float) -> None:
    axes.axhline(limit, color="#777777", lw=1.0, ls="--", zorder=1)
    axes.plot([100.0], [limit], marker="v", color="#777777", ms=5, ls="none", zorder=1)
    if axes.get_ylim()[1] < limit * 1.3:
        axes.set_ylim(top=limit * 1.6)
