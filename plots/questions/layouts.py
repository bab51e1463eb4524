"""What tells the layouts of a question apart."""

from collections.abc import Sequence

import numpy as np

from plots.kernel import PREFIX
from plots.kernel.cells import Cell, model_of, option
from plots.results import Results
from plots.wording import counted

SHARED, SPLIT = "ringbuf", "perfbuf"
BY_MACHINE = {"per_core": "core", "per_l3": "L3", "per_node": "node"}


def layout(cell: Cell) -> str:
    """The transport with what makes it a layout of its own, in few words."""
    transport = str(cell["transport"])
    mapping = option(cell, "mapping")
    if mapping in BY_MACHINE:
        return f"{transport}, a ring per {BY_MACHINE[mapping]}"
    share = option(cell, "cpus_per_ring")
    if not share:
        return transport
    name = f"{transport}, {counted(int(share), 'CPU')} a ring"
    return name if mapping in ("", "contiguous") else f"{name}, {mapping}"


def transport_of(name: str) -> str:
    return name.partition(",")[0]


def in_order(names: Sequence[str]) -> list[str]:
    """The shared ring first, then the hybrids, then the buffers for each CPU; the kernel's last."""
    ranks = {SHARED: 0, "hybrid": 1, SPLIT: 2}

    def rank(name: str) -> tuple[bool, int, str]:
        transport = transport_of(name)
        return transport.startswith(PREFIX), ranks.get(model_of(transport), 3), name

    return sorted(dict.fromkeys(names), key=rank)


def number(cell: Cell, name: str) -> float:
    """A parameter that may be absent from the store, as NaN."""
    value = cell.get(name)
    return float("nan") if value is None else float(value)


def place(results: Results, cell: Cell) -> str:
    """The server, where there are several, as the head of a label."""
    return f"{cell['server']}: " if len(results.servers) > 1 else ""


def rare_at_most(cases: float) -> float:
    """The 95 % bound of a share of which not one was seen in so many cases."""
    return 1.0 if cases < 1 else float(1 - np.power(0.05, 1 / cases))
