"""What the config of a run says, as its store has it."""

import tomllib
from collections.abc import Mapping


def number(provenance: Mapping[str, str], section: str, key: str, default: float) -> float:
    """The value, or the default of docs/config.md where the config leaves it out."""
    try:
        settings = tomllib.loads(provenance.get("config_text", "")).get(section, {})
    except (tomllib.TOMLDecodeError, RecursionError):
        settings = {}
    found = settings.get(key, default) if isinstance(settings, dict) else default
    return float(found) if isinstance(found, (int, float)) else default


def lag_limit_ns(provenance: Mapping[str, str]) -> float:
    """Above this 99th percentile of the lag a trial is tainted."""
    return 1e3 * number(provenance, "noise", "lag_p99_us", 2.0)
