"""The test and its correction: known answers, and how often they err where the truth is known."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from plots.bootstrap import Floats
from plots.compare import moderation, power, significance

CELLS = 100
LEVEL = 0.05


def no_prior() -> moderation.Prior:
    return moderation.Prior(0.0, 0.0)


def probabilities(a: Floats, b: Floats, allowed: float = 0.0) -> Floats:
    """The moderated test of cells x repetitions."""
    n = (a.shape[1], b.shape[1])
    squares = a.var(axis=1) * n[0] + b.var(axis=1) * n[1]
    freedom = np.full(len(a), n[0] + n[1] - 2.0)
    variance = squares / freedom
    drawn, drawn_freedom = moderation.moderated(
        variance, freedom, moderation.fit(variance, freedom)
    )
    error = np.sqrt(drawn * (1.0 / n[0] + 1.0 / n[1]))
    difference = b.mean(axis=1) - a.mean(axis=1)
    return significance.beyond(difference, error, drawn_freedom, np.full(len(a), allowed))


def test_without_a_prior_it_is_students_t() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(size=5), random.normal(size=7) + 1.0
    pooled = np.array([(a.var() * 5 + b.var() * 7) / 10])
    drawn, freedom = moderation.moderated(pooled, np.array([10.0]), no_prior())
    error = np.sqrt(drawn * (1 / 5 + 1 / 7))
    found = significance.beyond(np.array([b.mean() - a.mean()]), error, freedom, np.zeros(1))
    assert found[0] == pytest.approx(stats.ttest_ind(a, b).pvalue)


def test_without_scatter_a_difference_is_certain() -> None:
    difference, zero = np.array([0.0, 0.1, 0.01]), np.zeros(3)
    found = significance.beyond(difference, zero, np.full(3, 8.0), np.full(3, 0.05))
    assert list(found) == [1.0, 0.0, 1.0]


def test_at_the_edge_of_the_tolerance_the_level_is_kept() -> None:
    # A true change of exactly what is allowed is called at most as often as the level says.
    random = np.random.default_rng(2)
    found = probabilities(
        random.normal(size=(4000, 5)), random.normal(size=(4000, 5)) + 2.0, allowed=2.0
    )
    assert np.mean(found <= LEVEL) == pytest.approx(LEVEL, abs=0.012)


def test_benjamini_hochberg_by_hand() -> None:
    # 4 p values: .01 x 4, then .02 x 4/2, .04 x 4/3 is more than .045 x 4/4, which wins for both.
    found = significance.adjusted(np.array([0.04, 0.01, 0.045, 0.02]))
    assert found == pytest.approx([0.045, 0.04, 0.045, 0.04])
    assert len(significance.adjusted(np.array([]))) == 0


def test_a_common_variance_is_recognised() -> None:
    random = np.random.default_rng(3)
    freedom = np.full(2000, 8.0)
    variance = 4.0 * random.chisquare(8, size=2000) / 8
    found = moderation.fit(variance, freedom)
    assert found.variance == pytest.approx(4.0, rel=0.05) and found.freedom > 100


def test_variances_that_differ_keep_their_own() -> None:
    # True variances from a scaled inverse chi square of 6 degrees of freedom: Smyth's model.
    random = np.random.default_rng(4)
    true = 4.0 * 6 / random.chisquare(6, size=4000)
    variance = true * random.chisquare(8, size=4000) / 8
    found = moderation.fit(variance, np.full(4000, 8.0))
    assert found.variance == pytest.approx(4.0, rel=0.1)
    assert found.freedom == pytest.approx(6.0, rel=0.2)


@pytest.mark.parametrize("variances", [[], [1.0], [0.0, 0.0, 2.0]])
def test_one_variance_says_nothing_of_the_others(variances: list[float]) -> None:
    found = moderation.fit(np.array(variances), np.full(len(variances), 8.0))
    assert found.freedom == 0


def contaminated(random: np.random.Generator, size: tuple[int, int]) -> Floats:
    outliers = np.where(random.random(size) < 0.1, random.exponential(15, size=size), 0.0)
    disturbed: Floats = random.normal(size=size) + outliers
    return disturbed


def unequal(random: np.random.Generator, size: tuple[int, int]) -> Floats:
    own: Floats = np.exp(0.7 * random.normal(size=(size[0], 1))) * random.normal(size=size)
    return own


NOISE: dict[str, Callable[[np.random.Generator, tuple[int, int]], Floats]] = {
    "normal": lambda random, size: random.normal(size=size),
    "of each cell's own size": unequal,
    "heavy tails": lambda random, size: random.standard_t(3, size=size),
    "skewed": lambda random, size: random.exponential(size=size),
    "one trial in ten disturbed": contaminated,
    "ties": lambda random, size: np.round(0.8 * random.normal(size=size)),
}


@pytest.mark.parametrize("repetitions", [3, 5, 10])
@pytest.mark.parametrize("kind", NOISE)
def test_two_runs_of_the_same_are_called_different_no_more_often_than_claimed(
    kind: str, repetitions: int
) -> None:
    random = np.random.default_rng(5)
    runs = 300
    wrong = 0
    for _ in range(runs):
        both = NOISE[kind](random, (CELLS, 2 * repetitions))
        found = probabilities(both[:, :repetitions], both[:, repetitions:])
        wrong += bool((significance.adjusted(found) <= LEVEL).any())
    # Three standard errors of a share of 5 % over 300 runs.
    assert wrong / runs <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / runs)


def test_of_what_is_called_no_more_is_false_than_claimed() -> None:
    random = np.random.default_rng(6)
    shares = []
    for _ in range(200):
        a, b = random.normal(size=(CELLS, 5)), random.normal(size=(CELLS, 5))
        b[:20] += 4.0
        called = significance.adjusted(probabilities(a, b)) <= LEVEL
        assert called[:20].sum() >= 10
        shares.append(called[20:].sum() / called.sum())
    assert np.mean(shares) <= LEVEL


@pytest.mark.parametrize("deviation, allowed", [(0.01, 0.0), (0.02, 0.0), (0.01, 0.01)])
def test_as_many_repetitions_as_it_says_find_the_effect(deviation: float, allowed: float) -> None:
    effect, level = np.log(1.03), LEVEL / CELLS
    design = power.Design(deviation, level, CELLS, np.inf, allowed)
    needed = power.needed(design, effect)
    assert needed is not None
    assert rate_of_finding(needed, deviation, allowed, effect) >= power.POWER - 0.05
    assert rate_of_finding(max(2, int(0.7 * needed)), deviation, allowed, effect) < power.POWER


def rate_of_finding(repetitions: int, deviation: float, allowed: float, effect: float) -> float:
    """How often the one cell that changed is called among CELLS, by simulation."""
    random = np.random.default_rng(7)
    found = 0
    for _ in range(400):
        a, b = deviation * random.normal(size=(2, CELLS, repetitions))
        b[0] += effect
        found += significance.adjusted(probabilities(a, b, allowed))[0] <= LEVEL
    return found / 400


def test_needed_and_visible_agree() -> None:
    design = power.Design(0.02, 0.001, 50, 10.0, 0.005)
    for repetitions in (3, 8, 30):
        assert power.needed(design, power.visible(design, repetitions) + 1e-9) == repetitions


def test_what_cannot_be_found_has_no_count() -> None:
    assert power.needed(power.Design(5.0, 0.001, 10, 0.0, 0.0), 0.01) is None
    assert power.needed(power.Design(0.0, 0.001, 10, 0.0, 0.0), 0.01) == 2


def test_drift_of_two_runs_is_told_from_the_scatter_within_them() -> None:
    random = np.random.default_rng(5)
    freedom = np.full(400, 8.0)
    error = np.full(400, 0.1)
    within = random.standard_t(8.0, 400) * error
    assert significance.inflation(within, error, freedom) == pytest.approx(1.0, abs=0.15)
    assert significance.inflation(3.0 * within, error, freedom) == pytest.approx(3.0, rel=0.15)


def test_some_changed_cells_are_no_drift() -> None:
    random = np.random.default_rng(6)
    difference = random.standard_t(8.0, 100) * 0.1
    difference[:20] += 2.0
    inflation = significance.inflation(difference, np.full(100, 0.1), np.full(100, 8.0))
    assert inflation < 1.6


def test_few_cells_or_none_with_scatter_tell_no_drift() -> None:
    few = np.full(significance.FEWEST_FOR_DRIFT - 1, 9.0)
    assert significance.inflation(few, np.ones_like(few), few) == 1.0
    many = np.full(100, 9.0)
    assert significance.inflation(many, np.zeros_like(many), many) == 1.0


def test_runs_that_drift_apart_call_nothing() -> None:
    random = np.random.default_rng(7)
    calls = 0
    for _ in range(60):
        moved = random.normal(0.0, 0.2, (CELLS, 1))
        a = random.normal(0.0, 0.02, (CELLS, 5))
        b = moved + random.normal(0.0, 0.02, (CELLS, 5))
        squares = a.var(axis=1) * 5.0 + b.var(axis=1) * 5.0
        freedom = np.full(CELLS, 8.0)
        difference = b.mean(axis=1) - a.mean(axis=1)
        drawn, drawn_freedom = moderation.moderated(
            squares / freedom, freedom, moderation.fit(squares / freedom, freedom)
        )
        error = np.sqrt(drawn * 0.4)
        error *= significance.inflation(difference, error, drawn_freedom)
        p = significance.beyond(difference, error, drawn_freedom, np.zeros(CELLS))
        calls += int((significance.adjusted(p) <= LEVEL).any())
    assert calls <= 6
