"""What the compiler makes of a ring's variants: the instructions that the reports speak of."""

import re
import subprocess
from pathlib import Path

import pytest

from cli.program import RINGBENCH

_FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")


@pytest.fixture(scope="module")
def functions() -> dict[str, list[str]]:
    """The instructions of each function of the object, without addresses."""
    item = Path(RINGBENCH).parent / "CMakeFiles/test_impls.dir/tests/impls/position_load.cpp.o"
    command = ["objdump", "-d", "--no-show-raw-insn", "--section=.text", str(item)]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, list[str]] = {}
    name = ""
    for line in listing.splitlines():
        if heading := _FUNCTION.match(line):
            name = heading[1]
            found[name] = []
        elif name and "\t" in line:
            instruction = line.split("\t", 1)[1].split("#")[0].strip()
            found[name].append(re.sub(r"[0-9a-f]+ <[^>+]+(\+0x[0-9a-f]+)?>", r"\1", instruction))
    return found


def test_a_position_read_with_acquire_and_one_without_are_the_same_instructions(
    functions: dict[str, list[str]],
) -> None:
    assert len(functions["emit_after_acquire"]) > 20
    assert functions["emit_after_acquire"] == functions["emit_after_control"]


def test_a_commit_by_release_store_exchanges_nothing(functions: dict[str, list[str]]) -> None:
    """What is left is the lock's: one exchange, wherever the compiler put it."""

    def exchanges(name: str) -> int:
        return sum(one.startswith("xchg") and "(" in one for one in functions[name])

    assert exchanges("emit_after_release") == 1
    assert exchanges("emit_after_acquire") > 1
