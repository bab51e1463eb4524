"""The machine as hwloc's XML describes it: packages, NUMA nodes, L3 caches, cores and PUs."""

from dataclasses import dataclass
from xml.etree import ElementTree

from plots.errors import NoData


@dataclass(frozen=True)
class Pu:
    cpu: int  # OS index
    package: int
    node: int | None  # OS index; None where hwloc knows no NUMA node for it
    l3: int
    core: int


@dataclass(frozen=True)
class Topology:
    pus: tuple[Pu, ...]
    memory: dict[int, int]  # NUMA node (OS index) to local bytes; 0 where unknown

    @property
    def memory_only(self) -> list[int]:
        """Nodes without a CPU of their own."""
        return sorted(set(self.memory) - {pu.node for pu in self.pus})


def parse(xml: str) -> Topology:
    """From hwloc 2 XML (hwloc's "Importing and exporting topologies from/to XML files")."""
    try:
        return _parsed(ElementTree.fromstring(xml))
    except ElementTree.ParseError as error:
        raise NoData(f"the stored topology_xml is not XML ({error})") from error
    except (ValueError, RecursionError) as error:
        raise NoData(f"the stored topology_xml is not as hwloc writes it ({error})") from error


def _parsed(root: ElementTree.Element) -> Topology:
    nodes = [element for element in root.iter("object") if element.get("type") == "NUMANode"]
    home = {}
    for element in nodes:
        for cpu in cpuset(element.get("cpuset", "0x0")):
            home[cpu] = int(element.get("os_index", "0"))
    pus: list[Pu] = []
    _collect(root, {}, home, pus)
    if not pus:
        raise NoData("the stored topology_xml names no PU")
    memory = {int(n.get("os_index", "0")): int(n.get("local_memory", "0")) for n in nodes}
    return Topology(tuple(pus), memory)


def cpuset(text: str) -> list[int]:
    """CPUs of a hwloc bitmap: 32-bit hexadecimal words, the highest first, separated by commas."""
    mask = 0
    for part in text.split(","):
        mask = (mask << 32) | (int(part, 16) if part else 0)
    return [cpu for cpu in range(mask.bit_length()) if mask >> cpu & 1]


def _collect(
    element: ElementTree.Element,
    above: dict[str, int],
    home: dict[int, int],
    pus: list[Pu],
) -> None:
    kind = element.get("type", "")
    if kind in ("Package", "L3Cache", "Core"):
        # gp_index is unique in the whole topology; os_index of a core is not.
        above = {**above, kind: int(element.get("gp_index", "0"))}
    if kind == "PU":
        cpu = int(element.get("os_index", "0"))
        package = above.get("Package", -1)
        l3 = above.get("L3Cache", -1)
        pus.append(Pu(cpu, package, home.get(cpu), l3, above.get("Core", -2 - cpu)))
    for child in element.findall("object"):
        _collect(child, above, home, pus)
