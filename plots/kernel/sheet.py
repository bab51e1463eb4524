"""The paper of the kernel's figures: a heading, rows of panels, and a legend of its own."""

import math
from collections.abc import Sequence
from typing import Any

import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

_LEGEND_ENTRY = 1.75  # inches


def sheet(
    title: str,
    size: tuple[float, float],
    shape: tuple[int, int],
    handles: Sequence[Line2D],
    **shared: Any,
) -> tuple[Figure, npt.NDArray[Any]]:
    """`size`: width and height of the panels in inches; `shape`: their rows and columns."""
    width, panels = size
    columns = max(1, min(len(handles) or 1, int(width / _LEGEND_ENTRY)))
    top, bottom = 0.42, 0.14 + 0.2 * math.ceil(len(handles) / columns)
    height = panels + top + bottom
    engine = ConstrainedLayoutEngine(
        h_pad=0.05, w_pad=0.06, rect=(0, bottom / height, 1, 1 - (top + bottom) / height)
    )
    picture = Figure(figsize=(width, height), layout=engine)
    picture.text(0.1 / width, 1 - 0.1 / height, title, fontsize=11, fontweight="bold", va="top")
    axes = picture.subplots(*shape, squeeze=False, **shared)
    if handles:
        picture.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0.05 / width, 0.02 / height),
            ncol=columns,
            columnspacing=1.4,
        )
    return picture, axes
