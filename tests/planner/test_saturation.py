"""The saturation formula, held against the machines whose throughputs are published."""

import numpy as np
import pytest

from planner.published import epyc_latencies_ns, e5_latencies_ns, machines
from planner.saturation import (
    BEFORE_PENDING_POS,
    WITH_PENDING_POS,
    code_paths,
    event_ns,
    mean_latency_ns,
    record_ns,
    records_per_second,
)

# The published rates scatter about the formula by so much; the calibration knows no better.
WITHIN = 0.08


@pytest.mark.parametrize("producers", [8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52])
def test_the_published_machine_is_predicted(producers: int) -> None:
    latency = mean_latency_ns(e5_latencies_ns(), range(1, producers + 1))
    predicted = records_per_second(BEFORE_PENDING_POS, latency)
    published = machines()[0].rates[producers]
    assert predicted.low * (1 - WITHIN) < published < predicted.high * (1 + WITHIN)


@pytest.mark.parametrize("producers", [8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52])
def test_the_machine_of_unpublished_latencies_is_predicted_from_its_class(producers: int) -> None:
    latency = mean_latency_ns(epyc_latencies_ns(producers + 1), range(1, producers + 1))
    predicted = records_per_second(WITH_PENDING_POS, latency)
    published = machines()[1].rates[producers]
    assert predicted.low * (1 - WITHIN) < published < predicted.high * (1 + WITHIN)


def test_code_paths_are_read_with_their_intervals() -> None:
    assert list(code_paths()) == ["linux-5.8", "linux-6.10", "ringbuf"]
    assert not BEFORE_PENDING_POS.pending_pos and WITH_PENDING_POS.pending_pos
    for path in code_paths().values():
        assert path.fewest < path.moves < path.most


def test_the_formula_on_round_numbers() -> None:
    latencies = np.array([[0.0, 100.0, 100.0], [100.0, 0.0, 400.0], [100.0, 400.0, 0.0]])
    assert mean_latency_ns(latencies, [0, 1, 2]) == pytest.approx(200.0)
    assert mean_latency_ns(latencies, [0, 1]) == pytest.approx(100.0)
    assert record_ns(WITH_PENDING_POS, 100.0).low == pytest.approx(750.0)
    assert records_per_second(WITH_PENDING_POS, 100.0).high == pytest.approx(1e9 / 750)
    assert event_ns(WITH_PENDING_POS, 100.0, 10).high == pytest.approx(8900.0)


def test_one_producer_moves_nothing() -> None:
    with pytest.raises(ValueError, match="two"):
        mean_latency_ns(e5_latencies_ns(), [3])


def test_the_matrix_is_as_its_first_line_says() -> None:
    latencies = e5_latencies_ns()
    assert latencies.shape == (56, 56)
    assert (np.diag(latencies) == 0).all()


def test_both_machines_have_rates_that_fall_with_producers() -> None:
    for machine in machines():
        assert machine.rates[52] < machine.rates[8] < machine.rates[1]
