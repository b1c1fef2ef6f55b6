"""Harmful plugins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Build = Callable[..., Any]


HEAD = """
import asyncio, ctypes, json, os, re, signal, socket, subprocess, sys, threading, time
from assistant import Manifest, Reply, hookimpl
MANIFEST = Manifest(timeout=20)
"""


NO_ANSWER = "did not answer within 1 s"


REGISTER = """
@hookimpl
def register_intents(register):
    register(act, examples=['act'], acts=False)
"""


FORK_BOMB = "while True:\n    os.fork()"


MEMORY_BOMB = "held = []\nwhile True: held.append(bytearray(10_000_000))"


THREADS = "def burn():\n    while True: pass\nfor _ in range(3): threading.Thread(target=burn).start()\nreturn 'left'"


SIGNALS = (
    "for number in range(1, 65):\n    try: signal.signal(number, lambda *_: None)\n"
    "    except (OSError, ValueError): pass\nwhile True: pass"
)


TRACE = "libc = ctypes.CDLL(None, use_errno=True)\nassert libc.ptrace(16, os.getppid(), 0, 0) == 0, 'not traced'"


PATCH = "json.dumps = json.loads = None\nimport assistant.errors\nassistant.errors.PluginError = None\nreturn 'patched'"


INTERNALS = (
    "from assistant.storage import Database\nfrom assistant.settings import data_dir\n"
    "with Database(f'sqlite:///{data_dir()}/assistant.sqlite3').begin() as there: there.exec_driver_sql('drop table x')"
)


CLOSE = "os.closerange(0, 200)\nreturn 'closed'"


NOISE = "while True: os.write(2, b'noise ' * 1000 + b'\\n')"


STREAM = "def forever():\n    while True: yield 'more'\nreturn forever()"


NICE = "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)"


INJECT = 'os.write(3, b\'{"id": 1, "do": "eval", "of": "services", "arguments": {}}\\n\' * 500)\ntime.sleep(9)'


SHARE = "import mmap\nheld = []\nwhile True:\n    held.append(mmap.mmap(-1, 10**8))\n    held[-1].write(b'x' * 10**8)"


LINK = "os.symlink('/etc/passwd', 'mine.txt')\nreturn Reply('x', attachments=('mine.txt',))"


OTHERS = "return Reply('x', attachments=('other/secret.txt',))"


CALLS = {
    "catastrophic regex": ("re.match('(a+)+$', 'a' * 60 + 'b')", NO_ANSWER),
    "endless power": ("9**9**8", NO_ANSWER),
    "exit": ("os._exit(0)", "its process ended on its own (code 0)"),
    "abort": ("os.abort()", "its process ended on its own (signal 6)"),
    "patches the program": (PATCH, NO_ANSWER),
    "attaches a password file": ("return Reply('x', attachments=('/etc/passwd',))", "attached '/etc/passwd'"),
    "attaches by a way up": ("return Reply('x', attachments=('../../../etc/passwd',))", "attached '../../../etc/"),
    "attaches what belongs to another": (OTHERS, "attached 'other/secret.txt', which is not a file of its own"),
    "attaches through a link": (LINK, "PermissionError"),
    "reads keys": ("return open('KEYS').read()", "PermissionError"),
    "lists a home": ("return str(os.listdir(os.path.expanduser('~')))", "PermissionError"),
    "opens a socket": ("socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
    "asks a local service": ("socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock')", "PermissionError"),
    "fork bomb": (FORK_BOMB, "PermissionError"),
    "starts a program": ("subprocess.run(['true'])", "PermissionError"),
    "becomes a program": ("os.execv('/bin/true', ['true'])", "PermissionError"),
    "memory bomb": (MEMORY_BOMB, "MemoryError"),
    "shared memory bomb": (SHARE, "bad.py"),
    "kills its parent": ("os.kill(os.getppid(), 9)", "PermissionError"),
    "kills everything": ("os.kill(-1, 9)", "PermissionError"),
    "slows the program down": (NICE, "PermissionError"),
    "looks into the program": (TRACE, "not traced"),
    "stops itself": ("os.kill(os.getpid(), signal.SIGSTOP)\nreturn 'x'", NO_ANSWER),
    "huge reply": ("return 'x' * 50_000_000", "(cut: the answer had 50,000,000 characters)"),
    "huge data": ("return Reply('x', data={'x': 'y' * 12_000_000})", "answers with 11 MB; at most 8 MB are taken"),
    "endless stream": (STREAM, "generator"),
    "reply that is no JSON": ("return Reply('x', data={'x': object()})", "object is not a JSON value"),
    "threads that never end": (THREADS, "left"),
    "signal handlers": (SIGNALS, NO_ANSWER),
    "noise": (NOISE, "printed more than 256 KB in one answer"),
    "closes what it inherited": (CLOSE, ""),
    "writes outside its folder": ("open('../owned', 'w')", "PermissionError"),
    "writes into its own folder": ("open('bad.py', 'a').write('#')", "PermissionError"),
    "uses the program's parts": (INTERNALS, "Permission denied"),
    "raises a BaseException": ("raise BaseException('boo')", "raised BaseException boo"),
    "raises GeneratorExit": ("raise GeneratorExit", "raised GeneratorExit"),
    "sends requests of its own": (INJECT, "sent an unknown message"),
    "sleeps": ("time.sleep(60)", NO_ANSWER),
}


RAW = "libc = ctypes.CDLL(None, use_errno=True)\nassert libc.syscall({}) >= 0, f'refused: {{ctypes.get_errno()}}'"


STUBBORN = "while True:\n    try: await asyncio.sleep(60)\n    except BaseException: pass"


NESTED = "deep = []\nfor _ in range(100_000): deep = [deep]\nreturn Reply('x', data={'deep': deep})"


THREAD_BOMB = "for _ in range(100_000): threading.Thread(target=time.sleep, args=(60,)).start()"


FILE_BOMB = "held = [open(os.devnull) for _ in range(100_000)]"


SCRUB = "import gc, atexit\natexit.register(time.sleep, 60)\nsys.modules.clear()\nsys.exit(0)"


DEEP = "sys.setrecursionlimit(10**9)\ndef down(n): return down(n + 1)\ndown(0)"


FORGE = 'os.write(3, b\'{"to": 0, "value": {"$path": 5}}\\n\')\ntime.sleep(9)'


LONG_LINE = "sys.stdout.write('x' * 10**7)\nreturn 'x'"


ESCAPES = "print(chr(27) + '[2J')\nreturn 'fine' + chr(0)"


CALLS |= {
    "crashes the interpreter": ("ctypes.string_at(0)", "its process ended on its own (signal 11)"),
    "endless recursion": (DEEP, ""),
    "socket by number": (RAW.format("41, 2, 1, 0"), "refused: 1"),
    "io_uring by number": (RAW.format("425, 8, 0"), "refused: 1"),
    "memfd by number": (RAW.format("319, b'x', 0"), "refused: 1"),
    "reads the program's environment": ("return open(f'/proc/{os.getppid()}/environ').read()", "PermissionError"),
    "writes shared memory": ("open('/dev/shm/owned', 'w')", "PermissionError"),
    "empties a file": ("os.truncate('KEYS', 0)", "PermissionError"),
    "deletes a file": ("os.unlink('KEYS')", "PermissionError"),
    "renames another plugin": ("os.rename('good.py', 'bad2.py')", "PermissionError"),
    "opens a file to all": ("os.chmod('KEYS', 0o777)", "PermissionError"),
    "changes times": ("os.utime('good.py')", "PermissionError"),
    "makes a pipe": ("os.mkfifo('pipe')", "PermissionError"),
    "thread bomb": (THREAD_BOMB, "bad.py"),
    "file bomb": (FILE_BOMB, "Too many open files"),
    "raises its limits": ("import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))", "bad.py"),
    "nested data": (NESTED, "RecursionError"),
    "takes everything away": (SCRUB, ""),
    "forges an answer": (FORGE, ""),
    "one long line": (LONG_LINE, "printed more than 256 KB in one answer"),
    "escapes": (ESCAPES, "fine"),
    "new session": ("os.setsid()", "PermissionError"),
    "swallows that it is given up": (STUBBORN, NO_ANSWER),
    "chroot": ("os.chroot('/')", "PermissionError"),
}
