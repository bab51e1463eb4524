"""The planner as its user meets it: plan files in, text and plan.json out, refusals as sentences."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.program import REPOSITORY, Ended, ringbench_plan

PLANS = REPOSITORY / "configs" / "plans"

SMALL = """
title = "small"
[run]
seconds = 1
draws = 10
[machine]
topology = "package:2 core:2 pu:1"
code_path = "linux-6.10"
[source]
rate_per_cpu = 10_000
record_size = 64
[consumer]
ns_per_record = 500
[[layout]]
kind = "shared"
total = ["64 KiB", "1 MiB"]
[[layout]]
kind = "rings"
cpus_per_ring = 1
ring = "64 KiB"
"""


@dataclass(frozen=True)
class Answer:
    ended: Ended
    json: dict[str, Any]

    def layout(self, **wanted: object) -> dict[str, Any]:
        """The only one that has all of this."""
        (one,) = [
            layout
            for layout in self.json["layouts"]
            if all(layout[key] == value for key, value in wanted.items())
        ]
        assert isinstance(one, dict)
        return one

    def lost(self, **wanted: object) -> float:
        return float(self.layout(**wanted)["figures"]["drop_fraction"]["value"])


def planned(folder: Path, plan: Path, *arguments: object) -> Answer:
    ended = ringbench_plan(plan, "--out", folder, *arguments)
    assert ended.status in (0, 3), ended.err
    return Answer(ended, json.loads((folder / "plan.json").read_text(encoding="utf-8")))


def written(folder: Path, text: str) -> Path:
    path = folder / "some.toml"
    path.write_text(text, encoding="utf-8")
    return path


MIB = 1 << 20


def test_sharded_192_is_bound_by_its_consumers(tmp_path: Path) -> None:
    """192 CPUs, 8 rings, 6.78 M records/s offered, 1.02 M read: more memory is worth nothing."""
    answer = planned(tmp_path, PLANS / "sharded_192.toml")
    as_it_was = answer.layout(rings=8, ring_bytes=32 * MIB)
    assert as_it_was["limit"] == "consumer"
    assert as_it_was["figures"]["drop_fraction"]["value"] == pytest.approx(
        1 - 1.02 / 6.78, abs=0.01
    )
    assert (
        "ring memory" in as_it_was["limit_words"] or "memory is worth" in as_it_was["limit_words"]
    )
    gained = answer.lost(rings=8, ring_bytes=4 * MIB) - answer.lost(rings=8, ring_bytes=32 * MIB)
    assert 0 <= gained < 0.01, "memory is worth at most one point of loss"
    few, all_of_them = answer.lost(rings=64, consumers=8), answer.lost(rings=64, consumers=64)
    assert few == pytest.approx(
        answer.lost(rings=8, ring_bytes=32 * MIB), abs=0.01
    ), "no more threads"
    assert all_of_them < 0.05 < answer.lost(rings=64, consumers=32) < few, "as far as threads scale"


def test_oversized_176_is_right_sized_first(tmp_path: Path) -> None:
    answer = planned(tmp_path, PLANS / "oversized_176.toml")
    first = answer.json["changes"][0]
    assert first["key"] == "source.record_size"
    assert first["to"] == 168
    lost = first["figures"]["drop_fraction"]
    assert lost["after"] < 0.1 * lost["before"]
    assert answer.json["recommended"] is None, "of records as they are"
    assert re.search("and take .* and then meets every target", first["words"])


def test_per_cpu_80_until_bursts_are_wide(tmp_path: Path) -> None:
    shared = {"kind": "shared", "ring_bytes": 5 * MIB}
    small, large = {"ring_bytes": 64 << 10}, {"ring_bytes": 256 << 10}
    for width in (1, 4):
        answer = planned(
            tmp_path, PLANS / "per_cpu_80.toml", "--what-if", f"source.burst_width={width}"
        )
        assert answer.lost(**shared) <= answer.lost(**large) < answer.lost(**small)
    answer = planned(tmp_path, PLANS / "per_cpu_80.toml", "--what-if", "source.burst_width=20")
    assert answer.lost(**shared) > answer.lost(**large), "from here on shared no longer wins"
    assert answer.lost(**shared) < answer.lost(**small), "against as much memory it still does"


def test_per_cpu_80_tells_the_width_at_which_shared_stops_winning(tmp_path: Path) -> None:
    """20 CPUs, whose rings of 256 KiB hold as much as 5 MiB; somewhat less, for bursts overlap."""
    answer = planned(tmp_path, PLANS / "per_cpu_80.toml")
    equal, larger = answer.json["crossovers"]
    assert equal["burst_width"]["value"] == 80
    assert "However many of the 80 CPUs a burst hits, shared 5 MiB loses no more" in equal["words"]
    width = larger["burst_width"]
    assert 15 <= width["low"] <= width["value"] <= width["high"] <= 20
    assert answer.json["layouts"][larger["narrow"]]["ring_bytes"] == 256 << 10
    told = " ".join(answer.ended.out.split())
    assert " ".join(larger["words"].split()) in told

    lost = {}
    for more in (0, 1):
        at = planned(
            tmp_path,
            PLANS / "per_cpu_80.toml",
            "--what-if",
            f"source.burst_width={width['value'] + more}",
        )
        lost[more] = at.lost(kind="shared") - at.lost(ring_bytes=256 << 10)
    assert lost[0] <= 0.001 < lost[1], "as --what-if has it"


def test_quiet_80_need_not_care(tmp_path: Path) -> None:
    answer = planned(tmp_path, PLANS / "quiet_80.toml")
    shared = answer.layout(kind="shared", ring_bytes=256 << 10)
    assert shared["limit"] == "nothing"
    assert "Contention does not matter" in shared["limit_words"]
    assert "%" in shared["limit_words"], "with the number"
    assert answer.json["layouts"][answer.json["recommended"]]["kind"] == "shared"


@pytest.mark.parametrize("name", sorted(path.name for path in PLANS.glob("*.toml")))
def test_every_plan_of_the_project_is_answered(name: str, tmp_path: Path) -> None:
    answer = planned(tmp_path, PLANS / name, "--what-if", "run.seconds=0.5", "run.draws=10")
    assert (answer.json["recommended"] is None) == (answer.ended.status == 3)
    for layout in answer.json["layouts"]:
        for figure in layout["figures"].values():
            assert figure["low"] <= figure["value"] <= figure["high"]
        assert layout["basis"] == "extrapolated", "nothing was measured here"
        assert layout["settings"]


def test_the_same_plan_gives_the_same_answer(tmp_path: Path) -> None:
    plan = written(tmp_path, SMALL)
    one = planned(tmp_path / "a", plan).json
    same = planned(tmp_path / "b", plan).json
    one["plan"].pop("command"), same["plan"].pop("command")
    assert one == same


def test_data_on_stdout_talk_on_stderr(tmp_path: Path) -> None:
    ended = ringbench_plan(written(tmp_path, SMALL))
    assert ended.status == 0
    assert ended.out.startswith("small\n")
    assert "Take: shared" in ended.out
    assert "bpf_map__set_max_entries" in ended.out
    assert "planned" in ended.err and "planned" not in ended.out
    assert list(tmp_path.iterdir()) == [tmp_path / "some.toml"], "nothing is written without --out"


def test_each_number_of_the_table_stands_under_its_heading(tmp_path: Path) -> None:
    answer = planned(tmp_path / "out", written(tmp_path, SMALL))
    heading, *rows = answer.ended.out.partition("All layouts")[2].splitlines()[2:6]
    columns = re.split(r" {2,}", heading.strip())
    assert len(rows) == len(answer.json["layouts"])
    for row, layout in zip(rows, answer.json["layouts"], strict=True):
        cells = dict(enumerate(re.split(r" {2,}", row.removeprefix("=>").strip())))
        assert len(cells) == len(columns)
        event, unit = cells[columns.index("event")].split()
        ns = float(event) * {"ns": 1, "us": 1e3, "ms": 1e6}[unit]
        assert ns == pytest.approx(layout["figures"]["event_mean_ns"]["value"], rel=0.01)


def test_what_if_is_as_if_it_were_stated(tmp_path: Path) -> None:
    stated = planned(tmp_path / "a", written(tmp_path, SMALL.replace("= 500", "= 900")))
    what_if = planned(
        tmp_path / "b", written(tmp_path, SMALL), "--what-if", "consumer.ns_per_record=900"
    )
    assert stated.json["layouts"] == what_if.json["layouts"]


def test_no_feasible_layout_tells_the_nearest(tmp_path: Path) -> None:
    plan = written(tmp_path, SMALL + "[target]\ndrop_fraction = 0\ndelay_p99_us = 0.001\n")
    answer = planned(tmp_path / "out", plan)
    assert answer.ended.status == 3
    assert answer.json["recommended"] is None
    assert answer.json["nearest"] is not None
    assert "comes nearest" in answer.json["why"]
    assert "Nothing fits; nearest" in answer.ended.out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("ns_per_record = 500\n", ""), "consumer.ns_per_record"),
        (("rate_per_cpu = 10_000\n", ""), "source.rate_per_cpu"),
        (("record_size = 64", "record_sizes = 64"), "record_size"),
        (("10_000", "-1"), "rate_per_cpu"),
        (('"shared"', '"one"'), "shared"),
        (("linux-6.10", "linux-9"), "linux-6.10"),
        (("package:2 core:2 pu:1", "nonsense"), "nonsense"),
        (
            ("ns_per_record = 500", "ns_per_record = {value = 5, low = 9, high = 2}"),
            "ns_per_record",
        ),
        (("seconds = 1", "seconds = nan"), "seconds"),
        (("title", "title = 1\ntitle"), "some.toml"),
    ],
)
def test_a_mistake_is_a_sentence_with_a_place(
    change: tuple[str, str], sentence: str, tmp_path: Path
) -> None:
    plan = written(tmp_path, SMALL.replace(*change, 1))
    ended = ringbench_plan(plan, "--out", tmp_path / "out")
    assert ended.status == 2
    assert sentence in ended.err
    assert "some.toml" in ended.err
    assert not (tmp_path / "out").exists(), "nothing is written"


def test_a_plan_without_end_is_refused(tmp_path: Path) -> None:
    ended = ringbench_plan(
        written(tmp_path, SMALL), "--what-if", "consumer.poll_interval_us=0.000001"
    )
    assert ended.status == 2
    assert "consumer.poll_interval_us" in ended.err
    assert "run.seconds = " in ended.err


def test_contradictory_targets_are_refused(tmp_path: Path) -> None:
    ended = ringbench_plan(written(tmp_path, SMALL + '[target]\nmemory = "4 KiB"\n'))
    assert ended.status == 2
    assert "memory" in ended.err


@pytest.mark.parametrize(
    "words", [(), ("no such.toml",), ("--what-if", "x=1"), ("--draws", "3"), ("a.toml", "b.toml")]
)
def test_wrong_words(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = ringbench_plan(*words)
    assert ended.status in (1, 2)
    assert ended.err
    assert not ended.out


def test_an_unknown_what_if_suggests_the_one_that_is_meant(tmp_path: Path) -> None:
    ended = ringbench_plan(written(tmp_path, SMALL), "--what-if", "source.burst_widht=3")
    assert ended.status == 2
    assert "source.burst_width" in ended.err
