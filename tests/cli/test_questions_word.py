"""`./run.sh questions`: every config once, then the page; what is finished is left alone."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from cli.processes import wait_for_line
from cli.program import REPOSITORY, RINGBENCH, environment, tiny
from cli.run_store import assert_sound


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The program as it is, with two tiny questions; nothing is built, as `ninja` does nothing."""
    root = tmp_path / "tree"
    for folder in ("build", "configs/questions", "bin"):
        (root / folder).mkdir(parents=True)
    for name in ("plots", "planner"):
        (root / name).symlink_to(REPOSITORY / name)
    (root / "run.sh").write_bytes((REPOSITORY / "run.sh").read_bytes())
    (root / "build" / "ringbench").symlink_to(Path(RINGBENCH).resolve())
    (root / "build" / "build.ninja").touch()
    (root / "bin" / "ninja").write_text("#!/bin/sh\n")
    for program in ("run.sh", "bin/ninja"):
        (root / program).chmod(0o755)
    for name in ("contended_ring", "event_rate"):
        tiny(root / "configs" / "questions", name=name, duration_ms=40)
    return root


def begun(tree: Path, folder: Path) -> "subprocess.Popen[str]":
    path = {"PATH": f"{tree / 'bin'}:{os.environ['PATH']}"}
    return subprocess.Popen(
        ["bash", tree / "run.sh", "questions", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(path),
        start_new_session=True,
    )


def questions(tree: Path, folder: Path) -> tuple[int, str, str]:
    with begun(tree, folder) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_every_config_then_the_page(tree: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    status, out, err = questions(tree, folder)
    assert (status, out) == (0, f"{folder / 'report.html'}\n"), err
    assert err.index("question 1 of 2: contended_ring") < err.index("question 2 of 2: event_rate")
    stores = [folder / name / "run.sqlite" for name in ("contended_ring", "event_rate")]
    before = [store.read_bytes() for store in stores]
    assert questions(tree, folder)[:2] == (0, out)
    assert [store.read_bytes() for store in stores] == before, "finished runs are left alone"


def test_an_interrupt_says_how_to_go_on(tree: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    with begun(tree, folder) as process:
        wait_for_line(process, "[3/")
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert f"Go on with: ./run.sh questions {folder}" in err
    assert_sound(folder / "contended_ring")
    assert not (folder / "event_rate").exists()
    assert questions(tree, folder)[0] == 0
