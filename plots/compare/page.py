"""A comparison as one HTML file that needs no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib import rc_context

from plots import html, style
from plots.compare import forest
from plots.compare.comparison import Change
from plots.compare.names import shortened
from plots.compare.outcome import Outcome, counts, doubts, percent, sensitivity, verdict
from plots.compare.pairing import SIDES, Alone
from plots.errors import NoData

_HEADINGS = {
    "worse": "Worse in B",
    "better": "Better in B",
    "changed": "Changed, neither better nor worse",
}
_RUNS = (
    "started finished git_revision ringbench_version host kernel cpu_model cpus_allowed governor"
    " smt turbo mitigations hypervisor compiler compile_flags config_name seed command"
).split()


@dataclass(frozen=True)
class Picture:
    title: str
    caption: str
    alt: str
    uri: str
    min_width: int


def render(found: Outcome) -> str:
    try:
        with rc_context(style.RC):
            drawn = forest.draw(found)
            picture = Picture(
                drawn.title, drawn.caption, drawn.alt, html.data_uri(drawn), html.min_width(drawn)
            )
        absent = ""
    except NoData as reason:
        picture, absent = None, f"Not drawn: {reason}."
    template = html.environment(Path(__file__).parent).get_template("compare.html.j2")
    return template.render(
        title=f"{_label(found, 0)} → {_label(found, 1)}",
        verdict=verdict(found),
        worse=found.status != 0,
        counts=counts(found),
        broken=_alone(found.broken),
        picture=picture,
        absent=absent,
        called=_called(found),
        unchanged=forest.table(_quiet_headline(found), found.shared),
        shared=" ".join(found.shared),
        alone=_alone(found.pairing.alone),
        sensitivity=sensitivity(found),
        sights=_sights(found),
        doubts=doubts(found),
        runs=_runs(found),
        facts=[difference.sentence() for difference in found.facts],
        rules=found.rules,
        tolerance=percent(found.rules.tolerance, False),
        level=percent(found.rules.level, False),
        long_table=html.LONG_TABLE,
        max_rows=html.MAX_ROWS,
    )


def _label(found: Outcome, side: int) -> str:
    provenance = found.results.stores[side].provenance
    return f"{SIDES[side]}: {provenance.get('git_revision', found.results.servers[side])}"


def _called(found: Outcome) -> list[tuple[str, pd.DataFrame]]:
    """Heading and table of each verdict that was given, worst first."""
    tables = []
    for word, heading in _HEADINGS.items():
        chosen = [change for change in found.called if change.verdict == word]
        if chosen:
            tables.append((heading, forest.table(chosen, found.shared)))
    return tables


def _quiet_headline(found: Outcome) -> list[Change]:
    return [change for change in found.headline if not change.called]


def _alone(cells: Sequence[Alone]) -> pd.DataFrame:
    return pd.DataFrame([(one.name, one.what) for one in cells], columns=["cell", "why"])


def _sights(found: Outcome) -> pd.DataFrame:
    rows = [
        (
            shortened(sight.change.name, found.shared),
            percent(sight.spread, False),
            f"{sight.change.n[0]} / {sight.change.n[1]}",
            percent(sight.visible, False),
            str(sight.needed) if sight.needed else "more than 1,000",
        )
        for sight in found.sights
    ]
    wanted = f"repetitions a side for {percent(found.effect, False)}"
    headings = [
        "cell",
        "spread of one repetition",
        "repetitions A / B",
        "smallest seen now",
        wanted,
    ]
    return pd.DataFrame(rows, columns=headings)


def _runs(found: Outcome) -> pd.DataFrame:
    rows = [
        (
            key.replace("_", " "),
            *(store.provenance.get(key, "–") for store in found.results.stores),
        )
        for key in _RUNS
    ]
    return pd.DataFrame(rows, columns=["", *SIDES])
