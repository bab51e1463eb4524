"""A comparison for the terminal: what was called different, worst first; what was not compared."""

import math
import textwrap
from collections.abc import Iterator, Sequence

from plots.compare.comparison import Change
from plots.compare.names import shortened
from plots.compare.outcome import Outcome, counts, doubts, percent, sensitivity, verdict
from plots.compare.pairing import SIDES, Alone
from plots.compare.wording import q_text, ratio_text, values_text
from plots.wording import counted

WIDTH = 96
_NAMES_OF_A_REASON = 3
_HUNGRIEST = 5


def render(found: Outcome, everything: bool) -> str:
    """`everything`: also what was not called different, and every name that has no partner."""
    lines = [
        *_runs(found),
        "",
        *_wrapped(verdict(found)),
        *(line for text in counts(found) for line in _wrapped(text, "  ")),
        *_changes(found, everything),
        *_section("Failed only in B", [f"{a.name}: {a.what}" for a in found.broken]),
        *_not_compared(found.pairing.alone, everything),
        *_sensitivity(found, everything),
        *_section("To know", doubts(found)),
    ]
    return "\n".join(lines) + "\n"


def _runs(found: Outcome) -> Iterator[str]:
    for side, store in zip(SIDES, found.results.stores):
        p = store.provenance
        facts = (
            f"{p.get('host', 'unknown host')}, {p.get('started', 'start unknown')},"
            f" git {p.get('git_revision', 'unknown')}"
        )
        yield f"{side}  {store.path.parent}: {facts}"
    for difference in found.facts:
        if difference.key not in ("git_revision", "started"):
            why = f" ({difference.why})" if difference.why else ""
            yield from _wrapped(f"{difference.key}: {difference.a} → {difference.b}{why}", "   ")


def _changes(found: Outcome, everything: bool) -> Iterator[str]:
    judged = [c for c in found.called if c.verdict in ("worse", "better")]
    chosen = found.every() if everything else judged
    if chosen:
        yield from _rows(found, chosen)
    if not everything:
        yield from _section("Changed, neither better nor worse", _described(found))


def _described(found: Outcome) -> list[str]:
    """Metrics that only describe, in one line each."""
    by_metric: dict[str, list[float]] = {}
    for change in found.called:
        if change.verdict == "changed":
            by_metric.setdefault(change.metric.name, []).append(change.ratio.median)
    lines = []
    for name, ratios in by_metric.items():
        known = sorted(ratio for ratio in ratios if not math.isnan(ratio))
        ends = f", ratio {known[0]:.3f} to {known[-1]:.3f}" if known else ""
        lines.append(f"{name} in {counted(len(ratios), 'cell')}{ends}")
    return lines


def _rows(found: Outcome, chosen: Sequence[Change]) -> Iterator[str]:
    texts = [
        (c.metric.name, values_text(c), ratio_text(c.ratio), f"q {q_text(c.q)}") for c in chosen
    ]
    widths = [max(len(row[i]) for row in texts) for i in range(3)]
    heading, cell = "", ""
    for change, row in zip(chosen, texts):
        if change.verdict != heading:
            heading, cell = change.verdict, ""
            yield from ("", heading.upper())
        if change.cell != cell:
            cell = change.cell
            yield from _wrapped(shortened(change.name, found.shared) + _mark(change), "  ")
        star = "*" if change.family == "headline" else " "
        shown = [text.ljust(width) for text, width in zip(row, widths)]
        why = f"  ({change.why})" if change.why else ""
        yield f"  {star} {'  '.join([*shown, row[3]])}{why}"
    yield from ("", "  * headline metric; A → B, ratio B/A of the medians [95 % interval]")
    if found.shared:
        yield from _wrapped("Every cell: " + " ".join(found.shared), "  ")


def _mark(change: Change) -> str:
    return f"  (tainted: {change.tainted})" if change.tainted else ""


def _not_compared(alone: Sequence[Alone], everything: bool) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for one in alone:
        by_reason.setdefault(one.what, []).append(one.name)
    if by_reason:
        yield from ("", f"NOT COMPARED: {counted(len(alone), 'cell')}")
    for reason, names in by_reason.items():
        yield from _wrapped(f"{counted(len(names), 'cell')} {reason}:", "  ")
        shown = names if everything else names[:_NAMES_OF_A_REASON]
        yield from (line for name in shown for line in _wrapped(name, "    "))
        if len(shown) < len(names):
            yield f"    … and {len(names) - len(shown)} more (--all names them)"


def _sensitivity(found: Outcome, everything: bool) -> Iterator[str]:
    yield from _section("What could be seen", sensitivity(found))
    chosen = found.sights if everything else found.sights[:_HUNGRIEST]
    if not chosen:
        return
    which = "Of each cell" if everything else "The cells that need most"
    yield f"  {which}: repetitions for {percent(found.effect, False)}, smallest change seen now"
    for sight in chosen:
        times = str(sight.needed) if sight.needed else ">1000"
        name = shortened(sight.change.name, found.shared)
        yield f"  {times:>7}  {percent(sight.visible, False):>8}  {name}"


def _section(heading: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield from ("", heading.upper())
    for text in texts:
        yield from _wrapped(text, "  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    """Long names have no blanks to break at: they are left whole rather than cut."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
