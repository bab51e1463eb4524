"""How fast one shared ring takes records when producers saturate it.

Its lock and its positions are cache lines that move from CPU to CPU, so a record takes as long as some number
of such moves: time a record = moves * mean core-to-core latency over the CPUs on which producers really are.
The number of moves is a property of the code path. It was found from published throughputs of two machines: one
whose latencies are known (data/), and one for which they had to be taken from its class. data/code_paths.csv is
what saturation.hpp goes by too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CodePath:
    """`moves` of a cache line a record, and between what they lie with a probability of 90 %."""

    name: str
    summary: str
    pending_pos: bool
    moves: float
    fewest: float
    most: float


def code_paths() -> Mapping[str, CodePath]:
    """By the names that a plan states."""
    table = pd.read_csv(Path(__file__).parent / "data" / "code_paths.csv", comment="#")
    return {
        str(row.name): CodePath(
            str(row.name),
            str(row.summary),
            bool(row.pending_pos),
            float(row.moves),
            float(row.moves_low),
            float(row.moves_high),
        )
        for row in table.itertuples(index=False)
    }


BEFORE_PENDING_POS = code_paths()["linux-5.8"]
# Reserve also looks for the oldest busy record. Ours has it too.
WITH_PENDING_POS = code_paths()["linux-6.10"]


@dataclass(frozen=True)
class Band:
    low: float
    high: float


def mean_latency_ns(latencies: Matrix, cpus: Sequence[int]) -> float:
    """Over all pairs of these CPUs; ValueError for fewer than two, between which nothing moves."""
    if len(set(cpus)) < 2:
        raise ValueError("the latency between CPUs needs two of them")
    among = latencies[np.ix_(cpus, cpus)]
    return float(among.sum() / (len(cpus) * (len(cpus) - 1)))


def record_ns(path: CodePath, latency_ns: float) -> Band:
    return Band(path.fewest * latency_ns, path.most * latency_ns)


def records_per_second(path: CodePath, latency_ns: float) -> Band:
    """Of all producers together: it does not depend on how many there are, but on where they are."""
    slow = record_ns(path, latency_ns)
    return Band(1e9 / slow.high, 1e9 / slow.low)


def event_ns(path: CodePath, latency_ns: float, producers: int) -> Band:
    """Of each producer: it waits until all others have had their turn."""
    one = record_ns(path, latency_ns)
    return Band(one.low * producers, one.high * producers)
