"""Which differences between two runs spoil a comparison, and which are what it is about."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from plots.results import Results

# What must be the same, and why the two runs measure different things where it is not.
MUST_AGREE = {
    "host": "another machine has other costs",
    "cpu_model": "another CPU has other costs",
    "cpus_allowed": "other CPUs have other caches and neighbours",
    "numa_nodes": "memory is at another distance",
    "smt": "siblings share a core or do not",
    "governor": "the clock follows load or does not",
    "turbo": "the clock follows load and heat or does not",
    "mitigations": "they change the cost of a system call",
    "isolated_cpus": "others may or may not run on the CPUs measured",
    "huge_pages": "TLB misses cost more or less",
    "hypervisor": "it takes CPU time and adds exits",
    "kernel": "scheduler, wake-ups and the kernel's own buffers differ",
    "clocksource": "time is read in another way",
    "tsc_invariant": "a cycle is not the same measure of time",
    "compiler": "the same source becomes other code",
    "compile_flags": "the same source becomes other code",
    "seed": "arrivals and the order of the trials differ",
}
# Keys with a rule of their own: a calibrated number, and a text of which only the content counts.
TSC_HZ, CONFIG = "tsc_hz", "config_text"
ACROSS = (*MUST_AGREE, TSC_HZ, CONFIG)

# Shown where it differs, never refused: what a comparison may be about, and what it may do to it.
INFORMS = {
    "git_revision": "",
    "ringbench_version": "",
    "started": "",
    "command": "",
    "config_name": "",
    "topology_xml": "",
    "timer_pair_cycles": "it is subtracted from every timed call",
    "tsc_resolution_cycles": "",
    "tsc_offset_bound_cycles": "stamps as close as this are ties and no reordering",
    "hiccups_per_s": "one run saw a noisier machine",
    "chosen_duration_ms": "in cells with duration_ms = 0, maxima and counts grow with the window",
    "chosen_repetitions": "",
}

# The frequency is measured in each run; the same TSC is found again within this.
_SAME_FREQUENCY = 1e-3
# An operation of the machine itself that costs so many times more or less is another one.
_SAME_LIMIT = 1.25
_LIMIT_MOVED = "the machine itself was another: CPUs at another distance, or another clock"
# Of a config: what it is called, and how often and in what bounds it runs its cells.
_CALLED = frozenset({"title", "question"})
_HOW_OFTEN = {
    "run.": frozenset("seed repetitions max_repetitions interval max_cells watchdog_s".split()),
    "noise.": frozenset({"attempts"}),
}


@dataclass(frozen=True)
class Difference:
    key: str
    a: str
    b: str
    why: str  # what it does to the comparison; may be empty

    def sentence(self) -> str:
        reason = f": {self.why}" if self.why else ""
        return f"{self.key} differs{reason}. A: {self.a}; B: {self.b}."


def spoiling(results: Results) -> list[Difference]:
    """Differences that make the comparison meaningless, unless it is made to learn about them."""
    a, b = (store.provenance for store in results.stores)
    found = [
        Difference(key, a.get(key, "not stored"), b.get(key, "not stored"), why)
        for key, why in MUST_AGREE.items()
        if a.get(key) != b.get(key)
    ]
    return [*found, *_frequency(a, b), *_config(a, b)]


def informing(results: Results) -> list[Difference]:
    a, b = (store.provenance for store in results.stores)
    found = [
        Difference(key, *_shown(key, a.get(key), b.get(key)), why)
        for key, why in INFORMS.items()
        if a.get(key) != b.get(key)
    ]
    return [*found, *_limits(results)]


def _limits(results: Results) -> Iterator[Difference]:
    """What the machine's own operations cost in one run and not in the other."""
    a, b = (_limit_medians(store.limits) for store in results.stores)
    for key in sorted(a.keys() & b.keys()):
        if max(a[key], b[key]) > _SAME_LIMIT * min(a[key], b[key]):
            operation, threads = key
            name = f"limit {operation}" + (f" by {threads} CPUs" if threads > 1 else "")
            yield Difference(name, f"{a[key]:.3g} cycles", f"{b[key]:.3g} cycles", _LIMIT_MOVED)


def _limit_medians(limits: pd.DataFrame) -> dict[tuple[str, int], float]:
    """By operation and the number of CPUs that share its line; of a hand-over, over all pairs."""
    limits = limits[limits.bytes.isna()]
    groups = limits.groupby([limits.operation, limits.threads.fillna(0)]).cycles.median()
    return {(str(key[0]), int(key[1])): float(value) for key, value in groups.items()}


def refused(differences: Collection[Difference], across: Collection[str]) -> list[Difference]:
    """Those that the user has not said the comparison is across."""
    return [d for d in differences if "all" not in across and d.key not in across]


def _shown(key: str, a: str | None, b: str | None) -> tuple[str, str]:
    if key == "topology_xml":
        return "one description of the machine", "another (see the stores)"
    return a or "not stored", b or "not stored"


def _frequency(a: Mapping[str, str], b: Mapping[str, str]) -> Iterator[Difference]:
    try:
        first, second = (float(side[TSC_HZ]) for side in (a, b))
    except (KeyError, ValueError):
        return
    if abs(second / first - 1.0) > _SAME_FREQUENCY:
        why = "a cycle of one is not as long as a cycle of the other"
        yield Difference(TSC_HZ, f"{first:.0f}", f"{second:.0f}", why)


def _config(a: Mapping[str, str], b: Mapping[str, str]) -> Iterator[Difference]:
    first, second = (_settings(side.get(CONFIG, "")) for side in (a, b))
    for name in sorted({*first, *second}):
        mine, other = (side.get(name, "not set") for side in (first, second))
        if mine != other:
            why = f"`{name}` is not what it was, so cells differ or ran in another setting"
            yield Difference(CONFIG, mine, other, why)


def _settings(text: str) -> dict[str, str]:
    """Dotted key to value, without what names the run or says how often it repeats its cells."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {"the text": text}
    return dict(_flat(document, ""))


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if (not prefix and key in _CALLED) or key in _HOW_OFTEN.get(prefix, ()):
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            for number, part in enumerate(value, 1):
                yield from _flat(part, f"{prefix}{key} {number}.")
        else:
            yield f"{prefix}{key}", str(value)
