"""One setting against another, in cells that agree in everything else."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from plots.bootstrap import Interval, difference_interval, median_interval, ratio_interval
from plots.kernel.cells import Cell, alike_but
from plots.kernel.samples import Samples
from plots.questions.repetitions import enough
from plots.questions.rows import setting
from plots.results import Results
from plots.wording import counted

SAME = 0.05  # of an event's cost: a difference that is surely smaller is none
MOST_REFUSED = 0.01  # of the events: where more are refused, the cost of an event is partly theirs

AMORTISED, MEDIAN = "event_amortised_cycles", "event_cycles_p50"


@dataclass(frozen=True)
class Contrast:
    """`more`: cycles by which the other setting costs more than the usual one."""

    base: Cell  # with the usual setting
    cell: Cell  # with the other
    value: str  # the other setting
    metric: str
    usual: Interval
    other: Interval
    more: Interval
    ratio: Interval  # other / usual
    tainted: bool

    @property
    def told(self) -> bool:
        return enough(self.more)

    @property
    def costs(self) -> bool:
        return self.told and self.more.low > 0

    @property
    def saves(self) -> bool:
        return self.told and self.more.high < 0

    @property
    def same(self) -> bool:
        """Not merely not told apart: a difference of SAME is excluded."""
        return self.told and self.ratio.low > 1 - SAME and self.ratio.high < 1 + SAME

    @property
    def name(self) -> str:
        producers = int(self.cell["producers"])
        several = f", {producers} producers" if producers > 1 else ""
        return f"{self.cell['transport']}{several}"

    @property
    def record_size(self) -> int:
        return int(self.cell["record_size"])

    @property
    def share(self) -> Interval:
        """What the usual setting saves, of the cost of the other."""
        ratio = self.ratio
        return Interval(1 - 1 / ratio.median, 1 - 1 / ratio.low, 1 - 1 / ratio.high, ratio.n)

    @property
    def less(self) -> Interval:
        return Interval(-self.more.median, -self.more.high, -self.more.low, self.more.n)


def event_metric(cell: Cell) -> str:
    return AMORTISED if cell["arrival"] == "saturate" else MEDIAN


def contrasts(
    results: Results,
    samples: Samples,
    cells: pd.DataFrame,
    name: str,
    usual: str,
    metric: str = "",
) -> list[Contrast]:
    """Each cell whose `name` is another than `usual` beside its like. No metric: the event's cost."""
    found = []
    for group in alike_but(results, cells, (name,)):
        by_value = {setting(cell, name, usual): cell for cell in group}
        base = by_value.pop(usual, None)
        for value, cell in by_value.items() if base is not None else ():
            assert base is not None
            made = contrast(samples, base, cell, value, metric or event_metric(cell))
            found += [made] if made else []
    return found


def contrast(
    samples: Samples, usual: Cell, other: Cell, value: str, metric: str
) -> Contrast | None:
    base = samples.values(usual["key"], metric)
    values = samples.values(other["key"], metric)
    if not len(base) or not len(values):
        return None
    return Contrast(
        usual,
        other,
        value,
        metric,
        median_interval(base),
        median_interval(values),
        difference_interval(values, base),
        ratio_interval(values, base),
        samples.tainted(usual["key"]) or samples.tainted(other["key"]),
    )


def accepting(cells: pd.DataFrame, samples: Samples) -> pd.DataFrame:
    """Those that refused next to nothing, so that the cost of an event is that of an accepted one."""
    refused = cells.key.map(lambda key: _refuses(samples, str(key))).astype(bool)
    return cells[~refused]


def _refuses(samples: Samples, key: str) -> bool:
    dropped = samples.interval(key, "drop_fraction")
    return dropped is not None and dropped.median > MOST_REFUSED


def refused_sentence(considered: pd.DataFrame, accepted: pd.DataFrame) -> Iterator[str]:
    """Which of the cells were left out because their buffer was full."""
    number = int((~considered.key.isin(accepted.key)).sum())
    if number:
        yield (
            f"{counted(number, 'cell')} left out: more than 1 % of the events were refused, and a refused"
            " event costs something else."
        )
