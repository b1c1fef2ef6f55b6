"""Turns errors into words: one line for the user's mistakes, a short apology and a log entry for ours."""

from __future__ import annotations

import atexit
import errno
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType

import click

from assistant.errors import StorageError, UserError
from assistant.folders import data_dir, private_folder

__all__ = [
    "apologise",
    "configure_logging",
    "error_boundary",
    "in_lost_folder",
    "leave",
    "log_file",
    "settle",
    "show_log",
]

LOG_BYTES = 1_000_000
"""size at which the log is turned over; one older file is kept"""

QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
"""environment of libraries that would otherwise talk to the user's screen"""

CHATTY = ("RapidOCR", "huggingface_hub", "transformers")
"""libraries that would hang a screen handler on their logger"""

logger = logging.getLogger(__name__)


def log_file() -> Path:
    """The log: tracebacks and library chatter. At most two files of `LOG_BYTES`."""
    return data_dir() / "assistant.log"


def _log_handler() -> logging.Handler:
    """A rotating owner-only file; nothing at all where no file can be written."""
    from logging.handlers import RotatingFileHandler

    path = log_file()
    try:
        private_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
    except (OSError, StorageError):
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler


def configure_logging() -> None:
    """Send every log record, warning and stray traceback to the log file. Once per process."""
    root = logging.getLogger()
    if any(getattr(handler, "of_assistant", False) for handler in root.handlers):
        return
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    handler = _log_handler()
    handler.of_assistant = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("assistant").setLevel(logging.INFO)
    for name in CHATTY:
        logging.getLogger(name).addHandler(logging.NullHandler())
    logging.captureWarnings(True)
    logging.raiseExceptions = False
    sys.excepthook = _log_exception
    threading.excepthook = lambda args: _log_exception(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _log_exception(args.exc_type, args.exc_value, args.exc_traceback)


def show_log(formatter: logging.Formatter | None = None) -> None:
    """Show the log on the standard error stream, too."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter or logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    handler.of_assistant = True  # type: ignore[attr-defined]
    logging.getLogger().addHandler(handler)


def _log_exception(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    logger.error("".join(traceback.format_exception(kind, error, trace)))


def settle() -> None:
    """Make this process one that everything else can rely on: with open standard streams, in a folder that is there.

    Ends it (`SystemExit`) when standard output is closed, so that nothing could be shown.
    """
    _open_streams()
    try:
        os.getcwd()
    except OSError:
        os.chdir(_empty_folder())
        print("The current folder is gone; name files by their whole path.", file=sys.stderr)


@cache
def _empty_folder() -> str:
    """A folder in which no file has any name, of this process alone."""
    folder = mkdtemp(prefix="assistant-")
    atexit.register(os.rmdir, folder)
    return folder


def in_lost_folder() -> bool:
    """Whether the folder in which the program was started is gone, so that short names mean nothing."""
    return bool(_empty_folder.cache_info().currsize)


def _open_streams() -> None:
    """Give a process that was started with closed standard streams others, so that no file takes their numbers."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        null = os.open(os.devnull, os.O_RDWR)
        if null != number:
            os.dup2(null, number)
            os.close(null)
        setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115
        if name == "stdout":
            print("Error: standard output is closed, so nothing can be shown.", file=sys.stderr or sys.stdout)
            raise SystemExit(1)


def _unwritten(error: OSError) -> str:
    """The line for an error of standard output itself, which has no file name; "" for others."""
    if error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF):
        return f"Error: the output cannot be written: {os.strerror(error.errno)}."
    return ""


def apologise(error: BaseException) -> str:
    """Log an unexpected error with its traceback, and return the one line for the user."""
    logger.error("unexpected", exc_info=error)
    return f"Sorry, something went wrong here ({type(error).__name__}). What happened is in {log_file()}"


@contextmanager
def error_boundary() -> Iterator[None]:
    """Turn errors raised inside into one line on stderr and an exit code.

    `UserError` → its text and 1; click's own errors pass; Ctrl-C → 130; a closed pipe → quiet; a full disk behind
    standard output → one line and 1; the rest → an apology and 1.
    """
    try:
        yield
        sys.stdout.flush()
    except UserError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        raise SystemExit(130) from error
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise  # click closes the streams quietly
        line = _unwritten(error) if isinstance(error, OSError) else ""
        if line:
            with suppress(OSError, ValueError):  # buffered output would fail again at exit
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, sys.stdout.fileno())
                os.close(null)
        click.echo(line or apologise(error), err=True)
        raise SystemExit(1) from error


def leave(code: int) -> None:
    """End the process now; return where a thread is at work that must be waited for.

    The interpreter's own way out stops daemon threads in the midst of native code, which aborts the process. Without
    any it takes every module apart first, a seventh of a fresh answer's time.
    """
    # A thread that reads a plugin's output does not delay the exit.
    others = [each for each in threading.enumerate() if each is not threading.main_thread()]
    others = [each for each in others if not each.name.endswith(" printed")]
    if any(thread.daemon for thread in others):
        logging.shutdown()
    elif others:
        return
    else:
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
