"""How far to trust a run: sentences and tables against trials whose numbers are known."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import report_of
from store_writer import Cell, Trial, write_store

from plots.report import instrument, intervals, noise, timing_cost
from plots.results import Results, load


def run(folder: Path, *trials: Trial, **provenance: str | None) -> Results:
    cell = Cell("perfbuf", trials, {}, {"producers": 1, "arrival": "saturate"})
    return load([write_store(folder, [cell], provenance)])


def noises(results: Results) -> str:
    return " ".join(noise.told(results.stores[0], results.trials))


def test_what_became_of_the_trials(tmp_path: Path) -> None:
    trials = [
        Trial({}),
        Trial({}, status="tainted", reason="steal", repetition=1),
        Trial({}, repetition=1, attempt=1),
        Trial({}, status="failed", reason="hung", repetition=2),
    ]
    text = noises(run(tmp_path, *trials))
    assert "4 trials: 2 ok (50 %), 1 tainted (25 %: balanced, but doubtful; drawn hollow)" in text
    assert "1 of them are further tries after a tainted one" in text
    assert "Cells without" not in text


def test_cells_of_nothing_but_tainted_trials_are_counted(tmp_path: Path) -> None:
    text = noises(run(tmp_path, Trial({}, status="tainted", reason="steal")))
    assert "Cells without a trial that is ok: 1 of 1." in text


def test_hiccups_steal_and_lag_are_summed(tmp_path: Path) -> None:
    trials = [
        Trial({"hiccups": 0, "hiccup_us_max": 0, "hiccup_share": 0, "lag_ns_p99": 900}),
        Trial({"hiccups": 3, "hiccup_us_max": 250, "hiccup_share": 0.02, "lag_ns_p99": 2001}),
        Trial({"hiccups": 4, "hiccup_us_max": 40, "hiccup_share": 0.01, "steal_ms": 20}),
    ]
    text = noises(run(tmp_path, *trials))
    assert "2 of 3 trials had hiccups" in text and "7 in all, the longest 250 µs" in text
    assert "at worst a thread lost 2 % of a window to them" in text
    assert "The hypervisor took the CPU in 1 of 1 trials (20 ms in all)." in text
    assert "1 of 2 paced trials did not hold their schedule" in text and "at worst 2 µs" in text


def test_what_was_not_watched_is_said(tmp_path: Path) -> None:
    text = noises(run(tmp_path, Trial({}), hiccups_per_s=None))
    assert "No trial was watched for hiccups." in text
    assert "Before the first trial" not in text and "hypervisor" not in text


def test_reasons_that_differ_in_numbers_count_together(tmp_path: Path) -> None:
    reasons = [
        "steal: 12 ms is over 1 ms",
        "lag: p99 of 4,000 ns; steal: 7.5 ms is over 1 ms",
        "2 records lost; shorten duration_ms",
    ]
    results = run(tmp_path, *(Trial({}, status="tainted", reason=text) for text in reasons))
    found = noise.reasons(results)
    assert dict(zip(found.reason, found.trials)) == {
        "steal: … ms is over … ms": "2",
        "lag: p… of … ns": "1",
        "… records lost; shorten duration_ms": "1",
    }
    assert found["for example"].iloc[0] == "steal: 12 ms is over 1 ms"


def costs(*cycles: float) -> list[Trial]:
    return [Trial({"event_amortised_cycles": c, "event_cycles_p50": 2 * c}) for c in cycles]


@pytest.mark.parametrize(
    "text, aim",
    [
        ("[run]\ninterval = 0.1\n", 0.1),
        ("[run]\ninterval = 0\n", None),
        ("", 0.05),
        ("= no TOML", 0.05),
    ],
)
def test_the_wanted_width_is_read_from_the_config(text: str, aim: float | None) -> None:
    assert intervals.wanted({"config_text": text}) == aim


def test_cells_that_missed_the_wanted_width_are_named(tmp_path: Path) -> None:
    parameters = {"producers": 1, "arrival": "saturate"}
    cells = [
        Cell("perfbuf", costs(100, 100, 100), {}, parameters),
        Cell("ringbuf", costs(80, 100, 140), {}, parameters),  # half of 140 - 80 over 100
        Cell("null", costs(5), {}, parameters),
    ]
    found = intervals.widths(load([write_store(tmp_path, cells)]), 0)
    wide = intervals.missed(found, 0.05)
    assert [(one.cell.split("/")[0], one.half) for one in wide][1] == ("ringbuf", 0.3)
    (text,) = intervals.told(found, 0.05)
    assert "1 of 3 cells reached the wanted width" in text and "at most 5 % of its median" in text
    assert "The widest is ± 30 %." in text and "1 cell have a single trial" in text
    assert len(intervals.table(wide)) == 2


def test_a_paced_cell_is_judged_by_its_event_cycles(tmp_path: Path) -> None:
    cell = Cell("perfbuf", costs(1, 1), {}, {"producers": 1, "arrival": "constant"})
    (found,) = intervals.widths(load([write_store(tmp_path, [cell])]), 0)
    assert (found.metric, found.interval.median) == ("event_cycles_p50", 2)


def timed(*costs_by_value: tuple[int, float], **others: Any) -> list[Cell]:
    return [
        Cell("perfbuf", costs(c, c), {}, {"producers": 1, "sample_every": every, **others})
        for every, c in costs_by_value
    ]


def test_timing_costs_the_ratio_of_cells_that_differ_in_nothing_else(tmp_path: Path) -> None:
    cells = timed((0, 20), (128, 21), (1, 50)) + timed((1, 70), (128, 60), record_size=8)
    found = timing_cost.table(load([write_store(tmp_path, cells)]))
    assert len(found) == 1
    assert list(found.iloc[0])[1:] == ["20", "2.5", "1.05"]
    (text,) = timing_cost.told(found)
    assert "2.50 times with every event timed and 1.05 times with one in 128 timed" in text


def test_without_an_untimed_cell_the_cost_of_timing_is_unknown(tmp_path: Path) -> None:
    found = timing_cost.table(load([write_store(tmp_path, timed((128, 21), (1, 50)))]))
    (text,) = timing_cost.told(found)
    assert found.empty and "was not measured" in text


def told(folder: Path, trials: Sequence[Trial], clock: Sequence[dict[str, float]] = ()) -> str:
    cell = Cell("perfbuf", trials, {}, {"producers": 1})
    results = load([write_store(folder, [cell], clock=clock)])
    return " ".join(instrument.told(results.stores[0], results.trials))


def test_the_share_of_time_inside_measured_windows(tmp_path: Path) -> None:
    # Starts at 0, 4 and 10 s: of the 10 s, 3 + 5 lie in windows; the last trial's lies behind.
    trials = [
        Trial({"window_s": window}, started=f"2025-11-03T09:00:{second:02}Z")
        for second, window in ((0, 3), (10, 9), (4, 5))
    ]
    assert "80 % of the 10 s between" in told(tmp_path, trials)


def test_the_clocks_are_told_with_the_worst_cpu(tmp_path: Path) -> None:
    clock = [
        {"cpu": cpu, "timer_pair_cycles": 38 + cpu, "offset_bound_cycles": bound}
        for cpu, bound in ((0, 0.0), (1, 117.0), (2, 90.0))
    ]
    text = told(tmp_path, [Trial({"tie_window_cycles": 120})], clock)
    assert "agree to 120 cycles (60 ns) at least" in text and "CPU 1 is worst, with 117" in text
    assert "no more than 120 cycles apart are a tie" in text
    assert "costs 38 to 40 cycles, by CPU" in text


def test_the_report_says_it_for_each_server(tmp_path: Path) -> None:
    stores = [
        write_store(
            tmp_path / host,
            [Cell("perfbuf", costs(1, 2, 3), {}, {"producers": 1, "arrival": "saturate"})],
            {"host": host},
        )
        for host in ("a", "b")
    ]
    page = report_of(stores)
    assert page.count("3 trials: 3 ok (100 %)") == 2
    assert "Cells that missed the wanted width on b quick" in page


def test_reasons_tell_servers_apart_where_there_are_several(tmp_path: Path) -> None:
    cell = Cell("perfbuf", [Trial({}, status="failed", reason="hung")], {}, {"producers": 1})
    stores = [write_store(tmp_path / host, [cell], {"host": host}) for host in ("a", "b")]
    found: pd.DataFrame = noise.reasons(load(stores))
    assert list(found.server) == ["a quick", "b quick"]
