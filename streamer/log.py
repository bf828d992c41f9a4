"""Logs go to standard error, one line each; what native libraries print there goes nowhere unless asked for.

A line can't be forged: whatever a message was made of, nothing in it breaks the line or moves the cursor. Nor can the
log be flooded: of each message a few lines are told in a while, then how many more there were.
"""

import faulthandler
import json
import logging
import math
import os
import re
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Final, Literal, TextIO

from streamer.log_limit import WINDOW_S, Kind, LogLimit

LogFormat = Literal["text", "json"]

_HIDDEN: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's controls, formats (such as those that turn the direction of writing), lone surrogates, line separators."""
_VALUE: Final = re.compile(r"%(?:%|[-#0 +]*\d*(?:\.\d+)?[a-zA-Z])")
_FIELDS: Final = ("stream", "client")
"""A message that says "stream %s" has its value as a field, too."""

log = logging.getLogger("posewire")


class _Text(logging.Formatter):
    """A record is one line; the traceback is for --verbose only, and indented, so that it can't look like a record."""

    def __init__(self, verbose: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
        self._verbose = verbose

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record, self.datefmt)} {record.levelname} {message_of(record, self._verbose)}"
        if self._verbose and record.exc_info:
            line += "".join(f"\n    {printable(one)}" for one in self.formatException(record.exc_info).splitlines())
        return line


class _Json(logging.Formatter):
    """A record is one JSON object: ts, level, logger, message, and what else is known."""

    def __init__(self, verbose: bool) -> None:
        super().__init__()
        self._verbose = verbose

    def format(self, record: logging.LogRecord) -> str:
        time_of_day = datetime.fromtimestamp(record.created, timezone.utc).replace(tzinfo=None)
        told: dict[str, str | int] = {
            "ts": f"{time_of_day.isoformat(timespec='milliseconds')}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record, self._verbose),
            **dict(_fields(record)),
        }
        if left_out := getattr(record, "left_out", 0):
            told["left_out"] = left_out
        if self._verbose and record.exc_info:
            told["exc"] = "\n".join(printable(one) for one in self.formatException(record.exc_info).splitlines())
        return json.dumps(told)


def message_of(record: logging.LogRecord, verbose: bool) -> str:
    """What a record says, in one line; with the error where there is one and no traceback follows."""
    text = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None and not verbose:
        text = f"{text}: {record.exc_info[0].__name__}: {record.exc_info[1]} (--verbose shows where)"
    return printable(text)


def printable(text: str) -> str:
    """With escapes in place of what would break the line or not be seen."""
    if text.isprintable():
        return text
    return "".join(
        one.encode("unicode_escape").decode("ascii") if unicodedata.category(one) in _HIDDEN else one for one in text
    )


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, str]]:
    """The values of "stream %s" and the like in a message's template."""
    if not isinstance(record.msg, str) or not isinstance(record.args, tuple):
        return
    values = iter(record.args)
    for match in _VALUE.finditer(record.msg):
        if match[0] == "%%":
            continue
        value = next(values, None)
        before = record.msg[: match.start()]
        for name in _FIELDS:
            if before.endswith(f"{name} "):
                yield name, printable(str(value))


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]  # which Python 3.10 doesn't take
    """Writes what the limit lets through, and what it left out as soon as that is known."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._limit = LogLimit()
        self._timer: threading.Timer | None = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Write it, or count it as left out."""
        kind: Kind = record.name, str(record.msg)
        with self._locked():
            now_s = time.monotonic()
            self._tell(now_s)
            taken = self._limit.take(kind, now_s)
            if taken:
                self.emit(record)
            elif self._timer is None:
                self._arm(now_s)
        return taken

    def close(self) -> None:
        """Tell what was left out until now."""
        with self._locked():
            self._tell(math.inf)
            if self._timer is not None:
                self._timer.cancel()
        super().close()

    def _locked(self) -> "threading.RLock":
        assert self.lock is not None
        return self.lock

    def _tell(self, now_s: float) -> None:
        for (name, template), count in self._limit.over(now_s):
            values = (count, template, WINDOW_S)
            text = "%d more like %r were left out within %g s"
            record = logging.LogRecord(name, logging.WARNING, "", 0, text, values, None)
            record.left_out = count
            self.emit(record)

    def _arm(self, now_s: float) -> None:
        """Have it told in time, also where nothing else is logged."""
        next_s = self._limit.next_s
        self._timer = None
        if next_s is not None:
            self._timer = threading.Timer(max(0.0, next_s - now_s), self._on_time)
            self._timer.daemon = True
            self._timer.start()

    def _on_time(self) -> None:
        with self._locked():
            now_s = time.monotonic()
            self._tell(now_s)
            self._arm(now_s)


def set_up(verbose: bool, log_format: LogFormat = "text") -> None:
    """Send our logs to standard error; without `verbose` silence the native libraries, which write to descriptor 2.

    MediaPipe, TensorFlow Lite, OpenCV and FFmpeg print there on every start and every bad packet. Descriptor 2 is
    pointed at the null device and `sys.stderr` at a copy of the real one, so that only native code is silenced;
    a crash of the process still leaves its Python stacks on the real one. Other libraries' warnings become lines of the
    same kind.
    """
    if not verbose:
        sys.stderr.flush()
        real = os.dup(2)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
        sys.stderr = open(real, "w", buffering=1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    faulthandler.enable(sys.stderr)
    handler = _Handler(sys.stderr)
    handler.setFormatter(_Json(verbose) if log_format == "json" else _Text(verbose))
    logging.getLogger().handlers[:] = [handler]
    logging.captureWarnings(True)
    threading.excepthook = _on_thread_failure
    log.handlers[:] = [handler]
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    log.propagate = False


def _on_thread_failure(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_type is not SystemExit and failure.exc_value is not None:
        name = failure.thread.name if failure.thread else "?"
        log.error("thread %s ended by an error", name, exc_info=failure.exc_value)
