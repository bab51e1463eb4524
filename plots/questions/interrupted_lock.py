"""Question 13: how often an interrupt is refused by the ring's lock while there is room."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import Floats, Interval, ratio_interval
from plots.figure import Drawn
from plots.kernel.cells import Cell
from plots.kernel.samples import Samples
from plots.questions import exact
from plots.questions.forest import HOLLOW, Mark, Panel, forest, of_number
from plots.questions.question import Answer, Question, undecided
from plots.questions.rows import measured, setting, signals
from plots.results import Results
from plots.wording import counted, digits, interval_text

TITLE = (
    "How often is an interrupt refused by a lock while the ring has room, and does a bound help?"
)

_COUNTS = ("interrupt_attempted", "interrupt_lock_busy", "interrupt_no_space")
_MODES = ("try", "bounded")
# Nothing refused, and yet more than this may be: too few interrupts to say anything.
_UNKNOWN = 1e-3


@dataclass(frozen=True)
class Reading:
    """Refusals of the interrupting events of one cell, all repetitions together."""

    lock: str
    mode: str
    producers: int
    every: float  # us
    paced: bool
    attempted: float
    busy: float
    no_space: float
    shares: Floats  # of the refused, of each repetition
    tainted: bool

    @property
    def share(self) -> Interval:
        return exact.share(self.busy, self.attempted)

    @property
    def row(self) -> str:
        paced = ", paced" if self.paced else ""
        return f"{self.lock}, {signals(self.every)}{paced}"

    @property
    def panel(self) -> str:
        return counted(self.producers, "producer")


def answer(results: Results, samples: Samples) -> Answer:
    readings = (_reading(cell, samples) for cell in measured(results, *_COUNTS))
    found = sorted((one for one in readings if one is not None), key=_order)
    limits = _limits(found)
    alone = _worst(found, 1, "try")
    if alone is None:
        figure = _drawn(found) if found else None
        return undecided("no interrupt met a ring that one producer uses", figure, limits=limits)
    if alone.busy == 0 and alone.share.high > _UNKNOWN:
        why = f"of {counted(int(alone.attempted), 'interrupt')} none was refused, which is too few"
        return undecided(why, _drawn(found), limits=limits)
    sentence = f"{_alone(alone)}; {_bound(found)}."
    return Answer(sentence, True, _drawn(found), details=_details(found), limits=limits)


def _reading(cell: Cell, samples: Samples) -> Reading | None:
    attempted, busy, no_space = exact.totals(samples, cell["key"], *_COUNTS)
    mode = setting(cell, "interrupted", _MODES[0])  # a store leaves out the usual value
    if not attempted or mode not in _MODES:
        return None
    return Reading(
        setting(cell, "lock", "mcs"),
        mode,
        int(cell["producers"]),
        float(cell["interrupt_every_us"]),
        cell["arrival"] != "saturate",
        attempted,
        busy,
        no_space,
        _shares(samples, cell["key"]),
        samples.tainted(cell["key"]),
    )


def _shares(samples: Samples, key: str) -> Floats:
    trials = samples.trials(key, *_COUNTS)
    trials = trials[trials.interrupt_attempted > 0]
    found: Floats = (trials.interrupt_lock_busy / trials.interrupt_attempted).to_numpy(dtype=float)
    return found


def _order(one: Reading) -> tuple[object, ...]:
    return one.paced, one.lock, one.every, one.producers, _MODES.index(one.mode)


def _worst(found: Sequence[Reading], producers: int, mode: str) -> Reading | None:
    """Saturating, with the most signals; `mcs` if it was run, as it stands for the kernel's lock."""
    fit = [o for o in found if (o.producers, o.mode, o.paced) == (producers, mode, False)]
    return sorted(fit, key=lambda o: (o.lock != "mcs", o.lock, o.every))[0] if fit else None


def _alone(one: Reading) -> str:
    return (
        f"Of a million events sent from an interrupt of the only producer, {_million(one)} are refused"
        f" although the ring has room, each a deadlock avoided ({one.row})"
    )


def _bound(found: Sequence[Reading]) -> str:
    crowd = min((one.producers for one in found if one.producers > 1), default=0)
    tried, bounded = _worst(found, crowd, "try"), _worst(found, crowd, "bounded")
    if tried is None or bounded is None:
        return "what a bound saves where another CPU holds the lock was not measured"
    shares = f"{_million(tried)} when the lock is tried once, {_million(bounded)} with a bound"
    left = exact.ratio(bounded.busy, bounded.attempted, tried.busy, tried.attempted)
    beside = f"with {crowd} producers it is {shares}"
    if _tells(left) and _tells(ratio_interval(bounded.shares, tried.shares)):
        effect = "saves refusals" if left.high < 1 else "adds refusals"
        return f"{beside}: the bound {effect} ({_times(left)})"
    return f"{beside}, and whether the bound helps this run cannot tell"


def _tells(left: Interval) -> bool:
    return left.high < 1 or left.low > 1


def _times(interval: Interval) -> str:
    return f"to {interval_text('times', interval)} times as many"


def _million(one: Reading) -> str:
    return exact.of_million(one.busy, one.attempted)


def _details(found: Sequence[Reading]) -> tuple[str, ...]:
    """The paced cells: what a program sees that has other things to do than to send."""
    return tuple(
        f"Paced, {one.panel}, {one.mode}: {_million(one)} of a million."
        for one in found
        if one.paced
    )


def _limits(found: Sequence[Reading]) -> tuple[str, ...]:
    full = sum(one.no_space for one in found)
    told = [
        "A signal stands for NMI: it lands anywhere in the producer's code, as an NMI does, but it takes"
        " microseconds to arrive.",
        "The intervals are exact for independent interrupts; what differs between repetitions is not"
        " in them.",
    ]
    if full:
        told.append(
            f"{counted(int(full), 'event')} of interrupts met a full ring; they are not counted."
        )
    return tuple(told)


def _drawn(found: Sequence[Reading]) -> Drawn:
    kinds = {mode: of_number(number, mode) for number, mode in enumerate(_MODES)}
    marks = [
        Mark(one.panel, one.row, kinds[one.mode], exact.per_million(one.share), one.tainted)
        for one in found
    ]
    titles = [counted(n, "producer") for n in sorted({one.producers for one in found})]
    panels = [Panel(title, "refused, of a million", logarithmic=True) for title in titles]
    return Drawn(
        name="interrupted_lock",
        title=TITLE,
        caption=(
            "Events sent from an interrupt that the ring's lock refused although there was room, of a million,"
            " by lock and mean time between signals: tried once, or until a bound. All repetitions together,"
            f" with the exact 95 % interval (Clopper and Pearson). {HOLLOW}"
        ),
        alt=f"Spurious refusals of {counted(len(found), 'cell')}. The table holds the same numbers.",
        picture=forest(TITLE, panels, marks),
        table=pd.DataFrame([_row(one) for one in found]),
    )


def _row(one: Reading) -> dict[str, object]:
    return {
        "lock": one.lock,
        "interrupted": one.mode,
        "producers": one.producers,
        "signals": signals(one.every),
        "arrival": "paced" if one.paced else "saturate",
        "interrupts": digits(one.attempted),
        "refused by the lock": digits(one.busy),
        "of a million": _million(one),
        "refused for room": digits(one.no_space),
        "taint": "all tainted" if one.tainted else "",
    }


QUESTION = Question(
    number=13,
    name="interrupted_lock",
    title=TITLE,
    claim=(
        "In an NMI the ring's lock can only be tried, so that a reserve may fail although there is room,"
        " and the caller cannot tell this from a full ring."
    ),
    answer=answer,
)
