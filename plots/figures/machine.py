"""The machine with the threads of one cell on its CPUs and the rings on their NUMA nodes."""

import json
import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from plots import topology
from plots.boxes import Box, Text
from plots.errors import InputError, NoData
from plots.figure import Drawn, Request
from plots.results import Results, plain
from plots.summary import chosen
from plots.wording import listed, sentences, setting, size

K = TypeVar("K")

QUESTION = "Where do the threads run and the rings live?"
_PRODUCER, _CONSUMER, _BOTH, _IDLE = "#cfe3f3", "#f9d5b5", "#e5cfe8", "#fafafa"
_MISPLACED = "#c00000"
_ROW_OF_CORES = 5  # more would make a node too wide for a page
_RINGS_IN_FOOTER = 44  # characters in a line below a node


@dataclass(frozen=True)
class _Scene:
    """One cell of one store, ready to be drawn."""

    server: str
    cell: str
    machine: topology.Topology
    threads: pd.DataFrame
    rings: pd.DataFrame
    ring_of: Mapping[int, int]


def draw(results: Results, request: Request) -> Drawn:
    scenes = [
        scene
        for number in range(len(results.stores))
        if (scene := _scene(results, number, request.cell)) is not None
    ]
    if not scenes and request.cell is not None:
        raise InputError(
            f"no store has a measured cell with the id {request.cell}: the ids are in the table cell"
            " of run.sqlite."
        )
    if not scenes:
        raise NoData("no store has both a topology and the threads of a measured trial")
    boxes = [_machine_box(scene) for scene in scenes]
    return Drawn(
        name="machine",
        title=QUESTION,
        caption=" ".join(_caption(scene) for scene in scenes),
        alt=" ".join(_alt(scene) for scene in scenes),
        picture=_picture(boxes),
        table=pd.concat([_table(scene) for scene in scenes], ignore_index=True),
    )


def _scene(results: Results, number: int, wanted: str | None) -> _Scene | None:
    store = results.stores[number]
    xml = store.provenance.get("topology_xml", "")
    cells = results.cells[
        (results.cells.store == number) & results.cells.key.isin(results.drawable.key)
    ]
    if wanted is not None:
        cells = cells[cells.id == wanted]
    if cells.empty or not xml.lstrip().startswith("<"):
        return None
    order = cells.sort_values(
        ["producers", "rings", "name"], ascending=[False, False, True], kind="stable"
    )
    cell = order.iloc[0]
    trials = chosen(results.drawable[results.drawable.key == cell.key])
    trial = [int(trials.id.iloc[0])]
    threads = store.rows("thread", trial).sort_values(["role", "number"], ascending=[False, True])
    if threads.empty:
        return None
    producers = store.rows("producer", trial)
    return _Scene(
        server=results.servers[number],
        cell=f"{cell.id} ({_words(results, cell)})",
        machine=topology.parse(xml),
        threads=threads,
        rings=store.rows("ring", trial),
        ring_of={
            int(p.producer): int(p.ring) for p in producers.dropna(subset="ring").itertuples()
        },
    )


def _words(results: Results, cell: pd.Series) -> str:
    shown = ("producers", "placement", "consumer")
    chosen_options = [setting(name, cell[name]) for name in results.options if pd.notna(cell[name])]
    settings = [setting(name, cell[name]) for name in shown if pd.notna(cell[name])]
    return ", ".join([cell.transport, *chosen_options, *settings])


def _machine_box(scene: _Scene) -> Box:
    pus = scene.machine.pus
    node_footers = _node_footers(scene)
    packages: list[Box] = []
    for package, of_package in _grouped(pus, lambda pu: pu.package):
        nodes = [
            _node_box(scene, node, of_node, node_footers)
            for node, of_node in _grouped(of_package, lambda pu: pu.node)
        ]
        title = f"package {len(packages)}" if package >= 0 else ""
        packages.append(Box(title, tuple(nodes), columns=2, face="#f3f3f3"))
    for node in scene.machine.memory_only:
        title = f"node {node}, memory only{_memory(scene, node)}"
        packages.append(
            Box(title, leaf_size=(2.6, 0.5), face="#eef4ea", footer=node_footers.get(node, ()))
        )
    return Box(scene.server, tuple(packages), columns=2 if len(packages) > 1 else 1, edge="#555555")


def _node_box(
    scene: _Scene,
    node: int | None,
    pus: Sequence[topology.Pu],
    footers: Mapping[int, tuple[Text, ...]],
) -> Box:
    caches = []
    for l3, of_cache in _grouped(pus, lambda pu: pu.l3):
        cores = [
            Box(
                children=tuple(_pu_box(scene, pu) for pu in of_core),
                columns=2,
                face="#ebebeb",
                edge="#b5b5b5",
            )
            for _, of_core in _grouped(of_cache, lambda pu: pu.core)
        ]
        columns = len(cores) if len(cores) <= 6 else _ROW_OF_CORES
        caches.append(Box("L3" if l3 >= 0 else "", tuple(cores), columns=columns, face="#f8f8f8"))
    title = f"node {node}{_memory(scene, node)}" if node is not None else ""
    columns = max(1, math.ceil(math.sqrt(len(caches))))
    footer = footers.get(node, ()) if node is not None else ()
    return Box(title, tuple(caches), columns=columns, face="#eef4ea", footer=footer)


def _pu_box(scene: _Scene, pu: topology.Pu) -> Box:
    here = scene.threads[scene.threads.cpu_found == pu.cpu]
    roles = set(here.role)
    face = {
        frozenset(): _IDLE,
        frozenset({"producer"}): _PRODUCER,
        frozenset({"consumer"}): _CONSUMER,
    }
    strayed = not _strayed(here).empty
    producers = here.loc[here.role == "producer", "number"]
    homes = sorted({scene.ring_of[n] for n in producers if n in scene.ring_of})
    return Box(
        face=face.get(frozenset(roles), _BOTH),
        edge=_MISPLACED if strayed else "#999999",
        edge_width=2.0 if strayed else 0.7,
        leaf_size=(0.5, 0.56),
        texts=(
            Text(str(pu.cpu), 6.5, "#666666"),
            Text(_names(here), 8.5 if len(here) == 1 else 7, bold=True),
            Text(f"→{_first('R', homes)}" if homes else "", 6.5, "#444444"),
        ),
    )


def _strayed(threads: pd.DataFrame) -> pd.DataFrame:
    pinned = threads[threads.cpu_wanted.notna() & threads.cpu_found.notna()]
    return pinned[pinned.cpu_found != pinned.cpu_wanted]


def _names(threads: pd.DataFrame) -> str:
    names = [f"{role[0].upper()}{number}" for role, number in zip(threads.role, threads.number)]
    return " ".join(names) if len(names) < 3 else f"{names[0]}+{len(names) - 1}"


def _first(prefix: str, numbers: Sequence[int]) -> str:
    return f"{prefix}{numbers[0]}" + (f"+{len(numbers) - 1}" if len(numbers) > 1 else "")


def _node_footers(scene: _Scene) -> dict[int, tuple[Text, ...]]:
    """Below each node, the rings whose pages lie on it; the share where a ring is spread out."""
    whole: dict[int, list[int]] = {}
    parts: dict[int, list[str]] = {}
    for ring in scene.rings.itertuples():
        pages = _pages(ring.nodes_found)
        for node, count in pages.items():
            if count == sum(pages.values()):
                whole.setdefault(node, []).append(int(ring.ring))
            elif count > 0:
                parts.setdefault(node, []).append(f"R{ring.ring} {count / sum(pages.values()):.0%}")
    footers = {}
    for node in whole.keys() | parts.keys():
        words = ", ".join(ranges("R", whole.get(node, [])) + parts.get(node, []))
        lines = textwrap.wrap(f"rings here: {words}", _RINGS_IN_FOOTER)
        footers[node] = tuple(Text(line, 7.5, "#2f5d1e") for line in lines)
    return footers


def ranges(prefix: str, numbers: Iterable[int]) -> list[str]:
    """0 1 2 5 as R0–R2, R5."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [
        f"{prefix}{run[0]}" if len(run) == 1 else f"{prefix}{run[0]}–{prefix}{run[-1]}"
        for run in runs
    ]


def _pages(nodes_found: object) -> dict[int, int]:
    found = json.loads(nodes_found) if isinstance(nodes_found, str) and nodes_found else {}
    return {int(node): int(pages) for node, pages in found.items()}


def _memory(scene: _Scene, node: int) -> str:
    bytes_here = scene.machine.memory.get(node, 0)
    return f" · {size(bytes_here)}" if bytes_here else ""


def _grouped(
    pus: Sequence[topology.Pu], key: Callable[[topology.Pu], K]
) -> list[tuple[K, list[topology.Pu]]]:
    groups: dict[K, list[topology.Pu]] = {}
    for pu in pus:
        groups.setdefault(key(pu), []).append(pu)
    return list(groups.items())


def _picture(boxes: Sequence[Box]) -> Figure:
    sizes = [box.size for box in boxes]
    width = max(6.0, max(size[0] for size in sizes) + 0.2)
    top, bottom, gap = 0.45, 0.4, 0.15
    height = top + sum(size[1] + gap for size in sizes) + bottom
    picture = Figure(figsize=(width, height))
    axes = picture.add_axes([0, 0, 1, 1], xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    axes.text(0.1, height - 0.1, QUESTION, fontsize=11, fontweight="bold", va="top")
    y = height - top
    for box, (_, box_height) in zip(boxes, sizes):
        box.draw(axes, 0.1, y)
        y -= box_height + gap
    keys = {"producer": _PRODUCER, "consumer": _CONSUMER, "both": _BOTH, "idle": _IDLE}
    axes.legend(
        handles=[Patch(facecolor=c, edgecolor="#999999", label=name) for name, c in keys.items()],
        loc="lower left",
        bbox_to_anchor=(0.0, 0.0),
        ncol=len(keys),
        frameon=False,
    )
    return picture


def _caption(scene: _Scene) -> str:
    strayed = _strayed(scene.threads)
    names = [f"{t.role} {t.number} on CPU {plain(t.cpu_found)}" for t in strayed.itertuples()]
    known = {pu.cpu for pu in scene.machine.pus}
    outside = scene.threads[~scene.threads.cpu_found.isin(known)]
    missing = [f"{t.role} {t.number} on CPU {plain(t.cpu_found)}" for t in outside.itertuples()]
    unknown = scene.rings[scene.rings.nodes_found.map(lambda found: not _pages(found))]
    return sentences(
        f"{scene.server}: cell {scene.cell}. Small number: the CPU; Pn: producer n, with the ring it"
        " writes to; Cn: consumer n.",
        f"Not where it was placed (red): {listed(names)}." if names else "",
        f"On a CPU that the stored topology does not have: {listed(missing)}." if missing else "",
        f"Home node not read back for {len(unknown)} of {len(scene.rings)} rings."
        if len(unknown)
        else "",
    )


def _alt(scene: _Scene) -> str:
    roles = scene.threads.role.value_counts()
    return (
        f"Drawing of {scene.server}: {len(scene.machine.pus)} CPUs,"
        f" {len(scene.machine.memory)} NUMA nodes; {roles.get('producer', 0)} producers,"
        f" {roles.get('consumer', 0)} consumers, {len(scene.rings)} rings."
    )


def _table(scene: _Scene) -> pd.DataFrame:
    by_cpu = {pu.cpu: pu for pu in scene.machine.pus}
    rows = []
    for thread in scene.threads.itertuples():
        pu = by_cpu.get(thread.cpu_found)
        ring = scene.ring_of.get(thread.number) if thread.role == "producer" else None
        rows.append(
            {
                "server": scene.server,
                "thread": f"{thread.role} {thread.number}",
                "CPU wanted": plain(thread.cpu_wanted),
                "CPU found": plain(thread.cpu_found),
                "node": "–" if pu is None or pu.node is None else str(pu.node),
                "ring": "–" if ring is None else str(ring),
            }
        )
    return pd.DataFrame(rows)
