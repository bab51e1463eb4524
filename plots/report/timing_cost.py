"""What timing itself costs: cells that differ only in how many of their events are timed."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from plots.bootstrap import Interval, ratio_interval
from plots.results import OPTION, Results
from plots.summary import chosen
from plots.wording import interval_text, listed, setting

_METRIC = "event_amortised_cycles"
_UNTIMED = 0


def table(results: Results) -> pd.DataFrame:
    """One row a layout and workload that was run without timing and with: cycles, then ratios to it."""
    cells = results.measured(_METRIC)
    cells = cells[cells.sample_every.notna()]
    if cells.empty:
        return pd.DataFrame()
    others = ["server", "transport", *results.options, *results.parameters]
    others.remove("sample_every")
    alike = cells[others].astype(str).agg("\n".join, axis=1)
    cells = cells[alike.isin(alike[cells.sample_every == _UNTIMED])]
    groups = [group for _, group in cells.groupby(alike, sort=False) if _comparable(group)]
    values = sorted({int(n) for group in groups for n in group.sample_every if n != _UNTIMED})
    trials = chosen(results.drawable[results.drawable[_METRIC].notna()])
    return pd.DataFrame([_row(results, trials, group, values) for group in groups]).fillna("–")


def _comparable(group: pd.DataFrame) -> bool:
    return len(group) > 1 and bool((group.sample_every == _UNTIMED).any())


def _row(
    results: Results, trials: pd.DataFrame, group: pd.DataFrame, values: list[int]
) -> dict[str, str]:
    by_value = {
        int(cell.sample_every): trials.loc[trials.key == cell.key, _METRIC]
        for cell in group.itertuples()
    }
    row = {"layout": _layout(results, group.iloc[0])}
    untimed = by_value[_UNTIMED]
    row["untimed (TSC cycles an event)"] = interval_text(_METRIC, _median(untimed))
    for value in values:
        if value in by_value:
            row[_heading(value)] = interval_text("times", ratio_interval(by_value[value], untimed))
    return row


def _median(values: pd.Series) -> Interval:
    return Interval(float(np.median(values)), float("nan"), float("nan"), len(values))


def _heading(value: int) -> str:
    return "every event timed ÷ untimed" if value == 1 else f"one in {value} timed ÷ untimed"


def _layout(results: Results, cell: pd.Series) -> str:
    varying = [name for name in results.parameters if results.cells[name].nunique() > 1]
    names = [n for n in (*results.options, *varying) if n != "sample_every" and pd.notna(cell[n])]
    server = [cell.server] if len(results.servers) > 1 else []
    named = [setting(n, cell[n]) for n in names if n.startswith(OPTION) or n in varying]
    return ", ".join([*server, cell.transport, *named])


def told(found: pd.DataFrame) -> Iterator[str]:
    """One sentence over the rows of the table."""
    parts = []
    for column in found.columns[2:] if len(found) else []:
        ratios = [v.interval.median for v in found[column] if v != "–"]
        least, most = (f"{value:.2f}" for value in (min(ratios), max(ratios)))
        times = least if least == most else f"{least} to {most}"
        parts.append(f"{times} times with {column.split(' timed')[0]} timed")
    if parts:
        yield (
            f"What timing costs: an event takes {listed(parts)}, against the same cell untimed. The"
            " timer pair's own cost is subtracted from what is timed, its disturbance is not."
        )
    else:
        yield (
            "What timing itself costs was not measured: no two cells differ only in sample_every with"
            " one of them untimed (sample_every = 0)."
        )
