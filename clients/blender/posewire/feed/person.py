"""Whom an avatar follows."""

from collections.abc import Sequence

from .messages import Pose

PATIENCE_US = 1_000_000
"""How long somebody who is out of the picture is waited for before another takes over."""


class Follower:
    """Follows the n-th person of a stream by id, until they were out of the picture for a second.

    index: 0 is the first. Changing it chooses anew with the next frame.
    """

    def __init__(self, index: int = 0) -> None:
        self._index = index
        self._id: int | None = None
        self._seen_us = 0

    @property
    def index(self) -> int:
        """Which person by id, 0 the first."""
        return self._index

    @index.setter
    def index(self, value: int) -> None:
        if value != self._index:
            self._index, self._id = value, None

    @property
    def id(self) -> int | None:
        """Of the person followed, None where there is none."""
        return self._id

    def follow(self, poses: Sequence[Pose], t_us: int) -> Pose | None:
        """The pose of the person that is followed; None where they aren't in this frame, captured at `t_us`."""
        if self._id is not None and t_us < self._seen_us:
            self._id = None  # the server was started anew, with another clock and other people
        for pose in poses:
            if pose.id == self._id:
                self._seen_us = t_us
                return pose
        if self._id is not None and t_us - self._seen_us < PATIENCE_US:
            return None
        self._id = None
        if self._index >= len(poses):
            return None
        pose = sorted(poses, key=lambda pose: pose.id)[self._index]
        self._id, self._seen_us = pose.id, t_us
        return pose
