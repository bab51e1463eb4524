"""What counting drops costs, where it is done: cycles of an accepted record and of a refused one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pandas as pd

from plots.bootstrap import Interval
from plots.kernel.cells import alike_but
from plots.kernel.samples import Samples
from plots.questions.contrast import (
    SAME,
    Contrast,
    accepting,
    contrast,
    contrasts,
    event_metric,
)
from plots.questions.drop_accounting_figure import WAYS, draw
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import TOO_FEW
from plots.questions.rows import setting
from plots.report.trust import number
from plots.results import Results
from plots.wording import counted, fraction, interval_text, listed

_NAME, _NOWHERE, _IN_BAND = "accounting", "none", "in_band"
_REFUSED = "refused_cycles_p50"


def answer(results: Results, samples: Samples) -> Answer:
    """Contrasts are against a ring that counts nowhere, beyond the tally of each producer's handle."""
    roomy = accepting(results.cells, samples)
    full = results.cells[~results.cells.key.isin(roomy.key)]
    accepted = _sorted(contrasts(results, samples, roomy, _NAME, _NOWHERE))
    refused = _sorted(_refused(results, samples, full))
    found = [*accepted, *refused]
    if not found:
        return undecided("no cell was measured both with accounting and without")
    figure, details = draw(accepted, refused), (*_atomics(accepted), *_details(refused))
    in_band = _of(accepted, _IN_BAND)
    why = _why_not(in_band)
    if why:
        return undecided(why, figure, details=details)
    others = "; ".join(_others(results, samples, roomy, accepted))
    sentence = f"{_first(in_band)}{f'; {others}' if others else ''}."
    return Answer(sentence, True, figure, details=details)


def _refused(results: Results, samples: Samples, full: pd.DataFrame) -> Iterator[Contrast]:
    """A refused reserve is timed by itself: each median is known to half a step of the TSC only."""
    for one in contrasts(results, samples, full, _NAME, _NOWHERE, _REFUSED):
        step = _step(results, one)
        more = one.more
        low, high = min(more.low, more.median - step), max(more.high, more.median + step)
        yield replace(one, more=Interval(more.median, low, high, more.n))


def _step(results: Results, one: Contrast) -> float:
    return number(results.stores[int(one.cell["store"])].provenance, "tsc_resolution_cycles")


def _sorted(found: Iterable[Contrast]) -> list[Contrast]:
    known = [one for one in found if one.value in WAYS]
    return sorted(known, key=lambda o: (list(WAYS).index(o.value), int(o.cell["producers"])))


def _of(found: Sequence[Contrast], value: str) -> list[Contrast]:
    return [one for one in found if one.value == value]


def _why_not(in_band: Sequence[Contrast]) -> str:
    """Why the claim cannot be told; empty where it can: it is about accepted records."""
    if not in_band:
        return "no cell accepted its records both with the drops counted in band and without"
    if not any(one.told for one in in_band):
        return TOO_FEW
    if any(one.costs for one in in_band) or _told_same(in_band):
        return ""
    return (
        f"what counting in band adds to an accepted record, {_shown(in_band)}, may be nothing and may be more"
        f" than {fraction(SAME)} of it"
    )


def _told_same(found: Sequence[Contrast]) -> bool:
    return all(one.same or one.saves for one in found if one.told)


def _first(in_band: Sequence[Contrast]) -> str:
    if any(one.costs for one in in_band):
        return f"Counting in band costs accepted records: {_shown(in_band)} more than not counting"
    return (
        f"Counting in band costs accepted records nothing that matters: {_shown(in_band)} more than not"
        f" counting, which excludes {fraction(SAME)} of the event"
    )


def _shown(found: Sequence[Contrast]) -> str:
    """The cycles, by the number of producers."""
    return listed(
        f"{interval_text('cycles', one.more)} cycles with"
        f" {counted(int(one.cell['producers']), 'producer')}"
        for one in found
        if one.told
    )


def _others(
    results: Results, samples: Samples, roomy: pd.DataFrame, accepted: Sequence[Contrast]
) -> Iterator[str]:
    for value in WAYS:
        mine = [one for one in _of(accepted, value) if one.told]
        if value == _IN_BAND or not mine:
            continue
        beyond = list(_in_band_beyond(results, samples, roomy, value))
        yield f"{WAYS[value]} {_verdict(beyond)}: {_shown(mine)}"


def _in_band_beyond(
    results: Results, samples: Samples, roomy: pd.DataFrame, value: str
) -> Iterator[Contrast]:
    """In band against another way to count, side by side."""
    for group in alike_but(results, roomy, (_NAME,)):
        cells = {setting(cell, _NAME, _NOWHERE): cell for cell in group}
        if value in cells and _IN_BAND in cells:
            made = contrast(
                samples, cells[value], cells[_IN_BAND], _IN_BAND, event_metric(group[0])
            )
            if made is not None and made.told:
                yield made


def _verdict(beyond: Sequence[Contrast]) -> str:
    """By the numbers of producers for which it is told; the others are not told apart."""
    cheaper, dearer = [one for one in beyond if one.costs], [one for one in beyond if one.saves]
    said = [
        f"is {word} there with {listed(counted(int(one.cell['producers']), 'producer') for one in own)}"
        for word, own in (("cheaper", cheaper), ("dearer", dearer))
        if own
    ]
    return " and ".join(said) or "is not told apart from it there"


def _atomics(accepted: Sequence[Contrast]) -> Iterator[str]:
    """How many atomics an accepted record executes: stored with each cell, proved by single-stepping."""
    for one in _of(accepted, _IN_BAND)[:1]:
        without, counted_there = (_locked(cell.get("atomics")) for cell in (one.base, one.cell))
        if without is not None and counted_there is not None:
            yield (
                f"An accepted record executes {counted(without, 'atomic operation')} without accounting, and"
                f" {counted_there} with the drops counted in band, as long as none wait to be told."
            )


def _locked(atomics: object) -> int | None:
    """A release store is none: the bus is not locked for it."""
    if not isinstance(atomics, str):
        return None
    return sum(int(n) for name, n in json.loads(atomics).items() if name != "release_store")


def _details(refused: Sequence[Contrast]) -> Iterator[str]:
    for value, name in WAYS.items():
        told = [one for one in _of(refused, value) if one.told]
        if told:
            yield f"A refused reserve: counting in {name} adds {_shown(told)}."
    if not refused:
        yield "No cell timed refused reserves both with accounting and without."


QUESTION = Question(
    11,
    "drop_accounting",
    "What does it cost to count drops, and where?",
    "To tell the consumer of drops in the header of the next record takes one more atomic operation for every"
    " record. A global counter, or one for each CPU, is touched only when something is dropped, and is cheap.",
    answer,
)
