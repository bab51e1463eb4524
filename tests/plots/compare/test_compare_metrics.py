"""The table of metrics is the one that docs/store.md promises."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from plots.compare.metrics import METRICS, metric_of
from plots.compare.scale import allowance, resolution, transformed

STORE = Path(__file__).parents[3] / "docs" / "store.md"


def expanded(word: str) -> list[str]:
    """`a_{b,c}_{d,e}` as its four names."""
    parts = [part.split(",") for part in re.split(r"[{}]", word)]
    return ["".join(chosen) for chosen in itertools.product(*parts)]


def promised() -> set[str]:
    text = STORE.read_text(encoding="utf-8")
    section = text[text.index("## trial") : text.index("## producer")]
    rows = [line for line in section.splitlines() if line.startswith("| ") and "`" in line]
    words = [word for row in rows for word in re.findall(r"`([^`]+)`", row)]
    return {name for word in words for name in expanded(word)}


def test_every_promised_metric_is_known_and_no_other() -> None:
    # The tie window is a fact of the run, which the provenance tells.
    assert set(METRICS) == promised() - {"tie_window_cycles"}


@pytest.mark.parametrize(
    "name, better",
    [("event_amortised_cycles", -1), ("delivered_rate", 1), ("jain_index", 1), ("attempted", 0)],
)
def test_which_way_is_better(name: str, better: int) -> None:
    assert METRICS[name].better == better


def test_an_unknown_column_is_described_and_not_judged() -> None:
    assert metric_of("new_metric").better == 0


def test_zero_and_less_have_a_place_on_every_scale() -> None:
    for metric in METRICS.values():
        assert np.isfinite(transformed(metric, np.array([-3.0, 0.0, 0.5, 1e9]))).all()


def test_the_allowance_is_the_tolerance_on_the_scale() -> None:
    share = METRICS["drop_fraction"]
    base = np.array([0.0, 0.2])
    moved = transformed(share, base) + allowance(share, base, 0.1)
    assert np.sin(moved) ** 2 == pytest.approx([0.0, 0.22])
    assert allowance(METRICS["delivery_ns_p50"], base, 0.1) == pytest.approx(np.log(1.1))


def test_steps_of_the_instrument() -> None:
    at = np.array([64.0, 6400.0])
    assert list(resolution(METRICS["reserve_cycles_p50"], at, 21.0)) == [21.0, 100.0]
    assert list(resolution(METRICS["delivery_ns_p50"], at, 21.0)) == [1.0, 100.0]
    assert list(resolution(METRICS["event_amortised_cycles"], at, 21.0)) == [0.0, 0.0]
    assert list(resolution(METRICS["gap_max"], at, 21.0)) == [1.0, 1.0]
