"""What stands between the socket's thread and the display: the last frames of one stream."""

import threading
from collections import deque
from typing import Final

from .clock import ClockSync
from .messages import Frame
from .meter import Meter
from .playout import Playout

CAPACITY: Final = 16


class Channel:
    """Of one stream. Filled by the socket's thread, read by any; the oldest frame is overwritten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: deque[Frame] = deque(maxlen=CAPACITY)
        self._clock = ClockSync()
        self._playout = Playout()
        self._meter = Meter()

    def put(self, frame: Frame, arrival_us: int, clock: ClockSync) -> None:
        """A frame arrived at a local time. clock: of its connection; a new connection begins anew."""
        with self._lock:
            if clock is not self._clock:
                # The server may be another, with another clock: what is shown holds until now and is set anew.
                self._clock, self._playout = clock, Playout()
                self._frames.clear()
            arrival_on_server_us = clock.to_server_us(arrival_us)
            if self._frames:
                self._playout.arrived(self._frames[-1].t_us, arrival_on_server_us)
            self._frames.append(frame)
            self._meter.add(arrival_us, arrival_on_server_us - frame.t_us)

    def latest(self) -> Frame | None:
        """The newest frame."""
        with self._lock:
            return self._frames[-1] if self._frames else None

    def sample(self, now_us: int) -> Frame | None:
        """The frame that smooth playout shows at a local time. By one thread only."""
        with self._lock:
            frames, playout, clock = tuple(self._frames), self._playout, self._clock
        # Interpolated outside the lock: the socket's thread doesn't wait for it.
        return playout.sample(frames, clock.to_server_us(now_us), now_us)

    def age_us(self, frame: Frame, now_us: int) -> float:
        """From a frame's capture to a local time."""
        with self._lock:
            return self._clock.to_server_us(now_us) - frame.t_us

    @property
    def delay_ms(self) -> float:
        """How far behind the present smooth playout means to be."""
        with self._lock:
            return self._playout.delay_us / 1000

    def rate_fps(self, now_us: int) -> float:
        """Frames a second."""
        with self._lock:
            return self._meter.rate_fps(now_us)

    def latency_ms(self, now_us: int) -> float | None:
        """Median age of the last second's frames when they arrived."""
        with self._lock:
            return self._meter.latency_ms(now_us)
