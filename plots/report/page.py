"""report.html: one file that needs no network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import rc_context

from plots import catalogue, figure, html, style
from plots.bootstrap import CONFIDENCE, RESAMPLES, SEED
from plots.distribution import OBSERVATIONS_BEYOND
from plots.errors import NoData
from plots.report import conservation, trust, verdict
from plots.results import Results

_MACHINE = (
    "cpu_model cpus_allowed numa_nodes smt turbo governor isolated_cpus hypervisor huge_pages"
    " mitigations kernel clocksource tsc_invariant tsc_hz tsc_hz_relative_error"
    " tsc_resolution_cycles timer_pair_cycles tsc_offset_bound_cycles"
).split()
_REPEAT = (
    "command seed config_name ringbench_version git_revision compiler compile_flags started finished"
).split()


@dataclass(frozen=True)
class Shown:
    """A figure as the template takes it."""

    name: str
    title: str
    caption: str
    alt: str
    uri: str
    min_width: int  # pixels below which its text could not be read
    table: pd.DataFrame


def render(results: Results) -> str:
    figures, absent = _figures(results)
    environment = html.environment(Path(__file__).parent)
    return environment.get_template("report.html.j2").render(
        title=_title(results),
        questions=sorted({s.provenance.get("config_question", "") for s in results.stores}),
        results=results,
        comparisons=verdict.compare(results),
        max_comparisons=verdict.MAX_COMPARISONS,
        balance=conservation.check(results),
        warnings=trust.warnings(results),
        machine=_provenance(results, _MACHINE),
        figures=figures,
        absent=absent,
        skipped=_skipped(results),
        spoiled=_spoiled(results),
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


def _figures(results: Results) -> tuple[list[Shown], list[tuple[str, str]]]:
    shown, absent = [], []
    for entry in catalogue.FIGURES:
        try:
            with rc_context(style.RC):
                drawn = entry.draw(results, figure.Request())
        except NoData as reason:
            absent.append((entry.question, str(reason)))
            continue
        shown.append(
            Shown(
                drawn.name,
                drawn.title,
                drawn.caption,
                drawn.alt,
                html.data_uri(drawn),
                html.min_width(drawn),
                drawn.table,
            )
        )
    return shown, absent


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


def _spoiled(results: Results) -> pd.DataFrame:
    """Status and reason of trials that were not ok, and how many there were of each."""
    spoiled = results.trials[results.trials.status != "ok"]
    counts = spoiled.groupby(["status", "reason", "server"], dropna=False).size()
    rows = [
        {"status": status, "reason": str(reason), "trials": str(count), "server": server}
        for (status, reason, server), count in counts.items()
    ]
    return pd.DataFrame(rows)
