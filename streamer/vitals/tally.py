"""A count by reason, of things that happen for few reasons."""

import threading
from collections.abc import Mapping
from typing import Final

MAX_REASONS: Final = 32
"""Told apart; what comes beyond counts as OTHER, so that whoever can choose a reason can't fill the memory."""
OTHER: Final = "other"


class Tally:
    """Any thread may count."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def count(self, reason: str, times: int = 1) -> None:
        """It happened, for this reason: a short word with underscores, which becomes a label's value."""
        with self._lock:
            if reason not in self._counts and len(self._counts) >= MAX_REASONS:
                reason = OTHER
            self._counts[reason] = self._counts.get(reason, 0) + times

    @property
    def counts(self) -> Mapping[str, int]:
        """How often, by reason, at this moment."""
        with self._lock:
            return dict(self._counts)
