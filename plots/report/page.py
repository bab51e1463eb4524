"""report.html: one file that needs no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from plots import catalogue, html
from plots.kernel.cells import how_timed
from plots.questions import section
from plots.report import (
    evidence,
    instrument,
    intervals,
    kernel,
    noise,
    pictures,
    timing_cost,
    trust,
    verdict,
)
from plots.results import Results

_REPEAT = (
    "command seed config_name ringbench_version git_revision compiler compile_flags started finished"
).split()


@dataclass(frozen=True)
class Trusted:
    """What a server's run says of how far it can be trusted."""

    server: str
    sentences: tuple[str, ...]
    wide: pd.DataFrame  # cells that missed the wanted interval


def render(results: Results) -> str:
    figures, absent = pictures.shown(results, catalogue.FIGURES)
    timing = timing_cost.table(results)
    environment = html.environment(Path(__file__).parent)
    return environment.get_template("report.html.j2").render(
        **evidence.context(results),
        title=_title(results),
        questions=sorted({s.provenance.get("config_question", "") for s in results.stores}),
        sections=section.of_report(results),
        comparisons=verdict.compare(results),
        trusted=_trusted(results),
        timing=timing,
        timing_told=" ".join(timing_cost.told(timing)),
        warnings=trust.warnings(results),
        machine=_provenance(results, evidence.MACHINE),
        kernel=kernel.parts(results),
        how_timed=how_timed(results),
        figures=figures,
        absent=absent,
        repeat=_provenance(results, _REPEAT),
    )


def _title(results: Results) -> str:
    titles = {store.provenance.get("config_title", "") for store in results.stores}
    return " and ".join(sorted(title for title in titles if title)) or "ringbench"


def _trusted(results: Results) -> list[Trusted]:
    found = []
    for number, (server, store) in enumerate(zip(results.servers, results.stores)):
        trials = results.trials[results.trials.store == number]
        widths, aim = intervals.widths(results, number), intervals.wanted(store.provenance)
        told = (
            *noise.told(store, trials),
            *intervals.told(widths, aim),
            *instrument.told(store, trials),
        )
        wide = intervals.table(intervals.missed(widths, aim) if aim else [])
        found.append(Trusted(server, told, wide))
    return found


def _provenance(results: Results, keys: Sequence[str]) -> pd.DataFrame:
    rows = []
    for key in keys:
        row: dict[str, Any] = {"": key.replace("_", " ")}
        for server, store in zip(results.servers, results.stores):
            row[server] = store.provenance.get(key, "–")
        rows.append(row)
    return pd.DataFrame(rows)
