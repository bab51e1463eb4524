"""What any run may leave open, as sentences for the limits of its answer."""

from collections.abc import Iterator

import pandas as pd

from plots.bootstrap import CONFIDENCE, range_coverage
from plots.results import Results
from plots.wording import counted, fraction, listed


def limits(results: Results) -> Iterator[str]:
    """Cells without a trial that counts and why, those that are all in doubt, few repetitions."""
    yield from _absent(results)
    yield from _tainted(results)
    yield from _coverage(results)


def _absent(results: Results) -> Iterator[str]:
    cells = results.cells
    without = cells[~cells.key.isin(set(results.drawable.key))]
    skipped = without[without.status == "skipped"]
    reasons = skipped.reason.where(skipped.reason.notna(), "no reason stored")
    for _, group in skipped.groupby(reasons.str.replace(r"\d+", "0", regex=True), sort=False):
        first, *others = dict.fromkeys(reasons[group.index])
        alike = f" (and {counted(len(others), 'reason')} of this kind)" if others else ""
        yield f"{_cells(group)} not run: {first.rstrip('.')}{alike}."
    unbalanced = without[without.status != "skipped"]
    if len(unbalanced):
        yield f"{_cells(unbalanced)} without a trial that balanced."


def _tainted(results: Results) -> Iterator[str]:
    drawable = results.drawable
    clean = set(drawable.key[drawable.status == "ok"])
    of = set(drawable.key) - clean
    if of:
        cells = results.cells[results.cells.key.isin(of)]
        yield f"{_cells(cells)} with tainted trials only (hollow; see How far to trust this)."


def _cells(cells: pd.DataFrame) -> str:
    return f"{counted(len(cells), 'cell')} of {listed(dict.fromkeys(cells.transport))}"


def _coverage(results: Results) -> Iterator[str]:
    fewest = int(results.drawable.groupby("key").size().min()) if len(results.drawable) else 0
    if fewest >= 2 and range_coverage(fewest) < CONFIDENCE:
        yield (
            f"An interval of {fewest} repetitions holds the true median in"
            f" {fraction(range_coverage(fewest))} of cases at most."
        )
