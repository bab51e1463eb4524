"""A few damaged files of each kind; `./run.sh fuzz` reads more."""

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent


def test_what_is_damaged_is_read_or_refused() -> None:
    paths = [str(TESTS), str(TESTS / "plots"), str(TESTS.parent)]
    ended = subprocess.run(
        [sys.executable, "-m", "fuzz.hostile_files", "100"],
        env={"PYTHONPATH": ":".join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    for line in ended.stdout.splitlines():
        assert "refused=0" not in line and "100 files" in line
    assert len(ended.stdout.splitlines()) == 3
