"""Question 14: how many events a guard against recursion loses, and what it costs the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import Interval, difference_interval
from plots.figure import Drawn
from plots.kernel import PREFIX
from plots.kernel.cells import Cell, alike_but
from plots.kernel.samples import Samples
from plots.questions import exact
from plots.questions.forest import HOLLOW, Mark, Panel, forest, of_transport
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import enough
from plots.questions.rows import setting, signals
from plots.results import Results
from plots.wording import counted, digits, interval_text, listed

TITLE = "How many events does the guard against recursion lose silently, and what does it cost?"

_COST = "event_amortised_cycles"
_LOST = Panel("refused as recursion", "of a million", logarithmic=True)
_MORE = Panel("cost of the guard to every event", "TSC cycles more an event", line=0)


@dataclass(frozen=True)
class Reading:
    """Events of one cell that were refused as recursion, all repetitions together."""

    name: str
    transport: str
    attempted: float
    refused: float
    every: float  # us between two signals; NaN for the kernel's programs
    producers: int
    paced: bool
    cost: Interval | None  # of the guard, to every event
    tainted: bool

    @property
    def share(self) -> Interval:
        return exact.share(self.refused, self.attempted)

    @property
    def of_kernel(self) -> bool:
        return self.transport.startswith(PREFIX)


def answer(results: Results, samples: Samples) -> Answer:
    models = sorted(
        _models(results, samples), key=lambda one: (one.paced, one.producers, one.every)
    )
    found = [*models, *_kernels(results, samples)]
    limits = _limits()
    if not models:
        figure = _drawn(found) if found else None
        return undecided("no interrupt met a guard", figure, limits=limits)
    worst, calm = models[0], _calmest(models)
    if calm.cost is None:
        why = "no cell was run without the guard at the same signals and load"
        return undecided(why, _drawn(found), limits=limits)
    if not enough(calm.cost):
        why = "the repetitions without the guard or with it are too few to tell what it costs"
        return undecided(why, _drawn(found), limits=limits)
    sentence = f"{_lost(worst)} and {_costs(calm)}; {_kernel(found)}."
    return Answer(sentence, True, _drawn(found), details=_details(models), limits=limits)


def _models(results: Results, samples: Samples) -> list[Reading]:
    cells = results.cells[results.cells.transport == "ringbuf"]
    found = []
    for group in alike_but(results, cells, ["interrupted"]):
        by_mode = {setting(cell, "interrupted", "try"): cell for cell in group}
        if "guard" in by_mode:
            found.append(_model(by_mode["guard"], by_mode.get("try"), samples))
    return [one for one in found if one.attempted > 0]


def _model(guarded: Cell, free: Cell | None, samples: Samples) -> Reading:
    key = guarded["key"]
    attempted, refused = exact.totals(samples, key, "interrupt_attempted", "interrupt_recursion")
    every, producers = float(guarded["interrupt_every_us"]), int(guarded["producers"])
    name = f"ringbuf, {counted(producers, 'producer')}, {signals(every)}"
    paced = guarded["arrival"] != "saturate"
    name += ", paced" if paced else ""
    cost = _difference(samples, key, free["key"]) if free else None
    tainted = samples.tainted(key) or (free is not None and samples.tainted(free["key"]))
    return Reading(name, "ringbuf", attempted, refused, every, producers, paced, cost, tainted)


def _difference(samples: Samples, guarded: str, free: str) -> Interval | None:
    values = [samples.values(key, _COST) for key in (guarded, free)]
    return difference_interval(*values) if all(len(one) for one in values) else None


def _kernels(results: Results, samples: Samples) -> list[Reading]:
    found = []
    for cell in results.cells[results.cells.transport.str.startswith(PREFIX)].to_dict("records"):
        attempted, refused = exact.totals(samples, cell["key"], "attempted", "drop_recursion")
        if attempted:
            name = f"{cell['transport']}, {setting(cell, 'driver').replace('_', ' ')}"
            tainted = samples.tainted(cell["key"])
            transport, producers = str(cell["transport"]), int(cell["producers"])
            every = float("nan")
            found.append(
                Reading(name, transport, attempted, refused, every, producers, False, None, tainted)
            )
    return found


def _calmest(models: Sequence[Reading]) -> Reading:
    """One producer and the fewest signals: what is left is the guard."""
    first = models[0]
    fewest = [o for o in models if (o.producers, o.paced) == (first.producers, first.paced)]
    return max(fewest, key=lambda one: one.every)


def _million(one: Reading) -> str:
    return exact.of_million(one.refused, one.attempted)


def _lost(one: Reading) -> str:
    return f"The guard refuses {_million(one)} of a million events of interrupts ({one.name})"


def _costs(one: Reading) -> str:
    assert one.cost is not None
    shown = interval_text("cycles", one.cost)
    if one.cost.low <= 0 <= one.cost.high:
        return f"costs every event nothing that this run can tell ({shown} cycles)"
    return f"makes every event {'dearer' if one.cost.low > 0 else 'cheaper'} ({shown} cycles)"


def _kernel(found: Sequence[Reading]) -> str:
    kernels = [one for one in found if one.of_kernel]
    if not kernels:
        return "the kernel's own misses were not measured"
    refused = sum(one.refused for one in kernels)
    of = sum(one.attempted for one in kernels)
    share = exact.of_million(refused, of)
    if not refused:
        return f"the kernel's programs missed none in {digits(of)} runs ({share} of a million)"
    who = listed(one.name for one in kernels if one.refused)
    return f"the kernel's programs missed {digits(refused)} in {digits(of)} runs ({share} of a million; {who})"


def _details(models: Sequence[Reading]) -> tuple[str, ...]:
    return tuple(f"{one.name}: {_million(one)} of a million refused." for one in models[1:])


def _limits() -> tuple[str, ...]:
    return (
        "The guard's refusals are counted here (drop cause recursion); a program that does not ask for the"
        " count sees nothing, and the consumer never does.",
        "The intervals of refusals are exact for independent interrupts; what differs between"
        " repetitions is not in them.",
    )


def _drawn(found: Sequence[Reading]) -> Drawn:
    marks: list[Mark] = []
    for one in found:
        kind, share = of_transport(one.transport), exact.per_million(one.share)
        marks.append(Mark(_LOST.title, one.name, kind, share, one.tainted))
        if one.cost is not None:
            marks.append(Mark(_MORE.title, one.name, kind, one.cost, one.tainted))
    panels = [panel for panel in (_LOST, _MORE) if any(m.panel == panel.title for m in marks)]
    return Drawn(
        name="recursion",
        title=TITLE,
        caption=(
            "Left: events refused because their producer was inside a reserve of its own, of a million, all"
            " repetitions together, with the exact 95 % interval; of the kernel, what it counts as"
            " recursion_misses. Right: an event's amortised cycles with the guard less those without it, at the"
            f" same rate of signals: difference of medians with its 95 % bootstrap interval. {HOLLOW}"
        ),
        alt=f"Events lost to recursion in {counted(len(found), 'cell')}. The table holds the same numbers.",
        picture=forest(TITLE, panels, marks),
        table=pd.DataFrame([_row(one) for one in found]),
    )


def _row(one: Reading) -> dict[str, object]:
    return {
        "who": one.name,
        "events": digits(one.attempted),
        "refused": digits(one.refused),
        "of a million": _million(one),
        "guard costs (TSC cycles an event)": interval_text("cycles", one.cost) if one.cost else "–",
        "taint": "all tainted" if one.tainted else "",
    }


QUESTION = Question(
    number=14,
    name="recursion",
    title=TITLE,
    claim=(
        "A program that interrupts itself on its own CPU is not run at all: the guard against recursion"
        " loses the event, and nobody is told."
    ),
    answer=answer,
)
