import json
from pathlib import Path
from typing import Any

import pytest
from machines import hwloc_xml
from store_writer import Cell, Trial, write_store

from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.figures import machine
from plots.figures.machine import ranges
from plots.results import load
from plots.topology import cpuset, parse


def test_four_nodes_of_ten_cores_of_two() -> None:
    found = parse(hwloc_xml(4, 10, 2))
    assert [pu.cpu for pu in found.pus] == list(range(80))
    assert len({pu.core for pu in found.pus}) == 40
    assert len({pu.l3 for pu in found.pus}) == len({pu.package for pu in found.pus}) == 4
    assert {pu.cpu for pu in found.pus if pu.node == 3} == set(range(60, 80))
    assert found.memory == {node: 64 << 30 for node in range(4)}
    assert found.memory_only == []


@pytest.mark.parametrize(
    "text, cpus",
    [
        ("0x00000003", [0, 1]),
        ("0x0", []),
        ("0x00000001,0x80000000", [31, 32]),
        ("0x1,,0x1", [0, 64]),
    ],
)
def test_bitmaps_put_the_highest_word_first(text: str, cpus: list[int]) -> None:
    assert cpuset(text) == cpus


def test_a_node_without_cpus_is_kept() -> None:
    xml = hwloc_xml(1, 2, 1).replace(
        '<object type="Package"',
        '<object type="NUMANode" os_index="7" cpuset="0x0" local_memory="1024"/>'
        '<object type="Package"',
        1,
    )
    assert parse(xml).memory_only == [7]


@pytest.mark.parametrize("xml", ["<topology", "<topology/>"])
def test_a_topology_that_cannot_be_read_is_said(xml: str) -> None:
    with pytest.raises(NoData, match="stored topology_xml"):
        parse(xml)


def test_runs_of_numbers_are_shortened() -> None:
    assert ranges("R", [0, 1, 2, 5, 7, 8]) == ["R0–R2", "R5", "R7–R8"]
    assert ranges("R", []) == []


def draw(folder: Path, trial: Trial, request: Request = Request(), **parameters: Any) -> Drawn:
    provenance = {"topology_xml": hwloc_xml(2, 2, 1)}
    cell = Cell("hybrid", [trial], {}, {"producers": 2, **parameters}, rings=2)
    return machine.draw(load([write_store(folder, [cell], provenance)]), request)


def thread(role: str, number: int, wanted: int | None, found: int | None) -> dict[str, Any]:
    return {"role": role, "number": number, "cpu_wanted": wanted, "cpu_found": found}


def placed(rings: list[dict[str, int]], *threads: dict[str, Any]) -> Trial:
    return Trial(
        {"attempted": 1},
        producers=[{"producer": 0, "ring": 0}, {"producer": 1, "ring": 1}],
        threads=threads,
        rings=[{"ring": i, "nodes_found": json.dumps(pages)} for i, pages in enumerate(rings)],
    )


def words(drawn: Drawn) -> list[str]:
    return [text.get_text() for text in drawn.picture.axes[0].texts]


def test_threads_and_rings_stand_where_they_were_found(tmp_path: Path) -> None:
    threads = [
        thread("producer", 0, 0, 0),
        thread("producer", 1, 2, 2),
        thread("consumer", 0, 3, 3),
    ]
    drawn = draw(tmp_path, placed([{"0": 16}, {"0": 8, "1": 8}], *threads))
    shown = words(drawn)
    assert {"P0", "P1", "C0", "→R0", "→R1"} <= set(shown)
    assert "rings here: R0, R1 50%" in shown and "rings here: R1 50%" in shown
    assert dict(zip(drawn.table.thread, drawn.table.node)) == {
        "producer 0": "0",
        "producer 1": "1",
        "consumer 0": "1",
    }
    assert "red" not in drawn.caption


def test_a_thread_elsewhere_than_placed_is_said(tmp_path: Path) -> None:
    drawn = draw(tmp_path, placed([{}, {}], thread("producer", 0, 0, 1)))
    assert "Not where it was placed (red): producer 0 on CPU 1." in drawn.caption
    assert "Home node not read back for 2 of 2 rings." in drawn.caption


def test_a_thread_that_was_not_pinned_is_not_misplaced(tmp_path: Path) -> None:
    drawn = draw(
        tmp_path, placed([{"0": 1}], thread("producer", 0, 0, 0), thread("consumer", 0, None, 1))
    )
    assert "red" not in drawn.caption
    assert dict(zip(drawn.table.thread, drawn.table["CPU found"])) == {
        "producer 0": "0",
        "consumer 0": "1",
    }


def test_two_threads_share_a_box(tmp_path: Path) -> None:
    threads = [thread("producer", 0, 1, 1), thread("consumer", 0, 1, 1)]
    assert "P0 C0" in words(draw(tmp_path, placed([{"0": 1}], *threads)))


def test_the_cell_with_most_producers_unless_another_is_named(large: Path) -> None:
    results = load([large])
    drawn = machine.draw(results, Request())
    assert "producers 79" in drawn.caption and len(drawn.table) == 80
    few = results.cells[
        (results.cells.producers == 4) & results.cells.key.isin(results.drawable.key)
    ].iloc[0]
    assert few.id in machine.draw(results, Request(cell=few.id)).caption


def test_a_machine_of_one_box_a_server(small: Path, large: Path) -> None:
    drawn = machine.draw(load([small, large]), Request())
    assert {"alpha quick", "omega full"} <= set(words(drawn))
    assert set(drawn.table.server) == {"alpha quick", "omega full"}
