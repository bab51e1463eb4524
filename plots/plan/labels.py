"""Where the words beside a mark can stand without lying on another mark or on other words."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top

_CHARACTER = 5.6  # points, of the figures' font at 8 points
_HEIGHT = 9.0
_MARK = 4.0  # half of a mark's width
_MISTAKEN = 20.0  # square points that it may hide rather than be taken for another mark's


@dataclass(frozen=True)
class Label:
    text: str
    mark: Point
    gap: float  # between the mark's middle and its words


def place(
    labels: Sequence[Label], marks: Sequence[Point], inside: Box
) -> list[tuple[Label, Point]]:
    """The lower left corner of each label, in points, the first labels choosing first."""
    taken = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in marks]
    placed = []
    for label in labels:
        boxes = list(_boxes(label))
        costs = [
            _hidden(box, taken, inside) + _MISTAKEN * _is_nearer_to_another(box, label.mark, marks)
            for box in boxes
        ]
        box = boxes[costs.index(min(costs))]
        taken.append(box)
        placed.append((label, (box[0], box[1])))
    return placed


def _boxes(label: Label) -> Iterator[Box]:
    """To the right of its mark and then around it, close by first."""
    width = _CHARACTER * len(label.text)
    x, y = label.mark
    for gap in (label.gap, label.gap + 7.0):
        for across, along in (
            (1, 0),
            (0, 1),
            (-1, 0),
            (0, -1),
            (0.7, 0.7),
            (-0.7, 0.7),
            (0.7, -0.7),
            (-0.7, -0.7),
        ):
            middle_x = x + across * (gap + width / 2)
            middle_y = y + along * (gap + _HEIGHT / 2)
            yield (
                middle_x - width / 2,
                middle_y - _HEIGHT / 2,
                middle_x + width / 2,
                middle_y + _HEIGHT / 2,
            )


def _hidden(box: Box, taken: Sequence[Box], inside: Box) -> float:
    """Square points of it that lie on something, or outside."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    return sum(_overlap(box, other) for other in taken) + area - _overlap(box, inside)


def _is_nearer_to_another(box: Box, own: Point, marks: Sequence[Point]) -> bool:
    return any(_distance(box, mark) < _distance(box, own) - 1.0 for mark in marks)


def _distance(box: Box, mark: Point) -> float:
    across = max(box[0] - mark[0], 0.0, mark[0] - box[2])
    along = max(box[1] - mark[1], 0.0, mark[1] - box[3])
    return math.hypot(across, along)


def _overlap(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)
