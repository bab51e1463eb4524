"""Nested labelled boxes, sized from the inside out: how a machine is laid out on paper (inches)."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

_GAP = 0.07
_TITLE = 0.2
_TITLE_PER_CHARACTER = 0.078


@dataclass(frozen=True)
class Text:
    words: str
    size: float
    colour: str = "#222222"
    bold: bool = False


@dataclass(frozen=True)
class Box:
    title: str = ""
    children: tuple["Box", ...] = ()
    columns: int = 1
    face: str = "white"
    edge: str = "#999999"
    texts: tuple[Text, ...] = ()  # of a leaf, from top to bottom
    footer: tuple[Text, ...] = ()
    leaf_size: tuple[float, float] = (0.5, 0.5)
    edge_width: float = 0.7

    @property
    def size(self) -> tuple[float, float]:
        if not self.children:
            return self.leaf_size
        widths, heights = self._tracks()
        width = sum(widths) + _GAP * (len(widths) + 1)
        height = sum(heights) + _GAP * (len(heights) + 1) + self._title_height
        words = [self.title, *(text.words for text in self.footer)]
        widest = max(len(text) for text in words) * _TITLE_PER_CHARACTER + 2 * _GAP
        return max(width, widest), height + len(self.footer) * _TITLE

    @property
    def _title_height(self) -> float:
        return _TITLE if self.title else 0.0

    def _rows(self) -> list[Sequence["Box"]]:
        step = max(1, self.columns)
        return [self.children[i : i + step] for i in range(0, len(self.children), step)]

    def _tracks(self) -> tuple[list[float], list[float]]:
        rows = self._rows()
        widths = [
            max(row[column].size[0] for row in rows if column < len(row))
            for column in range(len(rows[0]))
        ]
        return widths, [max(child.size[1] for child in row) for row in rows]

    def draw(self, axes: Axes, left: float, top: float) -> None:
        """Draws the box with its upper left corner there; y grows upwards."""
        width, height = self.size
        axes.add_patch(
            Rectangle(
                (left, top - height),
                width,
                height,
                facecolor=self.face,
                edgecolor=self.edge,
                linewidth=self.edge_width,
            )
        )
        self._draw_texts(axes, left, top, width, height)
        widths, heights = self._tracks() if self.children else ([], [])
        y = top - self._title_height - _GAP
        for row, row_height in zip(self._rows(), heights):
            x = left + _GAP
            for child, column_width in zip(row, widths):
                child.draw(axes, x, y)
                x += column_width + _GAP
            y -= row_height + _GAP

    def _draw_texts(self, axes: Axes, left: float, top: float, width: float, height: float) -> None:
        if self.title:
            axes.text(left + _GAP, top - 0.05, self.title, fontsize=8, va="top", color="#333333")
        for i, text in enumerate(self.texts):
            y = top - height * (i + 0.5) / len(self.texts)
            _write(axes, left + width / 2, y, text, "center")
        for i, text in enumerate(reversed(self.footer)):
            _write(axes, left + _GAP, top - height + _TITLE * (i + 0.5), text, "left")


def _write(axes: Axes, x: float, y: float, text: Text, align: str) -> None:
    axes.text(
        x,
        y,
        text.words,
        fontsize=text.size,
        color=text.colour,
        fontweight="bold" if text.bold else "normal",
        ha=align,
        va="center",
    )
