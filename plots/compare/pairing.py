"""The cells of A and B joined on their id, and those that have no partner, each with the reason."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from plots.compare.metrics import NOT_METRICS
from plots.results import Results
from plots.summary import chosen

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


def pair(results: Results) -> Pairing:
    drawable = chosen(results.drawable)
    sides = [drawable[drawable.store == side] for side in (0, 1)]
    both = set(sides[0].cell_id) & set(sides[1].cell_id)
    named = results.cells.drop_duplicates("id").set_index("id")
    trials = pd.concat([s[s.cell_id.isin(both)].assign(side=i) for i, s in enumerate(sides)])
    cells = named.loc[[i for i in named.index if i in both], ["name", "transport"]].reset_index()
    # Of a cell, either its ok trials are chosen or its tainted ones: a tainted one speaks for all.
    tainted = [set(s.cell_id[s.status == "tainted"]) for s in sides]
    cells["tainted"] = [_sides(cell in tainted[0], cell in tainted[1]) for cell in cells.id]
    spoiled = results.trials[results.trials.cell_id.isin(both)]
    counts = [int(((spoiled.store == s) & (spoiled.status == "tainted")).sum()) for s in (0, 1)]
    return Pairing(
        cells,
        trials,
        tuple(_alone(results, i, str(named.name[i])) for i in named.index if i not in both),
        tuple(_flawed(results, cells)),
        (counts[0], counts[1]),
        tuple(s for s, store in zip(SIDES, results.stores) if "finished" not in store.provenance),
        _one_sided(trials),
    )


def samples(pairing: Pairing, metric: str) -> dict[str, tuple[pd.Series, pd.Series]]:
    """Cell id to the values of both sides, where both have one."""
    kept = pairing.trials[pairing.trials[metric].notna()]
    found: dict[str, dict[int, pd.Series]] = {}
    for (cell, side), values in kept.groupby(["cell_id", "side"], sort=False)[metric]:
        found.setdefault(str(cell), {})[int(side)] = values.astype(np.float64)
    return {cell: (two[0], two[1]) for cell, two in found.items() if len(two) == 2}


def _one_sided(trials: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    metrics = [c for c in trials if c not in NOT_METRICS | LABELS]
    present = trials.groupby(["cell_id", "side"])[metrics].count().gt(0).astype(int)
    cells = present.groupby("cell_id").sum().eq(1).sum()
    found = [(str(metric), int(count)) for metric, count in cells.items() if count]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _sides(in_a: bool, in_b: bool) -> str:
    return "both" if in_a and in_b else "A" if in_a else "B" if in_b else ""


def _alone(results: Results, cell: str, name: str) -> Alone:
    states = [_state(results, cell, side) for side in (0, 1)]
    broken = states[0] == "measured" and states[1].startswith("failed")
    if states[0] == states[1]:
        return Alone(cell, name, f"{states[0]} in both")
    shown = [f"{state} in {side}" for side, state in zip(SIDES, states)]
    return Alone(cell, name, "; ".join(shown), broken)


def _state(results: Results, cell: str, side: int) -> str:
    rows = results.cells[(results.cells.store == side) & (results.cells.id == cell)]
    if rows.empty:
        return "not part of the config"
    if rows.status.iloc[0] == "skipped":
        return f"skipped ({rows.reason.iloc[0]})"
    trials = results.trials[(results.trials.store == side) & (results.trials.cell_id == cell)]
    if trials.empty:
        return "without a trial"
    if (trials.status == "failed").all():
        return f"failed ({trials.reason.iloc[0]})"
    return "measured"


def _flawed(results: Results, cells: pd.DataFrame) -> list[Alone]:
    failed = results.trials[results.trials.status == "failed"]
    in_a = set(failed.cell_id[failed.store == 0])
    found = []
    for cell, name in zip(cells.id, cells.name):
        mine = failed[(failed.store == 1) & (failed.cell_id == cell)]
        if len(mine) and cell not in in_a:
            what = f"{len(mine)} failed in B and none in A ({mine.reason.iloc[0]})"
            found.append(Alone(cell, name, what, True))
    return found
