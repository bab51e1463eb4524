"""The list of questions, in the order of the thread. A question is one line here."""

from plots.questions import choice, contended_ring, event_rate
from plots.questions.question import Question

QUESTIONS: tuple[Question, ...] = (
    contended_ring.QUESTION,
    event_rate.QUESTION,
    choice.QUESTION,
)

# Asked of the data of all the others' runs too.
OF_EVERYTHING = choice.QUESTION.name


def find(name: str) -> Question | None:
    return next((question for question in QUESTIONS if question.name == name), None)
