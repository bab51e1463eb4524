"""What the kernel's buffers hold, in pages, addresses and resident memory."""

import math
from collections.abc import Iterator

import pandas as pd

from plots.kernel.cells import Cell, of_kernel
from plots.kernel.labels import layout
from plots.kernel.samples import Samples
from plots.results import Results
from plots.wording import Measured, digits, listed, measured

_COLUMNS = {
    "data_bytes": "data",
    "footprint_bytes": "held",
    "mapped_bytes": "virtual",
    "resident_bytes": "resident (RSS)",
}

NOTE = (
    "Data: what records can lie in. Held: what the kernel accounts for. Virtual: the addresses of this process;"
    " a BPF ring maps its data twice in a row, so that a record never wraps, and each mapping counts."
    " Resident: as /proc/self/smaps counts it, shared pages at each place. Of a perf buffer the kernel"
    " counts none, although its pages are there."
)


def table(results: Results, samples: Samples) -> pd.DataFrame:
    """Of each layout the cells with the least and with the most data."""
    by_layout: dict[str, list[dict[str, float]]] = {}
    for cell in of_kernel(results).to_dict("records"):
        if samples.interval(cell["key"], "mapped_bytes") is not None:
            medians = by_layout.setdefault(layout(results, cell), [])
            medians.append({name: _median(samples, cell, name) for name in _COLUMNS})
    rows = []
    for name, found in sorted(by_layout.items()):
        ordered = sorted(found, key=lambda one: one["data_bytes"])
        ends = (
            ordered[:1]
            if ordered[0]["data_bytes"] == ordered[-1]["data_bytes"]
            else [ordered[0], ordered[-1]]
        )
        rows += [_row(name, one) for one in ends]
    return pd.DataFrame(rows)


def answer(found: pd.DataFrame) -> Iterator[str]:
    """What each transport maps for its data: between the largest and the smallest buffer."""
    if len(found) == 0:
        return
    times: dict[str, list[float]] = {}
    for layout_name, value in zip(found["layout"], found["virtual ÷ data"]):
        times.setdefault(layout_name.partition(",")[0], []).append(value.interval.median)
    told = []
    for name, values in times.items():
        least, most = digits(min(values)), digits(max(values))
        told.append(f"{name} {least if least == most else f'{least} to {most}'}")
    yield f"Addresses mapped for a byte of data: {listed(told)}."


def _median(samples: Samples, cell: Cell, name: str) -> float:
    found = samples.interval(cell["key"], name)
    return found.median if found else math.nan


def _row(name: str, medians: dict[str, float]) -> dict[str, str]:
    row: dict[str, str] = {"layout": name}
    row |= {heading: measured(column, medians[column]) for column, heading in _COLUMNS.items()}
    return row | {"virtual ÷ data": _times(medians["mapped_bytes"], medians["data_bytes"])}


def _times(above: float, below: float) -> Measured:
    return measured("times", above / below if below else math.nan)
