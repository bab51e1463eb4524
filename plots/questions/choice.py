"""Question 18: the choice. Of every need that the data hold, the cheapest layout that meets it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from plots.errors import NoData
from plots.kernel.samples import Samples
from plots.questions.needs import COST, Option, Workload, cheapest, orders, workloads
from plots.questions.question import Answer, Question, undecided
from plots.results import Results
from plots.wording import counted, digits, fraction, interval_text, listed, rate, size

_NOTHING = "this run has nothing for it"
_ANY, _CAUSES = "none", "causes before effects, across CPUs"

Orders = Mapping[str, tuple[bool | None, str]]


@dataclass(frozen=True)
class Case:
    """A need under one workload, and what meets it there."""

    workload: Workload
    candidates: tuple[Option, ...]  # of the need's memory or less, one a layout
    best: tuple[Option, ...]  # several: the data do not tell them apart

    @property
    def winner(self) -> str:
        return self.best[0].layout if len(self.best) == 1 and len(self.candidates) > 1 else ""


@dataclass(frozen=True)
class Row:
    """A need: the workloads that have it may differ in the rest (poll, service time, ...)."""

    memory: float  # at most so many bytes
    order: str
    cases: tuple[Case, ...]

    @property
    def workload(self) -> Workload:
        return self.cases[0].workload

    @property
    def met(self) -> bool:
        return all(case.best for case in self.cases)

    @property
    def best(self) -> tuple[Option, ...]:
        return tuple(option for case in self.cases for option in case.best) if self.met else ()

    @property
    def layouts(self) -> list[str]:
        return list(dict.fromkeys(option.layout for option in self.best))

    @property
    def winner(self) -> str:
        """The cheapest in every one of its workloads."""
        won = {case.winner for case in self.cases}
        return won.pop() if len(won) == 1 else ""

    @property
    def differ(self) -> list[str]:
        """In what its workloads do."""
        settings = [dict(case.workload.others) for case in self.cases]
        return [name for name in settings[0] if len({s.get(name) for s in settings}) > 1]


def answer(results: Results, samples: Samples) -> Answer:
    kept = orders(results, samples)
    found = sorted(workloads(results, samples), key=_place)
    rows = _needs(found, kept)
    if not rows:
        raise NoData("no workload with a rate was carried by two layouts")
    shown = {"caption": "The cheapest layout that meets each need", "table": _table(rows, kept)}
    details = (*_order_told(rows, kept), _counts(rows))
    limits = tuple(_limits(rows))
    if not any(row.winner for row in rows):
        return undecided(
            "no need is met by one layout alone at a cost that its interval keeps apart from the next",
            details=details,
            limits=limits,
            **shown,
        )
    return Answer(_sentence(rows), decided=True, details=details, limits=limits, **shown)


def _place(workload: Workload) -> tuple[int, float, float, str]:
    width = 0.0 if pd.isna(workload.width) else workload.width
    return workload.producers, width, workload.rate, workload.server


def _needs(found: Sequence[Workload], kept: Orders) -> list[Row]:
    cases: dict[tuple[object, ...], list[Case]] = {}
    for workload in found:
        same = workload.producers, workload.rate, str(workload.width)
        for memory in sorted({option.bytes for option in workload.options}):
            for order in (_ANY, _CAUSES):
                case = _case(workload, memory, order, kept)
                cases.setdefault((*same, memory, order), []).append(case)
    return [Row(float(str(key[-2])), str(key[-1]), tuple(of)) for key, of in cases.items()]


def _case(workload: Workload, memory: float, order: str, kept: Orders) -> Case:
    candidates = _within(workload.options, memory)
    meet = [
        option
        for option in candidates
        if option.delivers and (order == _ANY or kept.get(option.layout, (None, ""))[0] is True)
    ]
    return Case(workload, candidates, tuple(cheapest(meet, workload.step)))


def _within(options: Sequence[Option], memory: float) -> tuple[Option, ...]:
    """Of each layout the measurement with the most memory that is not beyond the limit."""
    best: dict[str, Option] = {}
    for option in sorted(options, key=lambda option: option.bytes):
        if option.bytes <= memory:
            best[option.layout] = option
    return tuple(best.values())


def _sentence(rows: Sequence[Row]) -> str:
    parts = [_part([r for r in rows if r.order == order], order) for order in (_ANY, _CAUSES)]
    return f"Of {counted(len(rows), 'need')} in these data, {'; '.join(parts)}."


def _part(rows: Sequence[Row], order: str) -> str:
    where = "where no order is needed" if order == _ANY else "where causes must come first"
    wins = Counter(row.winner for row in rows if row.winner)
    if not wins:
        return f"{where} no layout is shown to be the cheapest ({len(rows)})"
    won = listed(f"{layout} in {number}" for layout, number in wins.most_common())
    example = next(r for r in rows if r.winner == wins.most_common(1)[0][0])
    return (
        f"{where} the cheapest that loses at most 0.1 % is {won} of {len(rows)} (as at"
        f" {_workload(example)}: {_cost(example)} cycles an event)"
    )


def _workload(row: Row) -> str:
    width = row.workload.width
    burst = (
        "" if pd.isna(width) else f" in bursts on {digits(width)} of {row.workload.producers} CPUs"
    )
    return f"{rate(row.workload.rate)} of each producer{burst} and {size(row.memory)}"


def _order_told(rows: Sequence[Row], kept: Orders) -> Iterator[str]:
    layouts = sorted({o.layout for row in rows for case in row.cases for o in case.candidates})
    for state, words in (
        (True, "delivered every chain of causes in its order"),
        (False, "delivered effects before their causes"),
    ):
        names = [layout for layout in layouts if kept.get(layout, (None, ""))[0] is state]
        if names:
            yield f"{listed(names)} {words}."
    unknown = [layout for layout in layouts if kept.get(layout, (None, ""))[0] is None]
    if unknown:
        yield (
            f"Of {listed(unknown)} these data do not show whether causes come first, so no need of that"
            " order is met by it."
        )


def _counts(rows: Sequence[Row]) -> str:
    met = sum(row.met for row in rows)
    told = sum(bool(row.winner) for row in rows)
    return (
        f"{met} of {len(rows)} needs are met in every workload that has them; in {told} of them one"
        " layout is the cheapest in each beyond doubt."
    )


def _limits(rows: Sequence[Row]) -> list[str]:
    most = max(row.workload.producers for row in rows)
    return [
        f"At most {counted(most, 'producer')}: what contention and coinciding bursts do on more CPUs is not"
        " in this table.",
        "A need stands here only for workloads that two layouts carried; the cost is that of the producer,"
        " median of reserve, fill and commit (of the kernel's transports a mean over a call).",
    ]


def _table(rows: Sequence[Row], kept: Orders) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "rate, each producer": rate(row.workload.rate),
                "CPUs hit together": _hit(row.workload),
                "producers": str(row.workload.producers),
                "memory at most": size(row.memory),
                "order needed": row.order,
                "cheapest layout": " or ".join(row.layouts) or _NOTHING,
                "event (cycles, p50)": _cost(row),
                "rests on": _rests_on(row, kept),
                "run": ", ".join(dict.fromkeys(case.workload.server for case in row.cases)),
            }
            for row in rows
        ]
    )


def _hit(workload: Workload) -> str:
    return "no bursts" if pd.isna(workload.width) else digits(workload.width)


def _cost(row: Row) -> str:
    if len(row.cases) == 1:
        return " or ".join(interval_text(COST, option.cost) for option in row.best)
    costs = sorted(option.cost.median for option in row.best)
    return f"{digits(costs[0])} to {digits(costs[-1])}" if costs else ""


def _rests_on(row: Row, kept: Orders) -> str:
    of = f", {len(row.cases)} workloads ({', '.join(row.differ)})" if len(row.cases) > 1 else ""
    if row.best:
        drops = max(option.drops.high for option in row.best)
        taint = ", every trial tainted" if any(option.tainted for option in row.best) else ""
        told = dict.fromkeys(kept[name][1] for name in row.layouts if row.order == _CAUSES)
        chains = f"; order: {'; '.join(told)}" if told else ""
        trials = min(option.cost.n for option in row.best)
        return f"{trials} trials{of}, drops at most {fraction(drops)}{taint}{chains}"
    case = next(case for case in row.cases if not case.best)
    if any(option.delivers for option in case.candidates):
        return f"of the layouts that deliver none is shown to keep that order{of}"
    best = min((option.drops for option in case.candidates), key=lambda drops: drops.median)
    lost = interval_text("drop_fraction", best)
    return f"no layout is shown to lose at most 0.1 %: the best loses {lost}{of}"


QUESTION = Question(
    18,
    "choice",
    "Which layout is the cheapest that meets which need?",
    "Events that need ordering are few, and those that need speed are many: no single layout fits both,"
    " so a choice has to be made for each.",
    answer,
)
