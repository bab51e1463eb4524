"""What in these runs a careful reader must know before quoting a number."""

from collections.abc import Iterator, Mapping

import pandas as pd

from plots.bootstrap import range_coverage
from plots.distribution import supported
from plots.results import Results
from plots.store import Store
from plots.wording import counted, digits, fraction, listed

_FEW_CPUS = 4
_COARSE_CYCLES = 5
# What the kernel writes in smt/control where there is nothing to warn of, and our own words.
_SILENT = {"", "none", "unknown", "off", "0", "forceoff", "notsupported", "notimplemented"}


def warnings(results: Results) -> list[str]:
    found = []
    several = len(results.stores) > 1
    for number in range(len(results.stores)):
        prefix = f"{results.servers[number]}: " if several else ""
        found += [prefix + sentence for sentence in of_store(results, number)]
    speeds = {store.provenance.get("tsc_hz", "unknown") for store in results.stores}
    if len(speeds) > 1:
        found.append(
            f"The servers' TSCs tick at different rates ({listed(sorted(speeds))} Hz): cycles of one"
            " are not cycles of the other."
        )
    return found


def of_store(results: Results, number: int) -> Iterator[str]:
    store = results.stores[number]
    trials = results.trials[results.trials.store == number]
    cells = results.cells[results.cells.store == number]
    yield from _of_run(store, cells, trials)
    yield from _of_machine(store.provenance, cells)
    yield from _of_trials(store, trials)


def _of_run(store: Store, cells: pd.DataFrame, trials: pd.DataFrame) -> Iterator[str]:
    planned = cells[cells.status == "planned"]
    begun = planned.key.isin(trials.key).sum()
    if "finished" not in store.provenance:
        yield (
            f"The run is incomplete (`finished` is missing): {begun} of {len(planned)} planned cells"
            f" have a trial. `./run.sh resume {store.path.parent}` completes it."
        )
    elif begun < len(planned):
        yield f"{counted(len(planned) - begun, 'planned cell')} of {len(planned)} have no trial."
    against = store.provenance.get("reportable", "yes").strip()
    if against != "yes":
        reasons = "; ".join(line.strip() for line in against.splitlines())
        yield f"Not to be held against anybody, says the run itself: {reasons}."
    skipped = int((cells.status == "skipped").sum())
    if skipped:
        yield (
            f"{counted(skipped, 'cell')} of {len(cells)} skipped, because this machine cannot run"
            " them; the reasons are below."
        )


def _of_machine(provenance: dict[str, str], cells: pd.DataFrame) -> Iterator[str]:
    def known(key: str) -> str:
        value = provenance.get(key, "unknown").strip()
        return "" if value.lower() in _SILENT else value

    if known("hypervisor"):
        yield (
            f"Under a hypervisor ({known('hypervisor')}): another guest can take the CPU at any time,"
            " and cache distances may not be what the topology says."
        )
    cpus = cpu_count(provenance.get("cpus_allowed", ""))
    if 0 < cpus < _FEW_CPUS:
        yield (
            f"Only {counted(cpus, 'CPU')}: contention between more threads than that was not"
            " measured, and the consumer competes with producers for a CPU or a cache."
        )
    running = cells[(threads(cells) > cpus) & (cells.status != "skipped")]
    if cpus and len(running):
        yield (
            f"{counted(len(running), 'cell')} with more threads than the {cpus} CPUs"
            " (oversubscribed): their tails contain the scheduler."
        )
    if known("smt"):
        yield "SMT is on: siblings share a core, so cycles depend on who runs beside whom."
    governor = provenance.get("governor", "unknown")
    if governor != "performance":
        yield (
            f"CPU frequency governor: {governor}, not performance: the clock may change during a trial."
        )
    if known("turbo"):
        yield "Turbo is on: core cycles per TSC tick vary with load."
    resolution = number(provenance, "tsc_resolution_cycles")
    if resolution > _COARSE_CYCLES:
        yield (
            f"The TSC advances in steps of {digits(resolution)} cycles: the cost of one call is known"
            " to a step, so compare amortised cycles where there are any."
        )
    if provenance.get("tsc_invariant") != "1":
        yield "The TSC is not known to be invariant: cycles are not a steady measure of time here."


def threads(cells: pd.DataFrame) -> pd.Series:
    """Producers and consumers of each cell: one consumer, or one for every ring."""
    rings = pd.to_numeric(cells.rings).fillna(0)
    consumers = rings.where(cells.consumers != "one", rings.clip(upper=1))
    return pd.to_numeric(cells.producers) + consumers


def _of_trials(store: Store, trials: pd.DataFrame) -> Iterator[str]:
    drawable = trials[trials.status != "failed"]
    switches = drawable.involuntary_switches.dropna()
    if (switches > 0).any():
        yield (
            f"{int((switches > 0).sum()):,} of {len(switches):,} trials saw involuntary context"
            f" switches ({digits(float(switches.sum()))} in all)."
        )
    yield from _few_repetitions(drawable)
    yield from _unsupported(store, drawable)


def _few_repetitions(drawable: pd.DataFrame) -> Iterator[str]:
    repetitions = drawable.groupby("key").repetition.nunique()
    few = repetitions[repetitions < 6]
    if len(few):
        fewest = int(few.min())
        coverage = fraction(range_coverage(fewest)) if fewest > 1 else "none"
        yield (
            f"{len(few):,} of {len(repetitions):,} cells have fewer than 6 repetitions (the fewest:"
            f" {fewest}); the widest interval so few can give covers the median with {coverage}"
            " chance, not 95 %."
        )


def _unsupported(store: Store, drawable: pd.DataFrame) -> Iterator[str]:
    sizes = store.sample_sizes
    sizes = sizes[sizes.trial_id.isin(drawable.id)]
    for metric, share, name in (
        ("reserve_cycles", 0.99, "reserve p99"),
        ("reserve_cycles", 0.999, "reserve p99.9"),
        ("delivery_ns", 0.99, "delivery p99"),
    ):
        mine = sizes[sizes.metric == metric].observations
        too_few = sum(not supported(size, share) for size in mine)
        if too_few:
            yield (
                f"{name}: {too_few:,} of {len(mine):,} trials have too few observations for it, and"
                " it is not shown for them."
            )


def number(provenance: Mapping[str, str], key: str) -> float:
    """A measured property of the machine; 0 where it is unknown."""
    try:
        return float(provenance.get(key, "0"))
    except ValueError:
        return 0.0


def cpu_count(text: str) -> int:
    """CPUs in a list as the kernel writes it (cpuset(7), "List format"): 0-3,8; 0 if unreadable."""
    total = 0
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            return 0
        total += int(last or first) - int(first) + 1
    return total
