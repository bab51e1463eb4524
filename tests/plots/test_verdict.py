"""What is said of the layouts, from numbers for which the right answer is known."""

from pathlib import Path
from typing import Any

from store_writer import Cell, Trial, write_store

from plots.report.verdict import Comparison, compare
from plots.results import load
from plots.wording import NO_BREAK

PARAMETERS = {"producers": 2, "arrival": "saturate", "bytes": 4096}


def layout(transport: str, trials: list[Trial], **parameters: Any) -> Cell:
    wanted = {**PARAMETERS, **parameters}
    if transport == "null":
        del wanted["bytes"]
    return Cell(transport, trials, {}, wanted)


def times(*cycles: float, status: str = "ok", **metrics: float) -> list[Trial]:
    measured = {"reserve_cycles_p50": 0.0, "event_cycles_p50": 0.0, **metrics}
    return [
        Trial({**measured, "reserve_cycles_p50": c, "event_cycles_p50": 2 * c}, status=status)
        for c in cycles
    ]


def verdict(folder: Path, *cells: Cell, resolution: str = "1") -> Comparison:
    provenance = {"tsc_resolution_cycles": resolution}
    first = compare(load([write_store(folder, cells, provenance)]))[0].shown[0]
    return first


def said(comparison: Comparison) -> list[str]:
    return [sentence.replace(NO_BREAK, " ") for sentence in comparison.sentences]


def test_intervals_that_stand_apart_name_a_winner(tmp_path: Path) -> None:
    found = verdict(
        tmp_path, layout("ringbuf", times(40, 41, 42)), layout("perfbuf", times(10, 11, 12))
    )
    assert said(found)[0] == (
        "Cheapest reserve: perfbuf with 11 [10, 12] cycles; next is ringbuf with 41 [40, 42] cycles."
    )


def test_the_other_way_round(tmp_path: Path) -> None:
    found = verdict(
        tmp_path, layout("ringbuf", times(10, 11, 12)), layout("perfbuf", times(40, 41, 42))
    )
    assert said(found)[0].startswith("Cheapest reserve: ringbuf with 11 [10, 12] cycles; next")


def test_overlapping_intervals_decide_nothing(tmp_path: Path) -> None:
    found = verdict(
        tmp_path, layout("ringbuf", times(10, 20, 30)), layout("perfbuf", times(15, 25, 35))
    )
    assert said(found)[0] == (
        "Cheapest reserve: this run cannot tell, because the 95 % intervals of ringbuf with"
        " 20 [10, 30] cycles and perfbuf with 25 [15, 35] cycles overlap."
    )


def test_a_step_of_the_clock_decides_nothing(tmp_path: Path) -> None:
    cells = [layout("ringbuf", times(42, 42)), layout("perfbuf", times(21, 21))]
    assert said(verdict(tmp_path / "coarse", *cells, resolution="21"))[0] == (
        "Cheapest reserve: this run cannot tell, because perfbuf with 21 cycles and ringbuf with 42"
        " cycles lie within the TSC's resolution of 21 cycles."
    )
    fine = said(verdict(tmp_path / "fine", *cells, resolution="20"))[0]
    assert fine.startswith("Cheapest reserve: perfbuf with 21 cycles; next")


def test_amortised_cycles_are_preferred_where_there_are_any(tmp_path: Path) -> None:
    found = verdict(
        tmp_path,
        layout("null", times(1, 1, event_amortised_cycles=4)),
        layout("ringbuf", times(42, 42, event_amortised_cycles=20)),
        layout("perfbuf", times(42, 42, event_amortised_cycles=8)),
    )
    assert said(found)[1] == (
        "Cheapest event: perfbuf with 8 cycles; next is ringbuf with 20 cycles."
    )
    assert list(found.table["event ÷ null's"]) == ["–", "2", "5"]


def test_core_cycles_have_a_column_only_where_they_are_counted(tmp_path: Path) -> None:
    heading = "event amortised (core cycles)"
    counted = layout("perfbuf", times(42, 42, event_amortised_core_cycles=30))
    found = verdict(tmp_path / "a", layout("ringbuf", times(42, 42)), counted)
    assert found.table.set_index("layout")[heading].to_dict() == {"perfbuf": "30", "ringbuf": "–"}
    assert heading not in verdict(tmp_path / "b", layout("ringbuf", times(42, 42))).table


def test_one_repetition_decides_nothing(tmp_path: Path) -> None:
    found = verdict(tmp_path, layout("ringbuf", times(10)), layout("perfbuf", times(90)))
    assert said(found)[0] == (
        "Cheapest reserve: this run cannot tell, because one repetition gives no interval (ringbuf"
        " and perfbuf)."
    )


def test_what_was_not_measured_is_not_guessed(tmp_path: Path) -> None:
    found = verdict(tmp_path, layout("ringbuf", times(1, 2)), layout("perfbuf", times(8, 9)))
    assert said(found)[1:] == [
        "Fewest drops: this run cannot tell, because no trial measured it.",
        "Fewest records out of order: this run cannot tell, because no trial measured it.",
    ]


def test_layouts_without_a_drop_share_the_first_place(tmp_path: Path) -> None:
    found = verdict(
        tmp_path,
        layout("ringbuf", times(1, 2, drop_fraction=0.0)),
        layout("hybrid", times(1, 2, drop_fraction=0.0)),
        layout("perfbuf", times(1, 2, drop_fraction=0.25)),
    )
    assert (
        said(found)[1] == "Fewest drops: none with hybrid and ringbuf; next is perfbuf with 25 %."
    )


def test_a_winner_of_tainted_trials_is_doubtful(tmp_path: Path) -> None:
    found = verdict(
        tmp_path,
        layout("ringbuf", times(40, 41)),
        layout("perfbuf", times(10, 11, status="tainted")),
    )
    assert said(found)[0].endswith("Doubtful: every trial of perfbuf was tainted.")
    assert found.table.set_index("layout").repetitions["perfbuf"] == "2, all tainted"


def test_the_table_by_hand(tmp_path: Path) -> None:
    found = verdict(
        tmp_path,
        layout("perfbuf", times(10, 10, drop_fraction=0.5, footprint_bytes=8192)),
        layout("null", times(2, 2)),
    )
    table = found.table.set_index("layout")
    assert list(table.index) == ["null", "perfbuf"]
    row = {name: str(text).replace(NO_BREAK, " ") for name, text in table.loc["perfbuf"].items()}
    assert row["reserve p50 (TSC cycles)"] == "10"
    assert row["event p50 (TSC cycles)"] == "20"
    assert row["event ÷ null's"] == "5"
    assert row["dropped"] == "50 %"
    assert row["footprint"] == "8 KiB"
    assert row["reordered"] == "–"
    assert table.loc["null", "event ÷ null's"] == "–"


def test_only_equal_workloads_are_compared(tmp_path: Path) -> None:
    cells = [layout("perfbuf", times(1, 2), producers=n) for n in (1, 2)]
    cells += [layout("ringbuf", times(1, 2), producers=n) for n in (1, 2)]
    first, second = compare(load([write_store(tmp_path, cells)]))[0].shown
    assert [c.workload.replace(NO_BREAK, " ") for c in (first, second)] == [
        "producers 2",
        "producers 1",
    ]
    assert [len(c.rows) for c in (first, second)] == [2, 2]


def test_a_percentile_of_too_small_a_sample_is_not_printed(tmp_path: Path) -> None:
    def trials(observations: int) -> list[Trial]:
        return [
            Trial(
                {"reserve_cycles_p50": 1, "delivery_ns_p99": 700},
                histograms={"delivery_ns": [(700, 700, observations)]},
            )
        ] * 2

    found = verdict(tmp_path, layout("ringbuf", trials(499)), layout("perfbuf", trials(500)))
    shown = found.table.set_index("layout")["delivery p99"].to_dict()
    assert shown == {"ringbuf": "too few", "perfbuf": f"700{NO_BREAK}ns"}


def test_servers_are_not_mixed(tmp_path: Path) -> None:
    stores = [
        write_store(tmp_path / host, [layout("perfbuf", times(1, 2))], {"host": host})
        for host in ("a", "b")
    ]
    assert [[c.server for c in found.shown] for found in compare(load(stores))] == [
        ["a quick"],
        ["b quick"],
    ]


def test_a_long_table_opens_with_its_leaders(large: Path) -> None:
    first = compare(load([large]))[0].shown[0]
    assert len(first.rows) > 40
    assert 3 <= len(first.leaders) <= 1 + 3 * 3
    assert set(first.leaders.layout) <= set(first.table.layout)
    assert "null" in set(first.leaders.layout)
