"""What the kernel's own benchmark of its buffers prints, from our cells, and our models beside it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from plots.bootstrap import Floats, Interval, ratio_interval
from plots.kernel import PREFIX
from plots.kernel.cells import Cell
from plots.kernel.samples import Samples
from plots.kernel.scenarios import Line, Scenario, scenarios
from plots.results import Results
from plots.wording import interval_text, size

_NAME = 20  # characters the script gives to a name
_COLUMN = 64  # where the models begin

NOTE = (
    "Mean ± standard deviation over the repetitions, as the script gives them. Left of the bar: the kernel's"
    " buffers; right: our model under the same workload. The kernel's rates include the call that runs the"
    " program, so at a batch of 1 they are mostly the rate of bpf(2); a model is called without one. Drops are"
    " those of producers that do not wait: the script's own back-to-back mode consumes after each batch and has"
    " none."
)


@dataclass(frozen=True)
class Block:
    """One way of sharing out the memory on one server."""

    heading: str
    cells: tuple[Cell, ...]

    def one(self, wanted: Callable[[Cell], bool]) -> Cell | None:
        return next((cell for cell in self.cells if wanted(cell)), None)


def blocks(results: Results) -> list[Block]:
    """Servers and memories with a cell of the kernel's that is a line of the script."""
    cells = results.cells[
        (results.cells.arrival == "saturate")
        & (results.cells.record_size == 8)
        & (results.cells.stamps == 0)
    ]
    found = []
    by = ["server", "bytes", "bytes_are"]
    for (server, total, are), group in cells.groupby(by, sort=False):
        shared = "for each buffer" if are == "per_ring" else "for all buffers together"
        block = Block(f"{server}: {size(total)} {shared}", tuple(group.to_dict("records")))
        if any(_kernel_lines(block)):
            found.append(block)
    return found


def _scenarios(block: Block) -> Iterator[Scenario]:
    yield from scenarios(sorted({int(cell["producers"]) for cell in block.cells}))


def _kernel_lines(block: Block) -> Iterator[Line]:
    """One match could be chance: a cell of another question. A sweep of the script is not."""
    for scenario in _scenarios(block):
        mine = [line for line in scenario.lines if block.one(line.kernel)]
        if len(mine) > 1:
            yield from mine


def text(results: Results) -> str:
    """Everything that there is, block by block; a heading only where there are several."""
    found = blocks(results)
    samples = Samples(results)
    parts = []
    for block in found:
        lead = [f"# {block.heading}"] if len(found) > 1 else []
        parts.append("\n".join([*lead, *_lines(block, samples)]).strip("\n"))
    return "\n\n".join(parts)


def _lines(block: Block, samples: Samples) -> Iterator[str]:
    for scenario in _scenarios(block):
        lines = [line for line in scenario.lines if block.one(line.kernel)]
        if lines:
            yield from ("", scenario.header, "=" * len(scenario.header))
            yield from (_printed(block, line, samples) for line in lines)
            yield from _reasons(block, lines)


def _reasons(block: Block, lines: Sequence[Line]) -> Iterator[str]:
    """Why lines are skipped, each reason once."""
    kernels = (block.one(line.kernel) for line in lines)
    skipped = [cell for cell in kernels if cell is not None and cell["status"] == "skipped"]
    yield from dict.fromkeys(f"# skipped: {cell['reason']}" for cell in skipped)


def _printed(block: Block, line: Line, samples: Samples) -> str:
    kernel, model = block.one(line.kernel), block.one(line.model)
    assert kernel is not None
    left = f"{line.name:<{_NAME}} {_numbers(kernel, samples)}"
    if model is None:
        return left
    return f"{left:<{_COLUMN}} | {model['transport']:<8} {_numbers(model, samples)}"


def _numbers(cell: Cell, samples: Samples) -> str:
    if cell["status"] == "skipped":
        return "skipped"
    hits, drops = rates(cell, samples)
    if not len(hits):
        return "not measured"
    doubt = " tainted" if samples.tainted(cell["key"]) else ""
    return f"{_mean(hits)}M/s (drops {_mean(drops)}M/s){doubt}"


def rates(cell: Cell, samples: Samples) -> tuple[Floats, Floats]:
    """Millions a second, by repetition: delivered (where nobody reads: committed), and dropped."""
    trials = samples.trials(cell["key"], "window_dropped", "window_attempted", "window_s")
    dropped = trials.window_dropped / trials.window_s / 1e6
    if cell["poll"] == "after_window":
        hits = trials.window_attempted / trials.window_s / 1e6 - dropped
    else:
        hits = trials.get("delivered_rate", dropped * np.nan) / 1e6
    return hits.dropna().to_numpy(dtype=float), dropped.to_numpy(dtype=float)


def _mean(values: Floats) -> str:
    """Mean and sample standard deviation, as the script's programs give them."""
    scatter = f"{np.std(values, ddof=1):.3f}" if len(values) > 1 else "-"
    return f"{np.mean(values):.3f} ± {scatter}"


def answer(results: Results) -> Iterator[str]:
    """For each block, what its first lines say of the two buffers, and of our models of them."""
    samples = Samples(results)
    for block in blocks(results):
        parallel, sampled = list(_scenarios(block))[:2]
        compared = [
            _compared(block, samples, scenario, words)
            for scenario, words in (
                (parallel, "each buffer wakes by its own rule"),
                (sampled, "one wake-up serves 500 records"),
            )
        ]
        yield f"{block.heading}. {' '.join(compared)} {_of_models(block, samples)}"


def _compared(block: Block, samples: Samples, scenario: Scenario, words: str) -> str:
    """The script's ring buffer over its perf buffer, both read by libbpf."""
    found = [_rates_of(block, samples, line) for line in scenario.lines if "libbpf" in line.name]
    ring, perf = found
    if not (len(ring) and len(perf)):
        return f"Where {words}, this run cannot tell, because one of the two was not measured."
    ratio = ratio_interval(ring, perf)
    verdict = _verdict(ratio, "the ring buffer delivers", "the perf buffer's rate")
    return f"With a producer beside the consumer, where {words}, {verdict}."


def _rates_of(block: Block, samples: Samples, line: Line) -> Floats:
    cell = block.one(line.kernel)
    return rates(cell, samples)[0] if cell is not None else np.array([])


def _verdict(ratio: Interval, who: str, what: str) -> str:
    text = interval_text("times", ratio)
    if not ratio.known:
        return f"{who} {text} times {what}, but a single repetition gives no interval"
    if ratio.low <= 1 <= ratio.high:
        return f"the run cannot tell which is faster, because the ratio {text} includes 1"
    return f"{who} {text} times {what}"


def _of_models(block: Block, samples: Samples) -> str:
    """How far the models' rates lie from the kernel's over all lines that have both."""
    ratios: dict[tuple[str, str], float] = {}
    for scenario in _scenarios(block):
        for line in scenario.lines:
            kernel, model = block.one(line.kernel), block.one(line.model)
            if kernel is not None and model is not None:
                pair = [rates(cell, samples)[0] for cell in (model, kernel)]
                if all(len(values) for values in pair):
                    key = str(model["key"]), str(kernel["key"])
                    ratios[key] = float(np.median(pair[0]) / np.median(pair[1]))
    if not ratios:
        return "No model of ours was measured beside it."
    least, most = min(ratios.values()), max(ratios.values())
    middle = float(np.median(list(ratios.values())))
    return (
        f"Our models deliver {least:.2f} to {most:.2f} times what the kernel's buffers do"
        f" (middle {middle:.2f}, over {len(ratios)} lines)."
    )


def missing(results: Results) -> str:
    """Why there is no text, where there is none."""
    kernel = results.cells.transport.str.startswith(PREFIX).any()
    have = "kernel transports, but none of the script's scenarios" if kernel else "no such cells"
    return (
        f"these stores hold {have}: run `build/ringbench run configs/kernel/selftest.toml` and give"
        " its directory"
    )
