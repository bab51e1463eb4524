"""One finished run that many tests look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.program import RINGBENCH, Ended, ringbench, tiny


@dataclass(frozen=True)
class Finished:
    """A run of the tiny config that went well."""

    folder: Path
    config: Path
    json: Path
    ended: Ended


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    if not Path(RINGBENCH).exists():
        pytest.exit(f"{RINGBENCH} is not built; build it, or name another in RINGBENCH", 1)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    place = tmp_path_factory.mktemp("finished")
    config, folder, json = tiny(place), place / "run", place / "out.json"
    ended = ringbench("run", config, "--out", folder, f"--benchmark_out={json}")
    yield Finished(folder, config, json, ended)
