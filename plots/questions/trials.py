"""How far the runs behind the answers can be trusted: their trials by status, and what warns of them."""

import pandas as pd

from plots.report import trust
from plots.results import Results
from plots.wording import counted, listed

_NAMED = 4  # runs that one warning names


def by_run(results: Results) -> pd.DataFrame:
    """A row for each run, the sum below."""
    rows = [_row(results, number) for number in range(len(results.stores))]
    table = pd.DataFrame(rows)
    total = table.drop(columns="run").sum()
    return pd.concat([table, pd.DataFrame([{"run": "all", **total}])], ignore_index=True)


def _row(results: Results, number: int) -> dict[str, object]:
    cells = results.cells[results.cells.store == number]
    trials = results.trials[results.trials.store == number]
    with_ok = set(trials.key[trials.status == "ok"])
    measured = set(trials.key[trials.status != "failed"])
    return {
        "run": results.servers[number],
        "cells measured": len(measured),
        "of them every trial tainted": len(measured - with_ok),
        "skipped": int((cells.status == "skipped").sum()),
        "trials ok": int((trials.status == "ok").sum()),
        "tainted": int((trials.status == "tainted").sum()),
        "failed": int((trials.status == "failed").sum()),
    }


def warnings(results: Results) -> list[str]:
    """What several runs say in the same words is said once."""
    said: dict[str, list[str]] = {}
    for number, server in enumerate(results.servers):
        for sentence in trust.of_store(results, number):
            said.setdefault(sentence, []).append(server)
    return [_prefix(servers, len(results.servers)) + text for text, servers in said.items()]


def _prefix(servers: list[str], runs: int) -> str:
    if len(servers) == runs:
        return ""
    if len(servers) > _NAMED:
        return f"{counted(len(servers), 'run')} of {runs}: "
    return f"{listed(servers)}: "
