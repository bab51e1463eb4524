"""The page of the questions, their sections in a report, and what the commands make of missing runs."""

import dataclasses
import sqlite3
from pathlib import Path

import pytest
from conftest import plots, report_of
from question_rows import around, cell, question_store, skipped
from store_writer import write_store
from test_report import Page

from plots.catalogue import FIGURES, KERNEL
from plots.errors import NoData
from plots.kernel.samples import Samples
from plots.questions import finished, section, selection
from plots.questions.catalogue import QUESTIONS
from plots.questions.question import Answer, Question
from plots.results import Results, joined, load
from plots.store import FILE_NAME


def event_rates(folder: Path, **provenance: str) -> Path:
    cells = [
        cell(transport, around("reserve_cycles_p50", cycles), arrival="poisson", rate=rate)
        for rate in (1e3, 1e5)
        for transport, cycles in (("ringbuf", 500.0), ("perfbuf", 100.0))
    ]
    return question_store(folder, "event_rate", cells, provenance)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One question that was run, one that was begun, and one that this machine cannot run."""
    made = tmp_path_factory.mktemp("questions")
    event_rates(made / "event_rate")
    question_store(made / "contended_ring", "contended_ring", [], {"finished": None})
    unable = [skipped("kernel_ringbuf", "needs CAP_BPF")]
    question_store(made / "recursion", "recursion", unable)
    return made


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    run = plots("questions", folder)
    assert run.status == 0, run.err
    assert run.paths == [folder / "report.html"]
    return run.paths[0].read_text(encoding="utf-8")


def test_every_question_has_its_section(text: str) -> None:
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert {f"question-{question.name}" for question in QUESTIONS} <= set(page.ids)
    inside = [href for href in page.attributes("a", "href") if not href.startswith("data:")]
    assert inside and {href.removeprefix("#") for href in inside} <= set(page.ids)
    assert "src=" not in text.replace("src = ", "")


def test_the_summary_says_what_was_decided(text: str) -> None:
    words = Page(text).words()
    assert "5 [" in words and "more than twice" in words
    assert f"1 of {len(QUESTIONS)} answered" in words


def test_a_question_that_was_not_run_says_so(text: str) -> None:
    words = Page(text).words()
    assert "Not run: " in words and "holds no trial yet" in words
    assert "every cell was skipped: needs CAP_BPF" in words


def test_the_trials_are_counted(text: str) -> None:
    words = Page(text).words()
    assert "alpha event_rate 4 0 0 20 0 0" in words
    assert "all 4 0 0 20 0 0" in words


def test_each_figure_is_a_file_too(folder: Path, text: str) -> None:
    del text
    kinds = {path.suffix for path in (folder / "figures").glob("event_rate.*")}
    assert kinds == {".svg", ".png", ".csv"}


def test_out_is_where_the_page_goes(folder: Path, tmp_path: Path) -> None:
    run = plots("questions", folder, "--out", tmp_path / "page.html")
    assert run.paths == [tmp_path / "page.html"]
    assert run.paths[0].exists()


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    run = plots("questions", tmp_path)
    assert run.status == 2
    assert "holds no results" in run.err


def test_a_folder_stands_for_what_it_holds(folder: Path) -> None:
    assert len(selection.directories([folder])) == 3
    assert selection.directories([folder / "event_rate"]) == [folder / "event_rate"]


def test_two_hosts_are_answered_apart(folder: Path, tmp_path: Path) -> None:
    event_rates(tmp_path / "event_rate", host="beta")
    run = plots("questions", folder, tmp_path, "--out", tmp_path / "page.html")
    assert run.status == 0, run.err
    page = Page(run.paths[0].read_text(encoding="utf-8"))
    assert len(page.ids) == len(set(page.ids))
    assert {"question-event_rate-alpha", "question-event_rate-beta"} <= set(page.ids)


def test_of_two_runs_the_newest_answers(folder: Path, tmp_path: Path) -> None:
    newer = event_rates(tmp_path / "newer", started="2026-01-01T00:00:00Z")
    (made,) = section.sections(load([newer, folder / "event_rate"]), (), [QUESTIONS[1]])
    assert made.state == "answered"
    selected = selection.own(load([newer, folder / "event_rate"]), QUESTIONS[1], "alpha")
    assert selected is not None
    assert [store.path.parent for store in selected.stores] == [newer]


def test_a_report_of_one_question_begins_with_it(folder: Path) -> None:
    page = report_of([folder / "event_rate"])
    assert page.index('id="question-event_rate"') < page.index('id="verdict"')
    assert "question-contended_ring" not in page


def test_a_report_of_something_else_has_no_question(small_report: str) -> None:
    assert 'id="question-' not in small_report


def test_a_figure_of_a_question_can_be_drawn_alone(folder: Path, tmp_path: Path) -> None:
    run = plots("figure", "event_rate", folder / "event_rate", "--out", tmp_path)
    assert (run.status, len(run.paths)) == (0, 3)
    wrong = plots("figure", "contended_ring", folder / "event_rate", "--out", tmp_path)
    assert wrong.status == 2
    assert "configs/questions/contended_ring.toml" in wrong.err


def test_the_figures_are_listed() -> None:
    listed = {line.split()[0] for line in plots("list").out.splitlines()}
    assert {question.name for question in QUESTIONS} <= listed
    assert not {q.name for q in QUESTIONS} & {entry.name for entry in (*FIGURES, *KERNEL)}


def asked(answer: Answer | None, name: str = "event_rate") -> Question:
    def said(results: Results, samples: Samples) -> Answer:
        del samples
        if answer is None:
            raise NoData("nothing was measured")
        return dataclasses.replace(
            answer, details=(", ".join(sorted(set(results.cells.transport))),)
        )

    return Question(2, name, "Is it so?", "It was said to be.", said)


def test_no_data_is_undecided(folder: Path) -> None:
    (made,) = section.sections(load([folder / "event_rate"]), (), [asked(None)])
    assert made.state == "undecided"
    assert made.sentence == "This machine cannot tell, because nothing was measured."


def test_a_question_sees_its_own_cells_only(folder: Path, tmp_path: Path) -> None:
    other = write_store(tmp_path, [cell("hybrid", around("reserve_cycles_p50", 1.0))])
    both = load([folder / "event_rate", other])
    answer = Answer("Yes.", True)
    own, everything = section.sections(both, (), [asked(answer), asked(answer, "choice")])
    assert own.answer is not None and own.answer.details == ("perfbuf, ringbuf",)
    assert everything.answer is not None
    assert everything.answer.details == ("hybrid, perfbuf, ringbuf",)


def test_a_part_of_a_store_stays_a_part(folder: Path) -> None:
    run = plots("report", folder / "event_rate", "--where", "rate=1000")
    assert run.status == 0, run.err
    words = Page(run.paths[0].read_text(encoding="utf-8")).words()
    assert "5 [" in words and "at 100k/s" not in words


def test_a_finished_run_is_known(folder: Path, tmp_path: Path) -> None:
    assert finished.status(folder / "event_rate") == 0
    failed = [cell("ringbuf", [{"attempted": 1.0}], status="failed")]
    assert finished.status(write_store(tmp_path / "failed", failed)) == 3
    cut = write_store(tmp_path / "cut", failed, {"finished": None})
    assert finished.status(cut) == 1
    assert finished.status(tmp_path) == 1


def test_a_run_with_trials_is_not_said_to_be_skipped(tmp_path: Path) -> None:
    """Its schema is what is wrong, though one of its cells was skipped."""
    made = question_store(
        tmp_path / "recursion",
        "recursion",
        [skipped("kernel_ringbuf", "needs CAP_BPF"), cell("ringbuf", [{"window_s": 1.0}])],
    )
    with sqlite3.connect(made / FILE_NAME) as store:
        store.execute("PRAGMA user_version = 3")
    assert finished.skipped(made) == ""


def test_a_store_without_cells_gives_a_page(folder: Path, tmp_path: Path) -> None:
    made = question_store(tmp_path / "recursion", "recursion", [])
    with sqlite3.connect(made / FILE_NAME) as store:
        store.execute("DROP TABLE cell")
    stores, unusable = selection.opened([made, folder / "event_rate"])
    assert len(stores) == 1 and "cell" in unusable[0].why


def test_the_reason_of_one_host_is_not_told_of_another(folder: Path, tmp_path: Path) -> None:
    other = event_rates(tmp_path / "event_rate", host="beta")
    bad = [skipped("kernel_ringbuf", "needs CAP_BPF")]
    unable = question_store(tmp_path / "recursion", "recursion", bad, {"host": "beta"})
    stores, unusable = selection.opened([folder / "event_rate", other, unable])
    recursion = next(question for question in QUESTIONS if question.name == "recursion")
    alpha, beta = section.sections(joined(stores), unusable, [recursion])
    assert "none of these results" in alpha.sentence and "CAP_BPF" in beta.sentence
