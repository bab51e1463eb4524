"""`compare A B` as its user meets it: what it prints, writes and refuses, and its exit status."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import Run, plots
from matplotlib import rc_context
from store_writer import PROVENANCE, Cell, Trial, write_store
from test_report import Page

from plots import style
from plots.compare import forest, json_report, outcome, provenance, text
from plots.compare.comparison import Rules, compare
from plots.compare.pairing import pair
from plots.results import load

Costs = Sequence[float]


def cell(producers: int, costs: Costs, status: str = "ok", transport: str = "ringbuf") -> Cell:
    trials = [
        Trial({"event_amortised_cycles": c, "drop_fraction": 0.0}, status, "steal 9 ms")
        for c in costs
    ]
    return Cell(transport, trials, {}, {"producers": producers, "bytes": 4096})


STEADY = [100.0, 101.0, 100.5, 99.5, 100.0]
SLOWER = [value * 1.2 for value in STEADY]


def runs(folder: Path, a: Sequence[Cell], b: Sequence[Cell], **of_b: str | None) -> list[Path]:
    return [write_store(folder / "a", a), write_store(folder / "b", b, of_b)]


def compared(folder: Path, a: Sequence[Cell], b: Sequence[Cell], *more: str, **of_b: str) -> Run:
    return plots("compare", *runs(folder, a, b, **of_b), *more)


def test_nothing_worse_is_status_0(tmp_path: Path) -> None:
    run = compared(tmp_path, [cell(1, STEADY)], [cell(1, STEADY)], git_revision="fff")
    assert run.status == 0 and "NOTHING WORSE" in run.out
    assert "git 0123abc" in run.out and "git fff" in run.out


def test_something_worse_is_status_3(tmp_path: Path) -> None:
    cells = [cell(1, STEADY), cell(2, STEADY)], [cell(1, STEADY), cell(2, SLOWER)]
    run = compared(tmp_path, *cells)
    assert run.status == 3 and "WORSE: 1 metric in 1 cell" in run.out
    assert "ringbuf/producers:2\n  * event_amortised_cycles  100 → 120 cycles  1.200 [" in run.out
    assert "ringbuf/producers:1\n  *" not in run.out
    assert (
        "ringbuf/producers:1\n  *" in plots("compare", tmp_path / "a", tmp_path / "b", "--all").out
    )


def test_something_better_is_status_0(tmp_path: Path) -> None:
    run = compared(tmp_path, [cell(1, SLOWER)], [cell(1, STEADY)])
    assert run.status == 0 and "BETTER" in run.out


def test_no_line_is_wider_than_a_terminal(tmp_path: Path) -> None:
    run = compared(tmp_path, [cell(1, STEADY)], [cell(1, SLOWER)])
    assert max(map(len, run.out.replace(str(tmp_path), "").splitlines())) <= 100


@pytest.mark.parametrize(
    "key",
    "host cpu_model cpus_allowed kernel governor smt mitigations hypervisor compiler seed".split(),
)
def test_another_machine_or_build_is_refused(key: str, tmp_path: Path) -> None:
    stores = runs(tmp_path, [cell(1, STEADY)], [cell(1, STEADY)], **{key: "other"})
    run = plots("compare", *stores)
    assert (run.status, run.out) == (1, "")
    assert f"{key} differs" in run.err and "B: other" in run.err and f"--across {key}." in run.err
    across = plots("compare", *stores, "--across", key)
    assert across.status == 0 and f"{key} differs" in across.out
    assert plots("compare", *stores, "--across", "all").status == 0
    assert plots("compare", *stores, "--across", "tsc_hz").status == 1


def test_every_difference_has_its_sentence(tmp_path: Path) -> None:
    more = {"host": "beta", "kernel": "7.0"}
    run = compared(tmp_path, [cell(1, STEADY)], [cell(1, STEADY)], **more)
    assert "host differs" in run.err and "kernel differs" in run.err
    assert "--across host,kernel" in run.err


def test_a_value_that_one_side_does_not_tell_is_a_difference(tmp_path: Path) -> None:
    stores = runs(tmp_path, [cell(1, STEADY)], [cell(1, STEADY)], governor=None)
    assert "B: not stored" in plots("compare", *stores).err


def test_the_frequency_may_be_measured_a_little_differently(tmp_path: Path) -> None:
    same = [cell(1, STEADY)]
    assert compared(tmp_path / "1", same, same, tsc_hz="2000000100").status == 0
    assert compared(tmp_path / "2", same, same, tsc_hz="2100000000").status == 1


@pytest.mark.parametrize(
    "text, status",
    [
        ('# other words\ntitle = "new"\n[matrix]\ntransport = ["null", "ringbuf"]\n', 0),
        ('[run]\nrepetitions = 9\n[matrix]\ntransport = ["null", "ringbuf"]\n', 0),
        ('[noise]\nattempts = 9\n[matrix]\ntransport = ["null", "ringbuf"]\n', 0),
        ('[noise]\nlag_p99_us = 9\n[matrix]\ntransport = ["null", "ringbuf"]\n', 1),
        ('[matrix]\ntransport = ["null"]\n', 1),
        ('[matrix]\ntransport = ["null", "ringbuf"]\n[[include]]\nproducers = 2\n', 1),
        ("not = toml =", 1),
    ],
)
def test_of_the_config_only_what_shapes_the_cells_must_agree(
    text: str, status: int, tmp_path: Path
) -> None:
    run = compared(tmp_path, [cell(1, STEADY)], [cell(1, STEADY)], config_text=text)
    assert run.status == status, run.err


def test_cells_without_a_partner_are_listed_with_the_reason(tmp_path: Path) -> None:
    skipped = Cell("hybrid", (), {}, {"producers": 9}, None, "skipped", "needs 10 CPUs")
    a = [cell(1, STEADY), cell(2, STEADY), cell(3, STEADY), skipped]
    b = [cell(1, STEADY), Cell("ringbuf", (), {}, {"producers": 2, "bytes": 4096}), skipped]
    run = compared(tmp_path, a, [*b, cell(4, STEADY)])
    assert run.status == 0 and "NOT COMPARED: 4 cells" in run.out
    for words in (
        "measured in A; without a trial in B",
        "measured in A; not part of the config in B",
        "not part of the config in A; measured in B",
        "skipped (needs 10 CPUs) in both",
    ):
        assert words in run.out


def test_a_cell_that_fails_only_in_b_is_worse(tmp_path: Path) -> None:
    broken = cell(2, STEADY, "failed")
    run = compared(tmp_path, [cell(1, STEADY), cell(2, STEADY)], [cell(1, STEADY), broken])
    assert (
        run.status == 3 and "FAILING: 1 cell" in run.out and "failed (steal 9 ms) in B" in run.out
    )
    flawed = Cell("ringbuf", [*cell(2, STEADY).trials, broken.trials[0]], {}, broken.parameters)
    run = compared(tmp_path / "2", [cell(2, STEADY)], [flawed])
    assert run.status == 3 and "1 failed in B and none in A" in run.out
    assert (
        compared(tmp_path / "3", [cell(1, STEADY), flawed], [cell(1, STEADY), flawed]).status == 0
    )


def test_tainted_cells_are_shown_and_counted(tmp_path: Path) -> None:
    a = [cell(1, STEADY), cell(2, STEADY)]
    b = [cell(1, STEADY), cell(2, SLOWER, "tainted")]
    run = compared(tmp_path, a, b, "--all")
    assert run.status == 0 and "(tainted: B)" in run.out and "0 in A, 5 in B" in run.out
    assert "every trial of B is tainted" in run.out
    assert plots("compare", tmp_path / "a", tmp_path / "b", "--tainted").status == 3


def test_nothing_that_could_be_tested_is_refused(tmp_path: Path) -> None:
    tainted = [cell(1, STEADY, "tainted")]
    run = compared(tmp_path, tainted, tainted)
    assert run.status == 1 and "every trial of both is tainted" in run.err
    run = compared(tmp_path / "2", [cell(1, STEADY)], [cell(2, STEADY)])
    assert run.status == 1 and "no cell in common" in run.err


@pytest.mark.parametrize(
    "more, words",
    [
        (["--across", "kernl"], "did you mean kernel?"),
        (["--metric", "event_amortized_cycles"], "did you mean event_amortised_cycles?"),
        (["--effect", "1%"], "--effect 0.01 is no more than --tolerance 0.01"),
        (["--level", "0"], "--level 0"),
        (["--where", "producers=7"], "no cell has that value"),
        (["--html", "/nowhere/x.html"], "cannot write /nowhere/x.html"),
    ],
)
def test_mistakes_are_status_2(more: list[str], words: str, tmp_path: Path) -> None:
    run = compared(tmp_path, [cell(1, STEADY)], [cell(1, STEADY)], *more)
    assert run.status == 2 and words in run.err


@pytest.mark.parametrize("more", [["--level", "high"], ["--tolerance", "-1%"], ["--effect", "nan"]])
def test_shares_are_checked(more: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        compared(tmp_path, [cell(1, STEADY)], [cell(1, STEADY)], *more)
    assert left.value.code == 2


def test_a_result_is_not_compared_with_itself(tmp_path: Path) -> None:
    a, _ = runs(tmp_path, [cell(1, STEADY)], [cell(1, STEADY)])
    for again in (a, a / "run.sqlite"):
        run = plots("compare", a, again)
        assert run.status == 2 and "two different results" in run.err


def many(seed: int, slower: Mapping[int, float] = {}) -> list[Cell]:
    random = np.random.default_rng(seed)
    transports = ("null", "ringbuf", "perfbuf", "hybrid")
    return [
        cell(
            number,
            list(100 * slower.get(number, 1.0) * np.exp(0.003 * random.normal(size=5))),
            transport=transports[number % 4],
        )
        for number in range(1, 101)
    ]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 cells of which 3 are slower and one is faster in B, with the page and the JSON."""
    folder = tmp_path_factory.mktemp("compare")
    changed = {7: 1.2, 8: 1.1, 9: 1.05, 10: 0.9}
    files = ("--html", str(folder / "x.html"), "--json", str(folder / "x.json"))
    run = compared(folder, many(1), many(2, changed), *files)
    assert run.status == 3, run.err
    (folder / "x.txt").write_text(run.out)
    return folder


def test_worst_first(large: Path) -> None:
    text = (large / "x.txt").read_text()
    places = [text.index(f"producers:{number}\n") for number in (7, 8, 9, 10)]
    assert places == sorted(places)
    assert "headline (cost of an event): 3 worse, 1 better, 96 no difference." in text


def test_the_json_holds_every_number(large: Path) -> None:
    document = json.loads((large / "x.json").read_text(), parse_constant=lambda c: pytest.fail(c))
    assert document["status"] == 3 and len(document["changes"]) == 200
    worst = document["changes"][0]
    assert worst["verdict"] == "worse" and worst["ratio"] == pytest.approx(1.2, rel=0.02)
    assert worst["q"] < 0.05 and worst["family"] == "headline"
    assert len(document["repetitions_needed"]) == 100


def test_the_page_is_well_formed_and_alone(large: Path) -> None:
    text = (large / "x.html").read_text()
    page = Page(text)
    assert {href.removeprefix("#") for href in page.attributes("a", "href")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert all(src.startswith("data:image/svg+xml") for src in page.attributes("img", "src"))
    assert "http" not in text.replace("http://www.w3.org", "")
    words = page.words()
    assert "Worse in B" in words and "WORSE: 3 metrics in 3 cells" in words
    assert "The 60 that changed most of 100 cells." in words


def test_the_figure_shows_the_called_ones_filled(large: Path) -> None:
    results = load([large / "a", large / "b"])
    rules = Rules(0.05, 0.01, False, 0.0)
    pairing = pair(results)
    found = outcome.outcome(results, rules, 0.03, pairing, compare(pairing, rules), (), (), ())
    with rc_context(style.RC):
        drawn = forest.draw(found)
    (axes,) = drawn.picture.axes
    markers = [line for line in axes.lines if len(line.get_xdata()) == 1]
    filled = [line for line in markers if line.get_markerfacecolor() != "white"]
    assert len(axes.get_yticklabels()) == forest.MOST_ROWS == len(markers)
    assert len(filled) == 4
    assert sorted(drawn.table.verdict).count("worse") == 3
    assert all(
        low <= line.get_xdata()[0] <= high for line in markers for low, high in [axes.get_xlim()]
    )


def seconds_to_tell(folder: Path, cells: int) -> float:
    """Of the processor, where every cell changed."""
    a = [cell(number, [100.0, 101.0]) for number in range(1, cells + 1)]
    b = [cell(number, [200.0, 202.0]) for number in range(1, cells + 1)]
    results = load(runs(folder, a, b))
    rules = Rules(0.05, 0.01, False, 0.0)
    pairing = pair(results)
    found = outcome.outcome(results, rules, 0.03, pairing, compare(pairing, rules), (), (), ())
    begun = time.process_time()
    assert text.render(found, everything=True).count("event_amortised_cycles") >= cells
    assert json_report.render(found)
    return time.process_time() - begun


def test_four_times_the_cells_take_four_times_as_long_to_tell(tmp_path: Path) -> None:
    def least(cells: int) -> float:
        return min(seconds_to_tell(tmp_path / f"{cells} {again}", cells) for again in range(3))

    few, many_cells = least(500), least(2000)
    assert many_cells < 8 * few, "what looks at every cell for every cell takes 16 times as long"


def test_every_provenance_key_has_its_rule() -> None:
    # What names the run, or is a description that other keys hold, needs no comparison.
    silent = {"finished", "config_title", "config_question", "tsc_hz_relative_error"}
    known = {*provenance.ACROSS, *provenance.INFORMS, *silent}
    assert set(PROVENANCE) <= known


def test_says_where_the_machine_itself_was_another(tmp_path: Path) -> None:
    def hand_over(cycles: float) -> list[dict[str, object]]:
        return [
            {"round": r, "operation": "hand_over", "cpu_a": 0, "cpu_b": 1, "cycles": cycles + r}
            for r in range(3)
        ] + [{"round": 0, "operation": "xadd", "threads": 2, "cycles": 50.0}]

    a = write_store(tmp_path / "a", [cell(1, STEADY)], limits=hand_over(500.0))
    near = write_store(tmp_path / "b", [cell(1, STEADY)], limits=hand_over(165.0))
    assert "limit hand_over: 501 cycles → 166 cycles" in plots("compare", a, near).out
    assert "xadd" not in plots("compare", a, near).out
    same = write_store(tmp_path / "c", [cell(1, STEADY)], limits=hand_over(510.0))
    assert "limit" not in plots("compare", a, same).out
