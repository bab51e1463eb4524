"""A model's cell and the kernel's cell of the same workload, with the options that correspond."""

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from plots.kernel import PREFIX
from plots.kernel.cells import Cell, model_of, option, waking
from plots.kernel.labels import labelled
from plots.results import Results

_COSTS = ("event_amortised_cycles", "event_cycles_p50")
# What stands for a model: a batch at a call, reserve and submit, read by our own reader.
_USUAL = {"driver": "test_run", "call": "reserve", "reader": "mapped"}
# The kernel's spin lock queues as `mcs` does; its hybrid is made of BPF ring buffers.
_MODEL = {"lock": "mcs", "base": "ringbuf"}


@dataclass(frozen=True)
class Pair:
    transport: str  # the model's
    label: str  # tells it from the other pairs of the transport
    model: Cell
    kernel: Cell

    @property
    def name(self) -> str:
        return f"{self.transport}, {self.label}" if self.label else self.transport

    @property
    def saturated(self) -> bool:
        return bool(self.kernel["arrival"] == "saturate")


@dataclass(frozen=True)
class Pairs:
    found: tuple[Pair, ...]
    held: str  # a sentence on what the labels leave out


def pairs(results: Results) -> Pairs:
    cells = results.measured(*_COSTS).to_dict("records")
    kernels = [cell for cell in cells if cell["transport"].startswith(PREFIX)]
    others = [cell for cell in cells if not cell["transport"].startswith(PREFIX)]
    models = {_key(results, cell): cell for cell in others if _fits(cell, _MODEL)}
    matched = []
    for cell in kernels:
        if _fits(cell, _USUAL):
            model = models.get(_key(results, cell))
            if model is not None:
                matched.append((model, cell))
    labels, held = labelled(results, [kernel for _, kernel in matched])
    found = [
        Pair(model["transport"], label, model, kernel)
        for (model, kernel), label in zip(matched, labels)
    ]
    return Pairs(tuple(sorted(found, key=lambda pair: pair.transport)), held)


def _fits(cell: Cell, wanted: dict[str, str]) -> bool:
    return all(option(cell, name, value) == value for name, value in wanted.items())


def _key(results: Results, cell: Cell) -> Hashable:
    """What has to agree between a model and the kernel's own."""
    workload = [None if pd.isna(cell[name]) else cell[name] for name in results.parameters]
    sharing = option(cell, "cpus_per_ring"), option(cell, "mapping")
    return (
        cell["store"],
        model_of(cell["transport"]),
        *workload,
        waking(cell),
        option(cell, "overwrite", "off"),
        *sharing,
    )
