"""One boot for all tests: its steps, its configs, and what it left."""

import re
from pathlib import Path

import pytest

from cli.program import ringbench
from guest.guest import boot

# The guest's CPUs take turns on fewer of the host: an event of producers that queue for a lock lasts long, so each
# looks whether the time is over.
ONCE = """
[run]
seed = 1
repetitions = 1
max_repetitions = 1
watchdog_s = 5
[noise]
attempts = 1
[defaults]
sample_every = 1
warmup_ms = 1
duration_ms = 10
"""
FULL = (
    ONCE
    + """
[matrix]
transport = "ringbuf"
placement = "explicit"
cpus = [6]
consumer = "shares_producer_core"
bytes = 134_217_728 # more than node 3 has
"""
)


def values(key: str) -> list[str]:
    """All that the program takes for it: a new one is tested without being named here."""
    [line] = re.findall(rf"^{key} +(.*); default", ringbench("list", "--keys").out, re.MULTILINE)
    found = re.findall(r'"(\w+)"', line)
    assert len(found) > 1, line
    return found


def placements() -> str:
    consumers = values("consumer")
    policies = [policy for policy in values("placement") if policy != "explicit"]
    return (
        ONCE
        + f"""
[matrix]
transport = "ringbuf"
producers = 3
placement = {policies}
consumer = {consumers}
[[include]]
transport = "ringbuf"
producers = 3
placement = "explicit"
cpus = [[7, 2, 5]]
consumer = {consumers}
[[include]]
transport = "hybrid"
producers = 4
consumers = "per_ring"
consumer = "own_core_same_node"
placement = "scatter"
hybrid = {{ mapping = "per_node" }}
"""
    )


def memories() -> str:
    return (
        ONCE
        + f"""
[defaults.hybrid]
mapping = "per_node"
[matrix]
transport = ["ringbuf", "perfbuf", "hybrid"]
producers = 2
placement = "scatter"
consumer = "own_core_other_node"
ring_memory = {values("ring_memory")}
bytes = 131_072
"""
    )


MATRIX = (
    ONCE
    + """
[matrix]
transport = ["null", "ringbuf", "perfbuf", "hybrid", "kernel_null", "kernel_ringbuf", "kernel_hybrid", "kernel_perfbuf"]
producers = [1, 8]
consumer = "shares_producer_core"
poll = ["busy", "epoll"]
"""
)
# Every driver and reader of the kernel's own, on this kernel.
KERNEL = (
    ONCE
    + """
consumer = "shares_producer_core"
producers = 2
[matrix]
transport = ["kernel_ringbuf", "kernel_hybrid", "kernel_perfbuf"]
[matrix.kernel_ringbuf]
driver = ["test_run", "syscall", "lifecycle", "nmi", "timer"]
reader = ["mapped", "libbpf"]
[matrix.kernel_hybrid]
driver = ["test_run", "syscall", "lifecycle"]
cpus_per_ring = 1
[matrix.kernel_perfbuf]
driver = ["test_run", "syscall", "lifecycle"]
reader = ["mapped", "libbpf"]
[[include]]
transport = "kernel_ringbuf"
poll = "after_window"
kernel_ringbuf = { overwrite = "on" }
[[include]]
transport = "kernel_ringbuf"
kernel_ringbuf = { notify = ["always", "never", "sampled", "bytes"], call = "output" }
"""
)
ALLOWED = (
    ONCE
    + """
[matrix]
transport = "ringbuf"
producers = 3
consumer = "own_core_same_node"
[[include]]
transport = "ringbuf"
producers = 2
placement = "explicit"
cpus = [0, 2]
consumer = "shares_producer_core"
"""
)
OFFLINE = (
    ONCE
    + """
[matrix]
transport = "ringbuf"
producers = [6, 8]
consumer = "shares_producer_core"
[[include]]
transport = "ringbuf"
placement = "explicit"
cpus = [5]
consumer = "shares_producer_core"
"""
)
STEPS = """
step list ringbench list
step doctor ringbench doctor --seconds 0.2
run placements
run memories
run matrix
run kernel
run full
run fallback
step allowed taskset 0x3c ringbench run /configs/allowed.toml --out /out/allowed
echo 0 >/sys/devices/system/cpu/cpu5/online
run offline
step bpffs find /sys/fs/bpf
"""


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    configs = {
        "placements": placements(),
        "memories": memories(),
        "matrix": MATRIX,
        "kernel": KERNEL,
        "full": FULL,
        "fallback": FULL + 'ring_memory = "local"\n',
        "allowed": ALLOWED,
        "offline": OFFLINE,
    }
    return boot(tmp_path_factory.mktemp("guest"), STEPS, configs)
