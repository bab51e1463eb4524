"""Question 17: whether a caller can ignore a failed reservation, and what becomes of an abandoned one."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import Interval
from plots.figure import Drawn
from plots.kernel.cells import Cell
from plots.kernel.samples import Samples
from plots.questions import exact
from plots.questions.forest import HOLLOW, Mark, Panel, forest, of_transport
from plots.questions.question import Answer, Question, undecided
from plots.questions.rows import named
from plots.results import Results
from plots.wording import counted, digits, interval_text, listed

TITLE = "Can a caller ignore a failed reservation, and what becomes of one that it abandons?"

FACT = "ignored_reservation"
REFUSED = "does not compile"  # what configure writes once it has seen the compiler refuse it

# Some of many intervals miss what is true; what misses it by more than this is a fault.
_NEAR = 0.1
_COUNTS = ["attempted", "committed", "discarded", "consumed", "overwritten", "left_in_buffer"]


@dataclass(frozen=True)
class Reading:
    """Events of one cell, all repetitions together, in whatever state its trials ended."""

    name: str
    transport: str
    every: int  # one reservation in so many is abandoned
    attempted: float
    drops: float
    discarded: float
    delivered: float
    left: float
    failed: int  # trials
    tainted: bool

    @property
    def granted(self) -> float:
        return self.attempted - self.drops

    @property
    def times(self) -> Interval:
        """Discarded, over what was to be abandoned: one means all of them, and nothing else."""
        return exact.scaled(exact.share(self.discarded, self.granted), self.every)

    @property
    def unaccounted(self) -> float:
        """Granted and neither discarded, nor delivered, nor still to be read; below zero: too many delivered."""
        return self.granted - self.discarded - self.delivered - self.left

    @property
    def holds(self) -> bool:
        accounted = self.unaccounted == 0 and not self.failed
        return accounted and self.times.low <= 1 + _NEAR and self.times.high >= 1 - _NEAR


def answer(results: Results, samples: Samples) -> Answer:
    found = _readings(results, samples)
    limits = _limits()
    if not found:
        return undecided("no cell abandoned a reservation", limits=limits)
    facts = {store.provenance.get(FACT, "unknown") for store in results.stores}
    drawn = _drawn(found)
    if facts != {REFUSED}:
        why = "its program does not say that it was built with a check that ignoring one does not compile"
        return undecided(why, drawn, limits=limits)
    sentence = f"{_compiler(results)}; {_abandoned(found)}."
    return Answer(sentence, True, drawn, limits=limits)


def _readings(results: Results, samples: Samples) -> list[Reading]:
    if "abandon_every" not in results.cells:
        return []
    cells = results.cells[results.cells.abandon_every.fillna(0) > 0]
    found = [_reading(cell, results, samples) for cell in cells.to_dict("records")]
    return sorted((one for one in found if one.attempted or one.failed), key=lambda one: one.every)


def _reading(cell: Cell, results: Results, samples: Samples) -> Reading:
    trials = results.trials[results.trials.key == cell["key"]]
    total = {name: float(trials[name].fillna(0).sum()) for name in (*_COUNTS, *exact.CAUSES)}
    return Reading(
        named(cell, "base", "cpus_per_ring", "producers"),
        str(cell["transport"]),
        int(cell["abandon_every"]),
        total["attempted"],
        sum(total[cause] for cause in exact.CAUSES),
        total["discarded"],
        total["consumed"],
        total["overwritten"] + total["left_in_buffer"],
        int((trials.status == "failed").sum()),
        samples.tainted(cell["key"]),
    )


def _compiler(results: Results) -> str:
    compilers = listed(
        dict.fromkeys(s.provenance.get("compiler", "the compiler") for s in results.stores)
    )
    return f"A call that ignores the result of reserve() does not compile ({compilers})"


def _abandoned(found: Sequence[Reading]) -> str:
    discarded, granted = (
        sum(getattr(one, name) for one in found) for name in ("discarded", "granted")
    )
    share = interval_text("discarded_share", exact.share(discarded, granted))
    whole = f"of {digits(granted)} reservations {digits(discarded)} were abandoned and discarded ({share})"
    wrong = [one for one in found if not one.holds]
    if not wrong:
        return (
            f"{whole}, as many as were to be, and none of them was delivered or lost a later record"
        )
    return f"{whole}, but the account is wrong of {listed(_wrong(one) for one in wrong)}"


def _wrong(one: Reading) -> str:
    if one.failed:
        return f"{one.name} ({counted(one.failed, 'trial')} failed)"
    if one.unaccounted:
        return f"{one.name} ({digits(one.unaccounted)} records are not accounted for)"
    return f"{one.name} ({interval_text('times', one.times)} times as many as were to be)"


def _limits() -> tuple[str, ...]:
    return (
        "The compiler makes a caller look at the result; it cannot make it do something sensible. A cast"
        " to void silences it.",
        "The kernel's programs are checked by its verifier instead, which refuses one that may leave a"
        " reservation open; that is not repeated here.",
    )


def _drawn(found: Sequence[Reading]) -> Drawn:
    titles = {one.every: f"one in {one.every} abandoned" for one in found}
    marks = [
        Mark(titles[one.every], one.name, of_transport(one.transport), one.times, one.tainted)
        for one in found
    ]
    panels = [Panel(title, "discarded ÷ to be abandoned", line=1) for title in titles.values()]
    return Drawn(
        name="ignored_reservation",
        title=TITLE,
        caption=(
            "Reservations that were discarded over those that were to be abandoned, all repetitions together,"
            f" with the exact 95 % interval. Dashed: all of them and no other. {HOLLOW}"
        ),
        alt=f"Discarded reservations of {counted(len(found), 'cell')}. The table holds the same numbers.",
        picture=forest(TITLE, panels, marks),
        table=pd.DataFrame([_row(one) for one in found]),
    )


def _row(one: Reading) -> dict[str, object]:
    return {
        "layout": one.name,
        "abandoned": f"one in {one.every}",
        "attempted": digits(one.attempted),
        "dropped": digits(one.drops),
        "discarded": digits(one.discarded),
        "of those granted": interval_text(
            "discarded_share", exact.share(one.discarded, one.granted)
        ),
        "delivered": digits(one.delivered),
        "left or overwritten": digits(one.left),
        "unaccounted for": digits(one.unaccounted),
        "failed trials": digits(one.failed),
        "taint": "all tainted" if one.tainted else "",
    }


QUESTION = Question(
    number=17,
    name="ignored_reservation",
    title=TITLE,
    claim=(
        "A reserve that failed must be impossible to overlook, and one that succeeded impossible to lose:"
        " the kernel's verifier sees to both."
    ),
    answer=answer,
)
