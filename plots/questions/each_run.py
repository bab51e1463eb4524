"""An answer to several runs at once: each run's own sentence, never numbers of two machines in one."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pandas as pd

from plots.figure import Drawn
from plots.kernel.samples import Samples
from plots.questions.question import Answer
from plots.results import Results

Function = Callable[[Results, Samples], Answer]


def each_run(answer: Function) -> Function:
    """The first run that has a figure is drawn; the tables hold all of them."""

    @functools.wraps(answer)
    def of_all(results: Results, samples: Samples) -> Answer:
        parts = {run: answer(part, samples) for run, part in _runs(results)}
        return next(iter(parts.values())) if len(parts) == 1 else _together(parts)

    return of_all


def _runs(results: Results) -> Iterator[tuple[str, Results]]:
    for number in sorted(set(results.cells.store)):
        cells = results.cells[results.cells.store == number]
        trials = results.trials[results.trials.store == number]
        yield results.servers[number], replace(results, cells=cells, trials=trials)


def _together(parts: dict[str, Answer]) -> Answer:
    named = {run: answer for run, answer in parts.items() if answer.figure is not None}
    tables = {run: answer.table for run, answer in parts.items() if answer.table is not None}
    return Answer(
        " ".join(f"{run}: {answer.sentence}" for run, answer in parts.items()),
        decided=any(answer.decided for answer in parts.values()),
        figure=_figure(named) if named else None,
        table=_joined(tables) if tables else None,
        caption=next((answer.caption for answer in parts.values() if answer.caption), ""),
        details=_prefixed({run: answer.details for run, answer in parts.items()}),
        limits=_prefixed({run: answer.limits for run, answer in parts.items()}),
    )


def _figure(named: dict[str, Answer]) -> Drawn:
    drawn = {run: answer.figure for run, answer in named.items() if answer.figure is not None}
    run, first = next(iter(drawn.items()))
    if len(drawn) == 1:
        return first
    caption = f"{first.caption} Drawn: {run}; the table has the other runs, too."
    table = _joined({name: figure.table for name, figure in drawn.items()})
    return replace(first, caption=caption, table=table)


def _joined(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for run, table in tables.items():
        part = table.copy()
        part.insert(0, "run", run)
        parts.append(part)
    return pd.concat(parts, ignore_index=True).fillna("–")


def _prefixed(sentences: dict[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(f"{run}: {text}" for run, texts in sentences.items() for text in texts)
