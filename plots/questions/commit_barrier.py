"""Whether the commit needs its full barrier: what a release store saves, and the wake-ups that it loses."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from plots.kernel.samples import Samples
from plots.questions.commit_barrier_figure import condition, draw, loss_row
from plots.questions.contrast import SAME, Contrast, accepting, contrasts, refused_sentence
from plots.questions.lost_wakeups import Losses, losses
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import TOO_FEW
from plots.results import Results
from plots.wording import digits, fraction, interval_text, listed

ENOUGH = 10.0  # of a million sleeps: who surely loses fewer loses none, for an answer


def answer(results: Results, samples: Samples) -> Answer:
    saturated = _of_cycles(results.cells)
    cells = accepting(saturated, samples)
    cycles = contrasts(results, samples, cells, "commit", "xchg")
    cycles = sorted(cycles, key=lambda one: (int(one.cell["producers"]), condition(one)))
    lost = losses(results, samples, by_load=False)
    limits = tuple(refused_sentence(saturated, cells))
    figure = draw(cycles, lost) if cycles or lost else None
    by_load = losses(results, samples, by_load=True)
    more: Any = {
        "details": tuple(_details(lost)),
        "limits": limits,
        "table": _table(by_load) if by_load else None,
        "caption": "Sleeps of the consumer and wake-ups that it lost, by what the producers did.",
    }
    why = _why_not(cycles, lost)
    if why:
        return undecided(why, figure, **more)
    sentence = _sentence(list(_by_reader(cycles)), _by_mode(lost))
    return Answer(sentence, True, figure, **more)


def _of_cycles(cells: pd.DataFrame) -> pd.DataFrame:
    """A consumer that sleeps is in the other half: there an event's cycles hold its waking."""
    return cells[(cells.arrival == "saturate") & (cells.poll != "epoll")]


def _by_mode(lost: Sequence[Losses]) -> dict[tuple[str, str], Losses]:
    return {one.mode: one for one in lost}


def _why_not(cycles: Sequence[Contrast], lost: Sequence[Losses]) -> str:
    """Why the data do not tell; empty where they do. Both halves are needed."""
    release, exchange = (_by_mode(lost).get((commit, "on")) for commit in ("release", "xchg"))
    if not cycles:
        return "no cell measured the cycles of both ways to commit"
    if not any(one.told for one in cycles):
        return f"of the cycles {TOO_FEW}"
    if release is None or exchange is None:
        return "no consumer slept with both ways to commit"
    if _loses(release, exchange) or _neither(release, exchange):
        return ""
    if exchange.count > 1:
        return f"the exchange loses {_of_a_million(exchange)}, and the release store {_of_a_million(release)}"
    return (
        f"the sleeps are too few: the release store loses {_of_a_million(release)}, and the exchange"
        f" {_of_a_million(exchange)}"
    )


def _loses(release: Losses, exchange: Losses) -> bool:
    return release.lost.low > exchange.lost.high


def _neither(release: Losses, exchange: Losses) -> bool:
    return max(release.lost.high, exchange.lost.high) <= ENOUGH


def _sentence(cycles: Sequence[Contrast], lost: dict[tuple[str, str], Losses]) -> str:
    release, exchange = lost["release", "on"], lost["xchg", "on"]
    needed = "is needed" if _loses(release, exchange) else "was not needed on this machine"
    unfenced = lost.get(("xchg", "off"))
    without = (
        f" where it does not, the exchange loses {_of_a_million(unfenced)};" if unfenced else ""
    )
    return (
        f"The full barrier {needed}: where the consumer fences, a release store loses"
        f" {_of_a_million(release)}, and the exchange {_of_a_million(exchange)};{without} in cycles, a release"
        f" store {listed(map(_saved, cycles))}."
    )


def _by_reader(cycles: Sequence[Contrast]) -> Iterator[Contrast]:
    """Of each kind of reader the fewest producers; the figure has the others."""
    told = [one for one in cycles if one.told]
    for reader in dict.fromkeys(condition(one) for one in told):
        yield next(one for one in told if condition(one) == reader)


def _saved(one: Contrast) -> str:
    reader = f"with {condition(one)}"
    if one.saves:
        return f"saves {interval_text('cycles', one.less)} cycles an event {reader}"
    more = f"{interval_text('cycles', one.more)} cycles"
    if one.costs:
        return f"costs {more} an event {reader}"
    if one.same:
        return f"costs the same to {fraction(SAME)} {reader}"
    return f"saves nothing {reader} that this run can tell ({more} more)"


def _of_a_million(one: Losses) -> str:
    if one.count == 0:
        return f"no wake-up in {one.sleeps:,} sleeps (at most {digits(one.lost.high)} in a million)"
    return f"{interval_text('times', one.lost)} wake-ups in a million sleeps"


def _details(lost: Sequence[Losses]) -> Iterator[str]:
    if any(one.late.median > 0 for one in lost):
        late = "; ".join(f"{one.name}: {interval_text('times', one.late)}" for one in lost)
        yield f"Late, not lost, as the producer was still inside its commit, in a million sleeps: {late}."


def _table(found: Sequence[Losses]) -> pd.DataFrame:
    return pd.DataFrame([{"load": one.load} | loss_row(one) for one in found])


QUESTION = Question(
    8,
    "commit_barrier",
    "Does the commit need a full barrier?",
    "Committing a record by an atomic exchange is more than is needed to make it visible: a release store would"
    " do that. The exchange is there for its full barrier, so that the producer's look at the consumer's"
    " position cannot be earlier than the record; without it a consumer may sleep over a record.",
    answer,
)
