"""Several stores as one set of cells and trials, each labelled with the server it ran on."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from plots import bare
from plots.errors import InputError
from plots.store import Store, open_store

OPTION = "option:"
_NOT_PARAMETERS = {"id", "name", "status", "reason", "transport", "options", "atomics", "rings"}


@dataclass(frozen=True)
class Results:
    """`cells` and `trials` of all stores. Column `key` names a cell of one store, `server` its label.

    `parameters` are the columns of a cell that come from its config; `options` are the transports'
    own, one column each, prefixed with OPTION so that they cannot clash with a parameter.
    """

    stores: tuple[Store, ...]
    servers: tuple[str, ...]
    cells: pd.DataFrame
    trials: pd.DataFrame
    parameters: tuple[str, ...]
    options: tuple[str, ...]

    @functools.cached_property
    def drawable(self) -> pd.DataFrame:
        """Trials that balanced: `ok`, and `tainted`, which every figure marks."""
        return self.trials[self.trials.status.isin(("ok", "tainted"))]

    @functools.cached_property
    def bare(self) -> pd.DataFrame:
        """Of each cell key the bare cost of an event in cycles: columns `atomics` and `event`."""
        return bare.costs(self.stores, self.cells, self.drawable)

    def measured(self, *metrics: str) -> pd.DataFrame:
        """Cells with a drawable trial that has a value for at least one of the metrics."""
        present = [metric for metric in metrics if metric in self.trials]
        keys = self.drawable.loc[self.drawable[present].notna().any(axis=1), "key"]
        return self.cells[self.cells.key.isin(keys)]


def load(paths: Sequence[Path]) -> Results:
    return joined(tuple(open_store(path) for path in paths))


def joined(stores: tuple[Store, ...]) -> Results:
    servers = server_labels([store.provenance for store in stores])
    cells = pd.concat(
        [_labelled_cells(i, store, servers[i]) for i, store in enumerate(stores)], ignore_index=True
    )
    trials = pd.concat(
        [
            store.trials.assign(
                store=i, server=servers[i], key=f"{i}:" + store.trials.cell_id.astype(str)
            )
            for i, store in enumerate(stores)
        ],
        ignore_index=True,
    )
    own = _NOT_PARAMETERS | {"key", "store", "server"}
    options = tuple(sorted(name for name in cells if name.startswith(OPTION)))
    parameters = tuple(name for name in cells if name not in own and name not in options)
    return Results(stores, servers, cells, trials, parameters, options)


def server_labels(provenances: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """`host config` of each store; the start time, then a number, is added only to tell equals apart."""
    names = [f"{p.get('host', 'unknown')} {p.get('config_name', 'unknown')}" for p in provenances]
    dated = [
        f"{name} {p.get('started', 'unknown')}" if names.count(name) > 1 else name
        for name, p in zip(names, provenances)
    ]
    return tuple(
        f"{name} #{dated[: i + 1].count(name)}" if dated.count(name) > 1 else name
        for i, name in enumerate(dated)
    )


def narrowed(results: Results, wanted: Mapping[str, str]) -> Results:
    """Only the cells whose parameter or option has the given value, or to which it does not apply."""
    cells = results.cells
    for name, text in wanted.items():
        column = _column(results, name)
        values = cells[column]
        as_text = values.map(plain)
        if text not in set(as_text[values.notna()]):
            known = ", ".join(sorted(set(as_text[values.notna()]))) or "none"
            raise InputError(
                f"--where {name}={text}: no cell has that value; the values of {name} are: {known}."
            )
        cells = cells[(as_text == text) | values.isna()]
    trials = results.trials[results.trials.key.isin(cells.key)]
    return Results(
        results.stores, results.servers, cells, trials, results.parameters, results.options
    )


def plain(value: object) -> str:
    """A cell's value as its config writes it: NULL makes pandas read whole numbers as floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _column(results: Results, name: str) -> str:
    for column in (name, OPTION + name):
        if column in ("transport", "server", *results.parameters, *results.options):
            if column in results.cells:
                return column
    known = ["transport", *results.parameters, *(o.removeprefix(OPTION) for o in results.options)]
    raise InputError(f"--where {name}: no such parameter; the parameters are: {', '.join(known)}.")


def _labelled_cells(number: int, store: Store, server: str) -> pd.DataFrame:
    options = store.cells.options.map(lambda text: json.loads(text) if text else {})
    columns = {name for chosen in options for name in chosen}
    split = pd.DataFrame(
        {
            OPTION + name: [chosen.get(name) for chosen in options]
            for name in sorted(columns, key=str)
        },
        index=store.cells.index,
        dtype=object,
    )
    labelled = store.cells.assign(
        store=number, server=server, key=f"{number}:" + store.cells.id.astype(str)
    )
    return pd.concat([labelled, split], axis=1)
