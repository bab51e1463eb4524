"""Which stores belong to which question, and which directories hold them."""

from collections.abc import Sequence
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


def opened(given: Sequence[Path]) -> tuple[tuple[Store, ...], dict[str, str]]:
    """The stores that can be used; of the others the name of the directory and the reason."""
    stores: list[Store] = []
    unusable: dict[str, str] = {}
    for place in directories(given):
        try:
            stores.append(open_store(place))
        except InputError as error:
            unusable[place.name] = finished.skipped(place) or str(error)
    if not stores:
        raise InputError(_nothing(given, unusable))
    return tuple(stores), unusable


def _nothing(given: Sequence[Path], unusable: dict[str, str]) -> str:
    if unusable:
        return " ".join(unusable.values())
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
