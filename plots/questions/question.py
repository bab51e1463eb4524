"""A question of the thread and its answer: what every file of this folder gives."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from plots.figure import Drawn
from plots.kernel.samples import Samples
from plots.results import Results


@dataclass(frozen=True)
class Answer:
    """`sentence`: one, with its interval; from `undecided` where the data do not tell."""

    sentence: str
    decided: bool
    figure: Drawn | None = None
    table: pd.DataFrame | None = None  # where there is no figure, or beside the figure's own
    caption: str = ""  # of the table
    details: tuple[str, ...] = ()  # further sentences that the numbers give
    limits: tuple[str, ...] = ()  # what this machine or this run could not show


@dataclass(frozen=True)
class Question:
    """`name`: of configs/questions/NAME.toml, of the file here and of the section in the report."""

    number: int
    name: str
    title: str  # the question
    claim: str  # what was said, in our own words
    answer: Callable[[Results, Samples], Answer]


def undecided(why: str, figure: Drawn | None = None, **more: object) -> Answer:
    """`why`: goes on after "because"."""
    sentence = f"This machine cannot tell, because {why}."
    return Answer(sentence, decided=False, figure=figure, **more)  # type: ignore[arg-type]
