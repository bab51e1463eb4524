"""Whether the commit needs its full barrier: what a release store saves, and the wake-ups that it loses."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from plots.bootstrap import Interval
from plots.kernel.samples import Samples
from plots.questions.commit_barrier_figure import condition, draw, loss_row
from plots.questions.contrast import Contrast, accepting, contrasts, refused_sentence
from plots.questions.lost_wakeups import Losses, losses
from plots.questions.question import Answer, Question, undecided
from plots.results import Results
from plots.wording import interval_text, rate

ENOUGH = 10.0  # of a million sleeps: who surely loses fewer loses none, for an answer


def answer(results: Results, samples: Samples) -> Answer:
    saturated = results.cells[results.cells.arrival == "saturate"]
    cells = accepting(saturated, samples)
    cycles = contrasts(results, samples, cells, "commit", "xchg")
    cycles = sorted(cycles, key=lambda one: (int(one.cell["producers"]), condition(one)))
    lost = losses(results, samples, by_rate=False)
    limits = tuple(refused_sentence(saturated, cells))
    figure = draw(cycles, lost) if cycles or lost else None
    by_rate = losses(results, samples, by_rate=True)
    more: Any = {
        "details": tuple(_details(lost)),
        "limits": limits,
        "table": _table(by_rate) if by_rate else None,
        "caption": "Sleeps of the consumer and wake-ups that it lost, by the rate that was offered.",
    }
    why = _why_not(cycles, lost)
    if why:
        return undecided(why, figure, **more)
    sentence = _sentence([one for one in cycles if one.told], _by_mode(lost))
    return Answer(sentence, True, figure, **more)


def _by_mode(lost: Sequence[Losses]) -> dict[tuple[str, str], Losses]:
    return {one.mode: one for one in lost}


def _why_not(cycles: Sequence[Contrast], lost: Sequence[Losses]) -> str:
    """Why the data do not tell; empty where they do. Both halves are needed."""
    release, exchange = (_by_mode(lost).get((commit, "on")) for commit in ("release", "xchg"))
    if not cycles:
        return "no cell measured the cycles of both ways to commit"
    if not any(one.told for one in cycles):
        return "the cycles of fewer than three repetitions give no interval"
    if release is None or exchange is None:
        return "no consumer slept with both ways to commit"
    if _loses(release, exchange) or _neither(release, exchange):
        return ""
    if exchange.lost.low > 0 and exchange.count > 1:
        return (
            f"the exchange lost wake-ups too, {_of_a_million(exchange)}, and not surely fewer than the"
            f" release store, {_of_a_million(release)}"
        )
    return (
        f"{release.sleeps:,} sleeps with a release store, which lost {_of_a_million(release)}, and"
        f" {exchange.sleeps:,} with the exchange, which lost {_of_a_million(exchange)}, are too few"
    )


def _loses(release: Losses, exchange: Losses) -> bool:
    return release.lost.low > exchange.lost.high


def _neither(release: Losses, exchange: Losses) -> bool:
    return max(release.lost.high, exchange.lost.high) <= ENOUGH


def _sentence(cycles: Sequence[Contrast], lost: dict[tuple[str, str], Losses]) -> str:
    release, exchange = lost["release", "on"], lost["xchg", "on"]
    saved = " and ".join(_saved(cycles))
    if _loses(release, exchange):
        return (
            f"The full barrier is needed: a release store saves {saved}, and loses"
            f" {_of_a_million(release)} wake-ups, where the exchange loses {_of_a_million(exchange)}."
        )
    return (
        f"The full barrier was not needed on this machine: a release store saves {saved}, and loses"
        f" {_of_a_million(release)} wake-ups, as the exchange does with {_of_a_million(exchange)}."
    )


def _saved(cycles: Sequence[Contrast]) -> Iterator[str]:
    """Of each kind of reader the fewest producers; the figure has the others."""
    unit = " cycles an event"
    for reader in dict.fromkeys(condition(one) for one in cycles):
        first = next(one for one in cycles if condition(one) == reader)
        yield f"{interval_text('cycles', first.less)}{unit} with {reader}"
        unit = ""


def _of_a_million(one: Losses) -> str:
    if one.count == 0:
        return f"none of {one.sleeps:,} (at most {_at_most(one.lost)} of a million)"
    return f"{interval_text('times', one.lost)} of a million"


def _at_most(interval: Interval) -> str:
    return f"{interval.high:.2g}" if interval.high < 100 else f"{interval.high:,.0f}"


def _details(lost: Sequence[Losses]) -> Iterator[str]:
    unfenced = _by_mode(lost).get(("xchg", "off"))
    if unfenced is not None:
        yield (
            "The other half of the pair: an exchange whose consumer does not fence between the store of its"
            f" position and its last look loses {_of_a_million(unfenced)} wake-ups."
        )
    if any(one.late.median > 0 for one in lost):
        late = "; ".join(f"{one.name}: {interval_text('times', one.late)}" for one in lost)
        yield f"Late, not lost, as the producer was still inside its commit, of a million: {late}."


def _table(found: Sequence[Losses]) -> pd.DataFrame:
    rows = [
        {"offered": "all" if one.rate is None else rate(one.rate)} | loss_row(one) for one in found
    ]
    return pd.DataFrame(rows)


QUESTION = Question(
    8,
    "commit_barrier",
    "Does the commit need a full barrier?",
    "Committing a record by an atomic exchange is more than is needed to make it visible: a release store would"
    " do that. The exchange is there for its full barrier, so that the producer's look at the consumer's"
    " position cannot be earlier than the record; without it a consumer may sleep over a record.",
    answer,
)
