"""What every page of results says beneath its answers: whether to trust them, the machine, the limits."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from plots import html
from plots.bootstrap import CONFIDENCE, RESAMPLES, SEED
from plots.distribution import OBSERVATIONS_BEYOND
from plots.report import conservation, noise
from plots.results import Results

MACHINE = (
    "cpu_model cpus_allowed numa_nodes smt turbo governor isolated_cpus hypervisor huge_pages"
    " mitigations kernel clocksource tsc_invariant tsc_hz tsc_hz_relative_error"
    " tsc_resolution_cycles timer_pair_cycles tsc_offset_bound_cycles core_cycles"
).split()


def context(results: Results) -> dict[str, Any]:
    """What the templates that pages share need."""
    return {
        "results": results,
        "balance": conservation.check(results),
        "skipped": _skipped(results),
        "spoiled": noise.reasons(results),
        "configs": [store.provenance.get("config_text", "") for store in results.stores],
        "long_table": html.LONG_TABLE,
        "max_rows": html.MAX_ROWS,
        "resamples": RESAMPLES,
        "bootstrap_seed": SEED,
        "confidence": CONFIDENCE,
        "beyond": OBSERVATIONS_BEYOND,
    }


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
