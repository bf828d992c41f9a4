"""One recording on its way to the hub: a player, and a stream for each that was recorded."""

import asyncio
import logging
from dataclasses import replace
from typing import Final

from protocol.messages import SOLVED_FIELDS, Hello, StreamInfo
from protocol.skeleton import ANGLES, BONES, LANDMARKS
from streamer.body import Person
from streamer.clock import now_us
from streamer.config import ServeConfig
from streamer.errors import RecordingError, UsageError
from streamer.hub.hub import Hub
from streamer.hub.outgoing import Estimate
from streamer.output import Outputs
from streamer.recording.reader import Recorded
from streamer.replay.player import Change, Player, Standing
from streamer.replay.playhead import MAX_SPEED, MIN_SPEED
from streamer.slot import Slot
from streamer.source import NamedRecording
from streamer.source.jpeg import decode
from streamer.stream.presence import Presence
from streamer.stream.preview import Preview
from streamer.vitals.health import Health, Vitals, diagnose
from streamer.vitals.stages import Stamps

STOP_TIMEOUT_S: Final = 0.5
"""What the thread gets to hand over the frame in hand."""

log = logging.getLogger("posewire")


class ReplayedStream:
    """A stream of a recording: takes its frames from the player's thread, and brings them to everyone.

    preview: of what was recorded, None where there are no pictures or the user doesn't allow that. captured: frames
    that were played. What only an engine has is 0.
    """

    engine_faults: int = 0
    replacements: Final = 0
    skipped: Final = 0
    missed: Final = 0

    def __init__(
        self,
        info: StreamInfo,
        label: str,
        preview: Preview | None,
        presence: Presence,
        lossless: bool,
    ) -> None:
        self.id = info.id
        self.label = label
        self.preview = preview
        self.captured = 0
        self._info = replace(info, preview=preview is not None)
        self._presence = presence
        self._lossless = lossless
        self._estimates: Slot[Estimate] = Slot()
        self._pending = False
        self._ended = False

    def offer(self) -> None:
        """From now on clients find it."""
        self._presence.offer(self._info)

    @property
    def inferred(self) -> int:
        """Frames that were handed to the event loop."""
        return self.captured

    @property
    def idle(self) -> bool:
        """Whether everyone has taken the last frame."""
        return not self._pending and not self._presence.behind

    @property
    def watched(self) -> bool:
        """Whether there is anyone."""
        return self._presence.watched

    def frame(self, t_us: int, size: tuple[int, int], people: list[Person]) -> None:
        """A frame, whose time has come; from the player's thread."""
        self.captured += 1
        # When its time came, if time doesn't go as the frames go; no engine and no solver take any of it.
        stamps = None if self._lossless else Stamps(*[max(t_us, now_us())] * 3)
        self._pending = True
        if self._estimates.put(Estimate(self.id, self.captured, t_us, size, people, SOLVED_FIELDS, stamps)):
            self._presence.call(self._deliver)

    def picture(self, t_us: int, picture: Recorded) -> None:
        """What the camera saw when the frame of `t_us` was captured; from the player's thread."""
        if self.preview is not None:
            self.preview.offer(t_us, lambda: decode(picture.jpeg()))

    def health(self) -> Health:
        """Of what stands in for camera and engine, at this moment."""
        vitals = Vitals(
            camera="ended" if self._ended else "live",
            picture_us=self._presence.published_us,
            interval_us=round(1e6 / self._info.fps) if self._info.fps > 0 else 0,
            paced=False,  # it may have gaps, and be paused
            busy_since_us=0,
            estimate_us=self._presence.published_us,
            failed=False,
            over=False,
        )
        return diagnose(vitals, now_us())

    def announce(self, player: Player) -> None:
        """Tell everyone how the replay is; from any thread."""
        self._presence.call(self._announce, player)

    def stop(self) -> None:
        """Take no more frames."""
        self._estimates.close()

    def _deliver(self) -> None:
        estimate = self._estimates.take()
        if estimate is not None:
            self._presence.publish(estimate)
        self._pending = False

    def _announce(self, player: Player) -> None:
        state, detail = player.state
        self._ended = state == "ended"
        self._presence.announce(state, detail)


class Replay:
    """A recording that is served. Lives on the event loop.

    outputs: of its first stream; others of the rest. Raises RecordingError for one that can't be played.
    """

    def __init__(
        self,
        named: NamedRecording,
        config: ServeConfig,
        hub: Hub,
        outputs: Outputs,
        others: Outputs,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        recording, label = named.recording, named.label
        _check(recording.hello, label)
        self.label = label
        self.whole = recording.whole
        self._lossless = config.pace == "max"
        infos, pictured = recording.streams, recording.pictured
        by_recorded: dict[str, ReplayedStream] = {}
        for recorded, id in named.ids.items():
            preview = Preview(loop) if config.preview and recorded in pictured else None
            presence = Presence(id, hub, others if by_recorded else outputs, loop)
            info = replace(infos[recorded], id=id)
            by_recorded[recorded] = ReplayedStream(info, label, preview, presence, self._lossless)
        self.streams = list(by_recorded.values())
        self._player = Player(
            recording,
            label,
            by_recorded,
            self._announce,
            pace=config.pace,
            start_s=config.start_s,
            speed=config.speed,
            loop=config.loop,
        )

    async def start(self) -> None:
        """Offer the streams and begin to play."""
        if not self.whole:
            log.warning("%s: it was cut off; it is replayed as far as it goes, posewire recover mends it", self.label)
        for stream in self.streams:
            stream.offer()
        self._player.start()

    def tick(self) -> None:
        """Nothing has to be looked after."""

    def standing(self) -> Standing:
        """How it stands."""
        return self._player.standing()

    def change(self, change: Change) -> None:
        """Go on otherwise. Raises UsageError for what can't be; then nothing changes."""
        duration_s = self.standing().duration_s
        if change.position_s is not None and not 0 <= change.position_s <= duration_s:
            raise UsageError(f"position_s is {change.position_s:g}; from 0 to {duration_s:.6f}")
        if change.speed is not None:
            if not MIN_SPEED <= change.speed <= MAX_SPEED:
                raise UsageError(f"speed is {change.speed:g}; from {MIN_SPEED:g} to {MAX_SPEED:g}")
            if self._lossless and change.speed != 1:
                raise UsageError("speed can't be changed: with --pace max, frames go as fast as they are taken")
        self._player.change(change)

    def stop(self) -> None:
        """End the thread."""
        self._player.stop()
        for stream in self.streams:
            stream.stop()

    async def wait(self) -> bool:
        """Whether the thread ended within STOP_TIMEOUT_S; to be asked once stopped."""
        return await asyncio.to_thread(self._player.join, STOP_TIMEOUT_S)

    def _announce(self) -> None:
        for stream in self.streams:
            stream.announce(self._player)


def _check(hello: Hello | None, label: str) -> None:
    """Raises RecordingError where landmarks, bones or angles are others than this version's."""
    if hello is None:
        return
    kinds = (
        ("landmarks", hello.skeleton.landmarks, LANDMARKS),
        ("bones", hello.bones.names, BONES),
        ("angles", hello.angles, ANGLES),
    )
    for kind, recorded, known in kinds:
        if recorded and recorded != known:
            raise RecordingError(f"{label}: its {kind} are others than this version's, it can't be replayed")
