"""What runs by itself: the timer while connected, and handlers for files that are opened."""

import time

import bpy
from bpy.app.handlers import persistent

from .live import LIVE

INTERVAL_S = 1 / 60
REDRAW_S = 0.25
_drawn_s = 0.0


def pump() -> None:
    """One beat: move the target, and now and then draw the panel anew."""
    LIVE.beat(bpy.context)
    _redraw()


def _timer() -> "float | None":
    pump()
    return INTERVAL_S if LIVE.receiver is not None else None


def start() -> None:
    """Begin to beat. The timer ends by itself once nothing is connected."""
    if not bpy.app.timers.is_registered(_timer):
        bpy.app.timers.register(_timer, persistent=True)


def stop() -> None:
    """End at once."""
    if bpy.app.timers.is_registered(_timer):
        bpy.app.timers.unregister(_timer)


@persistent
def _before_load(*_) -> None:
    """What a take was for is about to be gone."""
    if LIVE.recording is not None:
        LIVE.stop_take()
        LIVE.result = "The take was given up: another file was opened"


@persistent
def _after_load(*_) -> None:
    LIVE.forget()


def add() -> None:
    """Listen for files that are opened."""
    bpy.app.handlers.load_pre.append(_before_load)
    bpy.app.handlers.load_post.append(_after_load)


def remove() -> None:
    """Disconnect, and leave neither timer nor handler."""
    LIVE.disconnect()
    stop()
    bpy.app.handlers.load_pre.remove(_before_load)
    bpy.app.handlers.load_post.remove(_after_load)


def _redraw() -> None:
    global _drawn_s
    now = time.monotonic()
    if now - _drawn_s < REDRAW_S:
        return
    _drawn_s = now
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
