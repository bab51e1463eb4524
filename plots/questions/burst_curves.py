"""Drop fraction against memory, and the memory from which on fewer than a share of events drop."""

from dataclasses import dataclass

import numpy as np

from plots.bootstrap import Floats, Interval, difference_interval, function_interval
from plots.kernel.samples import Samples
from plots.questions.layouts import layout, number, place
from plots.results import Results

DROPS = "drop_fraction"


@dataclass(frozen=True)
class Point:
    total_bytes: float
    drops: Floats  # of the repetitions
    tainted: bool


@dataclass(frozen=True)
class Curve:
    """One layout under bursts that hit `width` of `producers` CPUs together."""

    server: str
    layout: str
    producers: int
    width: int
    points: tuple[Point, ...]  # by memory

    @property
    def sizes(self) -> Floats:
        return np.array([point.total_bytes for point in self.points])

    @property
    def samples(self) -> list[Floats]:
        return [point.drops for point in self.points]


def curves(results: Results, samples: Samples) -> list[Curve]:
    points: dict[tuple[str, str, int, int], list[Point]] = {}
    for cell in results.measured(DROPS).to_dict("records"):
        if cell["arrival"] != "bursty" or np.isnan(number(cell, "bytes")):
            continue
        key = str(cell["key"])
        held = samples.interval(key, "data_bytes")
        total = held.median if held else number(cell, "bytes")
        # A burst hits no other CPUs than there are, and one where the config leaves it out.
        width = int(np.nan_to_num(number(cell, "burst_width"), nan=1.0))
        where = (place(results, cell), layout(cell), int(cell["producers"]), width)
        point = Point(total, samples.values(key, DROPS), samples.tainted(key))
        points.setdefault(where, []).append(point)
    return [
        Curve(*where, tuple(sorted(several, key=lambda point: point.total_bytes)))
        for where, several in sorted(points.items(), key=lambda item: item[0])
    ]


def needed(curve: Curve, share: float) -> Interval:
    """Bytes; infinite: more than the largest size; 0: the smallest is enough already."""
    sizes = curve.sizes
    return function_interval(curve.samples, lambda drops: _crossings(sizes, drops, share))


def times_needed(split: Curve, shared: Curve, share: float) -> Interval:
    """What `split` needs over what `shared` needs; not known where one of them is only bounded."""
    cut = len(split.points)

    def ratio(drops: Floats) -> Floats:
        above = _crossings(split.sizes, drops[:, :cut], share)
        below = _crossings(shared.sizes, drops[:, cut:], share)
        known = np.isfinite(above) & np.isfinite(below) & (above > 0) & (below > 0)
        return np.divide(above, below, out=np.full_like(above, np.nan), where=known)

    return function_interval([*split.samples, *shared.samples], ratio)


def at_equal_bytes(split: Curve, shared: Curve) -> list[tuple[float, Interval]]:
    """For each size that both have: drops of `split` less drops of `shared`."""
    mine = {point.total_bytes: point.drops for point in shared.points}
    return [
        (point.total_bytes, difference_interval(point.drops, mine[point.total_bytes]))
        for point in split.points
        if point.total_bytes in mine
    ]


def _crossings(sizes: Floats, drops: Floats, share: float) -> Floats:
    """For each row the size from which on no more than `share` drops: linear over log(bytes)."""
    above = drops > share
    last = drops.shape[1] - 1
    # The last size at which too much drops; what lies below it does not matter.
    place = np.where(above.any(axis=1), last - np.argmax(above[:, ::-1], axis=1), -1)
    left, right = np.clip(place, 0, last), np.clip(place + 1, 0, last)
    rows = np.arange(len(drops))
    fall = drops[rows, left] - drops[rows, right]
    part = np.divide(drops[rows, left] - share, fall, out=np.zeros(len(drops)), where=fall > 0)
    logs = np.log(sizes)
    found = np.exp(logs[left] + part * (logs[right] - logs[left]))
    found = np.where(place < 0, 0.0, found)
    return np.where(place == last, np.inf, found)
