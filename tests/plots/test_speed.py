"""That a long run's store is read once and in bulk, in processor time so that a busy machine can judge."""

import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import synthetic

from plots.figure import Request
from plots.figures import series
from plots.report import conservation, intervals, noise, timing_cost, trust, verdict
from plots.results import load
from plots.store import Store


@pytest.fixture(scope="module")
def vast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.vast_store(tmp_path_factory.mktemp("vast"), repetitions=3)


def test_what_a_report_says_does_not_take_long(vast: Path) -> None:
    # 1,230 trials of 410 cells take 3 s or so; a query or a table scan for each would take minutes.
    begin = time.process_time()
    results = load([vast])
    assert len(results.trials) > 1000
    assert conservation.check(results).violations == ()
    assert verdict.compare(results) and trust.warnings(results)
    assert intervals.widths(results, 0) and len(noise.reasons(results))
    assert timing_cost.table(results).empty
    assert len(results.bare) > 300
    assert time.process_time() - begin < 20


def test_time_series_are_read_for_a_few_trials_only(
    vast: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    rows = Store.rows

    def counted(store: Store, table: str, trials: Sequence[int]) -> pd.DataFrame:
        read.extend(trials if table == "series" else [])
        return rows(store, table, trials)

    monkeypatch.setattr(Store, "rows", counted)
    assert len(series.draw(load([vast]), Request()).table)
    assert 0 < len(read) <= 8
