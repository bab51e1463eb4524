"""The tail of reserve."""

from plots import canvas, curves, tails
from plots.arrangement import arrange
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.kernel.cells import how_timed
from plots.results import Results
from plots.wording import sentences

QUESTION = "How bad are the slow reserves, and how rare?"
_TAIL = tails.Tail("reserve_cycles", "reserve (TSC cycles)", "reserve calls", "TSC cycles")
_MAX_PANELS = 9


def draw(results: Results, _: Request) -> Drawn:
    cells = results.measured("reserve_cycles_p50")
    if cells.empty:
        raise NoData("no trial has reserve cycles (sample_every = 0, or no transport times them)")
    arrangement = arrange(
        results, cells, keep=["producers", "arrival", "rate"], max_panels=_MAX_PANELS
    )
    sheet = canvas.wrapped(QUESTION, arrangement.panels)
    table = tails.draw(list(sheet.axes.flat), results, arrangement, _TAIL)
    canvas.label_outer(sheet)
    return Drawn(
        name="reserve_percentiles",
        title=QUESTION,
        caption=sentences(
            "Percentiles of the sampled reserve calls, merged over producers, on a 1/(1-p) axis.",
            how_timed(results),
            tails.HOW_TO_READ,
            arrangement.caption(),
        ),
        alt=curves.alt_text("Percentiles of reserve cycles on a 1/(1-p) axis", arrangement),
        picture=sheet.picture,
        table=table,
    )
