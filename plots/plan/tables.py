"""The tables of a plan's page."""

from dataclasses import dataclass

import pandas as pd

from plots.plan.document import MEMORY, BeforeAfter, Change, Layout, Plan, Target, Uncertain
from plots.plan.numbers import CONFIDENCE, bare, number_text, unbroken, uncertain_text
from plots.wording import digits, size

# Headings for figures in the wide table; `records` where the cells leave the unit out.
_HEADINGS = {
    "drop_fraction": "dropped",
    "reserve_p50_ns": "reserve p50",
    "reserve_p99_ns": "reserve p99",
    "delay_p50_us": "delay p50",
    "delay_p99_us": "delay p99",
    "reordered_ratio": "reordered",
    "reorder_extent": "extent of reordering (records)",
}
LIMIT_WORDS = {"ring_space": "ring space", "shared_stage": "shared stage"}
_UNIT_IN_HEADING = {"reorder_extent"}


@dataclass(frozen=True)
class Cell:
    text: str
    state: str = ""  # missed or unsure, where a target says so


@dataclass(frozen=True)
class Row:
    number: int
    name: str
    chosen: bool
    cells: tuple[Cell, ...]


def headings() -> tuple[str, ...]:
    return (
        *_HEADINGS.values(),
        "memory held",
        "mapped",
        "resident",
        "rings",
        "consumers",
        "limited by",
        "basis",
        "Pareto front",
    )


def rows(plan: Plan) -> list[Row]:
    return [
        Row(i + 1, layout.name, i == plan.nearest, _cells(plan, layout))
        for i, layout in enumerate(plan.layouts)
    ]


def _cells(plan: Plan, layout: Layout) -> tuple[Cell, ...]:
    units = {figure.key: figure.unit for figure in plan.figures}
    figures = (
        Cell(
            uncertain_text(layout.figures[key], "" if key in _UNIT_IN_HEADING else units[key]),
            state(layout, key),
        )
        for key in _HEADINGS
    )
    return (
        *figures,
        Cell(unbroken(layout.memory.held, "bytes"), state(layout, MEMORY)),
        Cell(unbroken(layout.memory.mapped, "bytes")),
        Cell(unbroken(layout.memory.resident, "bytes")),
        Cell(digits(layout.rings)),
        Cell(digits(layout.consumers)),
        Cell(limit_word(layout)),
        Cell(layout.basis),
        Cell("yes" if layout.pareto else ""),
    )


def state(layout: Layout, key: str) -> str:
    if key in layout.missed:
        return "missed"
    return "unsure" if key in layout.unsure else ""


def limit_word(layout: Layout) -> str:
    return LIMIT_WORDS.get(layout.limit, layout.limit)


def chosen(plan: Plan) -> list[tuple[str, Cell, str]]:
    """What the chosen layout would do: words, number with its state, and the target if it has one."""
    layout, targets = plan.chosen, {target.key: target for target in plan.targets}
    found = []
    for figure in plan.figures:
        number = Cell(
            uncertain_text(layout.figures[figure.key], figure.unit), state(layout, figure.key)
        )
        found.append((figure.words, number, _target_text(targets.get(figure.key))))
    held = Cell(size(layout.memory.held), state(layout, MEMORY))
    return [
        *found,
        (
            "memory held, in page frames that nobody else can use",
            held,
            _target_text(targets.get(MEMORY)),
        ),
        ("memory mapped, in the address space of the reader", Cell(size(layout.memory.mapped)), ""),
        ("memory resident, as RSS counts it", Cell(size(layout.memory.resident)), ""),
    ]


def _target_text(target: Target | None) -> str:
    return f"at most {unbroken(target.limit, target.unit)}" if target else ""


def grounds(plan: Plan) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "layout": f"{i + 1} {layout.name}",
            "limited by": limit_word(layout),
            "how": layout.limit_words,
            "basis": layout.basis,
            "why": layout.basis_words,
        }
        for i, layout in enumerate(plan.layouts)
    )


def changes(plan: Plan) -> pd.DataFrame:
    """A change, and every figure that one of the changes moves."""
    moved = [
        figure
        for figure in plan.figures
        if any(_moves(change.figures.get(figure.key), figure.unit) for change in plan.changes)
    ]
    return pd.DataFrame(
        {
            "change, alone": change.words,
            "setting": _setting(plan, change),
            **{
                figure.words: _before_after(change.figures.get(figure.key), figure.unit)
                for figure in moved
            },
        }
        for change in plan.changes
    )


def _setting(plan: Plan, change: Change) -> str:
    units = {one.key: one.unit for one in plan.inputs} | {"layout.ring_bytes": "bytes"}
    unit = units.get(change.key, "")
    return f"{change.key}: {unbroken(change.start, unit)} → {unbroken(change.end, unit)}"


def _moves(figure: BeforeAfter | None, unit: str) -> bool:
    return figure is not None and (
        number_text(figure.before, unit) != number_text(figure.after, unit)
    )


def _before_after(figure: BeforeAfter | None, unit: str) -> str:
    if figure is None:
        return "–"
    if not _moves(figure, unit):
        return f"{unbroken(figure.before, unit)}, unchanged"
    return f"{unbroken(figure.before, unit)} → {unbroken(figure.after, unit)}"


def inputs(plan: Plan) -> pd.DataFrame:
    decisive = plan.decisive.key if plan.decisive else None
    return pd.DataFrame(
        {
            "input": one.summary,
            f"value [{CONFIDENCE} interval]": uncertain_text(one.number, one.unit),
            "origin": one.origin + (", decisive" if one.key == decisive else ""),
            "key": one.key,
        }
        for one in plan.inputs
    )


def machine(plan: Plan) -> pd.DataFrame:
    machine, workload = plan.machine, plan.workload
    peak = workload.in_burst_records_per_s
    pairs = {
        "machine": machine.words,
        "CPUs that send": digits(machine.cpus),
        "NUMA nodes": digits(machine.nodes),
        "packages": digits(machine.packages),
        "code path": machine.code_path,
        "lock": machine.lock,
        "latency from core to core": machine.latency,
        "workload": workload.words,
        "records offered": number_text(workload.records_per_s, "records/s"),
        "records offered in a burst": number_text(peak, "records/s"),
    }
    return pd.DataFrame({"fact": pairs.keys(), "value": pairs.values()})


def all_numbers(plan: Plan) -> pd.DataFrame:
    """Every number of every layout, bare, for a program."""
    return pd.DataFrame(_numbers(plan, i, layout) for i, layout in enumerate(plan.layouts))


def _numbers(plan: Plan, i: int, layout: Layout) -> dict[str, str]:
    figures: dict[str, str] = {}
    for figure in plan.figures:
        figures |= _ends(f"{figure.key} [{figure.unit}]", layout.figures[figure.key])
    return {
        "layout": str(i + 1),
        "name": layout.name,
        "kind": layout.kind,
        "rings": str(layout.rings),
        "cpus_per_ring": str(layout.cpus_per_ring),
        "mapping": layout.mapping,
        "consumers": str(layout.consumers),
        "ring_bytes": str(layout.ring_bytes),
        "total_bytes": str(layout.total_bytes),
        **figures,
        "memory held [bytes]": str(layout.memory.held),
        "memory mapped [bytes]": str(layout.memory.mapped),
        "memory resident [bytes]": str(layout.memory.resident),
        "limit": layout.limit,
        "basis": layout.basis,
        "missed": " ".join(layout.missed),
        "unsure": " ".join(layout.unsure),
        "pareto": "yes" if layout.pareto else "no",
        "chosen": "yes" if i == plan.nearest else "no",
    }


def _ends(name: str, number: Uncertain) -> dict[str, str]:
    return {
        name: bare(number.value),
        f"{name} low": bare(number.low),
        f"{name} high": bare(number.high),
    }
