"""How many frames a second an export has, as users say it."""

from typing import Final

from streamer.errors import UsageError

SOURCE: Final = "source"
"""As many as were captured."""
MIN_FPS: Final = 1.0
MAX_FPS: Final = 240.0
"""Of film and video none has more, and no camera that landmarks are taken from; in between any number will do."""


def parse_rate(text: str, name: str) -> float | None:
    """Frames a second, None for SOURCE. name: of the option that says so. Raises UsageError."""
    if text == SOURCE:
        return None
    try:
        fps = float(text)
    except ValueError:
        fps = 0.0
    if not MIN_FPS <= fps <= MAX_FPS:
        raise UsageError(f"{name} is {text[:40]!r}; {SOURCE}, or a number from {MIN_FPS:g} to {MAX_FPS:g}")
    return fps
