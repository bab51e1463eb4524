"""Which stores belong to which question, and which directories hold them."""

from collections.abc import Sequence
from pathlib import Path

from plots.errors import InputError
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
            unusable[place.name] = str(error)
    if not stores:
        raise InputError(_nothing(given, unusable))
    return tuple(stores), unusable


def _nothing(given: Sequence[Path], unusable: dict[str, str]) -> str:
    if unusable:
        return " ".join(unusable.values())
    places = ", ".join(str(place) for place in given)
    return f"{places} holds no results: give the folder that `./run.sh questions` wrote."


def own(results: Results, question: Question) -> Results | None:
    """Only the question's own stores and cells; everything for the question that is asked of all."""
    if question.name == OF_EVERYTHING:
        return results
    stores = tuple(s for s in results.stores if s.provenance.get("config_name") == question.name)
    if not stores:
        return None
    selected = joined(stores)
    # A part of a store (--where) stays a part.
    kept = set(results.cells.id)
    cells = selected.cells[selected.cells.id.isin(kept)]
    trials = selected.trials[selected.trials.cell_id.isin(kept)]
    return Results(stores, selected.servers, cells, trials, selected.parameters, selected.options)
