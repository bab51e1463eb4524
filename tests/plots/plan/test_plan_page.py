"""plan.html: what it says of a plan, and that it is one well-formed file without network access."""

import base64
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import plots
from plan_files import (
    HOSTILE,
    Document,
    hostile,
    huge,
    no_drops,
    no_targets,
    nothing_meets,
    nothing_to_change,
    one_layout,
    write,
)
from test_report import Page

SHAPES = (nothing_meets, no_targets, one_layout, nothing_to_change, no_drops, huge, hostile)
Change = Callable[[Document], None]


def made(folder: Path, *changes: Change) -> str:
    run = plots("plan", write(folder, *changes))
    assert run.status == 0, run.err
    assert run.paths == [folder / name for name in PRODUCTS]
    return run.paths[0].read_text(encoding="utf-8")


PRODUCTS = ("plan.html", "pareto.svg", "pareto.png", "pareto.csv")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return made(tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="module")
def words(text: str) -> str:
    return Page(text).words().replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_of_any_shape_is_well_formed(tmp_path: Path, shape: Change) -> None:
    text = made(tmp_path, shape)
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    inside = [href for href in page.attributes("a", "href") if not href.startswith("data:")]
    assert inside and {href.removeprefix("#") for href in inside} <= set(page.ids)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//|url\([^#]|@import|fetch\(""", text)
    for path in [tmp_path / "pareto.svg", tmp_path / "pareto.png"]:
        assert path.stat().st_size > 2000
    ElementTree.parse(tmp_path / "pareto.svg")


def test_the_recommendation_comes_first(text: str, words: str) -> None:
    sections = [named["id"] for tag, named in Page(text).tags if tag == "section"]
    assert sections == [
        "recommendation",
        "layouts",
        "pareto",
        "changes",
        "inputs",
        "machine-data",
        "remarks",
        "repeat",
    ]
    assert "Take rings of 6 CPUs (contiguous) 32 x 2 MiB. It meets all 3 targets" in words
    assert "It drops what is allowed at most and holds the least memory" in words
    assert "bpf_map__set_max_entries(map, 2097152);" in words


def test_its_numbers_stand_with_interval_and_target(words: str) -> None:
    assert "records dropped 0.76 % [0.532, 0.988] at most 1 % – met" in words
    assert "time of a reserve, p99 700 ns [490, 910] at most 2 µs – met" in words
    assert "can use 64.2 MiB at most 256 MiB – met" in words
    assert "could read 3,100,000 records/s [2,170,000, 4,030,000]" in words


def test_the_recommended_row_is_marked_in_words(text: str, words: str) -> None:
    assert words.count("2 MiB recommended") == 1
    assert text.count('<tr class="chosen">') == 1


def test_a_missed_target_is_not_told_by_colour_alone(words: str) -> None:
    assert "1 shared 4 MiB ✗ 18 % [12.6, 23.4] misses target 2.25 µs [1.57, 2.92]" in words
    assert "? 1.9 µs [1.33, 2.47] may miss target" in words


def test_where_nothing_meets_the_targets_the_nearest_is_shown(tmp_path: Path) -> None:
    text = made(tmp_path, nothing_meets)
    words = Page(text).words().replace("\N{NO-BREAK SPACE}", " ")
    assert "No layout meets the targets The nearest is rings of 6 CPUs" in words
    assert (
        "It misses records dropped and memory held. It is not sure of time of a reserve, p99."
        in words
    )
    assert "✗ 34.2 % [23.9, 44.5] misses target at most 1 %" in words
    assert text.count('<tr class="chosen nearest">') == 1
    assert "recommended" not in words.lower()


def test_without_targets_none_is_met(tmp_path: Path) -> None:
    words = Page(made(tmp_path, no_targets)).words()
    assert "The plan states no targets" in words
    assert "met" not in words.split() and "✗" not in words


def test_a_doubt_is_said_with_the_recommendation(tmp_path: Path) -> None:
    def doubt(plan: Document) -> None:
        plan["layouts"][10]["unsure"] = ["drop_fraction"]

    words = Page(made(tmp_path, doubt)).words()
    assert "It meets all 3 targets with the values expected. It is not sure of records" in words


def test_the_burst_width_at_which_layouts_cross_is_told(text: str, words: str) -> None:
    assert "Up to bursts of 17 CPUs (15 to 18) shared loses no more, beyond it more." in words
    assert "crossovers" in Page(text).ids


def test_without_such_a_width_there_is_no_heading(tmp_path: Path) -> None:
    def none(plan: Document) -> None:
        plan["crossovers"] = []

    assert "crossovers" not in Page(made(tmp_path, none)).ids


def test_changes_stand_before_and_after(words: str) -> None:
    assert "source.record_size: 2 KiB → 112 B 0.56 % → 0.21 %" in words
    assert "layout.ring_bytes: 8 MiB → 16 MiB 0.56 % → 0.04 %" in words
    # Figures that no change moves have no column.
    assert "setting records dropped reserve what is used" in words


def test_nothing_to_change_is_said(tmp_path: Path) -> None:
    words = Page(made(tmp_path, nothing_to_change)).words()
    assert "makes anything better" in words and "No input's uncertainty" in words
    assert "Remarks None." in words


def test_the_deciding_input_has_its_measurement(words: str) -> None:
    assert "consumer.ns_per_record. Between 250 and 520 ns a record" in words
    assert "What would settle it: ./run.sh calibrate on the machine" in words
    assert "350 ns [245, 455] assumed, decisive consumer.ns_per_record" in words


def test_inputs_have_an_origin_and_an_interval_where_they_are_not_exact(words: str) -> None:
    assert "steady rate of a CPU 8,000 records/s stated" in words
    assert "reserve and commit, nobody else 42 ns [37.8, 46.2] calibrated" in words
    assert "pause between two looks 1.5 ms [1.35, 1.65] assumed" in words


def test_machine_remarks_and_command_are_there(words: str) -> None:
    assert "latency from core to core by class" in words
    assert "records offered in a burst 21,000,000 records/s" in words
    assert "A stall of the consumer is not modelled." in words
    assert "./run.sh plan configs/plans/example.toml --what-if consumer.ns_per_record=300" in words


def test_what_has_no_bound_is_not_a_number(tmp_path: Path) -> None:
    words = Page(made(tmp_path, huge)).words()
    assert "lock could take –" in words and "nan" not in words.split()


def test_hostile_text_is_text(tmp_path: Path) -> None:
    text = made(tmp_path, hostile)
    assert "<script>alert" not in text
    printable = HOSTILE.replace("\u0007", "\ufffd").replace("\ud800", "\ufffd")
    assert Page(text).words().count(printable) > 20


def test_the_same_plan_gives_the_same_page(tmp_path: Path) -> None:
    assert made(tmp_path / "a") == made(tmp_path / "b")
    for name in PRODUCTS:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_every_number_can_be_taken_away(text: str) -> None:
    links = {
        str(named["download"]): str(named["href"])
        for tag, named in Page(text).tags
        if tag == "a" and "download" in named
    }
    encoded = links["layouts.csv"].partition(",")[2]
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(encoded).decode())))
    assert len(rows) == 16 and rows[10]["chosen"] == "yes"
    assert float(rows[10]["reserve_p99_ns [ns] high"]) == 910
    assert rows[0]["missed"] == "drop_fraction" and rows[10]["missed"] == ""
    assert set(links) == {"layouts.csv", "pareto.csv"}


def test_tables_scroll_in_their_own_box(text: str) -> None:
    assert len(re.findall("<table", text)) == len(
        re.findall(r'class="scroll"[^>]*>\s*<table', text)
    )


def test_out_is_where_the_page_goes(tmp_path: Path) -> None:
    folder = write(tmp_path / "plan")
    (tmp_path / "other").mkdir()
    out = tmp_path / "other" / "page.html"
    run = plots("plan", folder / "plan.json", "--out", out)
    assert (run.status, run.paths[0]) == (0, out) and out.exists()
    assert [path.name for path in folder.iterdir()] == ["plan.json"]


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    run = plots("plan", write(tmp_path), "--out", tmp_path / "missing" / "page.html")
    assert run.status == 2 and "choose another place with --out" in run.err
