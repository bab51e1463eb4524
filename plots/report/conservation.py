"""Whether every event is accounted for, recomputed from the counts in the store."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from plots.results import Results

_DROPS = ("drop_no_space", "drop_lock_busy", "drop_too_big", "drop_recursion")
_AFTER_COMMIT = ("consumed", "overwritten", "left_in_buffer")
_COUNTS = ("attempted", "committed", "discarded", *_DROPS, *_AFTER_COMMIT)


@dataclass(frozen=True)
class Balance:
    trials: int  # not failed
    balanced: int
    unchecked: int  # without the counts that the sums need
    failed: int
    offered_sum: str  # attempted = committed + discarded + drops, as numbers
    delivered_sum: str  # committed = consumed + overwritten + left in the buffer
    violations: tuple[str, ...]


def check(results: Results) -> Balance:
    trials = results.drawable
    countable = trials[trials.attempted.notna() & trials.committed.notna()]
    # (store, trial) to what is wrong with it; a trial is wrong once, however many sums disagree.
    wrong: dict[tuple[int, int], list[str]] = {}
    for row in _unbalanced(countable).to_dict("records"):
        where = f"trial {row['id']} of {row['server']}"
        wrong.setdefault((row["store"], row["id"]), []).append(_sentence(where, row))
    for number, store in enumerate(results.stores):
        kept = countable[countable.store == number]
        for trial, sentence in _producer_violations(store.all_rows("producer"), kept):
            wrong.setdefault((number, trial), []).append(sentence)
    return Balance(
        trials=len(trials),
        balanced=len(countable) - len(wrong),
        unchecked=len(trials) - len(countable),
        failed=int((results.trials.status == "failed").sum()),
        offered_sum=_offered(_sums(countable)),
        delivered_sum=_delivered(_sums(countable)),
        violations=tuple(sentence for found in wrong.values() for sentence in found),
    )


def _producer_violations(producers: pd.DataFrame, trials: pd.DataFrame) -> list[tuple[int, str]]:
    """Producers that do not balance, and trials whose producers do not add up to them."""
    servers = dict(zip(trials.id, trials.server))
    mine = producers[producers.trial_id.isin(servers)]
    found = []
    for row in _unbalanced(mine).to_dict("records"):
        where = (
            f"producer {row['producer']} of trial {row['trial_id']} of {servers[row['trial_id']]}"
        )
        found.append((int(row["trial_id"]), _sentence(where, row)))
    counts = mine[["attempted", "committed", "consumed"]].astype(float)
    sums = counts.groupby(mine.trial_id).sum(min_count=1)
    joined = trials.set_index("id").join(sums, rsuffix="_of_producers", how="inner")
    for name in sums:
        total, parts = joined[name], joined[f"{name}_of_producers"]
        for trial in joined.index[total.notna() & parts.notna() & (total != parts)]:
            found.append(
                (
                    int(trial),
                    f"trial {trial} of {servers[trial]}: {name} is {total[trial]:,.0f}, and its"
                    f" producers add up to {parts[trial]:,.0f}.",
                )
            )
    return found


def _unbalanced(rows: pd.DataFrame) -> pd.DataFrame:
    counts = rows.reindex(columns=list(_COUNTS)).apply(pd.to_numeric)
    filled = counts.fillna(0)
    accounted = filled.committed + filled.discarded + filled[list(_DROPS)].sum(axis=1)
    # A transport that delivers nothing (`null`) has no second sum.
    delivers = counts[list(_AFTER_COMMIT)].notna().any(axis=1)
    arrived = filled[list(_AFTER_COMMIT)].sum(axis=1)
    offered_wrong = counts.attempted.notna() & (filled.attempted != accounted)
    delivered_wrong = delivers & counts.committed.notna() & (filled.committed != arrived)
    return rows[offered_wrong | delivered_wrong]


def _sentence(where: str, row: Mapping[str, object]) -> str:
    counts = {name: _number(row.get(name)) for name in _COUNTS}
    return f"{where}: {_offered(counts)}; {_delivered(counts)}."


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and not pd.isna(value) else 0.0


def _sums(trials: pd.DataFrame) -> dict[str, float]:
    return {
        name: float(trials[name].fillna(0).sum()) if name in trials else 0.0 for name in _COUNTS
    }


def _offered(counts: Mapping[str, float]) -> str:
    dropped = sum(counts[name] for name in _DROPS)
    accounted = counts["committed"] + counts["discarded"] + dropped
    causes = ", ".join(f"{name.removeprefix('drop_')} {counts[name]:,.0f}" for name in _DROPS)
    return (
        f"attempted {counts['attempted']:,.0f} {_equals(counts['attempted'], accounted)}"
        f" committed {counts['committed']:,.0f} + discarded {counts['discarded']:,.0f}"
        f" + dropped {dropped:,.0f} ({causes})"
    )


def _delivered(counts: Mapping[str, float]) -> str:
    arrived = sum(counts[name] for name in _AFTER_COMMIT)
    return (
        f"committed {counts['committed']:,.0f} {_equals(counts['committed'], arrived)}"
        f" consumed {counts['consumed']:,.0f} + overwritten {counts['overwritten']:,.0f}"
        f" + left in the buffer {counts['left_in_buffer']:,.0f}"
    )


def _equals(left: float, right: float) -> str:
    return "=" if left == right else "≠"
