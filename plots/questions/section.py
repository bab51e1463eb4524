"""A question's section of a page: what it says where its run is missing or has no answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matplotlib import rc_context

from plots import style
from plots.errors import NoData
from plots.figure import Drawn, Entry, Request
from plots.kernel.samples import Samples
from plots.questions.catalogue import QUESTIONS
from plots.questions.question import Answer, Question, undecided
from plots.questions.selection import own
from plots.report import pictures
from plots.results import Results


@dataclass(frozen=True)
class Section:
    question: Question
    answer: Answer | None  # None: its config was not run
    why_not: str = ""
    figure: pictures.Shown | None = None

    @property
    def state(self) -> str:
        if self.answer is None:
            return "not run"
        return "answered" if self.answer.decided else "undecided"

    @property
    def sentence(self) -> str:
        return self.answer.sentence if self.answer else f"Not run: {self.why_not}."


def sections(
    results: Results, unusable: Mapping[str, str], questions: Sequence[Question] = QUESTIONS
) -> list[Section]:
    """`unusable`: of a question's name, why its store cannot be read."""
    return [_section(results, question, unusable) for question in questions]


def of_report(results: Results) -> list[Section]:
    return sections(results, {}, _asked(results))


def entries(questions: Sequence[Question] = QUESTIONS) -> tuple[Entry, ...]:
    """The figures of the questions, as `plots figure` takes them."""
    return tuple(Entry(q.name, q.title, _Drawing(q).draw) for q in questions)


def entries_of(results: Results) -> tuple[Entry, ...]:
    return entries(_asked(results))


def _asked(results: Results) -> list[Question]:
    """The questions whose config the stores come from."""
    names = {store.provenance.get("config_name") for store in results.stores}
    return [question for question in QUESTIONS if question.name in names]


def answer_to(question: Question, selected: Results) -> Answer:
    """Its figure goes by the name of the question, which is unique on a page."""
    try:
        with rc_context(style.RC):
            answer = question.answer(selected, Samples(selected))
    except NoData as reason:
        return undecided(str(reason))
    if answer.figure is None:
        return answer
    return replace(answer, figure=replace(answer.figure, name=question.name))


@dataclass(frozen=True)
class _Drawing:
    question: Question

    def draw(self, results: Results, _: Request) -> Drawn:
        selected = own(results, self.question)
        if selected is None:
            raise NoData(f"no store is of configs/questions/{self.question.name}.toml")
        answer = answer_to(self.question, selected)
        if answer.figure is None:
            raise NoData(f"the question has no figure: {answer.sentence.rstrip('.')}")
        return answer.figure


def _section(results: Results, question: Question, unusable: Mapping[str, str]) -> Section:
    selected = own(results, question)
    if selected is None:
        reason = unusable.get(question.name, "none of these results is of its config")
        return Section(question, None, reason.rstrip("."))
    answer = answer_to(question, selected)
    figure = pictures.as_shown(answer.figure) if answer.figure else None
    return Section(question, answer, figure=figure)
