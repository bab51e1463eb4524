"""What the kernel holds of BPF, and who holds it."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from cli.processes import members

KINDS = ("prog", "map", "link")


class Objects:
    """BPF programs, maps and links that a process group was seen to hold, by kind and number."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()

    def look(self, group: int) -> None:
        for process, _ in members(group):
            for info in Path(f"/proc/{process}/fdinfo").glob("*"):
                try:
                    text = info.read_text()
                except OSError:  # closed meanwhile
                    continue
                for line in text.splitlines():
                    key, _, value = line.partition(":")
                    if key in ("prog_id", "map_id", "link_id"):
                        self.seen.add((key.removesuffix("_id"), value.strip()))

    def of(self, kind: str) -> set[str]:
        return {number for found, number in self.seen if found == kind}

    def assert_gone(self) -> None:
        """The kernel frees them a little after their last holder is gone."""
        for _ in range(100):
            there = {(kind, n) for kind in KINDS for n in self.of(kind) & in_the_kernel(kind)}
            if not there:
                return
            time.sleep(0.05)
        raise AssertionError(f"still in the kernel: {there}")


def bpftool() -> str:
    found = shutil.which("bpftool", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if found is None:
        raise FileNotFoundError("needs bpftool, to see what the kernel holds (package bpftool)")
    return found


def in_the_kernel(kind: str) -> set[str]:
    done = subprocess.run([bpftool(), kind, "show"], capture_output=True, text=True, check=True)
    return {line.split(":")[0] for line in done.stdout.splitlines() if line[:1].isdigit()}


def pinned_and_mounted() -> tuple[set[Path], str]:
    return set(Path("/sys/fs/bpf").rglob("*")), Path("/proc/self/mounts").read_text()
