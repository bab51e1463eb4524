"""plan.json: what is taken from it, and the sentence for each thing that can be wrong with it."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import plots
from plan_files import Document, document, hostile, huge, nothing_meets, write

from plots.errors import InputError
from plots.plan.document import Uncertain
from plots.plan.reading import read


def test_everything_is_read(tmp_path: Path) -> None:
    plan = read(write(tmp_path) / "plan.json")
    assert len(plan.layouts) == 16 and plan.chosen is plan.layouts[10]
    assert plan.chosen.figures["reserve_p99_ns"] == Uncertain(700.0, 490.0, 910.0)
    assert plan.chosen.memory.held == 32 * (2 * 2**20 + 8192)
    assert plan.targets[2].key == "memory" and plan.targets[2].limit == 256 * 2**20
    assert plan.inputs[3].number.high == pytest.approx(455)
    assert plan.changes[0].figures["drop_fraction"].after == 0.0021
    assert plan.decisive is not None and plan.remarks


def test_the_nearest_stands_in_for_a_recommendation(tmp_path: Path) -> None:
    plan = read(write(tmp_path, nothing_meets) / "plan.json")
    assert plan.recommended is None and plan.chosen is plan.layouts[2]


def test_what_has_no_number_is_not_a_number(tmp_path: Path) -> None:
    plan = read(write(tmp_path, huge) / "plan.json")
    assert math.isnan(plan.chosen.figures["lock_records_per_s"].value)


def test_text_can_be_printed(tmp_path: Path) -> None:
    plan = read(write(tmp_path, hostile) / "plan.json")
    assert "\ufffd \ufffd" in plan.chosen.name
    plan.chosen.name.encode()


@pytest.mark.parametrize(
    ("place", "value", "what"),
    [
        ("format", "ringbench calibration", 'format is "ringbench calibration"'),
        ("version", 2, "version is 2, and this program reads 1"),
        ("version", "1", "version is text, not a number"),
        ("plan.title", None, "plan.title is null, not text"),
        ("plan.draws", 1.5, "plan.draws is 1.5, not a whole number"),
        ("plan.seed", True, "plan.seed is true or false, not a number"),
        ("machine", [], "machine is a list, not an object"),
        ("machine.cpus", 0, "machine.cpus is 0, less than 1"),
        ("workload.records_per_s", math.nan, "records_per_s is not a finite number"),
        ("workload.records_per_s", 10**400, "records_per_s is not a finite number"),
        ("inputs", {}, "inputs is an object, not a list"),
        ("inputs.1.origin", "guessed", 'inputs[1].origin is "guessed", which is none of stated'),
        ("inputs.2.low", 30.0, "inputs[2].value does not lie between low and high"),
        ("targets.0.key", "speed", 'targets[0].key is "speed"'),
        ("figures", [], "figures lacks drop_fraction"),
        ("layouts.3", 7, "layouts[3] is a number, not an object"),
        ("layouts.3.kind", "ring", 'layouts[3].kind is "ring"'),
        ("layouts.3.memory.held", 0, "layouts[3].memory.held is 0, less than 1"),
        ("layouts.3.figures.delay_p99_us.high", "3", "delay_p99_us.high is text, not a number"),
        ("layouts.3.figures.drop_fraction.value", None, "drop_fraction.value and its interval"),
        ("layouts.3.missed", ["reorder_extent"], 'missed names "reorder_extent"'),
        ("layouts.3.pareto", 1, "layouts[3].pareto is a number, not true or false"),
        ("layouts.3.settings", [1], "layouts[3].settings[0] is a number, not text"),
        ("layouts", [], "recommended is 10, but there are only 0"),
        ("recommended", 16, "recommended is 16, but there are only 16"),
        ("recommended", -1, "recommended is -1, less than 0"),
        ("recommended", None, "nearest is null, although no layout is recommended"),
        ("changes.0.figures.drop_fraction", 3, "drop_fraction is a number, not an object"),
        ("decisive", "none", "decisive is text, not an object"),
        ("crossovers.0.words", 17, "crossovers[0].words is a number, not text"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, place: str, value: object, what: str) -> None:
    def spoil(plan: Document) -> None:
        *path, last = place.split(".")
        holder = _at(plan, path)
        holder[int(last) if isinstance(holder, list) else last] = value

    _refused(tmp_path, spoil, what)


@pytest.mark.parametrize(
    "place", ["version", "plan.command", "layouts.0.memory.mapped", "layouts.0.figures.merge_held"]
)
def test_a_missing_field_is_named(tmp_path: Path, place: str) -> None:
    def spoil(plan: Document) -> None:
        *path, last = place.split(".")
        del _at(plan, path)[last]

    _refused(tmp_path, spoil, f"{place.replace('.0.', '[0].')} is missing")


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "[" * 100_000, '{"a": ' + "1" * 5000 + "}", "\xff"]
)
def test_what_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"plan\.json.* is (not|missing)"):
        read(tmp_path / "plan.json")


def test_the_command_tells_it_in_a_sentence(tmp_path: Path) -> None:
    run = plots("plan", tmp_path)
    assert (run.status, run.out) == (2, "")
    assert run.err == (
        f"plots: {tmp_path}/plan.json: No such file or directory; give the folder that"
        " `./run.sh plan` wrote.\n"
    )


def _at(plan: Document, path: list[str]) -> Any:
    found: Any = plan
    for part in path:
        found = found[int(part) if isinstance(found, list) else part]
    return found


def _refused(folder: Path, spoil: Callable[[Document], None], what: str) -> None:
    plan = document()
    spoil(plan)
    file = folder / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(file)
    told = str(caught.value)
    assert told.startswith(f"{file}: ") and what in told
    assert told.endswith("; `./run.sh plan` writes the file anew.")
