"""What the program found and did in a machine of 4 nodes x 2 CPUs and a node without CPUs.

Every time in there is that of an emulation: none is looked at.
"""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cli.run_store import assert_sound, provenance, query
from guest.conftest import values
from guest.guest import CPUS_OF_NODE, DISTANCES, MIB_OF_NODE, distance

NODE_OF_CPU = {cpu: node for node, cpus in CPUS_OF_NODE.items() for cpu in cpus}
# Three producers; each CPU is a core and a package has two. Written from what the placements promise.
PRODUCERS = {
    "compact": [0, 1, 2],
    "cores_first": [0, 1, 2],
    "scatter": [0, 2, 4],
    "per_node": [0, 2, 4],
    "explicit": [7, 2, 5],
}
RAN = ("ok", "tainted")


def status(out: Path, step: str) -> int:
    return int((out / f"{step}.status").read_text())


def said(out: Path, step: str) -> str:
    return (out / f"{step}.err").read_text() + (out / f"{step}.out").read_text()


def nearest(node: int, used: list[int]) -> int:
    """The CPU of another node for a consumer."""
    others = [n for n in CPUS_OF_NODE if n != node and set(CPUS_OF_NODE[n]) - set(used)]
    closest = min(others, key=lambda other: distance(node, other))
    return min(set(CPUS_OF_NODE[closest]) - set(used))


def expected_consumer(consumer: str, producers: list[int]) -> int | None:
    """None: there is no CPU for it."""
    node = NODE_OF_CPU[producers[0]]
    if consumer == "shares_producer_core":
        return producers[0]
    if consumer == "own_core_other_node":
        return nearest(node, producers)
    assert consumer == "own_core_same_node"
    return min(set(CPUS_OF_NODE[node]) - set(producers), default=None)


def cells(out: Path, run: str) -> list[dict[str, Any]]:
    """With the threads and the rings of the trial, where it ran."""
    names = "cell.id, transport, options, producers, placement, consumer, poll, ring_memory, cell.status, cell.reason, trial.id, trial.status, trial.reason"
    rows = query(out / run, f"SELECT {names} FROM cell LEFT JOIN trial ON cell.id = cell_id")
    keys = "cell transport options producers placement consumer poll ring_memory planned skip_reason trial status reason"
    found = [dict(zip(keys.split(), row, strict=True)) for row in rows]
    for cell in found:
        of_trial = f"FROM thread WHERE trial_id = {cell['trial'] or -1}"
        cell["threads"] = query(
            out / run, f"SELECT role, number, cpu_wanted, cpu_found {of_trial} ORDER BY number"
        )
        cell["rings"] = [
            (json.loads(wanted), {int(node): pages for node, pages in json.loads(pages).items()})
            for wanted, pages in query(
                out / run,
                f"SELECT nodes_wanted, nodes_found FROM ring WHERE trial_id = {cell['trial'] or -1} ORDER BY ring",
            )
        ]
    return found


def cpus(cell: dict[str, Any], role: str) -> list[int]:
    assert all(wanted == found for _, _, wanted, found in cell["threads"])
    return [found for its_role, _, _, found in cell["threads"] if its_role == role]


def test_every_node_cpu_and_distance_is_discovered(out: Path) -> None:
    facts = provenance(out / "placements")
    assert facts["numa_nodes"] == str(len(CPUS_OF_NODE))
    xml = ElementTree.fromstring(facts["topology_xml"])
    [distances] = [d for d in xml.findall("distances2") if d.get("type") == "NUMANode"]
    found = " ".join(values.text or "" for values in distances.findall("u64values")).split()
    nodes = sorted(CPUS_OF_NODE)
    assert [int(value) for value in found] == [distance(a, b) for a in nodes for b in nodes]
    assert len(set(DISTANCES.values())) == len(DISTANCES), "each distance is another one"
    assert "CPUs 0-7 on 8 cores and 5 NUMA nodes" in said(out, "doctor")


def test_doctor_warns_of_the_emulation(out: Path) -> None:
    assert status(out, "doctor") == 3
    assert "not invariant" in said(out, "doctor") and "NUMA balancing  spoils" in said(
        out, "doctor"
    )


@pytest.mark.parametrize("run", ["placements", "memories", "matrix", "kernel"])
def test_every_trial_balances(run: str, out: Path) -> None:
    assert status(out, run) == 0, said(out, run)
    assert_sound(out / run)
    ran = [cell for cell in cells(out, run) if cell["trial"]]
    assert len(ran) >= 12 and all(cell["status"] in RAN for cell in ran)


def test_no_number_of_the_emulation_is_believed(out: Path) -> None:
    for run in ("placements", "memories", "matrix", "kernel"):
        for cell in cells(out, run):
            assert cell["status"] in (None, "tainted")
            assert cell["status"] is None or "not invariant" in cell["reason"]


def test_every_placement_puts_its_threads_where_it_says(out: Path) -> None:
    seen = set()
    for cell in cells(out, "placements"):
        if cell["transport"] == "hybrid":
            continue
        wanted = PRODUCERS[cell["placement"]]
        consumer = expected_consumer(cell["consumer"], wanted)
        seen.add((cell["placement"], cell["consumer"]))
        if consumer is None:
            assert cell["planned"] == "skipped" and "node" in cell["skip_reason"], cell
            continue
        assert cpus(cell, "producer") == wanted, cell
        assert cpus(cell, "consumer") == [consumer], cell
    assert seen == {(p, c) for p in values("placement") for c in values("consumer")}


def test_a_ring_for_each_node_has_its_consumer_and_its_pages_there(out: Path) -> None:
    [cell] = [cell for cell in cells(out, "placements") if cell["transport"] == "hybrid"]
    assert cpus(cell, "producer") == [0, 2, 4, 6]
    assert cpus(cell, "consumer") == [1, 3, 5, 7]
    assert [set(pages) for _, pages in cell["rings"]] == [{0}, {1}, {2}, {3}]


def test_every_page_is_where_its_policy_binds_it(out: Path) -> None:
    seen = set()
    for cell in cells(out, "memories"):
        assert cpus(cell, "producer") == [0, 2]  # scatter
        [consumer] = cpus(cell, "consumer")
        seen.add((cell["transport"], cell["ring_memory"]))
        of_consumer = NODE_OF_CPU[consumer]
        assert of_consumer == 1
        for number, (wanted, pages) in enumerate(cell["rings"]):
            first_producer = [0, 2][number]
            if cell["ring_memory"] == "interleave":
                assert wanted == sorted(MIB_OF_NODE), "also the node without CPUs"
                assert set(pages) == set(wanted)
                assert max(pages.values()) - min(pages.values()) <= 1
                continue
            policies: dict[str, tuple[list[int], int]] = {
                "consumer_node": ([of_consumer], of_consumer),
                "producer_node": ([NODE_OF_CPU[first_producer]], NODE_OF_CPU[first_producer]),
                "local": ([], of_consumer),
            }
            assert (wanted, set(pages)) == (
                policies[cell["ring_memory"]][0],
                {policies[cell["ring_memory"]][1]},
            ), cell
    transports = {"ringbuf", "perfbuf", "hybrid"}
    assert seen == {(t, m) for t in transports for m in values("ring_memory")}


def test_every_transport_runs(out: Path) -> None:
    names = [line.split()[0] for line in said(out, "list").splitlines() if not line.startswith(" ")]
    assert {cell["transport"] for cell in cells(out, "matrix") if cell["trial"]} == set(names)
    for cell in cells(out, "matrix"):
        assert cell["trial"] and len(cpus(cell, "producer")) == cell["producers"]


def test_the_kernels_own_run_with_every_driver_that_it_has(out: Path) -> None:
    ran = set()
    for cell in cells(out, "kernel"):
        options = json.loads(cell["options"])
        if cell["trial"]:
            ran.add((cell["transport"], options["driver"]))
        elif options.get("overwrite") == "on":
            assert "Linux 6.19" in cell["skip_reason"]
        else:
            assert options["driver"] == "nmi" and "no hardware counter" in cell["skip_reason"]
    drivers = ("test_run", "syscall", "lifecycle")
    everywhere = {(t, d) for t in ("kernel_ringbuf", "kernel_hybrid", "kernel_perfbuf") for d in drivers}  # fmt: skip
    assert ran == everywhere | {("kernel_ringbuf", "timer")}
    assert said(out, "bpffs") == "/sys/fs/bpf\n", "nothing is pinned"


def test_a_node_that_is_full_refuses_in_a_sentence(out: Path) -> None:
    assert status(out, "full") == 3
    [cell] = cells(out, "full")
    assert cell["status"] == "failed"
    assert "cannot be bound to NUMA node 3, which has" in cell["reason"]
    assert 'ring_memory = "interleave" or "local"' in cell["reason"]
    assert "Out of memory" not in (out / "dmesg").read_text()


def test_without_a_binding_what_does_not_fit_goes_elsewhere(out: Path) -> None:
    assert status(out, "fallback") == 0
    [cell] = cells(out, "fallback")
    [(wanted, pages)] = cell["rings"]
    assert cell["status"] in RAN and wanted == []
    assert cpus(cell, "producer") == [6] and sum(pages.values()) * 4096 > 128 << 20
    assert len(pages) > 1


def test_cpus_outside_the_affinity_mask_are_not_used(out: Path) -> None:
    assert status(out, "allowed") == 0, said(out, "allowed")
    assert provenance(out / "allowed")["cpus_allowed"] == "2,3,4,5"
    compact, explicit = cells(out, "allowed")
    assert compact["planned"] == "skipped" and explicit["planned"] == "skipped"
    assert "CPU 0" in explicit["skip_reason"]


def test_an_offline_cpu_is_not_used(out: Path) -> None:
    assert status(out, "offline") == 0, said(out, "offline")
    assert provenance(out / "offline")["cpus_allowed"] == "0,1,2,3,4,6,7"
    six, eight, explicit = cells(out, "offline")
    assert cpus(six, "producer") == [0, 1, 2, 3, 4, 6]
    assert eight["planned"] == "skipped" and explicit["planned"] == "skipped"
    assert "CPU 5" in explicit["skip_reason"]
