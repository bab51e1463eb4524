"""What is said of a change, for samples whose truth is known."""

import math

import numpy as np
import pytest
from comparisons import HEADLINE, changes, noise, pairing, rules

from plots.compare.comparison import Change, compare
from plots.compare.sensitivity import sights


def only(*sides: list[float], metric: str = HEADLINE, **options: float) -> Change:
    (found,) = changes([(sides[0], sides[1])], metric, rules(**options))  # type: ignore[arg-type]
    return found


def test_two_runs_of_the_same_program() -> None:
    wrong = sum(
        any(c.called for c in changes(list(noise(np.random.default_rng(seed), 100, 5, 0.02))))
        for seed in range(30)
    )
    # Half of 5 % is the headline's: 0.75 of 30 are expected; 4 or more have a chance of 1 %.
    assert wrong <= 3


def test_three_per_cent_are_found_with_as_many_repetitions_as_it_says() -> None:
    random = np.random.default_rng(1)
    first = compare(pairing(list(noise(random, 100, 5, 0.015)), HEADLINE), rules(0.01))
    needed = [sight.needed for sight in sights(first.headline, rules(0.01), 0.03)]
    assert not any(c.called for c in first) and len(needed) == 100
    most = max(n for n in needed if n)
    values = noise(random, 100, most, 0.015)
    values[:20, 1] *= 1.03
    found = changes(list(values), HEADLINE, rules(0.01))
    assert [c.verdict for c in found[20:]] == ["no difference"] * 80
    assert sum(c.verdict == "worse" for c in found[:20]) >= 16


def test_a_ratio_with_its_interval() -> None:
    found = only([100.0, 100.0, 100.0], [150.0, 150.0, 150.0])
    assert (found.ratio.median, found.ratio.low, found.ratio.high) == (1.5, 1.5, 1.5)
    assert found.verdict == "worse" and found.family == "headline"


@pytest.mark.parametrize(
    "metric, verdict",
    [
        ("event_amortised_cycles", "worse"),
        ("delivered_rate", "better"),
        ("attempted", "changed"),
        ("footprint_bytes", "worse"),
    ],
)
def test_more_is_judged_by_the_metric(metric: str, verdict: str) -> None:
    assert only([1e4, 1.001e4, 1.002e4], [2e4, 2.001e4, 2.002e4], metric=metric).verdict == verdict


def test_drops_out_of_nothing_are_worse_and_have_no_ratio() -> None:
    found = only([0.0] * 5, [0.2, 0.21, 0.19, 0.2, 0.22], metric="drop_fraction")
    assert found.verdict == "worse" and math.isnan(found.ratio.median)
    assert found.size == math.inf


def test_no_drops_on_either_side_are_no_difference() -> None:
    found = only([0.0] * 5, [0.0] * 5, metric="drop_fraction")
    assert (found.verdict, found.p) == ("no difference", 1.0)


def test_equal_values_are_no_difference() -> None:
    assert only([7.0] * 4, [7.0] * 4).verdict == "no difference"


def test_a_bucket_of_the_histogram_is_no_difference() -> None:
    near = only([6400.0] * 5, [6499.0] * 5, metric="reserve_cycles_p50")
    assert near.verdict == "no difference" and "one step of the instrument" in near.why
    assert only([6400.0] * 5, [6501.0] * 5, metric="reserve_cycles_p50").verdict == "worse"


def test_a_step_of_the_counter_is_no_difference() -> None:
    cycles = [42.0] * 5, [63.0] * 5
    assert only(*cycles, metric="reserve_cycles_p50", tsc_step=21.0).verdict == "no difference"
    assert only(*cycles, metric="reserve_cycles_p50", tsc_step=2.0).verdict == "worse"


def test_a_change_within_the_tolerance_does_not_count() -> None:
    sides = [1000.0, 1000.1, 1000.2] * 3, [1005.0, 1005.1, 1005.2] * 3
    assert only(*sides, tolerance=0.01).verdict == "no difference"
    assert only(*sides, tolerance=0.0).verdict == "worse"


def test_an_outlier_does_not_make_a_difference() -> None:
    sides = [100.0, 101.0, 102.0, 100.5, 101.5], [100.2, 101.2, 101.7, 100.7, 300.0]
    cells = [sides, *noise(np.random.default_rng(2), 30, 5, 0.01)]
    assert changes(cells)[0].verdict == "no difference"


def test_means_that_contradict_the_medians_are_no_difference() -> None:
    a, b = [100.0] * 7 + [1000.0] * 5, [101.0] * 12
    assert only(a, b).verdict == "no difference"


@pytest.mark.parametrize("a, b", [([100.0], [200.0] * 5), ([100.0], [200.0])])
def test_one_repetition_is_shown_and_not_tested(a: list[float], b: list[float]) -> None:
    found = only(a, b)
    assert (found.verdict, found.ratio.median) == ("untested", 2.0)
    assert "one repetition" in found.why and math.isnan(found.q)


def test_tainted_cells_are_tested_only_when_asked() -> None:
    cells = [([100.0, 101.0, 100.0], [200.0, 201.0, 202.0])]
    (shy,) = changes(cells, tainted="B")
    assert (shy.verdict, shy.why) == ("untested", "every trial of B is tainted")
    (bold,) = changes(cells, HEADLINE, rules(with_tainted=True), "B")
    assert bold.verdict == "worse"


def test_a_metric_that_one_side_lacks_is_no_comparison() -> None:
    given = pairing([([1.0, 2.0], [3.0, 4.0])], HEADLINE)
    given.trials.loc[given.trials.side == 1, HEADLINE] = np.nan
    assert len(compare(given, rules())) == 0


def test_the_median_cost_is_the_headline_where_producers_do_not_saturate() -> None:
    given = pairing([([100.0] * 3, [100.0] * 3)] * 2, HEADLINE)
    given.trials["event_cycles_p50"] = given.trials[HEADLINE]
    given.trials.loc[given.trials.cell_id == "001", HEADLINE] = np.nan
    families = {(c.cell, c.metric.name): c.family for c in compare(given, rules())}
    assert families == {
        ("000", HEADLINE): "headline",
        ("000", "event_cycles_p50"): "judged",
        ("001", "event_cycles_p50"): "headline",
    }


def test_only_the_metrics_wanted_are_compared() -> None:
    given = pairing([([1.0, 2.0], [3.0, 4.0])], HEADLINE)
    given.trials["steal_ms"] = 0.0
    assert [c.metric.name for c in compare(given, rules(), ["steal_ms"])] == ["steal_ms"]
