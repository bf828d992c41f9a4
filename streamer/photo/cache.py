"""Answers given before, kept by what was asked."""

import hashlib
from collections import OrderedDict

from streamer.photo.request import PhotoRequest

MAX_BYTES = 16_000_000
"""Of all answers kept."""

Key = tuple[bytes, PhotoRequest]


def key(asked: PhotoRequest, data: bytes) -> Key:
    """What an answer depends on: the bytes of the picture, whatever it was called, and the options."""
    return hashlib.sha256(data).digest(), asked


class Cache:
    """The answers used last, up to `max_bytes` in all; one larger than a quarter of that isn't kept."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self.hits = 0
        self.misses = 0
        self._answers: OrderedDict[Key, bytes] = OrderedDict()

    def get(self, key: Key) -> bytes | None:
        """The answer, or None."""
        answer = self._answers.get(key)
        if answer is None:
            self.misses += 1
            return None
        self.hits += 1
        self._answers.move_to_end(key)
        return answer

    def put(self, key: Key, answer: bytes) -> None:
        """Keep an answer; those not used for longest make room."""
        if len(answer) > self.max_bytes // 4 or key in self._answers:
            return
        self._answers[key] = answer
        self.bytes += len(answer)
        while self.bytes > self.max_bytes:
            self.bytes -= len(self._answers.popitem(last=False)[1])
