"""Which stores belong to which question, and which directories hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plots.errors import InputError
from plots.questions import finished
from plots.questions.catalogue import OF_EVERYTHING
from plots.questions.question import Question
from plots.results import Results, joined
from plots.store import FILE_NAME, Store, open_store


def directories(given: Sequence[Path]) -> list[Path]:
    """Results directories: those given, and those that a given folder holds."""
    found: list[Path] = []
    for place in given:
        if not place.is_dir() or (place / FILE_NAME).is_file():
            found.append(place)
        else:
            found += sorted(path.parent for path in place.glob(f"*/{FILE_NAME}"))
    return found


@dataclass(frozen=True)
class Unusable:
    """A store that cannot be read, and why."""

    directory: str
    question: str  # the directory's name where the store does not tell
    host: str  # empty where the store does not tell
    why: str


def opened(given: Sequence[Path]) -> tuple[tuple[Store, ...], list[Unusable]]:
    """The stores that can be used, and the others."""
    stores: list[Store] = []
    unusable: list[Unusable] = []
    for place in directories(given):
        try:
            stores.append(open_store(place))
        except InputError as error:
            unusable.append(_unusable(place, finished.skipped(place) or str(error)))
    if not stores:
        raise InputError(_nothing(given, unusable))
    return tuple(stores), unusable


def _unusable(place: Path, why: str) -> Unusable:
    origin = finished.origin(place)
    return Unusable(place.name, origin.get("config_name", place.name), origin.get("host", ""), why)


def reason(unusable: Sequence[Unusable], question: Question, host: str, alone: bool) -> str:
    """Why a host has no run of a question. `alone`: what does not name its host is of this one."""
    for one in unusable:
        if one.question == question.name and (one.host == host or (alone and not one.host)):
            return one.why
    return "none of these results is of its config"


def _nothing(given: Sequence[Path], unusable: Sequence[Unusable]) -> str:
    if unusable:
        return " ".join(one.why for one in unusable)
    places = ", ".join(str(place) for place in given)
    return f"{places} holds no results: give the folder that `./run.sh questions` wrote."


def hosts(results: Results) -> list[str]:
    """In the order in which they were given."""
    return list(dict.fromkeys(host_of(store) for store in results.stores))


def host_of(store: Store) -> str:
    return store.provenance.get("host", "unknown")


def own(results: Results, question: Question, host: str) -> Results | None:
    """Only the question's own run on this host; all of the host's for the question that is asked of all.

    Of several runs of a config on a host the newest: cells of two days are no sweep.
    """
    newest: dict[str, Store] = {}
    mine = [store for store in results.stores if host_of(store) == host]
    for store in sorted(mine, key=lambda store: store.provenance.get("started", "")):
        newest[store.provenance.get("config_name", "")] = store
    if question.name == OF_EVERYTHING:
        return _part(results, tuple(newest.values()))
    return _part(results, (newest[question.name],)) if question.name in newest else None


def _part(results: Results, stores: tuple[Store, ...]) -> Results:
    """A part of a store (--where) stays a part."""
    selected = joined(stores)
    kept = set(results.cells.id)
    cells = selected.cells[selected.cells.id.isin(kept)]
    trials = selected.trials[selected.trials.cell_id.isin(kept)]
    return Results(stores, selected.servers, cells, trials, selected.parameters, selected.options)
