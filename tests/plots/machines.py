"""Two machines that stores can come from, with their hwloc XML."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Server:
    nodes: int
    cores: int
    smt: int
    provenance: Mapping[str, str | None]

    @property
    def cpus(self) -> int:
        return self.nodes * self.cores * self.smt


def hwloc_xml(nodes: int, cores: int, smt: int) -> str:
    """hwloc 2 XML of `nodes` packages, each one NUMA node with one L3."""
    ids = itertools.count(1)
    packages = []
    for node in range(nodes):
        first = node * cores * smt
        text = "".join(
            f'<object type="Core" os_index="{core}" gp_index="{next(ids)}">'
            + "".join(
                f'<object type="PU" os_index="{first + core * smt + pu}" gp_index="{next(ids)}"/>'
                for pu in range(smt)
            )
            + "</object>"
            for core in range(cores)
        )
        packages.append(
            f'<object type="Package" os_index="{node}" gp_index="{next(ids)}">'
            f'<object type="NUMANode" os_index="{node}" cpuset="{_bitmap(first, cores * smt)}"'
            f' local_memory="{64 << 30}" gp_index="{next(ids)}"/>'
            f'<object type="L3Cache" gp_index="{next(ids)}">{text}</object></object>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE topology SYSTEM "hwloc2.dtd">'
        '<topology version="2.0"><object type="Machine" os_index="0" gp_index="0">'
        + "".join(packages)
        + "</object></topology>"
    )


def _bitmap(first: int, count: int) -> str:
    mask = ((1 << count) - 1) << first
    words: list[str] = []
    while mask or not words:
        words.append(f"0x{mask & 0xFFFFFFFF:08x}")
        mask >>= 32
    return ",".join(reversed(words))


SMALL = Server(1, 2, 1, {"topology_xml": hwloc_xml(1, 2, 1), "hypervisor": "KVM"})
LARGE = Server(
    4,
    10,
    2,
    {
        "host": "omega",
        "config_name": "full",
        "config_title": "Everything",
        "cpus_allowed": "0-79",
        "smt": "on",
        "numa_nodes": "4",
        "topology_xml": hwloc_xml(4, 10, 2),
    },
)
