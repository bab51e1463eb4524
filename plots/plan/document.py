"""plan.json as data (docs/planning.md); units are in the names, or stand beside the number."""

from collections.abc import Mapping
from dataclasses import dataclass

# The target that bounds no figure but the page frames a layout holds.
MEMORY = "memory"
KINDS = ("shared", "rings", "perf")
LIMITS = ("nothing", "lock", "ring_space", "consumer", "shared_stage")
BASES = ("measured", "interpolated", "extrapolated")
ORIGINS = ("stated", "calibrated", "assumed")


@dataclass(frozen=True)
class Uncertain:
    """A number and its 90 % interval; NaN where there is none, as of a rate without a bound."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PlanFile:
    path: str
    title: str
    seed: int
    seconds: float  # simulated, of each draw
    draws: int
    command: str


@dataclass(frozen=True)
class Machine:
    words: str
    cpus: int
    nodes: int
    packages: int
    code_path: str
    lock: str
    latency: str


@dataclass(frozen=True)
class Workload:
    words: str
    records_per_s: float
    in_burst_records_per_s: float


@dataclass(frozen=True)
class Input:
    key: str
    number: Uncertain
    unit: str
    origin: str  # of ORIGINS
    summary: str


@dataclass(frozen=True)
class Target:
    key: str  # of a figure, or MEMORY
    words: str
    unit: str
    limit: float


@dataclass(frozen=True)
class FigureKey:
    key: str
    words: str
    unit: str


@dataclass(frozen=True)
class Memory:
    """Bytes."""

    held: int  # page frames that nobody else can use
    mapped: int  # virtual: the data of a BPF ring lies there twice
    resident: int  # what RSS counts once every page has been touched


@dataclass(frozen=True)
class Layout:
    name: str
    kind: str  # of KINDS
    rings: int
    cpus_per_ring: int  # 0: all, or what the mapping says
    mapping: str
    consumers: int
    ring_bytes: int
    total_bytes: int
    basis: str  # of BASES
    basis_words: str
    figures: Mapping[str, Uncertain]
    memory: Memory
    limit: str  # of LIMITS
    limit_words: str
    missed: tuple[str, ...]  # keys of targets
    unsure: tuple[str, ...]
    pareto: bool
    settings: tuple[str, ...]


@dataclass(frozen=True)
class BeforeAfter:
    before: float
    after: float


@dataclass(frozen=True)
class Change:
    words: str
    key: str  # of an input, or of the layout
    start: float
    end: float
    figures: Mapping[str, BeforeAfter]


@dataclass(frozen=True)
class Decisive:
    key: str
    words: str
    measurement: str


@dataclass(frozen=True)
class Plan:
    file: PlanFile
    machine: Machine
    workload: Workload
    inputs: tuple[Input, ...]
    targets: tuple[Target, ...]
    figures: tuple[FigureKey, ...]
    layouts: tuple[Layout, ...]
    recommended: int | None
    nearest: int  # to the targets; the recommended one where there is one
    why: str
    crossovers: tuple[str, ...]  # up to which bursts one ring for many CPUs loses no more
    changes: tuple[Change, ...]
    decisive: Decisive | None
    remarks: tuple[str, ...]

    @property
    def chosen(self) -> Layout:
        """The recommended layout; where none meets the targets, the nearest."""
        return self.layouts[self.nearest]
