"""What the program says of itself."""

import csv
import io
import re
from pathlib import Path

import pytest

from cli.conftest import Finished
from cli.program import ringbench
from cli.run_store import query


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["resume", "--help"]])
def test_help_goes_to_stdout(arguments: list[str]) -> None:
    ended = ringbench(*arguments)
    assert (ended.status, ended.err) == (0, "")
    assert "Usage" in ended.out


def test_help_names_every_word() -> None:
    out = ringbench("--help").out
    assert all(
        re.search(rf"^  {word}\b", out, re.M)
        for word in ("run", "search", "resume", "table", "list")
    )


def test_version() -> None:
    ended = ringbench("--version")
    assert ended.status == 0
    assert re.fullmatch(r"ringbench \d+\.\d+\.\d+ \(.+\)\n", ended.out)


def test_list_has_every_transport_with_its_options() -> None:
    ended = ringbench("list")
    assert ended.status == 0
    names = re.findall(r"^(\w+)", ended.out, re.M)
    assert {"null", "ringbuf", "perfbuf", "hybrid"} <= set(names)
    assert re.search(r"^ +lock = mcs \[mcs \| ticket \| ttas\]", ended.out, re.M)


def test_keys_are_the_columns_of_a_cell(finished: Finished) -> None:
    keys = [line.split()[0] for line in ringbench("list", "--keys").out.splitlines()]
    columns = [row[1] for row in query(finished.folder, "PRAGMA table_info(cell)")]
    assert columns[-len(keys) :] == keys


def test_metrics_are_the_columns_of_a_trial(finished: Finished) -> None:
    metrics = [line.split()[0] for line in ringbench("list", "--metrics").out.splitlines()]
    columns = [row[1] for row in query(finished.folder, "PRAGMA table_info(trial)")]
    assert columns[-len(metrics) :] == metrics


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["run"],
        ["resume"],
        ["run", "a.toml", "--no-such-flag"],
        ["run", "a.toml", "b.toml"],
        ["run", "a.toml", "--benchmark_repetitions=0"],
        ["run", "a.toml", "--benchmark_repetitions=many"],
        ["run", "a.toml", "--benchmark_format=xml"],
        ["run", "a.toml", "--benchmark_out_format=csv"],
        ["list", "--no-such-flag"],
    ],
)
def test_a_mistake_in_the_command_line_exits_with_2(arguments: list[str], tmp_path: Path) -> None:
    ended = ringbench(*arguments, cwd=tmp_path)
    assert ended.status == 2
    assert ended.err != ""
    assert list(tmp_path.iterdir()) == []


def test_csv_has_every_trial_with_the_parameters_of_its_cell(finished: Finished) -> None:
    ended = ringbench("csv", finished.folder)
    assert (ended.status, ended.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    stored = query(
        finished.folder,
        "SELECT trial.id, cell.name, cell.options, attempted FROM trial"
        " JOIN cell ON cell.id = cell_id ORDER BY trial.id",
    )
    assert [
        (int(row["id"]), row["name"], row["options"], float(row["attempted"])) for row in rows
    ] == [tuple(row) for row in stored]
