"""The page of the questions: one file that answers them all and needs no network."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from plots import html
from plots.questions import provenance, trials
from plots.questions.section import Section
from plots.questions.selection import Unusable
from plots.report import evidence
from plots.results import Results

_FOLDERS = Path(__file__).parent, Path(evidence.__file__).parent


def render(results: Results, sections: Sequence[Section], unusable: Sequence[Unusable]) -> str:
    template = html.environment(*_FOLDERS).get_template("questions.html.j2")
    return template.render(
        **evidence.context(results),
        sections=sections,
        questions=len({one.question.number for one in sections}),
        decided=sum(one.state == "answered" for one in sections),
        run=sum(one.answer is not None for one in sections),
        hosts=provenance.hosts(results),
        unusable=_not_of_a_question(unusable),
        trials=trials.by_run(results),
        warnings=trials.warnings(results),
        machine=provenance.machine(results),
        repeat=provenance.runs(results),
    )


def _not_of_a_question(unusable: Sequence[Unusable]) -> pd.DataFrame:
    rows = [{"directory": one.directory, "why it is left out": one.why} for one in unusable]
    return pd.DataFrame(rows)
