"""All that a comparison found, as text, page and JSON show it, and what it means for a CI job."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plots.compare.comparison import CALLED, Change, Changes, Family, Rules, Verdict
from plots.compare.names import shared_parts
from plots.compare.pairing import Alone, Pairing
from plots.compare.provenance import Difference
from plots.compare.sensitivity import Sight, share, sights
from plots.results import Results
from plots.wording import counted

# Exit statuses: what a CI job asks.
NOTHING_WORSE, REFUSED, MISTAKE, WORSE = 0, 1, 2, 3

FLOOR = "null"
_METRICS_NAMED = 6
_FAMILIES: dict[Family, str] = {
    "headline": "headline (cost of an event)",
    "judged": "other metrics of which more or less is better",
    "described": "metrics that only describe",
}
_ORDER: dict[Verdict, int] = {
    "worse": 0,
    "better": 1,
    "changed": 2,
    "no difference": 3,
    "untested": 4,
}


@dataclass(frozen=True)
class Outcome:
    results: Results
    rules: Rules
    effect: float  # the relative change that the count of repetitions is for
    pairing: Pairing
    changes: Changes
    warnings: tuple[Difference, ...]  # would refuse, but the user compares across them
    facts: tuple[Difference, ...]  # what the comparison may be about
    metrics: tuple[str, ...]  # the only ones compared; empty: all
    sights: tuple[Sight, ...]

    @functools.cached_property
    def called(self) -> list[Change]:
        """Worst first, as are the two below."""
        return _worst_first(self.changes.of(*CALLED))

    @functools.cached_property
    def headline(self) -> list[Change]:
        return _worst_first(self.changes.headline)

    def every(self) -> list[Change]:
        return _worst_first(list(self.changes))

    @property
    def broken(self) -> list[Alone]:
        return [one for one in (*self.pairing.alone, *self.pairing.flawed) if one.broken]

    @property
    def status(self) -> int:
        worse = any(change.verdict == "worse" for change in self.called)
        return WORSE if worse or self.broken else NOTHING_WORSE

    @functools.cached_property
    def shared(self) -> list[str]:
        """Parts of the names that all compared cells have."""
        return shared_parts(list(self.pairing.cells.name))


def outcome(
    results: Results,
    rules: Rules,
    effect: float,
    pairing: Pairing,
    changes: Changes,
    warnings: Sequence[Difference],
    facts: Sequence[Difference],
    metrics: Sequence[str],
) -> Outcome:
    seen = tuple(sights(changes.headline, rules, effect))
    return Outcome(
        results,
        rules,
        effect,
        pairing,
        changes,
        tuple(warnings),
        tuple(facts),
        tuple(metrics),
        seen,
    )


def _worst_first(changes: Sequence[Change]) -> list[Change]:
    """By verdict, then cell by cell, the one whose headline changed most first; likewise within."""
    worst: dict[tuple[str, str], tuple[bool, float]] = {}
    for change in changes:
        at = change.verdict, change.cell
        worst[at] = min(worst.get(at, _weight(change)), _weight(change))

    def rank(change: Change) -> tuple[object, ...]:
        cell = worst[change.verdict, change.cell]
        own = (*_weight(change), change.metric.name)
        return _ORDER[change.verdict], cell, change.name, change.cell, own

    return sorted(changes, key=rank)


def _weight(change: Change) -> tuple[bool, float]:
    return change.family != "headline", -change.size


def verdict(found: Outcome) -> str:
    """The one sentence a CI log needs."""
    worse = [change for change in found.called if change.verdict == "worse"]
    cells = len({change.cell for change in worse})
    better = len({change.cell for change in found.called if change.verdict == "better"})
    parts = []
    if worse:
        parts.append(f"WORSE: {counted(len(worse), 'metric')} in {counted(cells, 'cell')}")
    if found.broken:
        parts.append(f"FAILING: {counted(len(found.broken), 'cell')} with failed trials only in B")
    if not parts:
        parts.append("NOTHING WORSE was found")
    compared = len(found.pairing.cells)
    parts.append(f"{counted(better, 'cell')} better in some metric; {compared:,} compared")
    return "; ".join(parts) + "." + _reach(found)


def _reach(found: Outcome) -> str:
    """Nothing found means little where nothing could be seen."""
    if not found.sights:
        return "" if found.metrics else " No headline metric could be tested."
    visible = share([sight.visible for sight in found.sights], 0.5)
    return (
        " In half of the cells it could see changes of the headline from"
        f" {percent(visible, False)} on."
    )


def counts(found: Outcome) -> list[str]:
    """For each family, how many of its comparisons got which verdict."""
    lines = []
    seen = found.changes.counts()
    for family, words in _FAMILIES.items():
        shown = ", ".join(f"{seen[family, v]:,} {v}" for v in _ORDER if seen[family, v])
        if shown:
            lines.append(f"{words}: {shown}.")
    return lines


def doubts(found: Outcome) -> list[str]:
    """What a careful reader must know of this comparison."""
    lines = [difference.sentence() for difference in found.warnings]
    for side in found.pairing.unfinished:
        lines.append(f"The run of {side} is not finished: cells may lack repetitions.")
    tainted = found.pairing.tainted_trials
    if any(tainted):
        use = "cells with only such trials are " + (
            "tested all the same (--tainted)"
            if found.rules.with_tainted
            else "shown and not tested (--tainted tests them)"
        )
        lines.append(
            f"Tainted trials in compared cells: {tainted[0]} in A, {tainted[1]} in B; {use}."
        )
    lines += _one_sided(found)
    lines += _common_shift(found)
    lines.append(
        "Repetitions are interleaved, but those of one run share its slow drifts (temperature,"
        " neighbours, memory layout): the test sees the scatter within the runs, not between them."
        " Two runs of the same program show what this machine does by itself; give that as"
        " --tolerance."
    )
    return lines


def _one_sided(found: Outcome) -> list[str]:
    """Metrics that a cell has on one side only, and cells without a headline metric."""
    lines = []
    bare = len(found.pairing.cells) - len({change.cell for change in found.headline})
    if bare and not found.metrics:
        lines.append(
            f"{counted(bare, 'compared cell')} without a headline metric on both sides: too few"
            " events were timed."
        )
    lost = found.pairing.one_sided
    if lost:
        shown = ", ".join(f"{name} in {count}" for name, count in lost[:_METRICS_NAMED])
        rest = (
            f" and {len(lost) - _METRICS_NAMED} more metrics" if len(lost) > _METRICS_NAMED else ""
        )
        lines.append(f"Cells that have a metric on one side only, not compared: {shown}{rest}.")
    return lines


def _common_shift(found: Outcome) -> list[str]:
    """The null transport and the middle cell: what moved them is seldom one transport's doing."""
    log_ratios = {c: np.log(c.ratio.median) for c in found.headline if c.ratio.median > 0}
    if len(log_ratios) < 5:
        return []
    middle = float(np.expm1(np.median(list(log_ratios.values()))))
    text = f"The middle cell's headline metric moved by {percent(middle)}"
    floor = [value for change, value in log_ratios.items() if change.transport == FLOOR]
    if floor:
        moved = percent(float(np.expm1(np.median(floor))))
        text += f"; that of `{FLOOR}`, which measures the harness alone, by {moved}"
    if abs(middle) > max(found.rules.tolerance, 0.005):
        text += ": what moves most cells alike is the machine or the build, seldom one transport"
    return [text + "."]


def sensitivity(found: Outcome) -> list[str]:
    """How small a change could be seen, and how many repetitions would find the stated effect."""
    seen = found.sights
    if not seen:
        return ["No headline metric could be tested, so how small a change can be seen is unknown."]
    fewest = min(min(s.change.n) for s in seen)
    most = max(max(s.change.n) for s in seen)
    repetitions = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    visible = [s.visible for s in seen]
    needed = [float(s.needed or np.inf) for s in seen]
    text = f"To find {percent(found.effect, False)} takes {_times(share(needed, 0.5))}"
    return [
        f"With {repetitions} repetitions a side, this comparison finds (in 4 of 5 cases) a change"
        f" of the headline metric from {percent(share(visible, 0.5), False)} on in half of the"
        f" cells, from {percent(share(visible, 0.9), False)} on in 90 % of them.",
        f"{text} repetitions a side in half of the cells, {_times(share(needed, 0.9))} in 90 %,"
        f" {_times(max(needed))} in all.",
    ]


def _times(needed: float) -> str:
    return f"{needed:.0f}" if np.isfinite(needed) else "more than 1,000"


def percent(relative: float, signed: bool = True) -> str:
    """1.5 %, with its sign where the direction matters; as a factor from tenfold on."""
    number = relative * 100.0
    if number >= 900.0:
        return f"×{1.0 + relative:,.0f}"
    decimals = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    text = f"{number:+.{decimals}f}" if signed else f"{number:.{decimals}f}"
    return f"{text} %"
