"""report.html: one file that needs no network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from plots import catalogue, html
from plots.bootstrap import CONFIDENCE, RESAMPLES, SEED
from plots.distribution import OBSERVATIONS_BEYOND
from plots.kernel.cells import how_timed
from plots.report import (
    conservation,
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

_MACHINE = (
    "cpu_model cpus_allowed numa_nodes smt turbo governor isolated_cpus hypervisor huge_pages"
    " mitigations kernel clocksource tsc_invariant tsc_hz tsc_hz_relative_error"
    " tsc_resolution_cycles timer_pair_cycles tsc_offset_bound_cycles core_cycles"
).split()
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
        title=_title(results),
        questions=sorted({s.provenance.get("config_question", "") for s in results.stores}),
        results=results,
        comparisons=verdict.compare(results),
        max_comparisons=verdict.MAX_COMPARISONS,
        balance=conservation.check(results),
        trusted=_trusted(results),
        timing=timing,
        timing_told=" ".join(timing_cost.told(timing)),
        warnings=trust.warnings(results),
        machine=_provenance(results, _MACHINE),
        kernel=kernel.parts(results),
        how_timed=how_timed(results),
        figures=figures,
        absent=absent,
        skipped=_skipped(results),
        spoiled=noise.reasons(results),
        repeat=_provenance(results, _REPEAT),
        configs=[store.provenance.get("config_text", "") for store in results.stores],
        long_table=html.LONG_TABLE,
        max_rows=html.MAX_ROWS,
        resamples=RESAMPLES,
        bootstrap_seed=SEED,
        confidence=CONFIDENCE,
        beyond=OBSERVATIONS_BEYOND,
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


def _skipped(results: Results) -> pd.DataFrame:
    """Reason, how many cells it kept from running, and their names."""
    skipped = results.cells[results.cells.status == "skipped"]
    rows: list[Mapping[str, str]] = []
    for (server, reason), cells in skipped.groupby(["server", "reason"], dropna=False):
        rows.append(
            {
                "reason": str(reason),
                "cells": str(len(cells)),
                "server": server,
                "names": "\n".join(cells["name"]),
            }
        )
    return pd.DataFrame(rows)
