"""A comparison as JSON: every number of it, for programs."""

import json
import math
from typing import Any

from plots.compare.comparison import Change
from plots.compare.outcome import Outcome, verdict
from plots.compare.pairing import SIDES, Alone
from plots.compare.provenance import Difference

VERSION = 1


def render(found: Outcome) -> str:
    rules = found.rules
    document = {
        "version": VERSION,
        "status": found.status,
        "verdict": verdict(found),
        "level": rules.level,
        "tolerance": rules.tolerance,
        "effect": found.effect,
        "runs": {
            side: {"path": str(store.path)}
            | {
                k: v
                for k, v in store.provenance.items()
                if k not in ("topology_xml", "config_text")
            }
            for side, store in zip(SIDES, found.results.stores)
        },
        "warnings": [_difference(difference) for difference in found.warnings],
        "differences": [_difference(difference) for difference in found.facts],
        "changes": [_change(change) for change in found.every()],
        "repetitions_needed": [
            {
                "cell": sight.change.cell,
                "metric": sight.change.metric.name,
                "spread": sight.spread,
                "visible": sight.visible,
                "needed": sight.needed,
            }
            for sight in found.sights
        ],
        "not_compared": [_alone(one) for one in found.pairing.alone],
        "failed_only_in_b": [_alone(one) for one in found.broken],
    }
    # NaN is not JSON (RFC 8259, section 6).
    return json.dumps(_finite(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _change(change: Change) -> dict[str, Any]:
    return {
        "cell": change.cell,
        "name": change.name,
        "metric": change.metric.name,
        "unit": change.metric.unit,
        "better": {1: "more", -1: "less", 0: None}[change.metric.better],
        "family": change.family,
        "verdict": change.verdict,
        "why": change.why or None,
        "tainted": change.tainted or None,
        "repetitions": change.n,
        "median": change.medians,
        "ratio": change.ratio.median,
        "ratio_low": change.ratio.low,
        "ratio_high": change.ratio.high,
        "p": change.p,
        "q": change.q,
    }


def _difference(difference: Difference) -> dict[str, str]:
    return {"key": difference.key, "a": difference.a, "b": difference.b}


def _alone(one: Alone) -> dict[str, str]:
    return {"cell": one.cell, "name": one.name, "what": one.what}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
