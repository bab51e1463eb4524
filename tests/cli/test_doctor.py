"""The doctor, and runs that only start where a report would deserve trust."""

import json
import subprocess
from pathlib import Path

import pytest

from cli.conftest import Finished
from cli.program import REPOSITORY, environment, ringbench, tiny, written
from cli.run_store import query


def test_findings_go_to_stdout_and_fit_a_terminal() -> None:
    ended = ringbench("doctor", "--seconds", "0.2")
    assert ended.status in (0, 3)
    assert "watching every CPU for 0.2 s" in ended.err
    assert max(map(len, ended.out.splitlines())) <= 100
    spoiled = "would spoil a measurement here" in ended.out and "Nothing would" not in ended.out
    assert (ended.status == 3) == spoiled


def test_json_agrees_with_the_exit_status() -> None:
    ended = ringbench("doctor", "--seconds", "0.2", "--json")
    found = json.loads(ended.out)
    verdicts = {finding["verdict"] for finding in found["findings"]}
    assert found["spoils"] == ("spoils" in verdicts) == (ended.status == 3)
    assert verdicts <= {"fine", "note", "spoils"}
    for finding in found["findings"]:
        assert (finding["mend"] == "") == (finding["verdict"] == "fine"), finding


@pytest.mark.parametrize(
    "arguments",
    [["--seconds", "0"], ["--seconds", "-1"], ["--seconds", "soon"], ["--secs", "1"], ["now"]],
)
def test_a_mistake_in_the_command_line(arguments: list[str]) -> None:
    ended = ringbench("doctor", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err != ""


def test_run_sh_knows_the_word() -> None:
    usage = subprocess.run(
        [REPOSITORY / "run.sh", "help"],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    assert "\n  doctor " in usage.stdout


def test_a_run_says_why_its_numbers_should_not_be_held_against_anybody(finished: Finished) -> None:
    [[text]] = query(finished.folder, "SELECT value FROM provenance WHERE key = 'reportable'")
    reasons = text.splitlines()
    assert any(reason.startswith("repetitions = 2 are too few") for reason in reasons)
    assert any(reason.startswith("1 cells cannot run here") for reason in reasons)


def test_reportable_refuses_with_every_reason_and_writes_nothing(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        """
        [run]
        repetitions = 2
        interval = 0
        [matrix]
        transport = "null"
        warmup_ms = 0
        """,
    )
    ended = ringbench("run", config, "--reportable", "--out", tmp_path / "run", cwd=tmp_path)
    assert (ended.status, ended.out) == (1, "")
    for said in ("repetitions = 2", "interval = 0", "1 of 1 cells have no warm-up, e.g. null"):
        assert f"\n  - {said}" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["some.toml"]


def test_reportable_refuses_the_rest_of_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "half"
    first = ringbench("run", tiny(tmp_path), "--out", folder, "--benchmark_filter=null")
    assert first.status == 0
    trials = query(folder, "SELECT count(*) FROM trial")
    ended = ringbench("resume", folder, "--reportable")
    assert ended.status == 1
    assert "\n  - repetitions = 2 are too few" in ended.err
    assert query(folder, "SELECT count(*) FROM trial") == trials


def test_what_spoke_against_the_first_part_of_a_run_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "half"
    assert ringbench("run", tiny(tmp_path), "--out", folder, "--benchmark_filter=null").status == 0
    assert ringbench("resume", folder).status == 0
    [[text]] = query(folder, "SELECT value FROM provenance WHERE key = 'reportable'")
    assert "--benchmark_filter=null leaves out cells of the matrix: run without it" in text
    assert len(set(text.splitlines())) == len(text.splitlines())


def test_reportable_remembers_the_first_part_of_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "half"
    flag = "--benchmark_filter=null"
    assert ringbench("run", tiny(tmp_path), "--out", folder, flag).status == 0
    ended = ringbench("resume", folder, "--reportable")
    assert ended.status == 1
    assert f"\n  - {flag} leaves out cells of the matrix" in ended.err
