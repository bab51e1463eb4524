"""What waking the consumer costs the producer, and what not waking it costs in delay, by mode and rate."""

from collections.abc import Iterator, Sequence
from typing import Any

from plots.bootstrap import Interval
from plots.kernel.samples import Samples
from plots.questions.contrast import MOST_REFUSED
from plots.questions.notification_figure import draw
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import TOO_FEW
from plots.questions.wakeup_modes import COST, DELAY, SHARE, WOKEN, Mode, at, modes, own_rule
from plots.results import Results
from plots.wording import counted, interval_text, listed, rate


def answer(results: Results, samples: Samples) -> Answer:
    found = modes(results, samples)
    limits = tuple(_refused(found))
    if not found:
        return undecided("no consumer slept at a paced rate", limits=limits)
    by_name: dict[str, list[Mode]] = {}
    for one in found:
        by_name.setdefault(one.of, []).append(one)
    more: Any = {
        "details": tuple(s for mine in by_name.values() for s in _details(mine)),
        "limits": limits,
    }
    figure = draw(found)
    told = [text for name, mine in by_name.items() if (text := _told(name, mine))]
    if not told:
        return undecided(_why(list(by_name.values())), figure, **more)
    return Answer(f"{'; '.join(told)}.", True, figure, **more)


def _refused(found: Sequence[Mode]) -> Iterator[str]:
    refusing = sum(one.refused > MOST_REFUSED for one in found)
    if refusing:
        yield (
            f"In {counted(refusing, 'row')} of the table more than 1 % of the events were refused, as the"
            " consumer did not come in time."
        )


def _rates(mine: Sequence[Mode]) -> list[float]:
    return sorted({one.rate for one in mine})


def _told(name: str, mine: Sequence[Mode]) -> str:
    """What the buffer's own rule saves and what silence costs; empty where neither can be told."""
    rule = own_rule(mine)
    saved, delayed = _saved(rule, mine), _delayed(mine)
    parts = [part for part in (saved, delayed) if part]
    return f"{name}: {', and '.join(parts)}" if parts else ""


def _saved(rule: str, mine: Sequence[Mode]) -> str:
    """The rates at which the rule is surely cheaper for the producer than always, with the most it saves."""
    less = _beyond(mine, "always", rule, COST)
    cheaper = {r: interval for r, interval in less.items() if interval.low > 0}
    dearer = [r for r, interval in less.items() if interval.high < 0]
    if cheaper:
        best = max(cheaper, key=lambda r: cheaper[r].median)
        text = (
            f"{rule} is cheaper for the producer than always at {listed(map(rate, cheaper))}, by at most"
            f" {interval_text('cycles', cheaper[best])} cycles an event at {rate(best)}"
        )
        others = [rate(r) for r in less if r not in cheaper and r not in dearer]
        return f"{text} (not told apart at {listed(others)})" if others else text
    if dearer:
        return f"{rule} saves nothing against always, and costs more at {listed(map(rate, dearer))}"
    return ""


def _delayed(mine: Sequence[Mode]) -> str:
    """What never adds to the median delay, at the rate where it adds most."""
    rule = own_rule(mine)
    other = "always" if _beyond(mine, "never", "always", DELAY) else rule
    more = {r: i for r, i in _beyond(mine, "never", other, DELAY).items() if i.low > 0}
    if not more:
        return ""
    ends = list(dict.fromkeys((min(more), max(more))))
    texts = [f"{interval_text(DELAY, more[r])} at {rate(r)}" for r in ends]
    return f"never adds {listed(texts)} to the median delay of {other}"


def _beyond(mine: Sequence[Mode], name: str, other: str, metric: str) -> dict[float, Interval]:
    """By rate, how much more the first mode has of the metric than the other."""
    found: dict[float, Interval] = {}
    for offered in _rates(mine):
        more, less = at(mine, name, offered), at(mine, other, offered)
        interval = more.beyond(less, metric) if more and less else None
        if interval is not None:
            found[offered] = interval
    return found


def _details(mine: Sequence[Mode]) -> Iterator[str]:
    for name in ("always", own_rule(mine)):
        ends = [one for one in mine if one.name == name]
        shown = [text for one in (*ends[:1], *ends[-1:]) if (text := _shown(one))]
        if shown:
            yield f"{mine[0].of}, {name}: {'; '.join(dict.fromkeys(shown))}."


def _shown(one: Mode) -> str:
    """Wake-ups and CPU time of the consumer, where they are known."""
    woken, share = one.interval(WOKEN), one.interval(SHARE)
    parts = [f"{interval_text('times', woken)} wake-ups a record"] if woken else []
    parts += [f"{interval_text(SHARE, share)} of a CPU for the consumer"] if share else []
    return f"at {rate(one.rate)} {listed(parts)}" if parts else ""


def _why(all_of: Sequence[Sequence[Mode]]) -> str:
    pairs = [(mine, own_rule(mine)) for mine in all_of]
    both = any(
        at(mine, "always", r) and at(mine, rule, r) for mine, rule in pairs for r in _rates(mine)
    )
    if not both:
        return "no rate was measured both with a buffer's own rule and with always"
    if not any(_beyond(mine, "always", rule, COST) for mine, rule in pairs):
        return TOO_FEW
    return "at every rate the intervals of the modes overlap"


QUESTION = Question(
    10,
    "notification",
    "When should a commit wake the consumer?",
    "Waking the consumer for every record is dear. The ring wakes it only where it had caught up, so that wake-ups"
    " become rarer as the load rises; a program that knows better may force a wake-up or forbid it.",
    answer,
)
