"""Order of fork, exec and exit as they arrive, by what carries them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import Interval
from plots.kernel.cells import Cell, of_kernel, option, waking
from plots.kernel.labels import labelled, layout
from plots.kernel.samples import Samples
from plots.results import Results
from plots.wording import interval_text, word

# Columns of the store, and what stands over them.
COLUMNS = {
    "chains_whole": "whole chains",
    "chains_broken": "broken chains",
    "causal_inversions": "chains out of order",
    "counter_reordered_ratio": "records out of order, by the counter",
    "reorder_extent_p99": "extent p99 (records)",
    "drop_fraction": "dropped",
}
INVERSIONS = "causal_inversions"
_TOLD_OTHERWISE = ("server", "poll", "notify", "cpus_per_ring", "mapping")

NOTE = (
    "A chain is one process: its fork, exec and exit happen in that order, whatever CPUs they happen on. Whole:"
    " every record of it arrived; broken: one was dropped. Out of order by the counter: records that arrived after"
    " one that a counter in the program says came later; the counter is exact, stamps need not be."
)


@dataclass(frozen=True)
class Layout:
    transport: str
    name: str
    workload: str  # what tells it from the others of the transport, but for poll and notify
    poll: str
    waking: str
    server: str
    intervals: dict[str, Interval]
    tainted: bool

    @property
    def label(self) -> str:
        waking = f"notify {self.waking}" if self.waking else ""
        return ", ".join(part for part in (self.name, self.workload, waking) if part)

    @property
    def full(self) -> str:
        return f"{self.label}, poll {self.poll.replace('_', ' ')}"


def layouts(results: Results, samples: Samples) -> list[Layout]:
    cells = of_kernel(results).to_dict("records")
    cells = [cell for cell in cells if option(cell, "driver") == "lifecycle"]
    workloads, _ = labelled(results, cells, _TOLD_OTHERWISE) if cells else ([], "")
    found = []
    for cell, workload in zip(cells, workloads):
        intervals = {name: samples.interval(cell["key"], name) for name in COLUMNS}
        known = {name: value for name, value in intervals.items() if value is not None}
        if known:
            tainted = samples.tainted(cell["key"])
            found.append(_layout(results, cell, workload, known, tainted))
    return sorted(found, key=lambda one: (one.server, one.poll, one.transport, one.label))


def _layout(
    results: Results, cell: Cell, workload: str, known: dict[str, Interval], tainted: bool
) -> Layout:
    return Layout(
        str(cell["transport"]),
        layout(results, cell),
        workload,
        str(cell["poll"]),
        waking(cell),
        cell["server"],
        known,
        tainted,
    )


def table(found: Sequence[Layout]) -> pd.DataFrame:
    several = len({one.server for one in found}) > 1
    rows = []
    for one in found:
        row = {"server": one.server} if several else {}
        row |= {"layout": one.label, word("poll"): one.poll.replace("_", " ")}
        for column, heading in COLUMNS.items():
            known = one.intervals.get(column)
            row[heading] = interval_text(_unit(column), known) if known else "–"
        row["taint"] = "all tainted" if one.tainted else ""
        rows.append(row)
    return pd.DataFrame(rows)


def _unit(column: str) -> str:
    """The column counts a share of chains, which its name does not say."""
    return "causal_inversions_ratio" if column == INVERSIONS else column


def answer(found: Sequence[Layout]) -> Iterator[str]:
    """Which layout delivers processes in their order, and which does not."""
    known = [one for one in found if INVERSIONS in one.intervals]
    if len(known) < 2:
        yield (
            "In which order they arrive this run cannot compare, because fewer than two layouts"
            " delivered a whole chain."
        )
        return
    ordered = sorted(known, key=lambda one: one.intervals[INVERSIONS].median)
    single = [one for one in known if not one.intervals[INVERSIONS].known]
    if single:
        yield (
            "Which layout keeps fork, exec and exit in order this run cannot tell, because a single"
            " repetition gives no interval."
        )
        return
    yield from _clean(ordered)
    yield _best_and_worst(ordered[0], ordered[-1])


def _clean(ordered: Sequence[Layout]) -> Iterator[str]:
    clean = [one for one in ordered if one.intervals[INVERSIONS].high == 0]
    if clean:
        names = "; ".join(one.full for one in clean)
        yield f"No chain arrived out of order with {names}."


def _best_and_worst(best: Layout, worst: Layout) -> str:
    least, most = best.intervals[INVERSIONS], worst.intervals[INVERSIONS]
    if least.overlaps(most):
        return (
            "Which layout keeps fork, exec and exit in order best this run cannot tell, because the"
            f" intervals of all overlap: from {_shown(best)} to {_shown(worst)}."
        )
    return f"Chains out of order: fewest with {_shown(best)}, most with {_shown(worst)}."


def _shown(one: Layout) -> str:
    return f"{one.full}: {interval_text(_unit(INVERSIONS), one.intervals[INVERSIONS])}"
