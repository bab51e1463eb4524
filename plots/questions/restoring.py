"""Which ways to merge leave nothing out of place, judged with the most producers that ran."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plots.bootstrap import difference_interval
from plots.questions.layouts import SPLIT
from plots.questions.repetitions import FEWEST, enough
from plots.questions.merging import DELAY, Row, Setting
from plots.wording import listed


@dataclass(frozen=True)
class Asked:
    """Buffers for each CPU; a setting of which one cell has too few repetitions is not judged at all."""

    plain: tuple[Row, ...]
    merged: tuple[Row, ...]
    thin: tuple[Row, ...]

    @property
    def settings(self) -> list[Setting]:
        return list(dict.fromkeys(row.setting for row in self.merged))

    @property
    def limits(self) -> Iterator[str]:
        if self.thin:
            names = listed(f"{row.setting.text} ({row.workload.text})" for row in self.thin)
            yield f"Not judged, for fewer than {FEWEST} repetitions: {names}."


def asked(found: Sequence[Row]) -> Asked:
    """Settings may differ by the number of producers: what only one number has is not asked of others."""
    split = [row for row in found if row.setting.layout == SPLIT]
    merging = {row.workload.producers for row in split if row.setting.merges}
    both = merging & {row.workload.producers for row in split if not row.setting.merges}
    mine = [row for row in split if row.workload.producers == max(both, default=0)]
    thin = [row for row in mine if row.repetitions < FEWEST]
    unsure = {row.setting for row in thin if row.setting.merges}
    return Asked(
        tuple(row for row in mine if not row.setting.merges and row not in thin),
        tuple(row for row in mine if row.setting.merges and row.setting not in unsure),
        tuple(thin),
    )


def restoring(of: Asked) -> list[Row]:
    """Of the settings that leave nothing in any workload, the slowest rows; the cheapest first."""
    whole = []
    for setting in of.settings:
        own = [row for row in of.merged if row.setting == setting]
        if all(row.restored for row in own) and {row.workload for row in own} >= _needed(
            of, setting
        ):
            whole.append(max(own, key=_delay))
    return sorted(whole, key=lambda row: (_delay(row), row.setting.bytes_added))


def _needed(of: Asked, setting: Setting) -> set[object]:
    """Chains carry no counter of their own, so that a merge by counter cannot be asked of them."""
    chains_too = setting.by != "counter"
    return {row.workload for row in of.merged if chains_too or not row.workload.chains}


def _delay(row: Row) -> float:
    return row.delay.median if row.delay else float("inf")


def ties(whole: Sequence[Row]) -> list[Row]:
    """Those whose delay cannot be told from that of the first."""
    return [row for row in whole[1:] if DELAY in row.values and not _slower(row, whole[0])]


def _slower(row: Row, first: Row) -> bool:
    more = difference_interval(row.values[DELAY], first.values[DELAY])
    return enough(more) and more.low > 0


def best(of: Asked) -> Row:
    """Of each setting its worst workload counts; of these the least."""
    worst: dict[Setting, Row] = {}
    for row in of.merged:
        known = worst.setdefault(row.setting, row)
        if row.order_left.median > known.order_left.median:
            worst[row.setting] = row
    return min(worst.values(), key=lambda row: row.order_left.median)


def improves(row: Row, plain: Sequence[Row]) -> bool:
    same = [other for other in plain if other.workload == row.workload]
    return any(other.order_left.low > row.order_left.high for other in same)
