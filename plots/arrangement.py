"""Which cell becomes which point: panels, lines and what is held fixed.

A figure must never average over different parameters in silence. Every parameter that varies in the
data therefore ends in exactly one place: on the x axis, in a line's label, in a panel's title, or in
the list of what was held fixed, which the caption states.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from plots.panels import Panel, combinations, deal, distinct, divide
from plots.results import OPTION, Results
from plots.wording import ABSENT, counted, listed, setting, value_text, word

MAX_LINES = 6
MAX_PANELS = 12

# Where there are too many panels, the parameter that says least about the question is fixed first.
FIX_FIRST = (
    "warmup_ms duration_ms sample_every stamps oversubscribe cpus size_list size_sigma"
    " record_size_max stall_every_ms skew_exponent hot_every_ms hot_share hold_every_ms chain_gap_us"
    " race_every_ns merge_by merge_wait_us counter fill abandon_every poll budget downstream_ns"
    " service_ns ring_memory consumer consumers bytes_are placement burst_on_us burst_every_us trace"
    " sizes stall_ms hold_us interrupt_every_us merge chain_length race_window_ns probe skew arrival"
    " rate record_size bytes burst_width producers"
).split()

# What a title names even where another setting would give it away.
_ALWAYS_NAMED = ("arrival", "rate", "burst_width", "producers", "record_size", "bytes")
_MAY_BE_IMPLIED = [name for name in FIX_FIRST if name not in _ALWAYS_NAMED]


@dataclass(frozen=True)
class Arrangement:
    panels: tuple[Panel, ...]
    constant: Mapping[str, object]  # the same in every cell shown
    fixed: Mapping[str, tuple[object, tuple[object, ...]]]  # chosen value, and those left out
    partly: Mapping[str, object]  # the same in every cell that sets it
    each: Mapping[str, Mapping[str, object]]  # an option's one value in each transport
    along: tuple[str, ...] = ()  # vary together with the x axis
    sweep: tuple[str, ...] = ()
    left_out: int = 0  # cells at a lone value of `sweep`, beside others that sweep it

    def caption(self) -> str:
        """Sentences that say what was held fixed, what was left out, and what moves with x."""
        return " ".join(part for part in (self.held(), *self._exceptions()) if part)

    def held(self) -> str:
        parts = [setting(name, value) for name, value in self.constant.items()]
        parts += [f"{setting(name, value)} where set" for name, value in self.partly.items()]
        for name, by_transport in self.each.items():
            values = [f"{value_text(name, v)} for {t}" for t, v in by_transport.items()]
            parts.append(f"{word(name)} {listed(values)}")
        return f"Held fixed: {', '.join(parts)}." if parts else ""

    def _exceptions(self) -> list[str]:
        sentences = []
        for name, (value, others) in self.fixed.items():
            left_out = listed(value_text(name, other) for other in others)
            shown = f"without {word(name)}" if value == ABSENT else f"with {setting(name, value)}"
            key = name.removeprefix(OPTION)
            sentences.append(
                f"Only cells {shown}; the store also has {left_out} (--where {key}=...)."
            )
        implied = [name for panel in self.panels for name in panel.implied]
        if implied:
            names = listed(word(name) for name in dict.fromkeys(implied))
            sentences.append(f"Differs between panels too (see the table): {names}.")
        if self.along:
            names = listed(word(name) for name in self.along)
            sentences.append(f"Changes together with the x axis: {names}.")
        if self.left_out:
            names = listed(word(name) for name in self.sweep)
            sentences.append(
                f"Left out: {counted(self.left_out, 'cell')} that belong to no sweep over {names}."
            )
        return sentences


@dataclass
class _Roles:
    lines: list[str] = field(default_factory=list)
    facets: list[str] = field(default_factory=list)
    along: list[str] = field(default_factory=list)
    constant: dict[str, object] = field(default_factory=dict)
    partly: dict[str, object] = field(default_factory=dict)
    each: dict[str, dict[str, object]] = field(default_factory=dict)


def arrange(
    results: Results,
    cells: pd.DataFrame,
    axes: Sequence[str] = (),
    *,
    keep: Sequence[str] = (),
    in_line: Sequence[str] = (),
    sweep: Sequence[str] = (),
    alike: bool = False,
    max_panels: int = MAX_PANELS,
    max_lines: float = MAX_LINES,
) -> Arrangement:
    """Lays the cells out. `axes`: parameters that the axes show; `keep`: parameters fixed only
    as a last resort; `in_line`: ones that are part of what is compared, so that they label lines;
    `sweep`: parameters whose change is the question: cells without such a change make way;
    `alike`: a panel holds one workload of one server, so that its lines can be ranked."""
    names = [*results.options, *results.parameters]
    everything = _with_absent_values(cells, names)
    cells = everything
    for name in sweep:
        cells = _sweeping(cells, names, name)
    # Cells of a sweep differ in nothing else, so nothing can be excused as moving with it.
    strict = alike or any(_is_swept(cells, names, name) for name in sweep)
    left_out = len(everything) - len(cells)
    fixed: dict[str, tuple[object, tuple[object, ...]]] = {}
    while True:
        roles = _roles(cells, names, axes, in_line, alike, strict)
        if len(combinations(cells, roles.facets)) > max_panels:
            name = _least_telling(cells, roles.facets, keep)
        else:
            crowded = _spread_lines(cells, roles, max_panels, max_lines)
            if crowded is None:
                break
            name = crowded
        cells, fixed[name] = _fix(cells, name)
    constant = {n: v for n, v in roles.constant.items() if n not in fixed and v != ABSENT}
    if len(results.servers) == 1:
        constant.pop("server", None)
    panels = divide(cells, roles.facets, roles.lines, _MAY_BE_IMPLIED)
    return Arrangement(
        panels,
        constant,
        fixed,
        roles.partly,
        roles.each,
        tuple(roles.along),
        tuple(sweep),
        left_out,
    )


def _with_absent_values(cells: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Where only some cells of a transport set a parameter, leaving it out is a value of its own.

    A parameter that no cell of a transport sets stays NULL: it does not apply, so such a cell (the
    `null` row and its ring bytes, say) belongs into the panel of every value.
    """
    filled = cells.copy()
    for name in names:
        if cells[name].isna().any():
            has_value = cells[name].notna().groupby(cells.transport).transform("any")
            if (has_value & cells[name].isna()).any():
                filled[name] = (
                    cells[name].astype(object).mask(has_value & cells[name].isna(), ABSENT)
                )
    return filled


def _sweeping(cells: pd.DataFrame, names: Sequence[str], sweep: str) -> pd.DataFrame:
    """Cells that differ from another one in `sweep` alone; all of them if there is no such pair."""
    kept = cells[_values_beside(cells, names, sweep) > 1]
    return cells if kept.empty else kept


def _is_swept(cells: pd.DataFrame, names: Sequence[str], sweep: str) -> bool:
    return bool((_values_beside(cells, names, sweep) > 1).any())


def _values_beside(cells: pd.DataFrame, names: Sequence[str], sweep: str) -> pd.Series:
    """How many values of `sweep` there are among the cells that equal this one in all else."""
    others = ["transport", "server", *(name for name in names if name != sweep)]
    alike = cells[others].astype(str).agg("\n".join, axis=1)
    return cells[sweep].groupby(alike).transform("nunique")


def _roles(
    cells: pd.DataFrame,
    names: Sequence[str],
    axes: Sequence[str],
    in_line: Sequence[str],
    alike: bool,
    strict: bool,
) -> _Roles:
    roles = _Roles(lines=["transport"])
    undecided = []
    for name in ["server", *names]:
        values = distinct(cells[name])
        if name in axes or not values:
            continue
        if len(values) == 1:
            roles.constant[name] = values[0]
        elif name.startswith(OPTION) and _is_each_transports_own(cells, name):
            own = cells[cells[name].notna()].drop_duplicates("transport").sort_values("transport")
            roles.each[name] = dict(zip(own.transport, own[name]))
        elif name.startswith(OPTION) or name in in_line or (name == "server" and not alike):
            roles.lines.append(name)
        else:
            undecided.append(name)
    by_line = cells.groupby(roles.lines, dropna=False, sort=False)
    # All decided against the same lines: a label must not depend on the order of the parameters.
    follows = [n for n in undecided if not alike and (by_line[n].nunique() <= 1).all()]
    for name in undecided:
        if name in follows:
            roles.lines.append(name)
        elif axes and not strict and (cells.groupby(list(axes))[name].nunique() <= 1).all():
            roles.along.append(name)
        else:
            roles.facets.append(name)
    _shorten_panel_titles(cells, roles)
    return roles


def _is_each_transports_own(cells: pd.DataFrame, name: str) -> bool:
    """An option that no transport varies says nothing more than the transport's name."""
    return bool((cells.groupby("transport")[name].nunique() <= 1).all())


def _shorten_panel_titles(cells: pd.DataFrame, roles: _Roles) -> None:
    """A parameter that is set to one value wherever another one asks for it divides no panel."""
    for name in list(roles.facets):
        values = [value for value in distinct(cells[name]) if value != ABSENT]
        fewer = [other for other in roles.facets if other != name]
        if len(values) == 1 and len(combinations(cells, fewer)) == len(
            combinations(cells, roles.facets)
        ):
            roles.facets = fewer
            roles.partly[name] = values[0]


def _least_telling(cells: pd.DataFrame, facets: Sequence[str], keep: Sequence[str]) -> str:
    def rank(name: str) -> tuple[bool, int, int]:
        known = FIX_FIRST.index(name) if name in FIX_FIRST else -1
        return name in keep, known, -len(distinct(cells[name]))

    return min(facets, key=rank)


def _spread_lines(
    cells: pd.DataFrame, roles: _Roles, max_panels: int, max_lines: float
) -> str | None:
    """Moves line keys to panels until no panel has too many lines; names one to fix if that fails."""

    def order(name: str) -> tuple[bool, bool, int]:
        return name == "transport", name != "server", -_spread(cells, name)

    if max_lines == math.inf:
        return None
    movable = sorted(roles.lines, key=order)
    for name in movable:
        if _most_lines(cells, roles) <= max_lines:
            return None
        if _spread(cells, name) > 1:
            if len(combinations(cells, [*roles.facets, name])) <= max_panels:
                roles.facets.append(name)
                # A line keeps its transport in its label, whatever its panel says.
                if name != "transport":
                    roles.lines.remove(name)
    if _most_lines(cells, roles) <= max_lines:
        return None
    fixable = [name for name in roles.lines if _spread(cells, name) > 1]
    return min(fixable, key=lambda name: (name in ("transport", "server"), -_spread(cells, name)))


def _spread(cells: pd.DataFrame, name: str) -> int:
    return len(distinct(cells[name]))


def _most_lines(cells: pd.DataFrame, roles: _Roles) -> int:
    panels = deal(cells, roles.facets, combinations(cells, roles.facets))
    return max(len(inside[roles.lines].drop_duplicates()) for inside in panels)


def _fix(cells: pd.DataFrame, name: str) -> tuple[pd.DataFrame, tuple[object, tuple[object, ...]]]:
    """Keeps the value that most cells have; of equals the largest number or the first word."""
    values = distinct(cells[name])
    counts = cells[name].value_counts()

    def rank(value: object) -> tuple[int, bool, int]:
        place = values.index(value)
        return counts[value], value != ABSENT, place if isinstance(value, (int, float)) else -place

    chosen = max(values, key=rank)
    others = tuple(value for value in values if value != chosen)
    return cells[(cells[name] == chosen) | cells[name].isna()], (chosen, others)
