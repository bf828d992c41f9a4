"""What the user sees: settings, the panel, its buttons, and the beat that moves the target."""

import bpy

from . import beat, operators, panel, preferences, record, settings

_MODULES = (preferences, settings, operators, record, panel)


def register() -> None:
    """Add classes and properties. Nothing connects by itself."""
    for module in _MODULES:
        for kind in module.CLASSES:
            bpy.utils.register_class(kind)
    settings.add()
    beat.add()


def unregister() -> None:
    """Take away all that `register` and the user's buttons added: connection, timer, handlers, properties, classes."""
    beat.remove()
    settings.remove()
    for module in reversed(_MODULES):
        for kind in reversed(module.CLASSES):
            bpy.utils.unregister_class(kind)
