"""What a stamp costs: cells that differ in nothing but whether records carry one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import Interval, difference_interval, median_interval
from plots.kernel import PREFIX
from plots.kernel.cells import Cell, alike_but, of_kernel
from plots.kernel.labels import labelled
from plots.kernel.samples import Samples
from plots.results import Results
from plots.wording import interval_text, listed

_COSTS = ("event_amortised_cycles", "event_cycles_p50")

NOTE = (
    "The difference of two cells that are alike but for stamps. A record without a stamp tells neither its order"
    " nor its delay."
)


@dataclass(frozen=True)
class Stamp:
    transport: str
    label: str
    with_stamp: Interval
    without: Interval
    cost: Interval  # cycles
    tainted: bool


def stamps(results: Results, samples: Samples) -> list[Stamp]:
    """By transport, kernel's and models', where a kernel transport has such cells."""
    names = {name for kind in of_kernel(results).transport for name in (kind, kind[len(PREFIX) :])}
    cells = results.measured(*_COSTS)
    cells = cells[cells.transport.isin(names)]
    groups = alike_but(results, cells, ("stamps",))
    chosen = [group for group in groups if {int(cell["stamps"]) for cell in group} == {0, 1}]
    labels, _ = labelled(results, [group[0] for group in chosen])
    found = (_stamp(group, label, samples) for group, label in zip(chosen, labels))
    kept = [stamp for stamp in found if stamp is not None]
    return kept if any(stamp.transport.startswith(PREFIX) for stamp in kept) else []


def _stamp(group: list[Cell], label: str, samples: Samples) -> Stamp | None:
    on, off = sorted(group, key=lambda cell: -int(cell["stamps"]))[:2]
    for cost in _COSTS:
        values = [samples.values(cell["key"], cost) for cell in (on, off)]
        if all(len(found) for found in values):
            doubt = any(samples.tainted(cell["key"]) for cell in (on, off))
            return Stamp(
                str(on["transport"]),
                label,
                median_interval(values[0]),
                median_interval(values[1]),
                difference_interval(values[0], values[1]),
                doubt,
            )
    return None


def table(found: list[Stamp]) -> pd.DataFrame:
    rows = [
        {
            "transport": one.transport,
            "workload": one.label or "the only one",
            "with a stamp (TSC cycles)": interval_text("cycles", one.with_stamp),
            "without": interval_text("cycles", one.without),
            "a stamp costs": interval_text("cycles", one.cost),
            "taint": "all tainted" if one.tainted else "",
        }
        for one in found
    ]
    return pd.DataFrame(rows)


def answer(found: list[Stamp]) -> Iterator[str]:
    """By transport; what cannot be told from zero is said so."""
    told = [one for one in found if one.cost.known and not one.cost.low <= 0 <= one.cost.high]
    doubtful = sorted({one.transport for one in found if one not in told})
    if told:
        costs = (f"{one.transport} {interval_text('cycles', one.cost)}" for one in told)
        yield f"A stamp costs, in cycles an event: {listed(costs)}."
    if doubtful:
        yield (
            f"What a stamp costs {listed(doubtful)} this run cannot tell, because the interval of the"
            " difference includes 0 or there is a single repetition."
        )
