"""Stores and their pictures, made once for the whole run: drawing is what takes the time."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import synthetic

from plots.cli import main


@dataclass(frozen=True)
class Run:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def paths(self) -> list[Path]:
        return [Path(line) for line in self.out.splitlines()]


def plots(*arguments: object) -> Run:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(argument) for argument in arguments])
    return Run(status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.small_store(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.large_store(tmp_path_factory.mktemp("large"))


@pytest.fixture(scope="session", params=["small", "large"])
def figures(request: pytest.FixtureRequest) -> Run:
    return plots("figure", "all", request.getfixturevalue(request.param))


@pytest.fixture(scope="session")
def small_report(small: Path) -> str:
    return report_of([small])


def report_of(stores: Sequence[Path], *arguments: str) -> str:
    run = plots("report", *stores, *arguments)
    assert run.status == 0, run.err
    return run.paths[0].read_text(encoding="utf-8")
