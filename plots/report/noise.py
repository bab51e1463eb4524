"""How the trials went: what became of them, and what disturbed them."""

import re
from collections.abc import Iterator

import pandas as pd

from plots.report import trust
from plots.results import Results
from plots.store import Store
from plots.stored_config import lag_limit_ns
from plots.wording import counted, digits, duration_ns, fraction, listed

# Several reasons stand in one text, each after the name of what it is about.
_NEXT_REASON = re.compile(r"; (?=[a-z ]+: )")
_NUMBER = re.compile(r"\d[\d.,]*(e[+-]?\d+)?")


_MEANINGS = {
    "ok": "",
    "tainted": ": balanced, but doubtful; drawn hollow",
    "failed": ": did not balance, crashed or hung; never drawn",
}


def told(store: Store, trials: pd.DataFrame) -> Iterator[str]:
    yield from _fates(trials)
    yield from _hiccups(store, trials)
    yield from _steal(trials)
    yield from _lag(trials, lag_limit_ns(store.provenance))
    changed = trials.frequency_change.dropna().abs()
    if (changed > 0).any():
        yield f"The CPU frequency changed by up to {fraction(float(changed.max()))} within a trial."


def _fates(trials: pd.DataFrame) -> Iterator[str]:
    counts = trials.status.value_counts()
    parts = [
        f"{counts[status]:,} {status} ({fraction(counts[status] / len(trials))}{meaning})"
        for status, meaning in _MEANINGS.items()
        if counts.get(status, 0)
    ]
    again = int((trials.attempt > 0).sum())
    tries = f"; {again:,} of them are further tries after a tainted one" if again else ""
    yield f"{counted(len(trials), 'trial')}: {listed(parts)}{tries}. All are in the store."
    fates = trials.groupby("key").status.agg(set)
    without = int(fates.map(lambda found: "ok" not in found and "tainted" in found).sum())
    if without:
        yield (
            f"Cells without a trial that is ok: {without:,} of {len(fates):,}. Their numbers come from"
            " tainted trials, and their markers are hollow."
        )


def _hiccups(store: Store, trials: pd.DataFrame) -> Iterator[str]:
    before = trust.number(store.provenance, "hiccups_per_s")
    if "hiccups_per_s" in store.provenance:
        chosen = store.provenance.get("chosen_duration_ms", "")
        times = store.provenance.get("chosen_repetitions", "")
        so = f", so cells that left it open got windows of {chosen} ms" if chosen else ""
        so += f" and {times} repetitions" if chosen and times else ""
        yield f"Before the first trial a CPU had {digits(before)} hiccups a second{so}."
    watched = trials[trials.hiccups.notna()]
    if watched.empty:
        yield "No trial was watched for hiccups."
        return
    with_some = watched[watched.hiccups > 0]
    if with_some.empty:
        yield f"None of {counted(len(watched), 'trial')} had a hiccup (a gap of more than 10 µs)."
        return
    longest = duration_ns(float(with_some.hiccup_us_max.max()) * 1e3)
    worst = float(watched.hiccup_share.max())
    cost = f"; at worst a thread lost {fraction(worst)} of a window to them" if worst > 0 else ""
    yield (
        f"{len(with_some):,} of {len(watched):,} trials had hiccups, gaps of more than 10 µs on a"
        f" thread's own clock that its work does not explain: {digits(float(watched.hiccups.sum()))}"
        f" in all, the longest {longest}{cost}."
    )


def _steal(trials: pd.DataFrame) -> Iterator[str]:
    stolen = trials.steal_ms.dropna()
    if (stolen > 0).any():
        yield (
            f"The hypervisor took the CPU in {int((stolen > 0).sum()):,} of {len(stolen):,} trials"
            f" ({digits(float(stolen.sum()))} ms in all)."
        )


def _lag(trials: pd.DataFrame, limit: float) -> Iterator[str]:
    lags = trials.lag_ns_p99.dropna()
    late = lags[lags > limit]
    if len(late):
        yield (
            f"{len(late):,} of {len(lags):,} paced trials did not hold their schedule: their p99 lag"
            f" is over {duration_ns(limit)}, at worst {duration_ns(float(late.max()))}."
        )
    elif len(lags):
        yield (
            f"All {len(lags):,} paced trials held their schedule: p99 lag of"
            f" {duration_ns(float(lags.max()))} at most."
        )


def reasons(results: Results) -> pd.DataFrame:
    """Why trials were not ok, numbers left out so that equal reasons count together.

    A trial counts with each of its reasons.
    """
    spoiled = results.trials[results.trials.status != "ok"]
    every = spoiled.reason.fillna("no reason stored").astype(str).map(_NEXT_REASON.split)
    single = spoiled.assign(text=every).explode("text")
    kinds = single.text.map(lambda text: _NUMBER.sub("…", text))
    rows = []
    for (status, kind, server), group in single.groupby(["status", kinds, "server"]):
        rows.append((status, kind, f"{len(group):,}", group.text.iloc[0], server, len(group)))
    found = pd.DataFrame(rows, columns=_REASON_COLUMNS)
    found = found.sort_values("count", ascending=False, kind="stable").drop(columns="count")
    return found if len(results.servers) > 1 else found.drop(columns="server")


_REASON_COLUMNS = ["status", "reason", "trials", "for example", "server", "count"]
