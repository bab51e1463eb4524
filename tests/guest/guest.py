"""A virtual machine with NUMA nodes: Debian's kernel in QEMU's software emulation, and the program under test in it.

Nothing is installed: the kernel's package is unpacked beside the program, in build/guest.
"""

import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from cli.program import RINGBENCH

HERE = Path(__file__).parent
FOLDER = Path(RINGBENCH).resolve().parent / "guest"
KERNEL = "linux-image-cloud-amd64"  # names the package of the newest one
TIMEOUT_S = 500

# Node 4 has no CPU, node 3 little memory.
CPUS_OF_NODE: dict[int, list[int]] = {0: [0, 1], 1: [2, 3], 2: [4, 5], 3: [6, 7], 4: []}
MIB_OF_NODE = {0: 640, 1: 256, 2: 256, 3: 96, 4: 256}
DISTANCES = {
    (0, 1): 12, (0, 2): 20, (0, 3): 28, (0, 4): 24,
    (1, 2): 22, (1, 3): 30, (1, 4): 17,
    (2, 3): 14, (2, 4): 40,
    (3, 4): 42,
}  # fmt: skip


def distance(a: int, b: int) -> int:
    return 10 if a == b else DISTANCES[min(a, b), max(a, b)]


class NoGuest(Exception):
    """Why there is none, and what would mend it."""


def kernel() -> Path:
    """Of Debian, which has an older one than most machines that measure."""
    found = sorted(FOLDER.glob("kernel/boot/vmlinuz-*"))
    if found:
        return found[-1]
    FOLDER.mkdir(parents=True, exist_ok=True)
    depends = _said(["apt-cache", "depends", KERNEL])
    match = re.search(r"Depends: (linux-image-\S+)", depends)
    if not match:
        raise NoGuest(f"apt knows no {KERNEL}: run 'apt-get update' as root, then this again")
    # A machine whose packages all are there may have an index that is too old to find it.
    if not _download(match[1]):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        if not _download(match[1]):
            raise NoGuest(
                f"'apt-get download {match[1]}' fails: see that Debian's archive is reachable"
            )
    package = next(FOLDER.glob("linux-image-*.deb"))
    subprocess.run(["dpkg", "-x", package, FOLDER / "kernel"], check=True)
    return next(FOLDER.glob("kernel/boot/vmlinuz-*"))


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _download(package: str) -> bool:
    command = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package]
    return subprocess.run(command, cwd=FOLDER, check=False).returncode == 0


def boot(folder: Path, steps: str, configs: dict[str, str]) -> Path:
    """Runs `steps` (lines for init.sh) in the guest. What they left is in the folder that is returned.

    configs: the text of /configs/NAME.toml.
    """
    image = kernel()
    initramfs = _initramfs(folder, steps, configs)
    console, sent = folder / "console", folder / "sent"
    try:
        subprocess.run(_qemu(image, initramfs, console, sent), timeout=TIMEOUT_S, check=True)
    except subprocess.TimeoutExpired:
        raise NoGuest(f"the guest did not end within {TIMEOUT_S} s: {_tail(console)}") from None
    out = folder / "out"
    try:
        with tarfile.open(sent) as archive:
            archive.extractall(out)  # our own
    except (tarfile.TarError, EOFError, OSError) as error:
        raise NoGuest(f"the guest sent nothing whole ({error}): {_tail(console)}") from None
    return out


def _tail(console: Path) -> str:
    return console.read_text(encoding="utf-8", errors="replace")[-3000:]


def _qemu(image: Path, initramfs: Path, console: Path, sent: Path) -> list[str]:
    nodes = []
    for node, mib in MIB_OF_NODE.items():
        cpus = "".join(f",cpus={cpu}" for cpu in CPUS_OF_NODE[node])
        nodes += ["-object", f"memory-backend-ram,id=m{node},size={mib}M"]
        nodes += ["-numa", f"node,nodeid={node},memdev=m{node}{cpus}"]
    for (a, b), value in DISTANCES.items():
        nodes += ["-numa", f"dist,src={a},dst={b},val={value}"]
    return [
        "qemu-system-x86_64",
        *("-accel", "tcg,thread=multi", "-cpu", "max"),
        *("-smp", "8,sockets=4,cores=2,threads=1", "-m", f"{sum(MIB_OF_NODE.values())}M"),
        *nodes,
        *("-kernel", str(image), "-initrd", str(initramfs)),
        *("-append", "console=ttyS0 quiet panic=-1"),
        *("-nodefaults", "-display", "none", "-no-reboot", "-monitor", "none"),
        *("-serial", f"file:{console}", "-serial", f"file:{sent}"),
    ]


def _initramfs(folder: Path, steps: str, configs: dict[str, str]) -> Path:
    root = folder / "root"
    for name in ("bin", "lib", "lib64", "configs", "proc", "sys", "dev", "tmp", "out"):
        (root / name).mkdir(parents=True)
    shutil.copy(RINGBENCH, root / "bin/ringbench")
    for library in re.findall(r"(/\S+) \(0x", _said(["ldd", RINGBENCH])):
        shutil.copy(library, root / "lib")
    (root / "lib64/ld-linux-x86-64.so.2").symlink_to("/lib/ld-linux-x86-64.so.2")
    shutil.copy("/bin/busybox", root / "bin")
    for applet in set(_said(["/bin/busybox", "--list"]).split()) - {"busybox"}:
        (root / "bin" / applet).symlink_to("busybox")
    shutil.copy(HERE / "init.sh", root / "init")
    (root / "init").chmod(0o755)
    (root / "steps").write_text(steps, encoding="utf-8")
    for name, text in configs.items():
        (root / "configs" / f"{name}.toml").write_text(text, encoding="utf-8")
    packed = folder / "initramfs"
    files = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    with packed.open("wb") as out:
        subprocess.run(
            ["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"],
            input=files.encode(), stdout=out, cwd=root, check=True,
        )  # fmt: skip
    return packed
