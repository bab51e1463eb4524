"""A thread of another process that goes no further, wherever it is: to the others, a thread that was killed."""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

DETACH, SEIZE, INTERRUPT = 17, 0x4206, 0x4207  # of ptrace(2)
WALL = 0x40000000  # of waitpid(2): threads too

_libc = ctypes.CDLL(None, use_errno=True)


def threads(process: int, name: str) -> list[int]:
    """Those whose name begins so."""
    found = []
    with suppress(OSError):  # a process or a thread that has ended
        for task in Path(f"/proc/{process}/task").iterdir():
            if (task / "comm").read_text().startswith(name):
                found.append(int(task.name))
    return found


def children(process: int) -> list[int]:
    with suppress(OSError):
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
        return [int(word) for word in text.split()]
    return []


def stop(thread: int) -> bool:
    """Whether it was still there. It is stopped until `release`, or until its process is gone: see `wait_until_gone`."""
    try:
        _ptrace(SEIZE, thread)
        _ptrace(INTERRUPT, thread)
    except ProcessLookupError:
        return False
    _, status = os.waitpid(thread, WALL)
    return os.WIFSTOPPED(status)


def release(thread: int) -> None:
    """It goes on."""
    _ptrace(DETACH, thread)


def wait_until_gone(thread: int) -> None:
    """The process of a traced thread does not end before its tracer has seen the thread end."""
    while True:
        _, status = os.waitpid(thread, WALL)
        if not os.WIFSTOPPED(status):
            return


def _ptrace(request: int, thread: int) -> None:
    if _libc.ptrace(ctypes.c_long(request), ctypes.c_long(thread), None, None) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
