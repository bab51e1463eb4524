"""The check of configure that a caller cannot ignore a failed reservation, and that it can fail."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.program import REPOSITORY

CHECK = Path("tests/impls/ignored_reservation.cmake")
PROJECT = f"""
cmake_minimum_required(VERSION 3.25)
project(check LANGUAGES CXX)
include({CHECK})
message(STATUS "fact: ${{IGNORED_RESERVATION}}")
"""
NODISCARD = '[[nodiscard("a refused reserve is a drop that must be seen")]]'


def configured(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Configures a project of the check alone, over this text of the contract."""
    (folder / "impls").mkdir()
    (folder / "impls/transport.hpp").write_text(contract)
    (folder / "tests/impls").mkdir(parents=True)
    for file in (CHECK, CHECK.with_suffix(".cpp")):
        shutil.copy(REPOSITORY / file, folder / file)
    (folder / "CMakeLists.txt").write_text(PROJECT)
    compiler = os.environ.get("CXX", "g++")
    command = ["cmake", "-S", str(folder), "-B", str(folder / "build")]
    command.append(f"-DCMAKE_CXX_COMPILER={compiler}")
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def contract() -> str:
    text = (REPOSITORY / "impls/transport.hpp").read_text()
    assert text.count(NODISCARD) == 1
    return text


def test_ignoring_a_reservation_does_not_compile(tmp_path: Path, contract: str) -> None:
    found = configured(tmp_path, contract)
    assert found.returncode == 0, found.stderr
    assert "fact: does not compile" in found.stdout


def test_a_reservation_that_can_be_ignored_stops_configure(tmp_path: Path, contract: str) -> None:
    found = configured(tmp_path, contract.replace(NODISCARD, ""))
    assert found.returncode != 0
    assert "must be [[nodiscard]]" in " ".join(found.stderr.split())


def test_a_caller_that_never_compiles_proves_nothing(tmp_path: Path, contract: str) -> None:
    found = configured(tmp_path, contract + "#error broken\n")
    assert found.returncode != 0
    assert "says nothing" in " ".join(found.stderr.split())


def test_another_reason_than_nodiscard_is_told_apart(tmp_path: Path, contract: str) -> None:
    other = "#ifdef RINGBENCH_IGNORE_RESERVATION\n#error another\n#endif\n"
    found = configured(tmp_path, contract.replace(NODISCARD, "") + other)
    assert found.returncode != 0
    assert "another reason" in " ".join(found.stderr.split())
