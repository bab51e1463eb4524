"""The limits that hold of any question: what was not run, what is in doubt, how few repetitions."""

from pathlib import Path

from question_rows import around, cell, question_store, skipped

from plots.questions.missing import limits
from plots.results import load


def test_each_reason_is_named_once(tmp_path: Path) -> None:
    cells = [skipped("ringbuf", f"needs {n} CPUs", producers=n) for n in (8, 9, 10)]
    cells += [cell("ringbuf", around("drop_fraction", 0.1), status="tainted")]
    cells += [cell("perfbuf", around("drop_fraction", 0.1)[:4]), skipped("null", "no memory.")]
    cells += [cell("hybrid", around("drop_fraction", 0.1), status="failed")]
    assert list(limits(load([question_store(tmp_path, "bursts", cells)]))) == [
        "3 cells of ringbuf not run: needs 8 CPUs (and 2 reasons of this kind).",
        "1 cell of null not run: no memory.",
        "1 cell of hybrid without a trial that balanced.",
        "1 cell of ringbuf with tainted trials only (hollow; see How far to trust this).",
        "An interval of 4 repetitions holds the true median in 87.5 % of cases at most.",
    ]


def test_six_clean_repetitions_leave_nothing_to_say(tmp_path: Path) -> None:
    values = around("drop_fraction", 0.1) + around("drop_fraction", 0.1)
    store = question_store(tmp_path, "bursts", [cell("ringbuf", values)])
    assert not list(limits(load([store])))
