"""plan.json from its file; what is wrong with it is told in a sentence with its place."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plots.errors import InputError
from plots.plan.document import (
    BASES,
    KINDS,
    LIMITS,
    MEMORY,
    ORIGINS,
    BeforeAfter,
    Change,
    Decisive,
    FigureKey,
    Input,
    Layout,
    Machine,
    Memory,
    Plan,
    PlanFile,
    Target,
    Uncertain,
    Workload,
)
from plots.plan.fields import MEND, Fields

FILE_NAME = "plan.json"
FORMAT = "ringbench plan"
VERSION = 1
# The page has a column of each, whatever else a plan tells.
NEEDED = (
    "drop_fraction reserve_p50_ns reserve_p99_ns delay_p50_us delay_p99_us reordered_ratio"
    " reorder_extent"
).split()


def read(file: Path) -> Plan:
    top = Fields(file, "", _document(file))
    if top.text("format") != FORMAT:
        raise top.wrong("format", f'is "{top.text("format")}", not "{FORMAT}"')
    if top.whole("version") != VERSION:
        raise top.wrong("version", f"is {top.whole('version')}, and this program reads {VERSION}")
    figures = _figure_keys(top)
    targets = _targets(top, figures)
    layouts = tuple(_layout(part, figures, targets) for part in top.parts("layouts"))
    recommended = top.index("recommended", len(layouts))
    nearest = top.index("nearest", len(layouts)) if recommended is None else recommended
    if nearest is None:
        raise top.wrong("nearest", "is null, although no layout is recommended")
    return Plan(
        file=_plan_file(top.part("plan")),
        machine=_machine(top.part("machine")),
        workload=_workload(top.part("workload")),
        inputs=tuple(_input(part) for part in top.parts("inputs")),
        targets=targets,
        figures=figures,
        layouts=layouts,
        recommended=recommended,
        nearest=nearest,
        why=top.text("why"),
        crossovers=tuple(part.text("words") for part in top.parts("crossovers")),
        changes=tuple(_change(part, figures) for part in top.parts("changes")),
        decisive=_decisive(top.part_or_none("decisive")),
        remarks=top.texts("remarks"),
    )


def _document(file: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise InputError(
            f"{file}: {error.strerror}; give the folder that `./run.sh plan` wrote."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file} is not JSON ({error}); {MEND}.") from error
    if not isinstance(document, dict):
        raise InputError(f"{file} is not an object; {MEND}.")
    return document


def _plan_file(part: Fields) -> PlanFile:
    return PlanFile(
        path=part.text("path"),
        title=part.text("title"),
        seed=part.whole("seed"),
        seconds=part.number("seconds"),
        draws=part.whole("draws"),
        command=part.text("command"),
    )


def _machine(part: Fields) -> Machine:
    return Machine(
        words=part.text("words"),
        cpus=part.whole("cpus", 1),
        nodes=part.whole("nodes"),
        packages=part.whole("packages"),
        code_path=part.text("code_path"),
        lock=part.text("lock"),
        latency=part.text("latency"),
    )


def _workload(part: Fields) -> Workload:
    return Workload(
        words=part.text("words"),
        records_per_s=part.number("records_per_s"),
        in_burst_records_per_s=part.number_or_nan("in_burst_records_per_s"),
    )


def _input(part: Fields) -> Input:
    return Input(
        key=part.text("key"),
        number=_uncertain(part),
        unit=part.text("unit"),
        origin=part.choice("origin", ORIGINS),
        summary=part.text("summary"),
    )


def _figure_keys(top: Fields) -> tuple[FigureKey, ...]:
    found = tuple(
        FigureKey(part.text("key"), part.text("words"), part.text("unit"))
        for part in top.parts("figures")
    )
    missing = [key for key in NEEDED if key not in {figure.key for figure in found}]
    if missing:
        raise top.wrong("figures", f"lacks {', '.join(missing)}")
    return found


def _targets(top: Fields, figures: tuple[FigureKey, ...]) -> tuple[Target, ...]:
    known = (*(figure.key for figure in figures), MEMORY)
    return tuple(
        Target(
            key=part.choice("key", known),
            words=part.text("words"),
            unit=part.text("unit"),
            limit=part.number("limit"),
        )
        for part in top.parts("targets")
    )


def _layout(part: Fields, figures: tuple[FigureKey, ...], targets: tuple[Target, ...]) -> Layout:
    memory, numbers = part.part("memory"), part.part("figures")
    return Layout(
        name=part.text("name"),
        kind=part.choice("kind", KINDS),
        rings=part.whole("rings", 1),
        cpus_per_ring=part.whole("cpus_per_ring"),
        mapping=part.text("mapping"),
        consumers=part.whole("consumers", 1),
        ring_bytes=part.whole("ring_bytes"),
        total_bytes=part.whole("total_bytes"),
        basis=part.choice("basis", BASES),
        basis_words=part.text("basis_words"),
        figures={figure.key: _figure(numbers, figure.key) for figure in figures},
        memory=Memory(
            held=memory.whole("held", 1),
            mapped=memory.whole("mapped"),
            resident=memory.whole("resident"),
        ),
        limit=part.choice("limit", LIMITS),
        limit_words=part.text("limit_words"),
        missed=_target_keys(part, "missed", targets),
        unsure=_target_keys(part, "unsure", targets),
        pareto=part.flag("pareto"),
        settings=part.texts("settings"),
    )


def _target_keys(part: Fields, key: str, targets: tuple[Target, ...]) -> tuple[str, ...]:
    found = part.texts(key)
    for one in found:
        if one not in {target.key for target in targets}:
            raise part.wrong(key, f'names "{one}", which is no target of the plan')
    return found


def _figure(numbers: Fields, key: str) -> Uncertain:
    part = numbers.part(key)
    found = _uncertain(part)
    if key == "drop_fraction" and math.isnan(found.value + found.low + found.high):
        raise part.wrong("value", "and its interval must be known: the figure is drawn of them")
    return found


def _uncertain(part: Fields) -> Uncertain:
    found = Uncertain(*(part.number_or_nan(key) for key in ("value", "low", "high")))
    # Written so that a missing end is no fault.
    if found.low > found.value or found.value > found.high:
        raise part.wrong("value", "does not lie between low and high")
    return found


def _change(part: Fields, figures: tuple[FigureKey, ...]) -> Change:
    numbers = part.part("figures")
    return Change(
        words=part.text("words"),
        key=part.text("key"),
        start=part.number("from"),
        end=part.number("to"),
        figures={
            figure.key: _before_after(numbers.part(figure.key))
            for figure in figures
            if figure.key in numbers.values
        },
    )


def _before_after(part: Fields) -> BeforeAfter:
    return BeforeAfter(part.number_or_nan("before"), part.number_or_nan("after"))


def _decisive(part: Fields | None) -> Decisive | None:
    if part is None:
        return None
    return Decisive(part.text("key"), part.text("words"), part.text("measurement"))
