"""The list of figures, in the order in which a report shows them. A figure is one line here."""

import difflib

from plots.errors import InputError
from plots.figure import Entry
from plots.figures import (
    contention,
    core_to_core,
    density,
    drops,
    fairness,
    hybrid,
    lag,
    lifecycle,
    machine,
    model_vs_kernel,
    order,
    pareto,
    percentiles,
    rates,
    series,
    throughput,
    wakeups,
)

FIGURES = (
    Entry("reserve_vs_producers", contention.QUESTION, contention.draw),
    Entry("reserve_percentiles", percentiles.QUESTION, percentiles.draw),
    Entry("rates", rates.QUESTION, rates.draw),
    Entry("schedule_lag", lag.QUESTION, lag.draw),
    Entry("throughput", throughput.QUESTION, throughput.draw),
    Entry("drops_vs_bytes", drops.QUESTION, drops.draw),
    Entry("series", series.QUESTION, series.draw),
    Entry("fairness", fairness.QUESTION, fairness.draw),
    Entry("reorder_extent", order.QUESTION, order.draw),
    Entry("reorder_density", density.QUESTION, density.draw),
    Entry("hybrid_map", hybrid.QUESTION, hybrid.draw),
    Entry("pareto", pareto.QUESTION, pareto.draw),
    Entry("core_to_core", core_to_core.QUESTION, core_to_core.draw),
    Entry("machine", machine.QUESTION, machine.draw),
)

# Of the section about the kernel's own buffers; a store without kernel transports has none of them.
KERNEL = (
    Entry("model_vs_kernel", model_vs_kernel.QUESTION, model_vs_kernel.draw),
    Entry("wakeups", wakeups.QUESTION, wakeups.draw),
    Entry("lifecycle", lifecycle.QUESTION, lifecycle.draw),
)


def find(name: str, further: tuple[Entry, ...] = ()) -> Entry:
    """`further`: figures of the questions, which draw from their own runs."""
    entries = (*FIGURES, *KERNEL, *further)
    for entry in entries:
        if entry.name == name:
            return entry
    names = [entry.name for entry in entries]
    close = difflib.get_close_matches(name, [*names, "all"], 1)
    hint = f"did you mean {close[0]}?" if close else f"the figures are: {', '.join(names)}."
    raise InputError(f"there is no figure {name}: {hint}")
