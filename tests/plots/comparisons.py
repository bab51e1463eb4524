"""Pairs of samples as a comparison takes them, without a store between."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from plots.compare.comparison import Change, Rules, compare
from plots.compare.pairing import Pairing

HEADLINE = "event_amortised_cycles"
Sample = Sequence[float] | npt.NDArray[np.float64]


def rules(tolerance: float = 0.0, with_tainted: bool = False, tsc_step: float = 0.0) -> Rules:
    return Rules(0.05, tolerance, with_tainted, tsc_step)


def pairing(cells: Sequence[tuple[Sample, Sample]], metric: str, tainted: str = "") -> Pairing:
    """Cell i, named `000` and so on, with its values in A and in B; `tainted` holds for all."""
    rows = [
        (f"{number:03}", side, float(value))
        for number, two in enumerate(cells)
        for side in (0, 1)
        for value in two[side]
    ]
    names = [f"{number:03}" for number in range(len(cells))]
    table = pd.DataFrame(
        {"id": names, "name": [f"ringbuf/producers:{n}" for n in names], "transport": "ringbuf"}
    )
    trials = pd.DataFrame(rows, columns=["cell_id", "side", metric])
    return Pairing(table.assign(tainted=tainted), trials, (), (), (0, 0), (), ())


def changes(
    cells: Sequence[tuple[Sample, Sample]],
    metric: str = HEADLINE,
    given: Rules = rules(),
    tainted: str = "",
) -> list[Change]:
    """In the order of the cells."""
    found = compare(pairing(cells, metric, tainted), given)
    return sorted(found, key=lambda change: change.cell)


def noise(
    random: np.random.Generator, cells: int, repetitions: int, deviation: float
) -> npt.NDArray[np.float64]:
    """cells x 2 x repetitions of a cost near 500 whose logarithm scatters by `deviation`."""
    scattered: npt.NDArray[np.float64] = 500.0 * np.exp(
        deviation * random.normal(size=(cells, 2, repetitions))
    )
    return scattered
