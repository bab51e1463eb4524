"""The list of questions, in the order of the thread. A question is one line here."""

from plots.questions.question import Question

QUESTIONS: tuple[Question, ...] = ()
