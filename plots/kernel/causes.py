"""Differences between a model and the kernel's buffer that are known before anything is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plots.kernel.cells import notify
from plots.kernel.residuals import Residual


@dataclass(frozen=True)
class Cause:
    mark: str
    words: str
    applies: Callable[[Residual], bool]


def _dearer(row: Residual) -> bool:
    """Whether the kernel's event takes more cycles: only that way do its known burdens explain a miss."""
    return row.measure.name == "cycles" and row.change.median > 1


def _wakes(row: Residual) -> bool:
    return notify(row.pair.kernel) not in ("", "never")


def _stamped(row: Residual) -> bool:
    return bool(row.pair.kernel["stamps"] == 1)


CAUSES = (
    Cause(
        "a",
        "a program of the kernel is called, not inlined, and pays for its run-time checks",
        _dearer,
    ),
    Cause(
        "b",
        "the kernel's perf buffer copies the payload; the model lets the producer fill it in place",
        lambda row: _dearer(row) and row.pair.transport == "perfbuf",
    ),
    Cause(
        "c",
        "the kernel always queues its wake-up (irq_work), also for a consumer that looks all the time;"
        " the model rings its doorbell only for one that sleeps",
        lambda row: _wakes(row) and (_dearer(row) or row.measure.name == "delay"),
    ),
    Cause(
        "d",
        "the kernel stamps a record by bpf_ktime_get_ns, the model by the time-stamp counter",
        lambda row: _stamped(row) and (_dearer(row) or row.measure.name == "order"),
    ),
    Cause(
        "e",
        "where producers saturate, the slower one fills its buffer later, so drops and delay follow from"
        " the cycles",
        lambda row: row.pair.saturated and row.measure.name in ("drops", "delay"),
    ),
    Cause(
        "f",
        "the kernel makes the events that are due at once in one call",
        lambda row: not row.pair.saturated and row.measure.name in ("drops", "order", "delay"),
    ),
)


def marks(row: Residual) -> str:
    return ", ".join(cause.mark for cause in CAUSES if cause.applies(row))


def legend(rows: Sequence[Residual]) -> list[str]:
    """The causes that apply to any of the rows."""
    used = [cause for cause in CAUSES if any(cause.applies(row) for row in rows)]
    return [f"({cause.mark}) {cause.words}" for cause in used]
