"""What questions 3 to 6 share: names of layouts, bounds."""

import pytest

from plots.questions.layouts import in_order, layout, rare_at_most
from plots.questions.looks import looks


@pytest.mark.parametrize(
    "share, mapping, text",
    [
        ("1", "contiguous", "hybrid, 1 CPU a ring"),
        ("4", "modulo", "hybrid, 4 CPUs a ring, modulo"),
        ("0", "per_l3", "hybrid, a ring per L3"),
    ],
)
def test_a_layout_is_named_by_who_shares_a_ring(share: str, mapping: str, text: str) -> None:
    options = {"option:cpus_per_ring": share, "option:mapping": mapping}
    assert layout({"transport": "hybrid", **options}) == text
    assert layout({"transport": "perfbuf"}) == "perfbuf"


def test_the_kernels_layouts_come_last() -> None:
    given = ["kernel_ringbuf", "perfbuf", "hybrid, 2 CPUs a ring", "ringbuf", "perfbuf"]
    assert in_order(given) == ["ringbuf", "hybrid, 2 CPUs a ring", "perfbuf", "kernel_ringbuf"]


def test_layouts_of_one_transport_look_different() -> None:
    first, second = looks(["hybrid, 1 CPU a ring", "hybrid, 2 CPUs a ring"]).values()
    assert (first.marker, first.dashes) != (second.marker, second.dashes)


def test_what_was_never_seen_can_be_as_frequent_as_its_bound() -> None:
    assert rare_at_most(1000) == pytest.approx(3 / 1000, rel=0.01)
    assert rare_at_most(0) == 1
    # So many cases without one happen in 5 % of runs.
    assert (1 - rare_at_most(100)) ** 100 == pytest.approx(0.05)
