"""The list of questions, in the order of the thread. A question is one line here."""

from plots.questions import (
    bursts,
    causal_order,
    choice,
    commit_barrier,
    contended_ring,
    drop_accounting,
    event_rate,
    ignored_reservation,
    interrupted_lock,
    notification,
    position_load,
    probe_effect,
    recursion,
    reserve_or_output,
    restored_order,
    rings_between,
    stuck_producer,
    visible_losses,
)
from plots.questions.question import Question

QUESTIONS: tuple[Question, ...] = (
    contended_ring.QUESTION,
    event_rate.QUESTION,
    bursts.QUESTION,
    causal_order.QUESTION,
    restored_order.QUESTION,
    rings_between.QUESTION,
    reserve_or_output.QUESTION,
    commit_barrier.QUESTION,
    position_load.QUESTION,
    notification.QUESTION,
    drop_accounting.QUESTION,
    visible_losses.QUESTION,
    interrupted_lock.QUESTION,
    recursion.QUESTION,
    probe_effect.QUESTION,
    stuck_producer.QUESTION,
    ignored_reservation.QUESTION,
    choice.QUESTION,
)

# Asked of the data of all the others' runs too.
OF_EVERYTHING = choice.QUESTION.name


def find(name: str) -> Question | None:
    return next((question for question in QUESTIONS if question.name == name), None)
