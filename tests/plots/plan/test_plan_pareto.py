"""The Pareto figure of a plan: where its marks stand, and what they say."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from matplotlib import rc_context
from matplotlib.axes import Axes
from plan_files import MIB, Document, huge, no_drops, no_targets, nothing_meets, one_layout, write

from plots import style
from plots.figure import Drawn
from plots.plan import pareto
from plots.plan.beside import side_by_side
from plots.plan.labels import Label, place
from plots.plan.reading import read

KEPT_APART = 1.0  # points


def drawn(folder: Path, *changes: Callable[[Document], None]) -> Drawn:
    with rc_context(style.RC):
        return pareto.draw(read(write(folder, *changes) / "plan.json"))


def axes_of(picture: Drawn) -> Axes:
    (axes,) = picture.picture.axes
    return axes


def words_of_marks(picture: Drawn) -> list[str]:
    found: list[Any] = picture.picture.findobj(lambda artist: hasattr(artist, "hover_words"))
    return [words for marks in found for words in marks.hover_words]


def test_every_layout_has_a_mark_that_tells_it(tmp_path: Path) -> None:
    words = [text.replace("\N{NO-BREAK SPACE}", " ") for text in words_of_marks(drawn(tmp_path))]
    assert len(words) == 16
    assert "1 shared 4 MiB: 4.01 MiB held, 18 % [12.6, 23.4] dropped" in words


def test_pareto_layouts_are_numbered_and_named(tmp_path: Path) -> None:
    picture = drawn(tmp_path)
    numbers = {text.get_text() for text in axes_of(picture).texts}
    assert numbers == {"4", "8", "9", "10", "11 recommended", "12", "13", "15", "16"}
    names = [text.get_text() for text in picture.picture.legends[0].get_texts()]
    assert len(names) == 9 and "11  rings of 6 CPUs (contiguous) 32 x 2 MiB" in names


def test_the_nearest_is_numbered_even_off_the_front(tmp_path: Path) -> None:
    picture = drawn(tmp_path, nothing_meets)
    assert "3 nearest" in {text.get_text() for text in axes_of(picture).texts}
    assert "Ringed: the nearest layout" in picture.caption


def test_of_too_many_names_the_recommended_stays(tmp_path: Path) -> None:
    def crowd(plan: Document) -> None:
        plan["layouts"] = [dict(plan["layouts"][i % 16], pareto=True) for i in range(64)]
        plan["recommended"] = 60

    picture = drawn(tmp_path, crowd)
    names = [text.get_text() for text in picture.picture.legends[0].get_texts()]
    assert len(names) == 16 and names[-1].startswith("61  ")
    assert "48 more are numbered" in picture.caption


def test_zero_has_a_place_and_is_inside(tmp_path: Path) -> None:
    axes = axes_of(drawn(tmp_path))
    assert axes.get_yscale() == "symlog"
    low, high = axes.get_ylim()
    assert low < 0 < 0.6 < high


@pytest.mark.parametrize("shape", [no_drops, one_layout])
def test_drops_close_together_are_drawn_from_zero(
    tmp_path: Path, shape: Callable[[Document], None]
) -> None:
    picture = drawn(tmp_path, shape)
    axes = axes_of(picture)
    low, high = axes.get_ylim()
    assert axes.get_yscale() == "linear" and low < 0 and 0.01 < high < 0.02
    assert "linear below" not in picture.caption


def test_nothing_lost_and_no_target_is_drawn(tmp_path: Path) -> None:
    low, high = axes_of(drawn(tmp_path, no_drops, no_targets)).get_ylim()
    assert low < 0 < high


def test_targets_are_lines_and_named(tmp_path: Path) -> None:
    axes = axes_of(drawn(tmp_path / "with"))
    legend = axes.get_legend()
    labels = [text.get_text() for text in legend.get_texts()]
    assert "target: dropped ≤ 1 %, memory ≤ 256 MiB" in labels
    without = axes_of(drawn(tmp_path / "without", no_targets))
    assert not [text for text in without.get_legend().get_texts() if "target" in text.get_text()]
    assert len(axes.lines) == len(without.lines) + 2


def test_a_mark_stays_on_its_side_of_the_memory_target() -> None:
    limit = 256.0 * MIB
    held = [limit - 4096, limit, limit, limit + 8192, limit + 16384, 4.0 * MIB]
    placed = side_by_side(held, limit)
    assert all((was <= limit) == (now <= limit) for was, now in zip(held, placed))
    assert len(set(placed)) == len(held)


@pytest.mark.parametrize("count", [1, 2, 30])
def test_equal_memory_stands_side_by_side_around_it(count: int) -> None:
    placed = [math.log2(one) for one in side_by_side([2.0**26] * count, None)]
    assert sum(placed) / count == pytest.approx(26.0)
    assert len(set(placed)) == count and max(placed) - min(placed) < 0.65


def test_memory_that_differs_keeps_its_order() -> None:
    held = [2.0**power for power in range(12, 40)]
    assert side_by_side(held, None) == pytest.approx(held)


def test_labels_keep_off_marks_and_each_other() -> None:
    marks = [(100.0, 100.0), (112.0, 100.0), (100.0, 118.0), (112.0, 118.0)]
    labels = [Label(str(i), mark, 5.5) for i, mark in enumerate(marks)]
    corners = [corner for _, corner in place(labels, marks, (0.0, 0.0, 300.0, 300.0))]
    boxes = [(x, y, x + 5.6, y + 9.0) for x, y in corners]
    for i, a in enumerate(boxes):
        for b in [*boxes[i + 1 :], *((x - 3, y - 3, x + 3, y + 3) for x, y in marks)]:
            assert min(a[2], b[2]) - max(a[0], b[0]) < KEPT_APART or (
                min(a[3], b[3]) - max(a[1], b[1]) < KEPT_APART
            )


def test_a_label_at_the_edge_stays_inside() -> None:
    label = Label("1 recommended", (295.0, 100.0), 11.0)
    ((_, (x, _)),) = place([label], [label.mark], (0.0, 0.0, 300.0, 300.0))
    assert x + 5.6 * 13 <= 300


def test_sizes_beyond_any_machine_are_drawn(tmp_path: Path) -> None:
    axes = axes_of(drawn(tmp_path, huge))
    low, high = axes.get_xlim()
    assert low < 4096 and high > 2**57
    assert len(axes.get_xticks()) > 3
