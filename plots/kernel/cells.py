"""Cells of kernel transports: which they are, and what their options mean."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from plots.kernel import PREFIX
from plots.results import OPTION, Results, plain

WAKING_OPTIONS = ("notify", "notify_every", "notify_bytes", "watermark_bytes")

HOW_TIMED = (
    "A kernel transport's calls are timed whole: it has no reserve and commit of its own, and its event"
    " cycles are a mean over the events of a call, less what an empty call of the program takes."
)

Cell = Mapping[str, Any]  # a row of Results.cells


def of_kernel(results: Results) -> pd.DataFrame:
    cells = results.cells
    return cells[cells.transport.str.startswith(PREFIX)]


def has_kernel(results: Results) -> bool:
    return not of_kernel(results).empty


def floor_of(transport: str) -> str:
    """The transport that carries nothing, in the world of this one."""
    return f"{PREFIX}null" if transport.startswith(PREFIX) else "null"


def how_timed(results: Results) -> str:
    return HOW_TIMED if has_kernel(results) else ""


def model_of(transport: str) -> str:
    return transport.removeprefix(PREFIX)


def alike_but(results: Results, cells: pd.DataFrame, names: Collection[str]) -> list[list[Cell]]:
    """Cells that agree in everything but these parameters or options, together."""
    if cells.empty:
        return []
    every = ["server", "transport", *results.options, *results.parameters]
    kept = [name for name in every if name.removeprefix(OPTION) not in names]
    same = cells[kept].astype(str).agg("\n".join, axis=1)
    return [group.to_dict("records") for _, group in cells.groupby(same, sort=False)]


def option(cell: Cell, name: str, absent: str = "") -> str:
    """An option's value as text; `absent` where the transport does not have it."""
    value = cell.get(OPTION + name)
    return absent if value is None or pd.isna(value) else plain(value)


def notify(cell: Cell) -> str:
    """The mode of waking; `native` of a hybrid is that of what each of its rings is."""
    mode = option(cell, "notify")
    if mode == "native":
        return "watermark" if option(cell, "base") == "perfbuf" else "adaptive"
    return mode


def waking(cell: Cell) -> str:
    """The mode of waking with the numbers that matter to it; empty for a transport that wakes nobody."""
    mode = notify(cell)
    if mode == "sampled":
        return f"one in {int(option(cell, 'notify_every')):,}"
    if mode == "bytes":
        return f"from {int(option(cell, 'notify_bytes')):,} B unread"
    if mode == "watermark" and option(cell, "watermark_bytes", "0") != "0":
        return f"each {int(option(cell, 'watermark_bytes')):,} B"
    return "each half buffer" if mode == "watermark" else mode
