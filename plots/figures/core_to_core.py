"""What it takes to hand a cache line from one CPU to another: the core-to-core matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from plots import topology
from plots.bootstrap import Floats
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.results import Results
from plots.wording import digits, listed, measured, sentences

QUESTION = "How many cycles does a cache line take from one CPU to another?"
_NUMBERS_UP_TO = 24  # CPUs; more fields have no room for a number
_TICKS_UP_TO = 40
_CLASSES = ("same core", "same L3", "same node", "same package", "other package")
_NO_PLACE = topology.Pu(-1, -1, None, -1, -1)
# Width and colour of the line between two CPUs that share no core, no L3, no node, no package.
_BORDERS = ((0.8, "white"), (1.8, "white"), (2.2, "#111111"), (3.0, "#111111"))


@dataclass(frozen=True)
class _Matrix:
    server: str
    order: tuple[int, ...]  # CPUs as the topology has them, from left to right
    places: Mapping[int, topology.Pu]
    cycles: Mapping[tuple[int, int], float]
    tsc_hz: float  # NaN where unknown

    @property
    def whole(self) -> bool:
        """Whether every pair was measured, in one direction at least."""
        pairs = {frozenset(pair) for pair in self.cycles}
        return len(pairs) == len(self.order) * (len(self.order) - 1) // 2

    def grid(self) -> Floats:
        at = {cpu: i for i, cpu in enumerate(self.order)}
        grid = np.full((len(self.order), len(self.order)), np.nan)
        for (a, b), cycles in self.cycles.items():
            grid[at[a], at[b]] = cycles
        return np.where(np.isnan(grid), grid.T, grid)

    def kind(self, a: int, b: int) -> str:
        return _CLASSES[_distance(self.places.get(a, _NO_PLACE), self.places.get(b, _NO_PLACE))]

    def by_class(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {name: [] for name in _CLASSES}
        for (a, b), cycles in self.cycles.items():
            found[self.kind(a, b)].append(cycles)
        return {name: values for name, values in found.items() if values}


def _distance(a: topology.Pu, b: topology.Pu) -> int:
    """Index into _CLASSES."""
    if a.core == b.core:
        return 0
    if a.l3 == b.l3 and a.l3 >= 0:
        return 1
    if a.package != b.package:
        return 4
    return 2 if a.node == b.node else 3


def draw(results: Results, _: Request) -> Drawn:
    matrices = [m for i in range(len(results.stores)) if (m := _matrix(results, i)) is not None]
    if not matrices:
        raise NoData("no store has hand-over times between CPUs (table limit)")
    return Drawn(
        name="core_to_core",
        title=QUESTION,
        caption=sentences(
            "One way of a line between two CPUs, half the round trip, median over the rounds. Thin"
            " white, thick white and black lines part cores, L3 caches and NUMA nodes; the thickest"
            " part packages.",
            *(_said(matrix) for matrix in matrices),
        ),
        alt=f"Hand-over cycles between pairs of CPUs of {listed(m.server for m in matrices)}."
        " The table below holds the same numbers.",
        picture=_picture(matrices),
        table=pd.concat([_table(matrix) for matrix in matrices], ignore_index=True),
    )


def _matrix(results: Results, number: int) -> _Matrix | None:
    store = results.stores[number]
    rows = store.limits[store.limits.operation == "hand_over"]
    if rows.empty:
        return None
    cycles = rows.cycles.astype(float).groupby([rows.cpu_a.astype(int), rows.cpu_b.astype(int)])
    medians = {(int(a), int(b)): float(c) for (a, b), c in cycles.median().items()}
    xml = store.provenance.get("topology_xml", "")
    pus = topology.parse(xml).pus if xml.lstrip().startswith("<") else ()
    measured_cpus = {cpu for pair in medians for cpu in pair}
    order = [pu.cpu for pu in pus if pu.cpu in measured_cpus]
    order += sorted(measured_cpus - set(order))
    hz = pd.to_numeric(store.provenance.get("tsc_hz"), errors="coerce")
    places = {pu.cpu: pu for pu in pus}
    return _Matrix(results.servers[number], tuple(order), places, medians, float(hz or np.nan))


def _picture(matrices: Sequence[_Matrix]) -> Figure:
    """A column of panels: a large machine needs the whole width."""
    heights = [_height(matrix) for matrix in matrices]
    width, top = max(6.4, max(heights) + 1.6), 0.35
    height = sum(heights) + top
    layout = ConstrainedLayoutEngine(h_pad=0.06, w_pad=0.06, rect=(0, 0, 1, 1 - top / height))
    picture = Figure(figsize=(width, height), layout=layout)
    picture.text(0.1 / width, 1 - 0.1 / height, QUESTION, fontsize=11, fontweight="bold", va="top")
    ratios = {"height_ratios": heights}
    every = picture.subplots(len(matrices), 1, squeeze=False, gridspec_kw=ratios)[:, 0]
    for axes, matrix in zip(every, matrices):
        axes.set_title(matrix.server)
        if matrix.whole:
            _draw_map(axes, matrix)
        else:
            _draw_classes(axes, matrix)
    return picture


def _height(matrix: _Matrix) -> float:
    return min(8.2, 2.4 + 0.42 * len(matrix.order)) if matrix.whole else 3.2


def _draw_map(axes: Axes, matrix: _Matrix) -> None:
    grid = matrix.grid()
    norm = Normalize(0, float(np.nanmax(grid)))
    # cividis reads the same with and without colour blindness, and in grey.
    image = axes.imshow(grid, norm=norm, cmap="cividis_r")
    axes.set_facecolor("#eeeeee")
    axes.grid(False)
    count = len(matrix.order)
    step = 1 if count <= _TICKS_UP_TO else -(-count // (_TICKS_UP_TO // 2))
    names = [str(cpu) for cpu in matrix.order[::step]]
    size = 9 if count <= 16 else 6.5
    axes.set_xticks(range(0, count, step), names, fontsize=size)
    axes.set_yticks(range(0, count, step), names, fontsize=size)
    axes.set_xlabel("CPU")
    axes.set_ylabel("CPU")
    if count <= _NUMBERS_UP_TO:
        for row, column in np.argwhere(~np.isnan(grid)).tolist():
            dark = norm(grid[row, column]) > 0.55
            axes.text(
                column,
                row,
                digits(float(f"{grid[row, column]:.3g}")),
                ha="center",
                va="center",
                fontsize=9 if count <= 8 else 6,
                color="white" if dark else "#222222",
            )
    _draw_borders(axes, matrix)
    # Beside the square that is drawn, not beside the space that it was given.
    beside = axes.inset_axes((1.03, 0.0, 0.035, 1.0))
    axes.figure.colorbar(image, cax=beside, label="TSC cycles, one way")
    axes.set_anchor("W")


def _draw_borders(axes: Axes, matrix: _Matrix) -> None:
    for i, (left, right) in enumerate(zip(matrix.order, matrix.order[1:])):
        apart = _distance(matrix.places.get(left, _NO_PLACE), matrix.places.get(right, _NO_PLACE))
        if apart and left in matrix.places:
            width, colour = _BORDERS[apart - 1]
            if len(matrix.order) > _NUMBERS_UP_TO and apart == 1:
                width = 0.3
            axes.axvline(i + 0.5, color=colour, lw=width)
            axes.axhline(i + 0.5, color=colour, lw=width)


def _draw_classes(axes: Axes, matrix: _Matrix) -> None:
    """Where only some pairs were measured: each a dot, by how far apart its CPUs are."""
    classes = matrix.by_class()
    for place, values in enumerate(classes.values()):
        spread = np.linspace(-0.22, 0.22, len(values)).tolist() if len(values) > 1 else [0.0]
        dots = [place + shift for shift in spread]
        axes.scatter(dots, values, s=12, color="#0072b2", alpha=0.5, linewidths=0)
        middle = float(np.median(values))
        axes.hlines(middle, place - 0.32, place + 0.32, color="#222222", lw=1.6)
        axes.text(place + 0.34, middle, digits(middle), va="center", fontsize=8.5)
    axes.set_xticks(range(len(classes)), [f"{n}\n{len(v)} pairs" for n, v in classes.items()])
    axes.set_xlim(-0.6, len(classes) - 0.2)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("TSC cycles, one way")


def _said(matrix: _Matrix) -> str:
    parts = [
        f"{name} {digits(float(np.median(values)))}{_in_ns(matrix, float(np.median(values)))}"
        for name, values in matrix.by_class().items()
    ]
    some = "" if matrix.whole else f" ({len(matrix.cycles):,} sampled pairs, by distance)"
    return f"{matrix.server}{some}: medians in cycles: {listed(parts)}."


def _in_ns(matrix: _Matrix, cycles: float) -> str:
    return "" if np.isnan(matrix.tsc_hz) else f" ({digits(cycles / matrix.tsc_hz * 1e9)} ns)"


def _table(matrix: _Matrix) -> pd.DataFrame:
    at = {cpu: i for i, cpu in enumerate(matrix.order)}
    ordered = sorted(matrix.cycles.items(), key=lambda item: [at[cpu] for cpu in item[0]])
    rows = [
        {
            "server": matrix.server,
            "CPU": str(a),
            "and CPU": str(b),
            "distance": matrix.kind(a, b),
            "hand-over (TSC cycles)": measured("cycles", cycles),
        }
        for (a, b), cycles in ordered
    ]
    return pd.DataFrame(rows)
