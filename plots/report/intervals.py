"""Which cells have the interval that their config asked for, and how wide the others are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from plots import stored_config
from plots.bootstrap import Interval
from plots.results import Results
from plots.summary import summarise
from plots.wording import counted, fraction, interval_text, measured

_DEFAULT_WIDTH = 0.05  # docs/config.md, key `interval`


@dataclass(frozen=True)
class Width:
    cell: str
    metric: str
    interval: Interval
    half: float  # half the interval over the median; NaN where one repetition gives none


def wanted(provenance: Mapping[str, str]) -> float | None:
    """The half-width over the median that the run aimed at; None: it aimed at none."""
    return stored_config.number(provenance, "run", "interval", _DEFAULT_WIDTH) or None


def widths(results: Results, number: int) -> list[Width]:
    """Of each measured cell of a store in its headline metric, the widest first."""
    cells = results.cells[results.cells.store == number]
    saturated = cells.arrival == "saturate"
    found = []
    for metric, keys in (
        ("event_amortised_cycles", cells.key[saturated]),
        ("event_cycles_p50", cells.key[~saturated]),
    ):
        names = dict(zip(cells.key, cells["name"]))
        for key, row in summarise(results.drawable, metric, keys).iterrows():
            found.append(Width(names[key], metric, row.interval, _half(row.interval)))
    return sorted(found, key=lambda one: (one.half == one.half, -one.half))


def _half(interval: Interval) -> float:
    if not interval.known or interval.median <= 0:
        return float("nan")
    return (interval.high - interval.low) / 2 / interval.median


def missed(found: list[Width], aim: float) -> list[Width]:
    return [one for one in found if not one.half <= aim]


def told(found: list[Width], aim: float | None) -> Iterator[str]:
    if aim is None:
        yield "The config asked for no interval width (interval = 0): every cell ran all its repetitions."
    elif found:
        wide = missed(found, aim)
        reached = len(found) - len(wide)
        yield (
            f"{reached:,} of {counted(len(found), 'cell')} reached the wanted width: half the 95 %"
            f" interval of the event cost is at most {fraction(aim)} of its median."
            + (_worst(wide) if wide else "")
        )


def _worst(wide: list[Width]) -> str:
    single = sum(one.half != one.half for one in wide)
    known = [one for one in wide if one.half == one.half]
    text = f" The widest is ± {fraction(known[0].half)}." if known else ""
    return text + (
        f" {counted(single, 'cell')} have a single trial and no interval." if single else ""
    )


def table(wide: list[Width]) -> pd.DataFrame:
    rows = [
        {
            "cell": one.cell,
            "metric": one.metric,
            "median [interval]": interval_text(one.metric, one.interval),
            "± half-width": measured("half_ratio", one.half),
            "repetitions": str(one.interval.n),
        }
        for one in wide
    ]
    return pd.DataFrame(rows)
