"""Cells divided into panels and lines, once it is settled which parameters divide them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plots.wording import ABSENT, NO_BREAK, setting


@dataclass(frozen=True)
class Line:
    label: str
    transport: str
    variant: int  # rank among the labels of its transport in this figure
    cells: pd.DataFrame


@dataclass(frozen=True)
class Panel:
    settings: Mapping[str, object]  # all that tells this panel from the others
    implied: tuple[str, ...]  # settings that its title need not name
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        return _title({n: v for n, v in self.settings.items() if n not in self.implied})

    @property
    def full_title(self) -> str:
        return _title(self.settings)

    def without_lines(self) -> "Panel":
        """For a figure whose marks are not lines: its legend names none."""
        return Panel(self.settings, self.implied, ())


def divide(
    cells: pd.DataFrame, facets: Sequence[str], keys: Sequence[str], least_telling: Sequence[str]
) -> tuple[Panel, ...]:
    """A panel for each combination of the facets, in it a line for each combination of the keys.

    `least_telling`: names that titles leave out, in this order, as long as they stay distinct.
    """
    ranks = _variant_ranks(cells, keys)
    rows = cells[list(keys)].astype(object).itertuples(index=False, name=None)
    labels = pd.Series([_label(keys, row) for row in rows], index=cells.index)
    found = combinations(cells, facets)
    all_settings = [
        {n: v for n, v in zip(facets, values) if v not in (None, ABSENT)} for values in found
    ]
    implied = _implied(all_settings, [name for name in least_telling if name in facets])
    return tuple(
        Panel(settings, implied, _lines(inside, labels, ranks))
        for settings, inside in zip(all_settings, deal(cells, facets, found))
    )


def _implied(
    all_settings: Sequence[Mapping[str, object]], candidates: Sequence[str]
) -> tuple[str, ...]:
    left_out: list[str] = []
    for name in candidates:
        without = {*left_out, name}
        titles = [_title({n: v for n, v in s.items() if n not in without}) for s in all_settings]
        if len(set(titles)) == len(titles) and all(titles):
            left_out.append(name)
    return tuple(left_out)


def _title(settings: Mapping[str, object]) -> str:
    # No-break spaces keep a name and its value on one line of a title.
    parts = [_facet_text(name, value).replace(" ", NO_BREAK) for name, value in settings.items()]
    return " · ".join(parts)


def _variant_ranks(cells: pd.DataFrame, keys: Sequence[str]) -> dict[str, int]:
    """Label of each line to its rank within its transport, numbers in their own order."""
    unique = cells[list(keys)].astype(object).drop_duplicates()
    rows = sorted(
        unique.itertuples(index=False, name=None), key=lambda row: [_order(value) for value in row]
    )
    ranks: dict[str, int] = {}
    seen: dict[str, int] = {}
    for row in rows:
        ranks[_label(keys, row)] = seen[row[0]] = seen.get(row[0], -1) + 1
    return ranks


def _lines(inside: pd.DataFrame, labels: pd.Series, ranks: Mapping[str, int]) -> tuple[Line, ...]:
    places: dict[str, list[int]] = {}
    for place, label in enumerate(labels[inside.index]):
        places.setdefault(label, []).append(place)
    transports = inside.transport.to_numpy()
    lines = [
        Line(label, str(transports[mine[0]]), ranks[label], inside.iloc[mine])
        for label, mine in places.items()
    ]
    return tuple(sorted(lines, key=lambda line: (line.transport, line.variant)))


def _label(keys: Sequence[str], values: Sequence[object]) -> str:
    """Transport first, then what tells its variants apart."""
    shown = [
        _facet_text(name, value)
        for name, value in zip(keys, values)
        if not pd.isna(value) and value != ABSENT
    ]
    return ", ".join(shown)


def _facet_text(name: str, value: object) -> str:
    return str(value) if name in ("transport", "server") else setting(name, value)


def distinct(values: pd.Series) -> list[object]:
    """The values that are there, numbers by size, then words by alphabet, then ABSENT."""
    return sorted(values.dropna().unique().tolist(), key=_order)


def _order(value: object) -> tuple[int, float, str]:
    text = str(value)
    if isinstance(value, (int, float)) or text.isdigit():
        return 0, float(text), ""
    return (2 if text == ABSENT else 1), 0.0, text


Combination = tuple[object, ...]  # a value for each facet; None: does not apply
Places = tuple[int, ...]  # in a combination


def combinations(cells: pd.DataFrame, facets: Sequence[str]) -> list[Combination]:
    """The panels: distinct values of the facets, where those that do not contradict are one panel.

    Transports differ in what applies to them: (4 CPUs per ring, no lock) and (no sharing, ticket
    lock) share the panel (4, ticket). After that no cell can meet a variant of itself in a panel.
    """
    if not facets:
        return [()]
    unique = cells[list(facets)].drop_duplicates().astype(object)
    found = {
        tuple(None if pd.isna(value) else value for value in row)
        for row in unique.itertuples(index=False)
    }
    fresh = {row for row in found if None in row}
    while fresh:
        merged = _merged(fresh, found)
        fresh = {row for row in merged - found if None in row}
        found |= merged
    return sorted(found - _covered(found), key=lambda row: [(v is None, _order(v)) for v in row])


def _merged(rows: set[Combination], others: set[Combination]) -> set[Combination]:
    """Of every two that do not contradict, what they say together."""
    merged = set()
    for said, left in _by_what_they_say(rows).items():
        for also_said, right in _by_what_they_say(others).items():
            both = [place for place in said if place in also_said]
            alike = _by_values(right, both)
            for row in left:
                for other in alike.get(_values(row, both), ()):
                    merged.add(tuple(b if a is None else a for a, b in zip(row, other)))
    return merged


def _covered(found: set[Combination]) -> set[Combination]:
    """Those that are shown in the panel of another one anyway, and say less than it."""
    covered = set()
    for said, rows in _by_what_they_say(found).items():
        alike = _by_values(found, said) if None in next(iter(rows)) else {}
        covered |= {row for row in rows if len(alike.get(_values(row, said), ())) > 1}
    return covered


def _by_what_they_say(rows: Iterable[Combination]) -> dict[Places, list[Combination]]:
    found: dict[Places, list[Combination]] = {}
    for row in rows:
        said = tuple(place for place, value in enumerate(row) if value is not None)
        found.setdefault(said, []).append(row)
    return found


def _by_values(
    rows: Iterable[Combination], places: Sequence[int]
) -> dict[Combination, list[Combination]]:
    found: dict[Combination, list[Combination]] = {}
    for row in rows:
        found.setdefault(_values(row, places), []).append(row)
    return found


def _values(row: Combination, places: Sequence[int]) -> Combination:
    return tuple(row[place] for place in places)


def deal(
    cells: pd.DataFrame, facets: Sequence[str], found: Sequence[Combination]
) -> Iterator[pd.DataFrame]:
    """The cells of each combination: those that have its values, or to which they do not apply."""
    if not facets:
        yield cells
        return
    numbered = [pd.factorize(cells[name].to_numpy()) for name in facets]
    rows, row_of_cell = np.unique(
        np.array([numbers for numbers, _ in numbered]).T, axis=0, return_inverse=True
    )
    number_of = [{value: n for n, value in enumerate(values)} for _, values in numbered]
    for combination in found:
        inside = np.ones(len(rows), dtype=bool)
        for place, value in enumerate(combination):
            if value is not None:
                numbers = rows[:, place]
                inside &= (numbers == number_of[place][value]) | (numbers < 0)
        yield cells[inside[row_of_cell]]
