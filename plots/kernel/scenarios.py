"""The scenarios of Linux's run_bench_ringbufs.sh: their names there, and which cells they are here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from plots.kernel.cells import Cell, notify, option

RATES = (1, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 3000)
_SAMPLED = 500  # the script's own sample rate
_SLOT = 16  # bytes of a BPF ring that the script's record of 8 bytes takes
BACK_TO_BACK = "shares_producer_core"


@dataclass(frozen=True)
class Line:
    """A line of the script; `model`: what is printed beside it."""

    name: str
    kernel: Callable[[Cell], bool]
    model: Callable[[Cell], bool]


@dataclass(frozen=True)
class Scenario:
    header: str
    lines: tuple[Line, ...]


def scenarios(producers: Sequence[int]) -> Iterator[Scenario]:
    """`producers`: numbers of them for which there are cells."""
    four = ("rb-libbpf", "rb-custom", "pb-libbpf", "pb-custom")
    parallel = "Single-producer, parallel producer"
    yield Scenario(parallel, tuple(_parallel(n, False) for n in four))
    yield Scenario(f"{parallel}, sampled notification", tuple(_parallel(n, True) for n in four))
    yield Scenario(
        "Single-producer, back-to-back mode",
        tuple(_back_to_back(n, sampled) for n in four for sampled in (False, True)),
    )
    for kind, name in (("Ringbuf", "rb"), ("Perfbuf", "pb")):
        yield Scenario(
            f"{kind} back-to-back, effect of sample rate",
            tuple(_by_rate(name, rate) for rate in RATES),
        )
    yield Scenario("Ringbuf back-to-back, reserve+commit vs output", tuple(_calls(False)))
    yield Scenario("Ringbuf sampled, reserve+commit vs output", tuple(_calls(True)))
    yield Scenario(
        "Single-producer, consumer/producer competing on the same CPU, low batch count",
        tuple(_low_batch(name) for name in four),
    )
    for header, name in (
        ("Ringbuf, multi-producer contention", "rb-libbpf"),
        ("Perfbuf, multi-producer", "pb-libbpf"),
    ):
        yield Scenario(header, tuple(_contention(name, n) for n in producers))
    yield Scenario(
        "Ringbuf, multi-producer contention in overwrite mode, no consumer",
        tuple(_overwriting(n) for n in producers),
    )


def _parallel(name: str, sampled: bool) -> Line:
    rate = _SAMPLED if sampled else 0
    return _line(name, name, rate, consumer=None, batch="500")


def _back_to_back(name: str, sampled: bool) -> Line:
    shown = f"{name}-sampled" if sampled else name
    return _line(shown, name, _SAMPLED if sampled else 0, batch="500")


def _by_rate(kind: str, rate: int) -> Line:
    # A batch is at most 1024 events here, so the highest rates take batches of 1000.
    return _line(f"{kind}-sampled-{rate}", f"{kind}-custom", rate, batch=str(min(rate, 1000)))


def _calls(sampled: bool) -> Iterator[Line]:
    for call in ("reserve", "output"):
        shown = f"{call}-sampled" if sampled else call
        consumer = None if sampled else BACK_TO_BACK
        rate = _SAMPLED if sampled else 0
        yield _line(shown, "rb-custom", rate, consumer=consumer, batch="500", call=call)


def _low_batch(name: str) -> Line:
    return _line(name, name, 0, batch="1")


def _contention(name: str, producers: int) -> Line:
    # The perf buffer wakes once a batch, the ring buffer by its own rule.
    rate = 50 if name.startswith("pb") else 0
    return _line(f"{name} nr_prod {producers}", name, rate, producers=producers, batch="50")


def _overwriting(producers: int) -> Line:
    """Nobody reads, so neither the reader nor the mode of waking matters."""

    def fits(cell: Cell, transport: str) -> bool:
        return bool(
            cell["transport"] == transport
            and cell["producers"] == producers
            and cell["poll"] == "after_window"
            and option(cell, "overwrite") == "on"
        )

    return Line(
        f"rb-prod nr_prod {producers}",
        lambda cell: fits(cell, "kernel_ringbuf") and option(cell, "batch") == "50",
        lambda cell: fits(cell, "ringbuf"),
    )


def _line(
    name: str,
    bench: str,
    rate: int,
    *,
    consumer: str | None = BACK_TO_BACK,
    producers: int = 1,
    batch: str,
    call: str = "reserve",
) -> Line:
    """`rate`: records to a wake-up; 0: the buffer's own rule. `consumer` None: on a CPU of its own."""
    kind, _, reader = bench.partition("-")
    transport = "ringbuf" if kind == "rb" else "perfbuf"
    wanted = {
        "reader": "libbpf" if reader == "libbpf" else "mapped",
        "batch": batch,
        "call": call if kind == "rb" else "",
        "overwrite": "off" if kind == "rb" else "",
    }

    def workload(cell: Cell) -> bool:
        shares = cell["consumer"] == BACK_TO_BACK
        return bool(
            cell["producers"] == producers
            and cell["poll"] == "epoll"
            and shares == (consumer == BACK_TO_BACK)
        )

    return Line(
        name,
        lambda cell: cell["transport"] == f"kernel_{transport}"
        and workload(cell)
        and _has(cell, wanted)
        and _wakes(cell, rate),
        # Our models take one call for an event, so reserve and output are one there.
        lambda cell: cell["transport"] == transport
        and workload(cell)
        and option(cell, "lock", "mcs") == "mcs"
        and option(cell, "overwrite", "off") == "off"
        and _wakes(cell, rate),
    )


def _has(cell: Cell, wanted: Mapping[str, str]) -> bool:
    return all(option(cell, name) == value for name, value in wanted.items())


def _wakes(cell: Cell, rate: int) -> bool:
    mode = notify(cell)
    if not rate:
        return mode == ("adaptive" if "ringbuf" in cell["transport"] else "always")
    if mode == "bytes":
        return int(option(cell, "notify_bytes")) == rate * _SLOT
    return mode == "sampled" and int(option(cell, "notify_every")) == rate
