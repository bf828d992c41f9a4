"""How far work on a file has come: a bar for who watches, nothing for a log."""

import sys
from types import TracebackType
from typing import Final, NoReturn

from tqdm import tqdm

REDRAWN_S: Final = 0.1
"""Least time between two looks of the bar."""


class Progress:
    """A bar on standard error while work goes on; where that is no terminal there is none. It leaves nothing behind.

    label: what is worked on.
    """

    def __init__(self, label: str) -> None:
        disable = True if sys.stderr is None else None  # None: where it is no terminal
        self._bar: tqdm[NoReturn] = tqdm(
            desc=label, unit=" frames", leave=False, disable=disable, dynamic_ncols=True, mininterval=REDRAWN_S
        )

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.close()

    def show(self, done: int, total: int) -> None:
        """`done` of about `total` frames are done; 0 where that isn't known."""
        self._bar.total = max(done, total) if total else None
        self._bar.update(done - self._bar.n)
