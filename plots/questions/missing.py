"""What a run could not show, as sentences for an answer's limits."""

from collections.abc import Iterator

from plots.results import Results
from plots.wording import counted, listed


def missing(results: Results) -> Iterator[str]:
    """The cells without a trial that counts, with the reason."""
    cells = results.cells
    without = cells[~cells.key.isin(set(results.drawable.key))]
    skipped = without[without.status == "skipped"]
    for reason, group in skipped.groupby("reason", sort=False):
        of = listed(dict.fromkeys(group.transport))
        yield f"{counted(len(group), 'cell')} of {of} not run: {_ended(str(reason))}"
    others = len(without) - len(skipped)
    if others:
        yield f"{counted(others, 'cell')} without a trial that balanced."


def doubtful(tainted: int, of: int) -> Iterator[str]:
    """`tainted`: of so many rows of the table those that rest on tainted trials only."""
    if tainted:
        yield (
            f"{tainted} of {counted(of, 'row')} of the table with a cell whose trials were all disturbed"
            " (hollow)."
        )


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."
