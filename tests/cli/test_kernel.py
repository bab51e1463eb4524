"""The kernel's transports as a user meets them: without the privilege, cut short, and misconfigured."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from cli.kernel_objects import KINDS, Objects, pinned_and_mounted
from cli.processes import (
    Process,
    assert_nobody_is_left,
    running,
    to_the_group,
    wait_for_line,
)
from cli.program import REPOSITORY, RINGBENCH, ringbench, written
from cli.run_store import assert_complete, assert_sound, query, trials

HEAD = """
[run]
repetitions = {repetitions}
max_repetitions = {repetitions}
[noise]
attempts = 1
[defaults]
warmup_ms = 1
duration_ms = {duration_ms}
consumer = "shares_producer_core"
"""
MATRIX = """
[matrix]
transport = ["null", "kernel_null", "kernel_ringbuf", "kernel_hybrid", "kernel_perfbuf"]
[matrix.kernel_ringbuf]
driver = ["test_run", "syscall"]
[matrix.kernel_hybrid]
reader = "libbpf"
[matrix.kernel_perfbuf]
reader = "libbpf"
"""
CELLS = 6
SENTENCE = (
    "this process may not load tracing BPF programs: run it as root, or with CAP_BPF and CAP_PERFMON"
    " (setcap cap_bpf,cap_perfmon+ep on the binary)"
)


def config(folder: Path, matrix: str = MATRIX, repetitions: int = 1, duration_ms: int = 20) -> Path:
    return written(folder, HEAD.format(repetitions=repetitions, duration_ms=duration_ms) + matrix)


def why_unavailable() -> str:
    lines = iter(ringbench("list").out.splitlines())
    for line in lines:
        if line.startswith("kernel_ringbuf"):
            after = next(lines).strip()
            return after.removeprefix("not available: ") if after.startswith("not av") else ""
    raise AssertionError("kernel_ringbuf is not listed")


@pytest.fixture
def available() -> None:
    if why := why_unavailable():
        pytest.skip(why)


# --- nothing is left behind -------------------------------------------------------------------------


def watch_until(process: Process, objects: Objects, wanted: set[str]) -> None:
    """Until objects of each of these kinds were seen."""
    for _ in range(2_000):
        objects.look(process.pid)
        if all(objects.of(kind) for kind in wanted):
            return
        time.sleep(0.005)
    raise AssertionError(f"of {wanted} only these were seen: {objects.seen}")


@pytest.mark.usefixtures("available")
def test_a_run_leaves_nothing_in_the_kernel(tmp_path: Path) -> None:
    before, objects = pinned_and_mounted(), Objects()
    for number in range(10):  # one who looks on may miss a trial
        folder = tmp_path / f"run{number}"
        with running("run", config(tmp_path, duration_ms=60), "--out", folder) as process:
            while process.poll() is None:
                objects.look(process.pid)
                time.sleep(0.01)
        assert process.returncode == 0
        assert_complete(folder, repetitions=1)
        assert len(trials(folder)) == CELLS
        objects.assert_gone()
        assert_nobody_is_left(process.pid)
        assert pinned_and_mounted() == before
        if all(objects.of(kind) for kind in KINDS) and len(objects.of("prog")) >= CELLS - 1:
            return
    raise AssertionError(f"too little was seen that could have been left: {objects.seen}")


SYSCALL = """
[matrix]
transport = "kernel_ringbuf"
[matrix.kernel_ringbuf]
driver = "syscall"
"""
PERF = '[matrix]\ntransport = "kernel_perfbuf"\n'


@pytest.mark.usefixtures("available")
@pytest.mark.parametrize(
    ("matrix", "kinds"),
    [(SYSCALL, {"prog", "map", "link"}), (PERF, {"prog", "map"})],
    ids=["syscall", "perf"],
)
def test_a_run_that_is_killed_leaves_nothing_in_the_kernel(
    matrix: str, kinds: set[str], tmp_path: Path
) -> None:
    before, objects = pinned_and_mounted(), Objects()
    folder = tmp_path / "run"
    killed = config(tmp_path, matrix, repetitions=2, duration_ms=3_000)
    with running("run", killed, "--out", folder) as process:
        watch_until(process, objects, kinds)
        process.kill()
        process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert_nobody_is_left(process.pid)
    objects.assert_gone()
    assert pinned_and_mounted() == before
    assert_sound(folder)


@pytest.mark.usefixtures("available")
@pytest.mark.parametrize("interrupts", [1, 2])
def test_an_interrupted_run_leaves_nothing_in_the_kernel(interrupts: int, tmp_path: Path) -> None:
    before, objects = pinned_and_mounted(), Objects()
    folder = tmp_path / "run"
    cut_short = config(tmp_path, SYSCALL, repetitions=5, duration_ms=2_000)
    with running("run", cut_short, "--out", folder) as process:
        watch_until(process, objects, {"prog", "map", "link"})
        to_the_group(process)
        if interrupts == 2:
            wait_for_line(process, "finishing")
            to_the_group(process)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert_nobody_is_left(process.pid)
    objects.assert_gone()
    assert pinned_and_mounted() == before
    assert_sound(folder)
    assert len(trials(folder)) == (1 if interrupts == 1 else 0)


# --- without the privilege --------------------------------------------------------------------------

DROPPED = ["setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin"]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def unprivileged(wrapper: list[str], *arguments: object) -> subprocess.CompletedProcess[str]:
    if os.geteuid() != 0:
        pytest.skip("needs root, to give up what root may do")
    words = [*wrapper, RINGBENCH, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 126:
        pytest.skip(f"nobody may not execute {RINGBENCH}")
    return done


@pytest.mark.usefixtures("available")
@pytest.mark.parametrize("wrapper", [DROPPED, NOBODY], ids=["dropped", "nobody"])
def test_the_list_says_what_is_missing(wrapper: list[str]) -> None:
    done = unprivileged(wrapper, "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(f"not available: {SENTENCE}\n") == 4
    assert "kernel_perfbuf " in done.stdout, "it is listed all the same"


@pytest.mark.usefixtures("available")
def test_root_without_one_of_the_two_capabilities_is_refused_too() -> None:
    for missing in ("bpf", "perfmon"):
        done = unprivileged(["setpriv", f"--bounding-set=-{missing},-sys_admin"], "list")
        assert done.stdout.count(SENTENCE) == 4, missing
    done = unprivileged(["setpriv", "--bounding-set=-sys_admin"], "list")
    assert "not available" not in done.stdout


@pytest.mark.usefixtures("available")
def test_without_the_privilege_the_other_cells_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = unprivileged(DROPPED, "run", config(tmp_path), "--out", folder)
    assert done.returncode == 0, done.stderr
    assert f"{CELLS - 1} cells were skipped" in done.stdout
    assert_complete(folder, repetitions=1)
    cells = query(folder, "SELECT transport, status, reason FROM cell ORDER BY transport")
    assert cells.pop() == ("null", "planned", None)
    assert len(cells) == CELLS - 1
    assert {(status, reason) for _, status, reason in cells} == {("skipped", SENTENCE)}
    assert len(trials(folder)) == 1


# --- without the tools ------------------------------------------------------------------------------

LISTING = """
#include <cstdio>
#include "impls/list.hpp"
int main() {
  for (const ringbench::Row* row : ringbench::transports())
    std::printf("%.*s: %s\\n", int(row->name.size()), row->name.data(), row->unavailable().c_str());
}
"""


def compiled(folder: Path, *words: str) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_clang_and_bpftool_the_rows_say_so(tmp_path: Path) -> None:
    """Builds the transports alone, and asks each row what `list` asks it."""
    tools = [
        "-DBPF_CLANG=",  # found, but nothing: not looked for
        "-DBPFTOOL=",
        "-DCMAKE_BUILD_TYPE=Debug",
    ]
    compiled(tmp_path, "cmake", "-G", "Ninja", "-S", str(REPOSITORY), "-B", "build", *tools)
    compiled(tmp_path, "ninja", "-C", "build", "impls")
    (tmp_path / "listing.cpp").write_text(LISTING)
    compiled(
        tmp_path,
        *("c++", "-std=c++20", f"-I{REPOSITORY}", "listing.cpp", "build/libimpls.a", "-lfmt"),
        *("-o", "listing"),
    )
    done = subprocess.run([tmp_path / "listing"], capture_output=True, text=True, check=True)
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert said["ringbuf"] == said["null"] == ""
    for name in ("kernel_null", "kernel_ringbuf", "kernel_hybrid", "kernel_perfbuf"):
        assert "(package clang)" in said[name] and "(package bpftool)" in said[name]
        assert "libbpf" not in said[name], "what is there is not missed"
        assert said[name].endswith("install it, delete the build folder and build again")


# --- configs that ask for what there is not -----------------------------------------------------------


@pytest.mark.usefixtures("available")
@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (
            'transport = "kernel_ringbuf"\nbudget = 8\n[matrix.kernel_ringbuf]\nreader = "libbpf"\n',
            "libbpf's consume has no bound",
        ),
        (
            'transport = "kernel_perfbuf"\nrecord_size = 1000\n[matrix.kernel_perfbuf]\n'
            'source = "stack"\n',
            "a payload of 1000 bytes does not fit where it is made before it is copied, which has"
            ' 384 bytes: make record_size smaller, or set source = "scratch"',
        ),
        (
            'transport = "kernel_ringbuf"\nrecord_size = 40000\n[matrix.kernel_ringbuf]\n'
            'call = "output"\n',
            "which has 32768 bytes: make record_size smaller",
        ),
        (
            'transport = "kernel_hybrid"\nsizes = "uniform"\nrecord_size = 8\nrecord_size_max = 64\n',
            "a BPF program here sends records of one size, which the verifier must know: set sizes ="
            ' "fixed"',
        ),
        (
            'transport = "kernel_ringbuf"\n[matrix.kernel_ringbuf]\noverwrite = "on"\n',
            'set poll = "after_window"',
        ),
    ],
    ids=["budget", "stack", "scratch", "mixed_sizes", "overwrite"],
)
def test_what_a_kernel_row_cannot_do_is_skipped_with_the_reason(
    matrix: str, said: str, tmp_path: Path
) -> None:
    mistaken = config(tmp_path, "[matrix]\n" + matrix)
    ended = ringbench("run", mistaken, "--out", tmp_path / "run")
    assert ended.status == 0, ended.err
    ((status, reason),) = query(tmp_path / "run", "SELECT status, reason FROM cell")
    assert status == "skipped"
    assert said in reason


@pytest.mark.usefixtures("available")
def test_overwriting_takes_a_kernel_that_can(tmp_path: Path) -> None:
    text = '[matrix]\ntransport = "kernel_ringbuf"\npoll = "after_window"\n'
    overwriting = config(tmp_path, text + '[matrix.kernel_ringbuf]\noverwrite = "on"\n')
    ended = ringbench("run", overwriting, "--out", tmp_path / "run")
    assert ended.status == 0, ended.err
    ((status, reason),) = query(tmp_path / "run", "SELECT status, reason FROM cell")
    if status == "planned":
        assert_complete(tmp_path / "run", repetitions=1)
    else:
        release = os.uname().release
        assert reason == f"this kernel ({release}) has no BPF_F_RB_OVERWRITE: it takes Linux 6.19"


WRONG = """
[matrix]
transport = "kernel_ringbuf"
[matrix.kernel_ringbuf]
driver = "sycall"
reader = 3
batch = 1025
notify = "watermark"
watermark_bytes = 5
"""


def test_words_that_there_are_not_are_errors_with_their_place(tmp_path: Path) -> None:
    wrong = written(tmp_path, WRONG)
    ended = ringbench("run", wrong, "--out", tmp_path / "run", cwd=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    lines = ended.err.splitlines()
    for number, words in {
        5: ["driver", '"sycall"', 'did you mean "syscall"?'],
        6: ["reader", "mapped", "libbpf"],
        7: ["batch", "1025", "1024"],
        8: ["notify", '"watermark"', "adaptive"],
        9: ["watermark_bytes"],
    }.items():
        told = [line for line in lines if line.startswith(f"ringbench: {wrong}:{number}:")]
        assert len(told) == 1, ended.err
        assert all(word in told[0] for word in words), told[0]
    assert not (tmp_path / "run").exists()
