"""Posewire for Blender: body tracking from a Posewire server drives armatures and points, and is recorded.

Blender 4.2 and newer reads blender_manifest.toml; older ones read `bl_info`. Blender itself is imported only when the
add-on is enabled, so that `feed` and the matching of bone names can be used and tested without it.
"""

bl_info = {
    "name": "Posewire",
    "author": "Posewire contributors",
    "version": (0, 1, 0),
    "blender": (3, 4, 0),
    "location": "3D View > Sidebar > Posewire",
    "description": "Body tracking from a Posewire server drives armatures live and records takes",
    "category": "Animation",
}


def register() -> None:
    """Called by Blender when the add-on is enabled."""
    from . import ui

    ui.register()


def unregister() -> None:
    """Called by Blender when the add-on is disabled; nothing is left behind."""
    from . import ui

    ui.unregister()
