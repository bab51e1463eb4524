"""What a run makes of disturbance: trials are tried again, windows follow the noise."""

from pathlib import Path

from cli.program import ringbench, written
from cli.run_store import assert_complete, provenance, query

# No event can be sent at the very tick it is due.
ALWAYS_LATE = """
[run]
repetitions = 2
max_repetitions = 2
[noise]
attempts = 3
lag_p99_us = 0
[matrix]
transport = "null"
arrival = "constant"
rate = 1e5
warmup_ms = 1
duration_ms = 50
"""


def late_run(place: Path) -> Path:
    """Whoever else wants the CPU may take a whole window, so that nothing is sent: another run, at most 20."""
    config = written(place, ALWAYS_LATE)
    for number in range(20):
        folder = place / f"run{number}"
        assert ringbench("run", config, "--out", folder).status == 0
        if query(folder, "SELECT 1 FROM trial WHERE window_attempted = 0") == []:
            return folder
    raise AssertionError("in each run the producer was kept off its CPU for a whole window")


def test_a_tainted_trial_is_tried_again_and_every_try_is_kept(tmp_path: Path) -> None:
    folder = late_run(tmp_path)
    tries = query(folder, "SELECT repetition, attempt, status FROM trial ORDER BY id")
    assert tries == [(0, n, "tainted") for n in range(3)] + [
        (1, 0, "tainted")
    ], "a cell that was never undisturbed is tried again in its first repetition only"
    reasons = query(folder, "SELECT reason FROM trial")
    assert all("lag: events were sent late" in text for (text,) in reasons)
    assert_complete(folder, repetitions=2)


def test_a_window_left_to_the_noise_is_chosen_once(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        """
[run]
repetitions = 2
max_repetitions = 2
[noise]
attempts = 1
longest_window_ms = 7
[matrix]
transport = "null"
warmup_ms = 1
duration_ms = 0
""",
    )
    folder = tmp_path / "run"
    ended = ringbench("run", config, "--out", folder, "--benchmark_repetitions=1")
    assert ended.status == 0 and "noise: " in ended.err
    chosen = provenance(folder)
    window, repetitions = float(chosen["chosen_duration_ms"]), int(chosen["chosen_repetitions"])
    assert 5 <= window <= 7
    assert repetitions >= 2
    assert repetitions * window >= 2 * 7 - 1e-9, "as much time is measured"
    resumed = ringbench("resume", folder)
    assert resumed.status == 0 and "noise: " not in resumed.err, "nothing is chosen anew"
    windows = query(folder, "SELECT DISTINCT round(window_s * 1000, 6) FROM trial")
    assert windows == [(window,)]
    (count,) = query(folder, "SELECT count(*) FROM trial")
    assert count == (repetitions,)
