"""Errors that end a command with one line, and the exit status each stands for."""


class PosewireError(Exception):
    """A failure at work: one line on standard error, exit status 1."""

    exit_status = 1


class UsageError(PosewireError):
    """A user's mistake: one line on standard error that names value and limit, exit status 2."""

    exit_status = 2


class SourceError(UsageError):
    """A source that can't be opened or isn't what it claims to be (no camera, no video, an empty file)."""


class SourceLost(PosewireError):
    """A source that worked and stopped: unplugged, server gone, stalled. It may come back.

    frozen: no picture comes, though nothing says that it went.
    """

    def __init__(self, text: str, frozen: bool = False) -> None:
        super().__init__(text)
        self.frozen = frozen


class SourceAbsent(SourceLost):
    """A source that isn't there yet and comes by itself; nothing is gained by opening it again."""


class EngineError(PosewireError):
    """Pose estimation can't start or failed on a frame."""


class RecordingError(UsageError):
    """A file that is no recording of ours, or is damaged; or one that can't be made where the user wants it."""


class SkeletonError(PosewireError):
    """Somebody's landmarks, bones or angles are missing, or others than this version's."""
