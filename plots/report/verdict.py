"""The layouts side by side under one workload, and what the intervals allow to be said of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from plots.arrangement import arrange
from plots.bootstrap import Interval, ratio_interval
from plots.distribution import supported
from plots.kernel.cells import floor_of
from plots.panels import Line, Panel
from plots.report import trust
from plots.results import Results
from plots.summary import chosen, summarise
from plots.wording import digits, interval_text

FLOORS = ("null", "kernel_null")  # of our transports, and of the kernel's
MAX_COMPARISONS = 24
LONG = 14  # rows; a longer table is opened by its leaders
_NAMED_AT_MOST = 4  # layouts in one sentence

# Heading of each column of the table, by metric; the ratio and the taint are put beside them.
COLUMNS = {
    "reserve_cycles_p50": "reserve p50 (TSC cycles)",
    "event_cycles_p50": "event p50 (TSC cycles)",
    "event_amortised_cycles": "event amortised (TSC cycles)",
    "event_amortised_core_cycles": "event amortised (core cycles)",
    "drop_fraction": "dropped",
    "reordered_ratio": "reordered",
    "reorder_extent_p99": "extent p99 (records)",
    "delivery_ns_p99": "delivery p99",
    "footprint_bytes": "footprint",
}
_EVENT_COSTS = ("event_amortised_cycles", "event_cycles_p50")  # the finer one first
_CORE = "event_amortised_core_cycles"
DECIDING = ("reserve_cycles_p50", "drop_fraction", "reordered_ratio")
RATIO = "event ÷ null's"
BARE = "event ÷ its bare cost"
# A percentile of these metrics needs this histogram's sample to be large enough.
_SAMPLES = {"reorder_extent_p99": "reorder_extent", "delivery_ns_p99": "delivery_ns"}


@dataclass(frozen=True)
class Row:
    label: str
    transport: str
    key: str
    intervals: Mapping[str, Interval]
    ratio: Interval | None  # event cycles over those of the floor
    over_bare: Interval | None  # event cycles over those of its own atomics and fill
    too_few: frozenset[str]  # metrics whose percentile the sample does not support
    tainted: bool

    def cells(self) -> list[str]:
        texts = [self.label]
        for metric in COLUMNS:
            texts.append(self._text(metric))
            if metric == "event_amortised_cycles":
                for ratio in (self.ratio, self.over_bare):
                    texts.append(interval_text("times", ratio) if ratio else "–")
        repetitions = max((interval.n for interval in self.intervals.values()), default=0)
        return [*texts, f"{repetitions}" + (", all tainted" if self.tainted else "")]

    def _text(self, metric: str) -> str:
        if metric in self.too_few:
            return "too few"
        found = self.intervals.get(metric)
        return interval_text(metric, found) if found else "–"


@dataclass(frozen=True)
class Comparison:
    server: str
    workload: str
    held: str
    rows: tuple[Row, ...]
    sentences: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        return _table(self.rows)

    @property
    def leaders(self) -> pd.DataFrame:
        """The table of a long comparison, cut to the floor and each transport's best in anything."""
        if len(self.rows) <= LONG:
            return self.table
        return _table([row for row in self.rows if self._leads(row)])

    def _leads(self, row: Row) -> bool:
        of_transport = [other for other in self.rows if other.transport == row.transport]
        for metric in DECIDING:
            measured = [other for other in of_transport if metric in other.intervals]
            if measured and row is min(measured, key=lambda r: r.intervals[metric].median):
                return True
        return row.transport in FLOORS


def _table(rows: Sequence[Row]) -> pd.DataFrame:
    headings = ["layout"]
    for metric, heading in COLUMNS.items():
        ratios = [RATIO, BARE] if metric == "event_amortised_cycles" else []
        headings += [heading, *ratios]
    table = pd.DataFrame([row.cells() for row in rows], columns=[*headings, "repetitions"])
    # Most machines do not count their core's own cycles.
    counted = any(_CORE in row.intervals for row in rows)
    return table if counted else table.drop(columns=COLUMNS[_CORE])


@dataclass(frozen=True)
class Workloads:
    """The comparable workloads of a server: the one with most layouts and producers first."""

    shown: tuple[Comparison, ...]
    further: int  # that are only in the store


def compare(results: Results) -> list[Workloads]:
    """Of each server."""
    arranged = {server: _panels(results, server) for server in results.servers}
    shown = [p for _, panels in arranged.values() for p in panels[:MAX_COMPARISONS]]
    keys = [_key(line) for panel in shown for line in panel.lines]
    # Once for all that is shown.
    trials = results.drawable[results.drawable.key.isin(keys)]
    summaries = {m: summarise(trials, m, keys) for m in COLUMNS}
    samples = _sample_sizes(results, trials)
    found = []
    for (server, (held, panels)), store in zip(arranged.items(), results.stores):
        resolution = trust.number(store.provenance, "tsc_resolution_cycles")
        compared = tuple(
            _comparison(trials, server, held, panel, summaries, samples, results.bare, resolution)
            for panel in panels[:MAX_COMPARISONS]
        )
        if compared:
            found.append(Workloads(compared, len(panels) - len(compared)))
    return found


def _panels(results: Results, server: str) -> tuple[str, list[Panel]]:
    """What is held fixed, and a panel for each workload."""
    cells = results.measured("attempted", *COLUMNS)
    cells = cells[cells.server == server]
    if cells.empty:
        return "", []
    arrangement = arrange(results, cells, alike=True, max_panels=len(cells), max_lines=math.inf)
    producers = dict(zip(cells.key, pd.to_numeric(cells.producers, errors="coerce").fillna(0)))
    paced = set(cells.key[cells.arrival != "saturate"])
    timed = set(results.measured(DECIDING[0]).key)  # they tell what a reserve costs

    def rank(panel: Panel) -> tuple[int, float, int, bool, str]:
        keys = [_key(line) for line in panel.lines]
        most = max(producers[key] for key in keys)
        untimed = sum(key not in timed for key in keys)
        return -len(keys), -most, untimed, not paced.isdisjoint(keys), panel.full_title

    return arrangement.held(), sorted(arrangement.panels, key=rank)


def _key(line: Line) -> str:
    """In a panel of one workload a line is a single cell."""
    return str(line.cells.key.iloc[0])


def _comparison(
    trials: pd.DataFrame,
    server: str,
    held: str,
    panel: Panel,
    summaries: Mapping[str, pd.DataFrame],
    samples: Mapping[tuple[str, str], float],
    bare: pd.DataFrame,
    resolution: float,
) -> Comparison:
    keys = [_key(line) for line in panel.lines]
    trials = trials[trials.key.isin(keys)]
    floors = {line.transport: k for k, line in zip(keys, panel.lines)}
    rows = []
    for key, line in zip(keys, panel.lines):
        intervals = {m: s.loc[key].interval for m, s in summaries.items() if key in s.index}
        too_few = {
            metric
            for metric, histogram in _SAMPLES.items()
            if not supported(samples.get((key, histogram), math.inf), 0.99)
        }
        mine = chosen(trials[trials.key == key])
        rows.append(
            Row(
                line.label,
                line.transport,
                key,
                intervals,
                _over_floor(trials, key, floors.get(floor_of(line.transport))),
                _over_bare(intervals, bare, key),
                frozenset(too_few),
                bool((mine.status == "tainted").all()),
            )
        )
    rows.sort(key=lambda row: row.transport not in FLOORS)
    title = panel.full_title or "one workload"
    return Comparison(server, title, held, tuple(rows), sentences_about(rows, resolution))


def _over_floor(trials: pd.DataFrame, key: str, floor: str | None) -> Interval | None:
    if floor is None or key == floor:
        return None
    for cost in _EVENT_COSTS:
        kept = chosen(trials[trials[cost].notna()])
        mine, lowest = (kept.loc[kept.key == k, cost] for k in (key, floor))
        if len(mine) and len(lowest):
            return ratio_interval(mine, lowest)
    return None


def _over_bare(intervals: Mapping[str, Interval], bare: pd.DataFrame, key: str) -> Interval | None:
    """The bare cost is a property of the machine, the same number for every repetition."""
    cost = next((intervals[name] for name in _EVENT_COSTS if name in intervals), None)
    cycles = float(bare.event[key]) if key in bare.index else 0.0
    if cost is None or cycles <= 0:
        return None
    return Interval(cost.median / cycles, cost.low / cycles, cost.high / cycles, cost.n)


def _sample_sizes(results: Results, trials: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Cell key and histogram to the observations of its smallest chosen trial."""
    trials = chosen(trials)
    smallest: dict[tuple[str, str], float] = {}
    for number, store in enumerate(results.stores):
        key_of = dict(zip(trials.id[trials.store == number], trials.key[trials.store == number]))
        for row in store.sample_sizes.itertuples():
            if row.trial_id in key_of:
                at = key_of[row.trial_id], row.metric
                smallest[at] = min(smallest.get(at, math.inf), row.observations)
    return smallest


def sentences_about(rows: Sequence[Row], resolution: float) -> tuple[str, ...]:
    """`resolution`: of the TSC in cycles; single calls that differ by less cannot be ranked."""
    contenders = [row for row in rows if row.transport not in FLOORS]
    if not contenders:
        return ("This run cannot tell layouts apart, because only the floor was measured.",)
    reserve, drops, order = DECIDING
    found = [sentence(contenders, reserve, "Cheapest reserve", "cycles", resolution)]
    if any("event_amortised_cycles" in row.intervals for row in contenders):
        # An average over the whole window is as fine as the window is long.
        found.append(sentence(contenders, "event_amortised_cycles", "Cheapest event", "cycles"))
    found.append(sentence(contenders, drops, "Fewest drops"))
    found.append(sentence(contenders, order, "Fewest records out of order"))
    return tuple(found)


def sentence(
    rows: Sequence[Row], metric: str, question: str, unit: str = "", resolution: float = 0.0
) -> str:
    """Who is best in a metric (less is better), or why this run cannot tell."""
    measured = sorted(
        (row for row in rows if metric in row.intervals), key=lambda r: r.intervals[metric].median
    )
    cannot = f"{question}: this run cannot tell, because"
    if not measured:
        return f"{cannot} no trial measured it."
    best = measured[0]
    if len(measured) == 1:
        return f"{cannot} only {_named(best, metric, unit)} was measured."
    single = [row.label for row in measured if not row.intervals[metric].known]
    if single:
        return f"{cannot} one repetition gives no interval ({_some(single)})."
    least = best.intervals[metric]
    if not resolution and least.median == least.high == 0:
        return f"{question}: {_none_at_all(measured, metric, unit)}"
    rivals = [row for row in measured[1:] if row.intervals[metric].overlaps(least)]
    near = [row for row in measured[1:] if row.intervals[metric].low <= least.high + resolution]
    if rivals:
        names = _some([_named(row, metric, unit) for row in (best, *rivals)])
        return f"{cannot} the 95 % intervals of {names} overlap.{_doubt((best, *rivals))}"
    if near:
        names = _some([_named(row, metric, unit) for row in (best, *near)])
        return (
            f"{cannot} {names} lie within the TSC's resolution of {digits(resolution)} cycles."
            f"{_doubt((best, *near))}"
        )
    second = measured[1]
    return (
        f"{question}: {_named(best, metric, unit)}; next is {_named(second, metric, unit)}."
        f"{_doubt((best, second))}"
    )


def _none_at_all(measured: Sequence[Row], metric: str, unit: str) -> str:
    """For a count of harm that some layouts never did: they share the first place."""
    clean = [row for row in measured if row.intervals[metric].high == 0]
    if len(clean) == len(measured):
        return f"none in any layout.{_doubt(clean)}"
    following = next(row for row in measured if row not in clean)
    return (
        f"none with {_some([row.label for row in clean])}; next is"
        f" {_named(following, metric, unit)}.{_doubt((*clean, following))}"
    )


def _named(row: Row, metric: str, unit: str) -> str:
    return f"{row.label} with {interval_text(metric, row.intervals[metric])} {unit}".rstrip()


def _some(names: Sequence[str]) -> str:
    """Labels hold commas themselves, hence the semicolons."""
    if len(names) <= _NAMED_AT_MOST:
        return "; ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
    return "; ".join(names[:_NAMED_AT_MOST]) + f" and {len(names) - _NAMED_AT_MOST} more"


def _doubt(rows: Sequence[Row]) -> str:
    names = [row.label for row in rows if row.tainted]
    return f" Doubtful: every trial of {_some(names)} was tainted." if names else ""
