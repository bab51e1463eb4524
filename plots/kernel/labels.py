"""What tells many cells apart, in few words: only where one differs from what most of them have."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from plots.arrangement import FIX_FIRST
from plots.kernel.cells import Cell, model_of, option, waking
from plots.results import Results
from plots.wording import counted, listed, rate, setting, value_text, word

# What a label says of every cell, if the cells differ in it.
_ALWAYS_SAID = ("server", "producers", "record_size", "arrival")
# What a label names even where another setting would give it away.
_ALWAYS_NAMED = (*_ALWAYS_SAID, "bytes", "poll", "notify", "stamps")
_OWN_OPTIONS = ("cpus_per_ring", "mapping", "overwrite", "batch", "call", "source", "reader")
_LEFT_OUT = ("rate", "sample_every", "warmup_ms", "duration_ms")
_USUAL_LAYOUT = ("", "contiguous")

Settings = Mapping[str, object]


def labelled(
    results: Results, cells: Sequence[Cell], without: Collection[str] = ()
) -> tuple[list[str], str]:
    """A label for each cell, unlike the others of its transport; and what the labels leave unsaid.

    `without`: what something else tells.
    """
    everything = (_settings(results, cell) for cell in cells)
    rows = [{n: v for n, v in row.items() if n not in without} for row in everything]
    usual = _usual(rows)
    names = [n for n in usual if any(row.get(n, usual[n]) != usual[n] for row in rows)]
    kinds = [cell["transport"] for cell in cells]
    implied = _implied(names, rows, usual, kinds)
    kept = [name for name in names if name not in implied]
    labels = [_label(kept, row, usual) for row in rows]
    return labels, _unsaid(kept, implied, usual)


def layout(results: Results, cell: Cell) -> str:
    """A transport with the options that make it a layout of its own."""
    varying = [n for n in ("cpus_per_ring", "mapping") if option(cell, n) not in _USUAL_LAYOUT]
    return ", ".join([cell["transport"], *(setting(n, option(cell, n)) for n in varying)])


def _settings(results: Results, cell: Cell) -> Settings:
    """Everything that can tell two cells apart, without what does not apply."""
    found: dict[str, object] = {"server": cell["server"]} if len(results.servers) > 1 else {}
    for name in results.parameters:
        if name not in _LEFT_OUT and not pd.isna(cell[name]):
            found[name] = cell[name]
    if "rate" in cell and not pd.isna(cell["rate"]):
        found["arrival"] = f"{cell['arrival']} at {rate(cell['rate'])}"
    if waking(cell):
        found["notify"] = waking(cell)
    return found | {name: option(cell, name) for name in _OWN_OPTIONS if option(cell, name)}


def _usual(rows: Sequence[Settings]) -> dict[str, object]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        name: Counter(row[name] for row in rows if name in row).most_common(1)[0][0]
        for name in names
    }


def _implied(
    names: Sequence[str], rows: Sequence[Settings], usual: Settings, kinds: Sequence[str]
) -> list[str]:
    """Names without which the labels still differ, the least telling first."""
    left_out: list[str] = []
    distinct = _distinct(names, rows, usual, kinds)
    for name in sorted(names, key=_telling):
        fewer = [n for n in names if n != name and n not in left_out]
        if name not in _ALWAYS_NAMED and _distinct(fewer, rows, usual, kinds) == distinct:
            left_out.append(name)
    return left_out


def _telling(name: str) -> int:
    return FIX_FIRST.index(name) if name in FIX_FIRST else len(FIX_FIRST)


def _distinct(
    names: Sequence[str], rows: Sequence[Settings], usual: Settings, kinds: Sequence[str]
) -> int:
    return len({(model_of(kind), _label(names, row, usual)) for kind, row in zip(kinds, rows)})


def _label(names: Sequence[str], row: Settings, usual: Settings) -> str:
    said = [n for n in names if n in row and (n in _ALWAYS_SAID or row[n] != usual[n])]
    return ", ".join(_words(name, row[name]) for name in said)


def _words(name: str, value: object) -> str:
    if name in ("server", "arrival"):
        return str(value)
    if name == "record_size":
        return f"{value_text(name, value)} records"
    if name == "producers":
        return counted(int(str(value)), "producer")
    return setting(name, value).replace("_", " ")


def _unsaid(kept: Sequence[str], implied: Sequence[str], usual: Settings) -> str:
    said = [name for name in _ALWAYS_SAID if name in kept]
    named = [n for n in usual if (n in kept or n in _ALWAYS_NAMED) and n not in said]
    values = listed(_words(name, usual[name]) for name in named) if named else ""
    text = f"Where a label says nothing else: {values}." if values else ""
    if implied:
        text += f" Differs too, with what is said: {listed(word(name) for name in implied)}."
    return text
