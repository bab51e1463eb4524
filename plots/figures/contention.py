"""What a reserve costs as producers are added."""

from plots import canvas, curves
from plots.arrangement import arrange
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.kernel.cells import how_timed
from plots.results import Results
from plots.wording import sentences

QUESTION = "How much does a reserve cost as producers are added?"
_X = curves.XAxis("producers", "producers", canvas.count_axis)
_METRIC = curves.Metric("reserve_cycles_p50", "reserve, p50 (TSC cycles)", floor="atomics")


def draw(results: Results, _: Request) -> Drawn:
    cells = results.measured(_METRIC.column)
    cells = cells[cells.producers.notna()]
    if cells.empty:
        raise NoData("no trial has reserve cycles (sample_every = 0, or no transport times them)")
    arrangement = arrange(
        results, cells, ["producers"], keep=["arrival", "rate", "record_size"], sweep=["producers"]
    )
    lines = [line for panel in arrangement.panels for line in panel.lines]
    if arrangement.along or not any(line.cells.producers.nunique() > 1 for line in lines):
        raise NoData("no two measured cells differ in their number of producers alone")
    sheet = canvas.wrapped(QUESTION, arrangement.panels)
    curves.draw_metric(list(sheet.axes.flat), results, arrangement, _X, _METRIC)
    canvas.label_outer(sheet)
    return Drawn(
        name="reserve_vs_producers",
        title=QUESTION,
        caption=sentences(
            "Median cycles of one reserve call, the empty timer pair subtracted.",
            how_timed(results),
            curves.HOW_TO_READ,
            curves.how_to_read_floor(results, "the atomics of one whole event"),
            arrangement.caption(),
        ),
        alt=curves.alt_text("Reserve cycles against the number of producers", arrangement),
        picture=sheet.picture,
        table=curves.table(results, arrangement, _X, [_METRIC]),
    )
