"""Whether it matters which CPUs share a ring: neighbours together against neighbours apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plots.bootstrap import Interval, difference_interval
from plots.questions.groups import CONTENTION, RATE, Row, Workload
from plots.questions.repetitions import enough
from plots.wording import interval_text, listed

Groups = Mapping[Workload, Sequence[Row]]


@dataclass(frozen=True)
class Pair:
    """Two groupings of as many CPUs a ring, which differ in nothing but which CPUs those are."""

    near: Row
    far: Row
    more: Interval  # near less far

    @property
    def told(self) -> bool:
        return enough(self.more) and not self.more.low <= 0 <= self.more.high

    @property
    def near_is_better(self) -> bool:
        return self.told and (self.more.high < 0) != (self.near.workload.metric == RATE)

    @property
    def far_is_better(self) -> bool:
        return self.told and not self.near_is_better


def _pairs(own: Sequence[Row]) -> list[Pair]:
    spread = {row.grouping.cpus: row for row in own if row.grouping.mapping == "modulo"}
    return [
        Pair(near, far, difference_interval(near.values, far.values))
        for near in own
        if near.grouping.mapping == "contiguous" and (far := spread.get(near.grouping.cpus))
    ]


def sentence(groups: Groups, chosen: Workload) -> str:
    """What contention and bursts that hit neighbours want, of the producers of the answer."""
    asked = [
        work
        for work in groups
        if (work.kind == CONTENTION or work.is_trace)
        and (work.server, work.producers) == (chosen.server, chosen.producers)
    ]
    parts = [_wanted(work, pairs) for work in asked if (pairs := _pairs(groups[work]))]
    return f" Which CPUs share: {'; '.join(parts)}." if parts else ""


def _wanted(work: Workload, pairs: Sequence[Pair]) -> str:
    together = [pair.near.grouping.text for pair in pairs if pair.near_is_better]
    apart = [pair.near.grouping.text for pair in pairs if pair.far_is_better]
    wants = [f"neighbours together ({listed(together)})"] if together else []
    wants += [f"neighbours apart ({listed(apart)})"] if apart else []
    if not wants:
        return f"of {work.kind} neither neighbours together nor apart can be told to be better"
    return f"{work.kind} {'want' if work.is_burst else 'wants'} {listed(wants)}"


def details(groups: Groups) -> Iterator[str]:
    for work, own in groups.items():
        for pair in _pairs(own):
            yield _detail(work, pair)


def _detail(work: Workload, pair: Pair) -> str:
    verb = "do worse than" if pair.far_is_better else "cannot be told from"
    if pair.near_is_better:
        verb = "do better than"
    return (
        f"{headed(work)}, {pair.near.grouping.text}: neighbours together ({shown_value(pair.near)})"
        f" {verb} neighbours apart ({shown_value(pair.far)})."
    )


def headed(work: Workload) -> str:
    return work.text[0].upper() + work.text[1:]


def shown_value(row: Row) -> str:
    return str(interval_text(row.workload.metric, row.interval))
