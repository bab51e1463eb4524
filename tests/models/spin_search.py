"""Searches a model with Spin: every state that it can reach, or the way to one that must not be."""

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MODELS = Path(__file__).resolve().parent
CUT_OFF = ("max search depth too small", "Search not completed", "out of memory", "aborting")


@dataclass(frozen=True)
class Found:
    """What a search says. `broken`: the assertion that fails, as Spin writes it; empty: none does."""

    broken: str
    story: str  # what the models print on the way there
    whole: bool  # nothing was left out
    states: int
    seconds: float
    unreached: Sequence[str]  # statements that never run
    said: str


def search(model: str, defines: Sequence[str], folder: Path, ends: bool = False) -> Found:
    """With `ends`, whether every run ends: there is no cycle in which nothing counts as progress."""
    flags = [f"-D{name}" for name in defines]
    began = time.monotonic()
    _run(["spin", *flags, "-a", str(MODELS / model)], folder)
    kind = "-DNP" if ends else "-DSAFETY"
    # What is wrong is found soon: there the compiler's time is what counts.
    speed = "-O0" if any(name.startswith(("FAULT", "FIND")) for name in defines) else "-O2"
    _run(["gcc", speed, "-w", kind, "-o", "pan", "pan.c"], folder)
    said = _run(["./pan", "-m10000", "-w20", *(["-l"] if ends else [])], folder)
    errors = re.search(r"errors: (\d+)", said)
    states = re.search(r"(\d+) states, stored", said)
    assert errors and states, said
    broken, story = "", ""
    if errors[1] != "0":
        first = re.search(r"pan:1: (.*) \(at depth", said)
        broken = first[1] if first else said
        trail = next(folder.glob("*.trail"))
        story = _run(["spin", *flags, "-k", str(trail), "-t", str(MODELS / model)], folder)
    return Found(
        broken.replace(" ", ""),
        story,
        not any(sign in said for sign in CUT_OFF),
        int(states[1]),
        time.monotonic() - began,
        re.findall(r'^\t.*, state \d+, "(.*)"$', said, re.MULTILINE),
        said,
    )


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    said = done.stdout + done.stderr
    assert done.returncode == 0 or command[0] != "gcc", said
    return said
