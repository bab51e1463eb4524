"""What the instrument says of itself: its clock, and how much of the time it was measuring."""

from collections.abc import Iterator

import pandas as pd

from plots.report import trust
from plots.store import Store
from plots.wording import digits, duration_ns, fraction


def told(store: Store, trials: pd.DataFrame) -> Iterator[str]:
    yield from _clock(store, trials)
    yield from _wall(trials)


def _clock(store: Store, trials: pd.DataFrame) -> Iterator[str]:
    bound = trust.number(store.provenance, "tsc_offset_bound_cycles")
    windows = trials.tie_window_cycles.dropna()
    if "tsc_offset_bound_cycles" not in store.provenance:
        yield "The offset between the CPUs' clocks is unknown, so no order across CPUs can be trusted."
    else:
        cycles = f"{digits(bound)} cycles{_time(store, bound)}"
        yield f"The clocks of the CPUs agree to {cycles} at least{_worst_pair(store)}."
    if len(windows):
        least, most = float(windows.min()), float(windows.max())
        span = digits(least) if least == most else f"{digits(least)} to {digits(most)}"
        yield f"Two stamps no more than {span} cycles apart are a tie, not a reordering."
    pairs = store.clock.timer_pair_cycles.dropna()
    if len(pairs):
        fast, slow = digits(float(pairs.min())), digits(float(pairs.max()))
        span = f"{fast} cycles" if fast == slow else f"{fast} to {slow} cycles, by CPU"
        yield f"An empty timer pair costs {span}; it is subtracted from every timed call."


def _time(store: Store, cycles: float) -> str:
    hz = trust.number(store.provenance, "tsc_hz")
    return f" ({duration_ns(cycles / hz * 1e9)})" if hz > 0 else ""


def _worst_pair(store: Store) -> str:
    bounds = store.clock[store.clock.offset_bound_cycles.notna()]
    if len(bounds) < 2:
        return ""
    worst = bounds.loc[bounds.offset_bound_cycles.astype(float).idxmax()]
    return (
        f" (ping-pong against the first CPU; CPU {int(worst.cpu)} is worst, with"
        f" {digits(float(worst.offset_bound_cycles))} cycles)"
    )


def _wall(trials: pd.DataFrame) -> Iterator[str]:
    """Between the first start and the last; the last trial's own window lies after that."""
    started = pd.to_datetime(trials.started, errors="coerce", utc=True)
    kept = trials[started.notna()].assign(at=started).sort_values(["at", "id"], kind="stable")
    if len(kept) < 2:
        return
    wall = (kept["at"].iloc[-1] - kept["at"].iloc[0]).total_seconds()
    inside = float(kept.window_s.iloc[:-1].fillna(0).sum())
    if wall > 0:
        # Starts are stored in whole seconds, so a short run can seem to exceed its wall time.
        share = min(1.0, inside / wall)
        yield (
            f"{fraction(share)} of the {duration_ns(wall * 1e9)} between the first trial's start and the"
            " last's lies inside measured windows; the rest is setting up, warming up, draining,"
            " checking and pauses."
        )
