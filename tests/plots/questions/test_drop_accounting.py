"""What counting drops costs, from cycles made by hand."""

from pathlib import Path

from question_rows import answered, around, cell, skipped
from store_writer import Cell

from plots.questions.drop_accounting import QUESTION


def accepted(way: str, cycles: float, producers: int = 1, spread: float = 0.01) -> Cell:
    values = around("event_amortised_cycles", cycles, spread, drop_fraction=0.0)
    return cell("ringbuf", values, {"accounting": way}, producers=producers, bytes=1 << 28)


def refused(way: str, cycles: float, producers: int = 1) -> Cell:
    rest = {"drop_fraction": 0.99, "event_amortised_cycles": 5.0}
    values = around("refused_cycles_p50", cycles, **rest)
    return cell("ringbuf", values, {"accounting": way}, producers=producers, bytes=4096)


def as_claimed() -> list[Cell]:
    """In band costs accepted records 20 cycles and 60 with two producers; the others next to nothing."""
    cells = [accepted("none", 50), accepted("in_band", 70)]
    cells += [accepted("producer", 50), accepted("shared", 50)]
    cells += [accepted("none", 200, 2), accepted("in_band", 260, 2)]
    cells += [refused("none", 30), refused("producer", 32), refused("shared", 48)]
    return cells


def test_in_band_costs_and_the_counters_do_not(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, as_claimed())
    assert found.decided and found.sentence.startswith(
        "Counting in band costs accepted records: 20 ["
    )
    assert "60 [" in found.sentence and "with 2 producers" in found.sentence
    assert "a counter for each producer is cheaper there with 1 producer" in found.sentence
    assert "one shared atomic is cheaper there" in found.sentence


def test_refused_reserves_are_told_apart(tmp_path: Path) -> None:
    found = answered(tmp_path, QUESTION, as_claimed())
    shared = [detail for detail in found.details if "one shared atomic adds 18 [" in detail]
    assert len(shared) == 1
    assert found.figure is not None
    # Of a full ring it is the refused reserve that counts, not the 5 cycles of an event.
    assert found.figure.table.record.tolist() == ["accepted"] * 4 + ["refused"] * 2


def test_a_refused_reserve_is_known_to_a_step_of_the_clock(tmp_path: Path) -> None:
    cells = [refused("none", 42), refused("shared", 42), *as_claimed()[:2]]
    found = answered(tmp_path, QUESTION, cells, provenance={"tsc_resolution_cycles": "21"})
    assert (
        "A refused reserve: counting in one shared atomic adds 0 [-21,\u00a021]" in found.details[0]
    )


def test_in_band_that_costs_nothing(tmp_path: Path) -> None:
    cells = [accepted("none", 50), accepted("in_band", 50), accepted("shared", 70)]
    found = answered(tmp_path, QUESTION, cells)
    assert found.decided and "costs accepted records nothing that matters" in found.sentence
    assert "one shared atomic is dearer there" in found.sentence


def test_ways_that_cannot_be_told_apart(tmp_path: Path) -> None:
    cells = [accepted("none", 50), accepted("in_band", 70), accepted("shared", 70)]
    assert "not told apart from it there" in answered(tmp_path, QUESTION, cells).sentence


def test_overlapping_intervals_tell_nothing(tmp_path: Path) -> None:
    cells = [accepted("none", 50, spread=0.4), accepted("in_band", 52, spread=0.4)]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "may be nothing and may be more" in found.sentence
    assert found.figure is not None


def test_two_repetitions_are_too_few(tmp_path: Path) -> None:
    cells = [accepted("none", 50), accepted("in_band", 70)]
    cells[1].trials = cells[1].trials[:2]
    found = answered(tmp_path, QUESTION, cells)
    assert not found.decided and "fewer than three" in found.sentence


def test_the_claim_is_about_accepted_records(tmp_path: Path) -> None:
    cells = [refused("none", 30), refused("in_band", 60)]
    found = answered(tmp_path / "a", QUESTION, cells)
    assert not found.decided and "no cell accepted its records" in found.sentence
    cells = [accepted("none", 30), skipped("ringbuf", "needs 8 CPUs", producers=8)]
    found = answered(tmp_path / "b", QUESTION, cells)
    assert not found.decided and "both with accounting and without" in found.sentence
    assert found.limits[0] == "1 cell of ringbuf not run: needs 8 CPUs."


def test_the_atomics_of_an_accepted_record(tmp_path: Path) -> None:
    cells = [accepted("none", 50), accepted("in_band", 70)]
    assert not any("atomic op" in d for d in answered(tmp_path / "a", QUESTION, cells).details)
    cells[0].atomics = {"xchg": 2, "cmpxchg": 1, "release_store": 3}
    cells[1].atomics = {"xchg": 3, "cmpxchg": 1, "release_store": 3}
    details = answered(tmp_path / "b", QUESTION, cells).details
    assert any("3 atomic operations without accounting, and 4 with" in d for d in details)


def test_disturbed_cells_are_marked(tmp_path: Path) -> None:
    cells = as_claimed()
    for trial in cells[1].trials:
        trial.status = "tainted"
    found = answered(tmp_path, QUESTION, cells)
    assert found.figure is not None and found.figure.table.taint.tolist().count("all tainted") == 1
