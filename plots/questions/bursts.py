"""Question 3: does one shared pool of memory absorb bursts better than one for each CPU?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from plots.bootstrap import Interval
from plots.kernel.samples import Samples
from plots.questions.burst_curves import (
    Curve,
    at_equal_bytes,
    curves,
    needed,
    times_needed,
)
from plots.questions.bursts_figure import drawn
from plots.questions.layouts import SHARED, SPLIT, in_order
from plots.questions.repetitions import TOO_FEW, enough
from plots.questions.question import Answer, Question, undecided
from plots.results import Results
from plots.wording import Measured, counted, fraction, interval_text, listed, size

TITLE = "How much memory does a burst need, in one shared ring and in a buffer for each CPU?"
CLAIM = (
    "64 KiB for each of 80 CPUs, 5 MiB in all, lose bursts, and 256 KiB for each absorb four times as"
    " much for 20 MiB; one shared ring of 5 MiB absorbs more, unless all CPUs spike at once."
)
SHARES = (0.01, 0.001)


@dataclass(frozen=True)
class Pair:
    """The shared ring and the buffers for each CPU under the same bursts."""

    shared: Curve
    split: Curve
    times: Interval  # memory that the split needs over the shared, at the first of SHARES

    @property
    def width(self) -> int:
        return self.shared.width

    @property
    def known(self) -> bool:
        return enough(self.times)

    @property
    def shared_wins(self) -> bool:
        return self.known and self.times.low > 1

    @property
    def split_wins(self) -> bool:
        return self.known and self.times.high < 1


def answer(results: Results, samples: Samples) -> Answer:
    found = curves(results, samples)
    pairs = _pairs(found)
    several = [pair for pair in pairs if pair.shared.producers > 1]
    figure = drawn(TITLE, found, SHARES, _table(found)) if found else None
    more: dict[str, Any] = {
        "details": tuple(_details(pairs)),
        "limits": tuple(_bounds(found)),
    }
    if not several:
        why = "no bursts on two producers and more were run through both layouts"
        return undecided(why, figure, **more)
    most = max(pair.shared.producers for pair in several)
    decisive = [pair for pair in several if pair.shared.producers == most]
    server = decisive[0].shared.server
    decisive = [pair for pair in decisive if pair.shared.server == server]
    why_not = _why_not(decisive)
    if why_not:
        return undecided(why_not, figure, **more)
    return Answer(_sentence(server, decisive), True, figure, **more)


def _pairs(found: Sequence[Curve]) -> list[Pair]:
    split = {_workload(one): one for one in found if one.layout == SPLIT}
    pairs = []
    for shared in (one for one in found if one.layout == SHARED):
        other = split.get(_workload(shared))
        if other:
            pairs.append(Pair(shared, other, times_needed(other, shared, SHARES[0])))
    return sorted(pairs, key=lambda pair: (pair.shared.producers, pair.width))


def _workload(curve: Curve) -> tuple[str, int, int]:
    return curve.server, curve.producers, curve.width


def _why_not(pairs: Sequence[Pair]) -> str:
    if not any(pair.known for pair in pairs):
        if min(len(p.drops) for pair in pairs for p in pair.shared.points + pair.split.points) < 3:
            return TOO_FEW
        return (
            f"the sizes that were run do not enclose where {fraction(SHARES[0])} drops, or its"
            " interval is open, in both layouts at any burst width"
        )
    if not any(pair.shared_wins or pair.split_wins for pair in pairs):
        said = listed(
            f"{_times(pair.times)} at a width of {pair.width}" for pair in pairs if pair.known
        )
        return f"the interval of the ratio of the memory they need includes 1 ({said})"
    return ""


def _times(times: Interval) -> str:
    return str(interval_text("ratio", times))


def _sentence(server: str, pairs: Sequence[Pair]) -> str:
    known = [pair for pair in pairs if pair.known]
    ratios = listed(f"{_times(pair.times)} when a burst hits {pair.width}" for pair in known)
    open_ended = [pair for pair in pairs if not pair.known]
    rest = f"; at {_widths(open_ended)} the need is only bounded" if open_ended else ""
    return (
        f"{server}To drop no more than {fraction(SHARES[0])} with {pairs[0].shared.producers} producers, buffers for"
        f" each CPU need so many times the memory of one shared ring: {ratios}; {_crossing(known)}{rest}."
    )


def _crossing(known: Sequence[Pair]) -> str:
    """From which width on the shared ring no longer needs less."""
    losing = [pair for pair in known if not pair.shared_wins]
    if not losing:
        return f"the shared ring wins at {_widths(known)}"
    first = losing[0]
    before = [pair.width for pair in known if pair.shared_wins and pair.width < first.width]
    lost = "loses" if first.split_wins else "no longer can be told to win"
    if before:
        return f"the shared ring wins up to a width of {before[-1]} and {lost} at {first.width}"
    return f"the shared ring {lost} at {first.width} already"


def _widths(pairs: Sequence[Pair]) -> str:
    noun = "a width of" if len(pairs) == 1 else "widths of"
    return f"{noun} {listed(str(pair.width) for pair in pairs)}"


def _details(pairs: Sequence[Pair]) -> Iterator[str]:
    for pair in pairs:
        differences = at_equal_bytes(pair.split, pair.shared)
        fewer = [total for total, found in differences if enough(found) and found.low > 0]
        more = [total for total, found in differences if enough(found) and found.high < 0]
        head = (
            f"{pair.shared.server}{counted(pair.shared.producers, 'producer')}, width {pair.width}"
        )
        parts = [f"the shared ring drops less at {_sizes(fewer)}"] if fewer else []
        parts += [f"the buffers for each CPU drop less at {_sizes(more)}"] if more else []
        rest = len(differences) - len(fewer) - len(more)
        parts += [f"no difference can be told at {counted(rest, 'size')}"] if rest else []
        if parts:
            yield f"{head}, at equal bytes: {'; '.join(parts)}."


def _sizes(totals: Sequence[float]) -> str:
    return listed(size(total) for total in totals)


def _bounds(found: Sequence[Curve]) -> Iterator[str]:
    if found and max(curve.producers for curve in found) < 8:
        most = max(curve.producers for curve in found)
        yield (
            f"With {counted(most, 'producer')} what a burst needs differs by a factor of {most} at most, and"
            " a tenth more for the headers; a ratio above that comes from sizes that lie a factor apart, or"
            " from how long the consumer is away. The claim is about 80 CPUs, where a burst on one of them"
            " has an eightieth of the memory."
        )


def _table(found: Sequence[Curve]) -> pd.DataFrame:
    order = in_order([curve.layout for curve in found])
    rows = []
    for curve in sorted(found, key=lambda c: (c.producers, c.width, order.index(c.layout))):
        row: dict[str, object] = {
            "layout": curve.server + curve.layout,
            "producers": curve.producers,
            "burst width": curve.width,
        }
        for share in SHARES:
            row[f"memory for {fraction(share)} drops"] = _memory(curve, needed(curve, share))
        for point in curve.points:
            row[f"dropped at {size(point.total_bytes)}"] = fraction(float(np.median(point.drops)))
        row["taint"] = "some sizes tainted" if any(p.tainted for p in curve.points) else ""
        rows.append(row)
    return pd.DataFrame(rows).fillna("–")


def _memory(curve: Curve, need: Interval) -> Measured:
    middle = _bound(curve, need.median)
    if not need.known or need.low == need.high:
        return Measured.of(middle, need, "bytes")
    text = f"{middle} [{_bound(curve, need.low)}, {_bound(curve, need.high)}]"
    return Measured.of(text, need, "bytes")


def _bound(curve: Curve, need: float) -> str:
    if need == 0:
        return f"at most {size(curve.sizes[0])}"
    return size(need) if np.isfinite(need) else f"over {size(curve.sizes[-1])}"


QUESTION = Question(3, "bursts", TITLE, CLAIM, answer)
