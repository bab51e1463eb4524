"""report.html: what it says, and that it is one well-formed file that asks the network for nothing."""

import base64
import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from conftest import plots, report_of
from store_writer import PROVENANCE, Cell, Trial, write_store

from plots.catalogue import FIGURES
from plots.report.trust import cpu_count, threads, warnings
from plots.results import load

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Checks that tags nest, and collects what the tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        assert len(named) == len(attrs), f"an attribute twice in {tag}"
        self.tags.append((tag, named))
        if named.get("id"):
            self.ids.append(str(named["id"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def attributes(self, tag: str, name: str) -> list[str]:
        return [str(named.get(name)) for found, named in self.tags if found == tag]

    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def page(small_report: str) -> Page:
    return Page(small_report)


def test_tags_nest_and_ids_are_unique(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert {f"figure-{entry.name}" for entry in FIGURES} <= set(page.ids)


def test_links_lead_to_something(page: Page) -> None:
    inside = [href for href in page.attributes("a", "href") if not href.startswith("data:")]
    assert inside and {href.removeprefix("#") for href in inside} <= set(page.ids)


def test_nothing_comes_from_the_network(page: Page, small_report: str) -> None:
    assert not {"link", "iframe", "object"}.intersection(tag for tag, _ in page.tags)
    assert not any("src" in named for tag, named in page.tags if tag == "script")
    assert not re.search(
        r"""(src|href)\s*=\s*["']?(https?:)?//|url\([^#]|@import|fetch\(""", small_report
    )


def test_every_picture_refers_to_itself_alone(page: Page, small_report: str) -> None:
    pictures = re.findall(r"<svg .*?</svg>", small_report, re.DOTALL)
    assert len(pictures) == len(FIGURES)
    for entry, picture in zip(FIGURES, pictures):
        root = ElementTree.fromstring(picture)
        ids = {e.get("id") for e in root.iter()} - {None}
        assert ids and all(str(found).startswith(f"{entry.name}-") for found in ids)
        links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")]
        links += [f"#{found}" for found in re.findall(r"url\(#([^)]+)\)", picture)]
        links = [link for link in links if not link.startswith("data:")]
        assert links and {link.removeprefix("#") for link in links} <= ids
        assert not list(root.iter("{http://www.w3.org/2000/svg}style"))


def test_a_doubtful_mark_tells_its_reason(page: Page, small_report: str) -> None:
    titles = re.findall(r"<title>(tainted: [^<]+)</title>", small_report)
    assert "tainted: steal 12 ms is over the limit of 1 ms (trial 18)" in titles


def test_every_figure_has_its_numbers_as_csv(page: Page) -> None:
    links = {
        str(named.get("download")): str(named["href"])
        for tag, named in page.tags
        if tag == "a" and "download" in named
    }
    assert {f"{entry.name}.csv" for entry in FIGURES} <= set(links)
    kind, _, encoded = links["reserve_vs_producers.csv"].partition(",")
    assert kind == "data:text/csv;charset=utf-8;base64"
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(encoded).decode())))
    costs = {
        (row["line"], row["producers"]): float(row["reserve, p50 (TSC cycles)"]) for row in rows
    }
    assert costs["ringbuf, lock mcs", "2"] == pytest.approx(31.8, rel=0.05)


def test_pictures_and_tables_can_be_read_aloud(page: Page) -> None:
    labels = [named.get("aria-label") for tag, named in page.tags if tag == "svg"]
    assert len(labels) == len(FIGURES) and all(len(str(label)) > 30 for label in labels)
    assert set(page.attributes("th", "scope")) == {"col", "row"}
    tables = [tag for tag, _ in page.tags].count("table")
    assert [tag for tag, _ in page.tags].count("caption") == tables
    assert [tag for tag, _ in page.tags].count("figcaption") == len(FIGURES)
    assert page.attributes("html", "lang") == ["en"]


def test_sections_are_in_the_order_in_which_they_are_read(page: Page) -> None:
    sections = [named["id"] for tag, named in page.tags if tag == "section"]
    assert sections == [
        "verdict",
        "trust",
        "conservation",
        "machine-data",
        "figures",
        "measured",
        "repeat",
    ]


def test_config_text_is_shown_and_escaped(small_report: str) -> None:
    assert "&lt;all&gt; &amp; more" in small_report
    assert "build/ringbench run configs/quick.toml" in small_report


def test_what_was_skipped_tainted_or_failed_is_listed(page: Page) -> None:
    text = page.words()
    assert "needs 5 CPUs, and this machine allows 3 (6 on alpha quick)" in text
    assert "the watchdog saw no progress for 2 s" in text
    assert "steal 12 ms is over the limit of 1 ms" in text


def test_numbers_of_a_small_store_by_hand(tmp_path: Path) -> None:
    # Sums: attempted 3 x 100, committed 3 x 60, dropped 3 x 40; reserve 10, 20, 60: median 20.
    trials = [
        Trial(
            {
                "attempted": 100,
                "committed": 60,
                "drop_no_space": 40,
                "consumed": 60,
                "drop_fraction": 0.4,
                "reserve_cycles_p50": cycles,
                "event_cycles_p50": 2 * cycles,
            }
        )
        for cycles in (10.0, 20.0, 60.0)
    ]
    floor = [Trial({"reserve_cycles_p50": 2.0, "event_cycles_p50": 4.0})] * 3
    parameters = {"producers": 1}
    store = write_store(
        tmp_path, [Cell("null", floor, {}, parameters), Cell("perfbuf", trials, {}, parameters)]
    )
    text = Page(report_of([store])).words().replace("\N{NO-BREAK SPACE}", " ")
    assert "attempted 300 = committed 180 + discarded 0 + dropped 120 (no_space 120" in text
    assert "committed 180 = consumed 180 + overwritten 0 + left in the buffer 0" in text
    assert "perfbuf 20 [10, 60] 40 [20, 120] – 10 [5, 30] – 40 %" in text
    assert "only perfbuf with 20 [10, 60] cycles was measured" in text


def test_figures_without_data_are_named_with_the_reason(tmp_path: Path) -> None:
    cell = Cell("perfbuf", [Trial({"attempted": 1, "committed": 1})], {}, {"producers": 1})
    text = Page(report_of([write_store(tmp_path, [cell])])).words()
    assert all(f"{entry.question} –" in text for entry in FIGURES)
    assert "no transport in these stores has the option cpus_per_ring" in text


def test_a_store_of_failed_trials_has_no_verdict(tmp_path: Path) -> None:
    failed = Trial({}, status="failed", reason="hung")
    store = write_store(tmp_path, [Cell("perfbuf", [failed], {}, {"producers": 1})])
    assert "cannot tell anything, because no trial balanced" in Page(report_of([store])).words()


def test_several_servers_stand_beside_each_other(tmp_path: Path) -> None:
    cell = Cell("perfbuf", [Trial({"reserve_cycles_p50": 5.0})] * 2, {}, {"producers": 1})
    stores = [
        write_store(tmp_path / host, [cell], {"host": host, "tsc_hz": hz})
        for host, hz in (("a", "2000000000"), ("b", "3000000000"))
    ]
    page = Page(report_of(stores, "--out", str(tmp_path / "both.html")))
    assert (tmp_path / "both.html").exists()
    assert {"a quick", "b quick"} <= set(page.text)
    assert "TSCs tick at different rates (2000000000 and 3000000000 Hz)" in page.words()


def test_where_narrows_the_report(tmp_path: Path) -> None:
    cells = [
        Cell("perfbuf", [Trial({"reserve_cycles_p50": float(n)})] * 2, {}, {"producers": n})
        for n in (1, 2)
    ]
    text = Page(report_of([write_store(tmp_path, cells)], "--where", "producers=2")).words()
    assert "producers 2" in text and "producers 1" not in text


def test_a_place_that_does_not_exist_is_said(tmp_path: Path, small: Path) -> None:
    cell = Cell("perfbuf", [Trial({"attempted": 1, "committed": 1})], {}, {"producers": 1})
    store = write_store(tmp_path, [cell])
    run = plots("report", store, "--out", tmp_path / "no" / "report.html")
    assert run.status == 2 and "cannot write" in run.err and "--out" in run.err


def warned(folder: Path, trial: Trial | None = None, **provenance: str | None) -> str:
    cell = Cell("perfbuf", [trial or Trial({})] * 6, {}, {"producers": 1, "consumers": "one"})
    quiet: dict[str, str | None] = {**PROVENANCE, "cpus_allowed": "0-7"}
    return " ".join(warnings(load([write_store(folder, [cell], {**quiet, **provenance})])))


@pytest.mark.parametrize("smt", ["off", "notsupported"])
def test_a_quiet_machine_has_no_warning(smt: str, tmp_path: Path) -> None:
    assert warned(tmp_path, None, smt=smt) == ""


@pytest.mark.parametrize(
    "key, value, words",
    [
        ("finished", None, "incomplete (`finished` is missing): 1 of 1 planned cells"),
        (
            "reportable",
            "too few CPUs\nno governor",
            "says the run itself: too few CPUs; no governor.",
        ),
        ("hypervisor", "KVM", "Under a hypervisor (KVM)"),
        ("cpus_allowed", "0-1", "Only 2 CPUs"),
        ("cpus_allowed", "3", "oversubscribed"),
        ("smt", "on", "SMT is on"),
        ("governor", "powersave", "governor: powersave"),
        ("governor", "unknown", "governor: unknown"),
        ("turbo", "on", "Turbo is on"),
        ("tsc_invariant", "0", "not known to be invariant"),
        ("tsc_resolution_cycles", "21", "advances in steps of 21 cycles"),
    ],
)
def test_each_reason_for_distrust(key: str, value: str | None, words: str, tmp_path: Path) -> None:
    assert words in warned(tmp_path, None, **{key: value})


def test_involuntary_switches_are_counted(tmp_path: Path) -> None:
    text = warned(tmp_path, Trial({"involuntary_switches": 3}))
    assert "6 of 6 trials saw involuntary context switches (18 in all)" in text


def test_small_samples_are_counted(tmp_path: Path) -> None:
    trial = Trial({}, histograms={"reserve_cycles": [(1, 1, 4999)]})
    text = warned(tmp_path, trial)
    assert "reserve p99.9: 6 of 6 trials" in text and "reserve p99:" not in text


def test_few_repetitions_are_said(tmp_path: Path) -> None:
    cell = Cell("perfbuf", [Trial({})] * 5, {}, {"producers": 1, "consumers": "one"})
    store = write_store(tmp_path, [cell], {"cpus_allowed": "0-7"})
    (text,) = warnings(load([store]))
    assert "fewer than 6 repetitions" in text and "93.8 % chance" in text


@pytest.mark.parametrize(
    "text, cpus", [("0-3,8", 5), ("0", 1), ("0-79", 80), ("unknown", 0), ("", 0), ("1-x", 0)]
)
def test_lists_of_cpus(text: str, cpus: int) -> None:
    assert cpu_count(text) == cpus


def test_threads_of_a_cell() -> None:
    cells = pd.DataFrame(
        [(4, "one", 4), (4, "per_ring", 2), (4, "one", 0), (4, None, None)],
        columns=["producers", "consumers", "rings"],
    )
    assert list(threads(cells)) == [5, 6, 4, 4]
