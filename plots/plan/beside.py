"""Marks of equal memory, moved apart so that none hides another."""

import math
from collections.abc import Sequence

_CLOSE = 0.12  # powers of two within which memory is called equal


def side_by_side(held: Sequence[float], limit: float | None) -> list[float]:
    """Memory, a little apart where it is nearly equal: equal sizes are the rule and would hide marks.

    A mark stays on its side of the limit.
    """
    place = [math.log2(one) for one in held]
    wall = math.log2(limit) if limit else math.inf
    across = max(place) - min(place) + 1
    moved = list(place)
    for group in _close_together(place, wall):
        step = min(0.016 * across, 0.6 / len(group))
        middle = (min(place[i] for i in group) + max(place[i] for i in group)) / 2
        first = middle - step * (len(group) - 1) / 2
        if place[group[0]] <= wall:
            first = min(first, wall - step * (len(group) - 0.5))
        else:
            first = max(first, wall + step / 2)
        for rank, i in enumerate(sorted(group)):
            moved[i] = first + step * rank
    return [2.0**one for one in moved]


def _close_together(place: Sequence[float], wall: float) -> list[list[int]]:
    groups: list[list[int]] = []
    for i in sorted(range(len(place)), key=lambda i: place[i]):
        first = place[groups[-1][0]] if groups else -math.inf
        if place[i] - first < _CLOSE and (first <= wall) == (place[i] <= wall):
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups
