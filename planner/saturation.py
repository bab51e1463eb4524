"""How fast one shared ring takes records when producers saturate it.

Its lock and its positions are cache lines that move from CPU to CPU, so a record takes as long as some number
of such moves: time a record = moves * mean core-to-core latency over the CPUs on which producers really are.
The number of moves is a property of the code path. It was found from published throughputs of two machines: one
whose latencies are known (data/), and one for which they had to be taken from its class.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CodePath:
    """`fewest`, `most`: moves of a cache line a record, as the published machines have them."""

    name: str
    fewest: float
    most: float


BEFORE_PENDING_POS = CodePath("before pending_pos, measured in 2020", 5.2, 5.6)
# Reserve also looks for the oldest busy record. Ours has it too.
WITH_PENDING_POS = CodePath("with pending_pos, measured in 2025", 7.5, 8.9)


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
