"""Starts Python processes, and limits the memory, files, network and processes of the one it is called in.

Needs no rights: Landlock (files, signals) and seccomp (system calls) work for any user, and capabilities are given up.
What the system cannot enforce is missing from the answer of `confine`, and ``assistant plugins list`` says so.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import assistant

__all__ = ["LIMITS", "SYSTEM", "Confinement", "confine", "libraries", "start_python"]

LIMITS = ("memory", "files", "network", "processes")
"""what `confine` can limit, depending on the system"""

OPEN_FILES = 128

ENVIRONMENT = ("PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""environment variables of a limited process, with LC_… and PYTHON…; a plugin's secrets are its options"""
ONE_THREAD = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""each thread's arena would count for the limit of memory; and a server with threads cannot be forked safely"""
SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/dev/urandom",
    "/dev/zero",
)
"""paths that any program may read"""

CLASSES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""machine → its audit number, and the column of `DENIED` with its system calls' numbers"""

DENIED: tuple[tuple[int | None, int | None], ...] = (
    *((59, 221), (322, 281), (57, None), (58, None)),  # execve, execveat, fork, vfork
    *((101, 117), (310, 270), (311, 271), (438, 438), (434, 434), (424, 424)),  # ptrace, process_vm_*, pidfd_*
    *((200, 130), (312, 272), (440, 440), (448, 448), (256, 238), (279, 239)),  # tkill, kcmp, process_*, *_pages
    *((160, 164), (141, 140), (144, 119), (142, 118), (203, 122), (314, 274), (251, 30)),  # setrlimit, priorities
    *((425, 425), (426, 426), (427, 427), (321, 280), (298, 241), (323, 282)),  # io_uring, bpf, perf, userfaultfd
    *((319, 279), (447, 447), (29, 194), (64, 190), (68, 186), (240, 180)),  # memory outside the limits
    *((250, 219), (248, 217), (249, 218), (304, 265), (103, 116), (163, 89)),  # keys, open_by_handle_at, syslog, acct
    *((165, 40), (166, 39), (272, 97), (308, 268), (155, 41), (161, 51)),  # mount, umount2, namespaces, chroot
    *((428, 428), (429, 429), (430, 430), (432, 432), (442, 442)),  # the new mount calls
    *((90, None), (91, 52), (268, 53), (452, 452), (92, None), (93, 55), (94, None), (260, 54)),  # chmod, chown
    *((132, None), (235, None), (261, None), (280, 88)),  # times of files
    *((188, 5), (189, 6), (190, 7), (197, 14), (198, 15), (199, 16)),  # attributes of files
)
"""system calls that are refused, as (x86_64, aarch64); Landlock knows nothing of rights, owners and times of files"""

SOCKET, CLONE, CLONE3 = (41, 198), (56, 220), (435, 435)
KILLS = ((62, 129), (234, 131), (129, 138), (297, 240))
"""kill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo: to the process itself only"""
PRLIMIT, PRCTL, FCNTL, IOCTL = (302, 261), (157, 167), (72, 25), (16, 29)

ALLOW, EPERM, ENOSYS, CLONE_THREAD = 0x7FFF0000, 0x00050001, 0x00050026, 0x10000
LOAD, EQUAL, BITS, ATLEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
"""codes of classic BPF: load a word, jump when equal, when bits are set, when at least; return"""

READ, WRITE = 1 << 2 | 1 << 3, 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13 | 1 << 14
"""Landlock's rights: to read files and folders; to write, truncate, remove, make and move files and folders"""
ON_FILES = 1 << 1 | 1 << 2 | 1 << 14
"""those that make sense on a file"""


@dataclass(frozen=True)
class Confinement:
    """Limits of a process."""

    memory: int
    """MB beyond what it has now"""
    readable: tuple[Path, ...] = ()
    """files and folders; those that are not there are left out"""
    writable: tuple[Path, ...] = ()
    network: bool = False
    file_megabytes: int = 64
    """MB of the largest file it may write"""


def start_python(module: str, arguments: Iterable[str], handles: tuple[int, ...]) -> subprocess.Popen[bytes]:
    """Start a module of the assistant in a fresh Python, with little of the environment and no standard streams.

    It inherits the file descriptors `handles` under the same numbers.
    """
    seen = {name: value for name, value in os.environ.items() if name in ENVIRONMENT or name[:3] == "LC_"}
    path = os.pathsep.join([str(Path(assistant.__file__).parent.parent), *filter(None, sys.path)])
    null = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        pass_fds=handles,
        env={**seen, **ONE_THREAD, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        stdin=null,
        stdout=null,
        stderr=null,
        start_new_session=True,  # Ctrl-C in the terminal must not reach it
    )


def libraries(sys_path: Iterable[str], private: Iterable[str]) -> Iterator[Path]:
    """Folders of Python and the installed packages, and other folders of the path that hold nothing private."""
    yield Path(assistant.__file__).parent
    yield from [Path(path) for path in {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}]
    kept = [Path(path) for path in private]
    for entry in map(Path, sys_path):
        if not any(path.is_relative_to(entry) for path in kept):
            yield entry


def confine(limits: Confinement) -> list[str]:
    """Limit this process for good, with its future threads; returns which of `LIMITS` hold. Needs a single thread."""
    done = ["memory"] if _limit_resources(limits.memory, limits.file_megabytes) else []
    if sys.platform != "linux":
        return done
    libc = ctypes.CDLL(None, use_errno=True)
    _drop_capabilities(libc)
    libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG: it ends with the process that forked it
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS, which both of the following need
    done += ["files"] if _restrict_files(libc, limits) else []
    return done + (["network", "processes"] if _filter_calls(libc, limits.network) else [])


def _limit_resources(megabytes: int, file_megabytes: int) -> bool:
    try:
        import resource
    except ImportError:
        return False
    for what, most in (("NOFILE", OPEN_FILES), ("FSIZE", file_megabytes * 2**20), ("CORE", 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{what}"), (most, most))
    try:
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        most = used + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (OSError, ValueError):
        return False
    return True


def _drop_capabilities(libc: Any) -> None:
    """Give up what root may do beyond any other user."""
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    libc.prctl(47, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    libc.capset(struct.pack("II", 0x20080522, 0), bytes(24))


def _restrict_files(libc: Any, limits: Confinement) -> bool:
    abi = libc.syscall(444, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return False
    rights = (1 << (13 + (abi > 1) + (abi > 2))) - 1
    scoped = 0b11 if abi > 5 else 0  # abstract sockets and signals of processes outside
    attributes = struct.pack("QQQ", rights, 0, scoped)[: 24 if abi > 5 else 8]
    rules = libc.syscall(444, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        for path in limits.readable:
            _allow(libc, rules, path, READ & rights)
        for path in limits.writable:
            _allow(libc, rules, path, (READ | WRITE) & rights)
        return bool(libc.syscall(446, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(libc: Any, rules: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = rights if path.is_dir() else rights & ON_FILES
    libc.syscall(445, rules, 1, struct.pack("=Qi", rights, handle), 0)
    os.close(handle)


def _filter_calls(libc: Any, network: bool) -> bool:
    if platform.machine() not in CLASSES or sys.byteorder != "little":
        return False
    audit, column = CLASSES[platform.machine()]
    program = b"".join(struct.pack("HBBI", *each) for each in _instructions(audit, column, network))
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    return bool(libc.prctl(22, 2, header, 0, 0) == 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


Instruction = tuple[int, int, int, int]


def _instructions(audit: int, column: int, network: bool) -> Iterator[Instruction]:
    """The filter: each test loads what it looks at and leaves the call's number loaded."""
    yield from ((LOAD, 0, 0, 4), (EQUAL, 1, 0, audit), (RETURN, 0, 0, EPERM), (LOAD, 0, 0, 0))
    yield from ((ATLEAST, 0, 1, 0x40000000), (RETURN, 0, 0, EPERM))  # the other numbers of x32
    for numbers in DENIED:
        if (number := numbers[column]) is not None:
            yield from ((EQUAL, 0, 1, number), (RETURN, 0, 0, EPERM))
    yield from ((EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, ENOSYS))  # so that libc takes clone
    yield from _when(CLONE[column], [(LOAD, 0, 0, 16), (BITS, 1, 0, CLONE_THREAD), (RETURN, 0, 0, EPERM)])
    for kill in KILLS:
        yield from _when(kill[column], [(LOAD, 0, 0, 16), (EQUAL, 1, 0, os.getpid()), (RETURN, 0, 0, EPERM)])
    yield from _when(PRLIMIT[column], [*_refuse(32, 0, equal=False), *_refuse(36, 0, equal=False)])
    yield from _when(PRCTL[column], _refuse(16, 1))  # PR_SET_PDEATHSIG
    yield from _when(FCNTL[column], [each for command in (8, 10, 15) for each in _refuse(24, command)])  # F_SETOWN…
    terminal = (0x5412, 0x541C, 0x8901, 0x8902)  # TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP
    yield from _when(IOCTL[column], [each for command in terminal for each in _refuse(24, command)])
    internet: Iterable[int] = (2, 10) if network else ()
    passed = [(EQUAL, len(list(internet)) - index, 0, family) for index, family in enumerate(internet)]
    yield from _when(SOCKET[column], [(LOAD, 0, 0, 16), *passed, (RETURN, 0, 0, EPERM)])
    yield (RETURN, 0, 0, ALLOW)


def _when(number: int, body: list[Instruction]) -> Iterator[Instruction]:
    yield (EQUAL, 0, len(body) + 1, number)
    yield from body
    yield (LOAD, 0, 0, 0)


def _refuse(offset: int, value: int, *, equal: bool = True) -> list[Instruction]:
    """Refuse the call when a word of its arguments is a value, or when it is not."""
    jumps = (0, 1) if equal else (1, 0)
    return [(LOAD, 0, 0, offset), (EQUAL, *jumps, value), (RETURN, 0, 0, EPERM)]
