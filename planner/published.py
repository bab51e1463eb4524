"""Machines that others have measured: throughput by producers, and latency between the CPUs of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from planner.saturation import Matrix

_DATA = Path(__file__).parent / "data"
E5_2680V4 = "e5_2680v4_2020"
EPYC_9654 = "epyc9654_2025"


@dataclass(frozen=True)
class Machine:
    name: str
    rates: Mapping[int, float]  # producers to records a second


def machines() -> tuple[Machine, ...]:
    table = pd.read_csv(_DATA / "contention_published.csv", comment="#", index_col="n_producers")
    return (
        Machine("Xeon E5-2680 v4, 2 x 14 cores", _rates(table[E5_2680V4])),
        Machine("EPYC 9654, 96 cores a socket", _rates(table[EPYC_9654])),
    )


def e5_latencies_ns() -> Matrix:
    """From CPU (row) to CPU (column) of the Xeon; its producers were on CPUs 1, 2, ..."""
    size, *rows = (_DATA / "core_to_core_e5_2680v4_ns.txt").read_text(encoding="ascii").split("\n")
    matrix = np.array([[float(cell) for cell in row.split()] for row in rows if row.strip()])
    assert matrix.shape == (int(size), int(size))
    return matrix


def epyc_latencies_ns(cpus: int) -> Matrix:
    """Of the first CPUs of the EPYC, eight cores a die, from the latencies of its class."""
    classes = pd.read_csv(_DATA / "epyc9654_classes.csv", comment="#", index_col="shared")["ns"]
    die = np.arange(cpus) // 8
    matrix = np.where(die[:, None] == die, classes["l3"], classes["node"]).astype(float)
    np.fill_diagonal(matrix, 0)
    return matrix


def _rates(millions: pd.Series) -> dict[int, float]:
    return {int(n): float(rate) * 1e6 for n, rate in millions.dropna().items()}
