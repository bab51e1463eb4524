"""Whether an acquire load of the consumer's position costs more than a plain one with a control dependency."""

from collections.abc import Iterator, Sequence

import numpy as np

from plots.bootstrap import Floats, Interval, function_interval
from plots.kernel.samples import Samples
from plots.questions.contrast import SAME, Contrast, accepting, contrasts, refused_sentence
from plots.questions.position_load_figure import draw
from plots.questions.question import Answer, Question, undecided
from plots.questions.repetitions import TOO_FEW
from plots.results import Results
from plots.wording import counted, fraction, interval_text


def answer(results: Results, samples: Samples) -> Answer:
    """Ratios are the plain load's cycles over the acquire's."""
    cells = accepting(results.cells, samples)
    found = contrasts(results, samples, cells, "position_load", "acquire")
    found.sort(key=lambda one: (int(one.cell["producers"]), one.record_size, one.cell["poll"]))
    limits = tuple(refused_sentence(results.cells, cells))
    if not found:
        return undecided("no cell was measured with both ways to load", limits=limits)
    told = [one for one in found if one.told]
    if not told:
        return undecided(TOO_FEW, draw(found, None), limits=limits)
    pooled = pooled_ratio(told, samples)
    figure, details = draw(found, pooled), tuple(_details(told))
    if _includes_one(pooled) and _excluded(pooled) > SAME:
        return undecided(_too_wide(pooled), figure, details=details, limits=limits)
    return Answer(_sentence(pooled, told), True, figure, details=details, limits=limits)


def pooled_ratio(told: Sequence[Contrast], samples: Samples) -> Interval:
    """The geometric mean of the ratios of medians over all pairs of cells, with one interval.

    Of twenty intervals of pairs that are alike, one would exclude 1 by chance.
    """
    keys = [str(cell["key"]) for one in told for cell in (one.cell, one.base)]
    metrics = [one.metric for one in told for _ in range(2)]
    values = [samples.values(key, metric) for key, metric in zip(keys, metrics)]
    return function_interval(values, _mean_ratio)


def _mean_ratio(medians: Floats) -> Floats:
    """Columns: plain and acquire of each pair in turn."""
    logs = np.log(medians)
    found: Floats = np.exp((logs[:, 0::2] - logs[:, 1::2]).mean(axis=1))
    return found


def _includes_one(ratio: Interval) -> bool:
    return ratio.low <= 1 <= ratio.high


def _excluded(ratio: Interval) -> float:
    """The least difference, either way, that the interval leaves no room for."""
    return max(ratio.high - 1, 1 - ratio.low)


def _sentence(pooled: Interval, told: Sequence[Contrast]) -> str:
    ratio = interval_text("times", pooled)
    over = f"over {counted(len(told), 'pair')} of cells"
    if _includes_one(pooled):
        return (
            f"No difference: with the plain load an event takes {ratio} times the cycles it takes with the"
            f" acquire, {over}, which excludes a difference of more than {fraction(_excluded(pooled))}."
        )
    which = "less" if pooled.high < 1 else "more"
    return (
        f"The plain load costs {which}: an event takes {ratio} times the cycles it takes with the acquire,"
        f" {over}."
    )


def _too_wide(pooled: Interval) -> str:
    return (
        f"the ratio of the cycles, {interval_text('times', pooled)}, includes 1 but also differences of more"
        f" than {fraction(SAME)}"
    )


def _details(told: Sequence[Contrast]) -> Iterator[str]:
    include = sum(_includes_one(one.ratio) for one in told)
    widest = max(_excluded(one.ratio) for one in told)
    yield (
        f"Of {counted(len(told), 'pair')} the interval of the ratio includes 1 in {include}; taken one by"
        f" one, they exclude differences of more than {fraction(widest)}."
    )
    yield (
        "On x86-64 both loads are the same instruction, which a test of the build compares in the"
        " disassembly: there a difference is one of chance or of where the code lies."
    )


QUESTION = Question(
    9,
    "position_load",
    "Can the consumer's position be read without an acquire?",
    "A reserve reads the consumer's position with acquire semantics. A plain read would do, because what"
    " follows is done only if the comparison says so: a control dependency, which orders later stores.",
    answer,
)
