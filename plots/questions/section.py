"""A question's section of a page: what it says where its run is missing or has no answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib import rc_context

from plots import style
from plots.errors import NoData
from plots.figure import Drawn, Entry, Request
from plots.kernel.samples import Samples
from plots.questions import missing, selection
from plots.questions.catalogue import QUESTIONS
from plots.questions.question import Answer, Question, undecided
from plots.questions.selection import Unusable, own
from plots.report import pictures
from plots.results import Results


@dataclass(frozen=True)
class Section:
    question: Question
    host: str  # empty where all runs are of one
    answer: Answer | None  # None: its config was not run
    why_not: str = ""
    figure: pictures.Shown | None = None

    @property
    def id(self) -> str:
        return f"{self.question.name}-{self.host}" if self.host else self.question.name

    @property
    def state(self) -> str:
        if self.answer is None:
            return "not run"
        return "answered" if self.answer.decided else "undecided"

    @property
    def sentence(self) -> str:
        return self.answer.sentence if self.answer else f"Not run: {self.why_not}."


def sections(
    results: Results, unusable: Sequence[Unusable], questions: Sequence[Question] = QUESTIONS
) -> list[Section]:
    """One for each question and host."""
    hosts = selection.hosts(results)
    return [
        _section(results, question, host, unusable, len(hosts) > 1)
        for question in questions
        for host in hosts
    ]


def of_report(results: Results) -> list[Section]:
    return sections(results, (), _asked(results))


def entries(questions: Sequence[Question] = QUESTIONS) -> tuple[Entry, ...]:
    """The figures of the questions, as `plots figure` takes them."""
    return tuple(Entry(q.name, q.title, _Drawing(q).draw) for q in questions)


def entries_of(results: Results) -> tuple[Entry, ...]:
    return entries(_asked(results))


def _asked(results: Results) -> list[Question]:
    """The questions whose config the stores come from."""
    names = {store.provenance.get("config_name") for store in results.stores}
    return [question for question in QUESTIONS if question.name in names]


def answer_to(question: Question, selected: Results, name: str = "") -> Answer:
    """`name`: of its figure, unique on a page; the question's where there is one host."""
    try:
        with rc_context(style.RC):
            answer = question.answer(selected, Samples(selected))
    except NoData as reason:
        answer = undecided(str(reason))
    answer = with_limits(answer, selected)
    if answer.figure is None:
        return answer
    return replace(answer, figure=replace(answer.figure, name=name or question.name))


def with_limits(answer: Answer, selected: Results) -> Answer:
    """Its own limits, then those that hold of any question."""
    return replace(answer, limits=(*answer.limits, *missing.limits(selected)))


@dataclass(frozen=True)
class _Drawing:
    question: Question

    def draw(self, results: Results, _: Request) -> Drawn:
        """Of the first host that ran it."""
        runs = (own(results, self.question, host) for host in selection.hosts(results))
        selected = next((run for run in runs if run is not None), None)
        if selected is None:
            raise NoData(f"no store is of configs/questions/{self.question.name}.toml")
        answer = answer_to(self.question, selected)
        if answer.figure is None:
            raise NoData(f"the question has no figure: {answer.sentence.rstrip('.')}")
        return answer.figure


def _section(
    results: Results, question: Question, host: str, unusable: Sequence[Unusable], named: bool
) -> Section:
    selected = own(results, question, host)
    shown = host if named else ""
    if selected is None:
        reason = selection.reason(unusable, question, host, alone=not named)
        return Section(question, shown, None, reason.rstrip("."))
    answer = answer_to(question, selected, f"{question.name}-{shown}" if shown else "")
    figure = pictures.as_shown(answer.figure) if answer.figure else None
    return Section(question, shown, answer, figure=figure)
