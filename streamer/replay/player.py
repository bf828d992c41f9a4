"""Plays one recording in a thread: reads ahead one message, waits until its time has come, hands it over."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from protocol.messages import State
from streamer.body import Person
from streamer.clock import now_us
from streamer.errors import RecordingError, SkeletonError
from streamer.recording.format import Kind
from streamer.recording.reader import Recorded, Recording
from streamer.replay.playhead import Playhead
from streamer.stream.people import people_of

MAX_LATE_US: Final = 1_000_000
"""A replay that was held up for longer, as when the machine slept, goes on from where it was, later, instead of
hurrying after."""
LOOK_S: Final = 0.001
"""How often a replay that may lose no frame looks whether the last one was taken."""
IDLE_LOOK_S: Final = 0.02
"""The same while nobody watches."""
MAX_WAIT_S: Final = 60.0
"""At a time, however far the next frame is."""
SEARCH_US: Final = 1_000_000
"""How far before the end the last frame is looked for at first; then twice as far each time."""
MAX_REVEAL_US: Final = 1_000_000
"""How far after one stream's frame another's is looked for where one goes while it is paused; else it is the longest
interval of the streams."""
ENDED: Final = "the recording came to its end"
PAUSED: Final = "paused"
_FRAMES: Final[tuple[Kind, ...]] = ("frame",)
_SHOWN: Final[tuple[Kind, ...]] = ("frame", "picture")

log = logging.getLogger("posewire.replay")


@dataclass(frozen=True, slots=True)
class Change:
    """What a replay is to do otherwise; None: as before. position_s: where to go, seconds from the first frame.

    speed: seconds of the recording in a second.
    """

    position_s: float | None = None
    speed: float | None = None
    paused: bool | None = None
    loop: bool | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a replay stands; seconds of the recording, from its first frame."""

    duration_s: float
    position_s: float
    speed: float
    paused: bool
    loop: bool
    ended: bool


class Sink(Protocol):
    """Where one stream's frames go. Called from the player's thread."""

    @property
    def idle(self) -> bool:
        """Whether everyone has taken the last frame."""

    @property
    def watched(self) -> bool:
        """Whether there is anyone."""

    def frame(self, t_us: int, size: tuple[int, int], people: list[Person]) -> None:
        """A frame, whose time has come."""

    def picture(self, t_us: int, picture: Recorded) -> None:
        """What the camera saw when that frame was captured."""


class Player:
    """Plays a recording from `start` until `stop`, and closes it then.

    Frames keep their intervals: `t_us` is the recorded time in the server's clock, as Playhead has it, and rises from
    frame to frame whatever is done. At pace `realtime` each goes out when it is due. At pace `max` time goes as the
    frames go: each as soon as every sink is idle, and none while nobody watches.

    sinks: by the recorded stream's id; other streams aren't played. start_s: where to begin, and only there: the next
    round begins at the beginning. on_state: called when `state` has changed, from any thread.

    Raises RecordingError where there is no frame.
    """

    def __init__(
        self,
        recording: Recording,
        label: str,
        sinks: Mapping[str, Sink],
        on_state: Callable[[], None],
        *,
        pace: Literal["realtime", "max"] = "realtime",
        start_s: float = 0.0,
        speed: float = 1.0,
        loop: bool = True,
    ) -> None:
        self._recording = recording
        self._label = label
        self._sinks = sinks
        self._on_state = on_state
        self._lossless = pace == "max"
        self._loop = loop
        self._changed = threading.Condition()  # guards all that follows
        start_us, end_us, self._gap_us = _span(recording, sinks, label)
        self._frames_us = now_us()  # how far the frames have come on the server's clock
        self._playhead = Playhead(start_us, end_us, speed, self._frames_us)
        if not 0 <= start_s <= self._playhead_s(end_us):
            raise RecordingError(f"{label} can't start at {start_s:g} s; it has {self._playhead_s(end_us):g} s")
        self._goal_us: int | None = start_us + round(start_s * 1e6)
        self._unshown: set[str] = set()  # streams of which nothing was seen since the last goal
        self._reveal_us = 0
        self._shown: dict[str, tuple[int, int]] = {}
        self._over: str | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; `join` waits for it."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Whether the thread ended in that time."""
        if self._thread.ident is None:
            self._recording.close()
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def state(self) -> tuple[State, str]:
        """For clients, and why. Any thread may ask."""
        with self._changed:
            if self._over is not None:
                return "ended", self._over
            return "live", PAUSED if self._playhead.paused else ""

    def standing(self) -> Standing:
        """How it stands. Any thread may ask."""
        with self._changed:
            playhead = self._playhead
            position_us = playhead.position_us(self._now_us()) if self._goal_us is None else self._goal_us
            return Standing(
                self._playhead_s(playhead.end_us),
                self._playhead_s(position_us),
                playhead.speed,
                playhead.paused,
                self._loop,
                self._over is not None,
            )

    def change(self, change: Change) -> None:
        """Go on otherwise. A replay that had ended goes on where that makes sense. Any thread may ask."""
        with self._changed:
            playhead, now = self._playhead, self._now_us()
            if change.loop is not None:
                self._loop = change.loop
            if change.speed is not None:
                playhead.set_speed(change.speed, now)
            if change.paused is not None and change.paused != playhead.paused:
                playhead.set_paused(change.paused, now)
            if change.position_s is not None:
                self._goal_us = min(playhead.start_us + round(change.position_s * 1e6), playhead.end_us)
            elif self._over is not None and change.loop:
                self._goal_us = playhead.start_us
            if self._goal_us is not None:
                self._over = None
            self._changed.notify_all()
        self._on_state()

    def _playhead_s(self, recorded_us: int) -> float:
        return (recorded_us - self._playhead.start_us) / 1e6

    def _now_us(self) -> int:
        return self._frames_us if self._lossless else now_us()

    def _run(self) -> None:
        try:
            while (begin_us := self._next_goal()) is not None:
                self._play(begin_us)
        finally:
            self._recording.close()

    def _next_goal(self) -> int | None:
        """Where to play from, once there is anything to play. None when it is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._goal_us is not None)
            if self._closed or self._goal_us is None:
                return None
            begin_us, self._goal_us = self._goal_us, None
            if self._shown:
                self._frames_us += self._gap_us
            self._playhead.move(begin_us, self._now_us())
            self._unshown = set(self._sinks)
            self._reveal_us = begin_us
            return begin_us

    def _play(self, begin_us: int) -> None:
        """From there to the end, or until there is another goal."""
        try:
            for message in self._recording.messages(start_us=begin_us, kinds=_SHOWN, streams=self._sinks):
                frame = message.frame() if message.kind == "frame" else None
                people = people_of(frame) if frame is not None else []
                t_us = self._reach(message)
                if t_us is None:
                    return
                if frame is not None:
                    self._sinks[message.stream].frame(t_us, frame.size, people)
                else:
                    self._sinks[message.stream].picture(t_us, message)
            self._finish()
        except (RecordingError, SkeletonError) as error:
            log.error("%s: %s", self._label, error)
            self._end(str(error))
        except Exception as error:
            log.exception("%s: unexpected error", self._label)
            self._end(f"{type(error).__name__}: {error}")

    def _reach(self, message: Recorded) -> int | None:
        """Wait for a message's time; that is what it is on the server's clock. None where it won't be played."""
        with self._changed:
            while not self._closed and self._goal_us is None:
                wait_s = self._wait_s(message)
                if wait_s == 0:
                    return self._stamp(message)
                self._changed.wait(wait_s)
            return None

    def _wait_s(self, message: Recorded) -> float | None:
        """Until a message may go out, or is looked at again. None: until something is changed."""
        playhead, now = self._playhead, self._now_us()
        if playhead.paused:
            if self._reveals(message):
                playhead.move(max(message.t_us, playhead.position_us(now)), now)
            elif message.t_us > playhead.position_us(now):
                return None
        if self._lossless:
            if not any(sink.watched for sink in self._sinks.values()):
                return IDLE_LOOK_S
            return 0 if all(sink.idle for sink in self._sinks.values()) else LOOK_S
        return 0 if playhead.paused else min(max(0, playhead.due_us(message.t_us) - now) / 1e6, MAX_WAIT_S)

    def _reveals(self, message: Recorded) -> bool:
        """Whether one goes out though it is paused: who goes somewhere wants to see what is there, of each stream.

        A picture may be written before its frame; and one stream may have several frames before another's first.
        """
        if message.stream not in self._unshown:
            return bool(self._unshown) and message.t_us <= self._reveal_us
        if message.kind == "frame":
            self._reveal_us = max(self._reveal_us, message.t_us + min(self._gap_us, MAX_REVEAL_US))
        return True

    def _stamp(self, message: Recorded) -> int:
        playhead, stream = self._playhead, message.stream
        recorded_us, last_us = self._shown.get(stream, (-1, 0))
        if message.kind == "picture" and message.t_us == recorded_us:
            return last_us  # that of its frame
        late_us = 0 if self._lossless or playhead.paused else now_us() - playhead.due_us(message.t_us)
        if late_us > MAX_LATE_US:
            log.warning("%s: held up for %.1f s; it goes on from where it was", self._label, late_us / 1e6)
            playhead.move(message.t_us, now_us())
        t_us = max(playhead.due_us(message.t_us), last_us + 1)
        if message.kind == "frame":
            self._shown[stream] = message.t_us, t_us
            self._unshown.discard(stream)
            self._frames_us = max(self._frames_us, t_us)
        return t_us

    def _finish(self) -> None:
        """The end is reached: go round, as long after the last frame as one comes after another."""
        with self._changed:
            playhead = self._playhead
            while not self._closed and self._goal_us is None:
                if not self._loop and not playhead.paused:
                    break
                wait_us = playhead.due_us(playhead.end_us + self._gap_us) - self._now_us()
                if not playhead.paused and (wait_us <= 0 or self._lossless):
                    self._goal_us = playhead.start_us
                    return
                self._changed.wait(None if playhead.paused else min(wait_us / 1e6, MAX_WAIT_S))
            if self._closed or self._goal_us is not None:
                return
        self._end(ENDED)

    def _end(self, why: str) -> None:
        with self._changed:
            self._over = why
        self._on_state()


def _span(recording: Recording, streams: Mapping[str, Sink], label: str) -> tuple[int, int, int]:
    """Times of the first and the last frame, and the longest of the streams' intervals as they say; microseconds."""
    first = next(recording.messages(kinds=_FRAMES, streams=streams), None)
    if first is None:
        raise RecordingError(f"{label}: not one frame in it")
    last, back_us = None, SEARCH_US
    while last is None:
        for message in recording.messages(kinds=_FRAMES, streams=streams, start_us=recording.end_us - back_us):
            last = message
        back_us *= 2
    rates = [recording.streams[stream].fps for stream in streams]
    return first.t_us, last.t_us, round(1e6 / min((fps for fps in rates if fps > 0), default=30.0))
