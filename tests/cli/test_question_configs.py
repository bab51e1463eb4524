"""Every config of a question is one that the program takes, and one cell of it runs."""

import re
import shutil
from pathlib import Path

import pytest

from cli.program import REPOSITORY, ringbench

CONFIGS = sorted((REPOSITORY / "configs" / "questions").glob("*.toml"))


@pytest.mark.parametrize("config", CONFIGS, ids=[path.stem for path in CONFIGS])
def test_it_loads(config: Path) -> None:
    ended = ringbench("run", config, "--benchmark_list_tests")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.strip()


@pytest.mark.parametrize("config", CONFIGS, ids=[path.stem for path in CONFIGS])
def test_it_runs_in_a_tiny_form(config: Path, tmp_path: Path) -> None:
    """Windows of a few ms, once; cells that this machine cannot run are skipped."""
    text = re.sub(
        r"(?m)^(repetitions|max_repetitions|attempts) = \d+", r"\1 = 1", config.read_text()
    )
    text = re.sub(r"(?m)^(duration_ms|warmup_ms) = [\d_.]+", r"\1 = 4", text)
    text = re.sub(r"(?m)^(hold_us|hold_every_ms) = .*", r"\1 = 1", text)
    # Where it stands, its traces are in a folder beside it.
    shutil.copytree(CONFIGS[0].parents[1] / "traces", tmp_path / "traces")
    tiny = tmp_path / "questions" / config.name
    tiny.parent.mkdir()
    tiny.write_text(text, encoding="utf-8")
    ended = ringbench("run", tiny, "--out", tmp_path / "run", timeout=300)
    assert ended.status == 0, ended.err
