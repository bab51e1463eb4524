"""The cells of A and B joined on their id, and those that have no partner, each with the reason."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plots.bootstrap import Floats
from plots.compare.metrics import NOT_METRICS
from plots.results import Results
from plots.summary import chosen

Places = npt.NDArray[np.int64]

SIDES = ("A", "B")
# Columns of the joined trials that are not columns of the store.
LABELS = frozenset({"key", "store", "server", "side"})


@dataclass(frozen=True)
class Alone:
    """A cell that cannot be compared. `broken`: it ran in A, and in B every trial failed."""

    cell: str
    name: str
    what: str
    broken: bool = False


@dataclass(frozen=True)
class Pairing:
    """`cells`: id, name, transport, tainted (which side has only tainted trials: "", A, B or both).

    `trials`: of each paired cell and side, those that count; columns cell_id, side (0, 1), metrics.
    `flawed`: paired cells of which some trials failed in B and none in A.
    """

    cells: pd.DataFrame
    trials: pd.DataFrame
    alone: tuple[Alone, ...]
    flawed: tuple[Alone, ...]
    tainted_trials: tuple[int, int]  # of A and of B, in paired cells
    unfinished: tuple[str, ...]  # sides whose run is incomplete
    one_sided: tuple[
        tuple[str, int], ...
    ]  # metric, cells that have it on one side only; most first

    @functools.cached_property
    def sides(self) -> tuple[Places, Places]:
        """Of the trials, cell by cell and side by side, which side it is, counted through; and their order."""
        place = dict(zip(self.cells.id, range(len(self.cells))))
        side = (2 * self.trials.cell_id.map(place) + self.trials.side).to_numpy(dtype=np.int64)
        order = np.argsort(side, kind="stable")
        return side[order], order


@dataclass(frozen=True)
class Group:
    """Those of some samples that have as many repetitions: `values` of A and B, a row for each."""

    members: Places
    values: tuple[Floats, Floats]


@dataclass(frozen=True)
class Samples:
    """A metric in the cells that have it on both sides. `cells`: their places in Pairing.cells."""

    cells: Places
    n: Floats  # repetitions of A and B
    groups: tuple[Group, ...]


def pair(results: Results) -> Pairing:
    # Of a vast run no more copies than one: which trials is settled on a few columns.
    kept = chosen(results.drawable[["key", "status", "store", "cell_id"]])
    both = set.intersection(*(set(kept.cell_id[kept.store == side]) for side in (0, 1)))
    kept = kept[kept.cell_id.isin(both)]
    trials = results.drawable.loc[kept.index].rename(columns={"store": "side"}, copy=False)
    named = results.cells.drop_duplicates("id").set_index("id")
    cells = named.loc[named.index.isin(both), ["name", "transport"]].reset_index()
    # Of a cell, either its ok trials are chosen or its tainted ones: a tainted one speaks for all.
    doubtful = kept[kept.status == "tainted"]
    tainted = [set(doubtful.cell_id[doubtful.store == side]) for side in (0, 1)]
    cells["tainted"] = [_sides(cell in tainted[0], cell in tainted[1]) for cell in cells.id]
    spoiled = results.trials[results.trials.cell_id.isin(both)]
    counts = [int(((spoiled.store == s) & (spoiled.status == "tainted")).sum()) for s in (0, 1)]
    states = [_states(results, side) for side in (0, 1)]
    return Pairing(
        cells,
        trials,
        tuple(_alone(states, i, n) for i, n in zip(named.index, named["name"]) if i not in both),
        tuple(_flawed(results, cells)),
        (counts[0], counts[1]),
        tuple(s for s, store in zip(SIDES, results.stores) if "finished" not in store.provenance),
        _one_sided(trials),
    )


def samples(pairing: Pairing, metric: str) -> Samples:
    side, order = pairing.sides
    values = pairing.trials[metric].astype(np.float64).to_numpy()[order]
    measured = ~np.isnan(values)
    side, values = side[measured], values[measured]
    counts = np.bincount(side, minlength=2 * len(pairing.cells)).reshape(-1, 2)
    begins = (np.cumsum(counts) - counts.ravel()).reshape(-1, 2)
    cells = np.flatnonzero((counts > 0).all(axis=1))
    counts, begins = counts[cells], begins[cells]
    groups = []
    for n in np.unique(counts, axis=0):
        members = np.flatnonzero((counts == n).all(axis=1))
        a, b = (values[begins[members, s, None] + np.arange(n[s])] for s in (0, 1))
        groups.append(Group(members, (a, b)))
    return Samples(cells, counts.astype(np.float64), tuple(groups))


def _one_sided(trials: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    metrics = [c for c in trials if c not in NOT_METRICS | LABELS]
    present = trials.groupby(["cell_id", "side"])[metrics].count().gt(0).astype(int)
    cells = present.groupby("cell_id").sum().eq(1).sum()
    found = [(str(metric), int(count)) for metric, count in cells.items() if count]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _sides(in_a: bool, in_b: bool) -> str:
    return "both" if in_a and in_b else "A" if in_a else "B" if in_b else ""


def _alone(states: Sequence[Mapping[str, str]], cell: str, name: str) -> Alone:
    a, b = (mine.get(cell, "not part of the config") for mine in states)
    if a == b:
        return Alone(cell, name, f"{a} in both")
    broken = a == "measured" and b.startswith("failed")
    return Alone(cell, name, f"{a} in A; {b} in B", broken)


def _states(results: Results, side: int) -> dict[str, str]:
    """What became of each cell of a side."""
    cells = results.cells[results.cells.store == side]
    trials = results.trials[results.trials.store == side]
    failed = trials.status == "failed"
    measured = set(trials.cell_id[~failed])
    reasons = trials[failed].drop_duplicates("cell_id").set_index("cell_id").reason
    found = {}
    for cell, status, reason in zip(cells.id, cells.status, cells.reason):
        if status == "skipped":
            found[cell] = f"skipped ({reason})"
        elif cell in measured:
            found[cell] = "measured"
        else:
            found[cell] = f"failed ({reasons[cell]})" if cell in reasons else "without a trial"
    return found


def _flawed(results: Results, cells: pd.DataFrame) -> list[Alone]:
    failed = results.trials[results.trials.status == "failed"]
    in_a = set(failed.cell_id[failed.store == 0])
    in_b = dict(list(failed[failed.store == 1].groupby("cell_id")))
    found = []
    for cell, name in zip(cells.id, cells.name):
        if cell in in_b and cell not in in_a:
            mine = in_b[cell]
            what = f"{len(mine)} failed in B and none in A ({mine.reason.iloc[0]})"
            found.append(Alone(cell, name, what, True))
    return found
