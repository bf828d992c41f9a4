"""Logs go to standard error, one line each; what native libraries print there goes nowhere unless asked for."""

import faulthandler
import logging
import os
import sys


class _OneLine(logging.Formatter):
    """A record is one line; the traceback is for --verbose only."""

    def __init__(self, verbose: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
        self._verbose = verbose

    def format(self, record: logging.LogRecord) -> str:
        if self._verbose or not record.exc_info:
            return super().format(record)
        error = record.exc_info[1]
        record.exc_info, kept = None, record.exc_info
        try:
            return f"{super().format(record)}: {type(error).__name__}: {error} (--verbose shows where)"
        finally:
            record.exc_info = kept


def set_up(verbose: bool) -> None:
    """Send our logs to standard error; without `verbose` silence the native libraries, which write to descriptor 2.

    MediaPipe, TensorFlow Lite, OpenCV and FFmpeg print there on every start and every bad packet. Descriptor 2 is
    pointed at the null device and `sys.stderr` at a copy of the real one, so that only native code is silenced;
    a crash of the process still leaves its Python stacks on the real one.
    """
    if not verbose:
        sys.stderr.flush()
        real = os.dup(2)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
        sys.stderr = open(real, "w", buffering=1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    faulthandler.enable(sys.stderr)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine(verbose))
    root = logging.getLogger("posewire")
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    root.propagate = False
