"""Where the server is. That belongs to this computer, not to a scene: it is kept with Blender's preferences.

So a token never gets into a .blend file that is passed on.
"""

import bpy
from bpy.props import BoolProperty, StringProperty

PACKAGE = __package__.rpartition(".")[0]


class PosewirePreferences(bpy.types.AddonPreferences):
    """Address and token of the server."""

    bl_idname = PACKAGE

    address: StringProperty(  # type: ignore[valid-type]
        name="Address",
        description="HOST:PORT of the Posewire server, or its ws:// or wss:// address",
        default="127.0.0.1:8765",
        maxlen=2048,
    )
    token: StringProperty(  # type: ignore[valid-type]
        name="Token",
        description="Shown by the server when it starts. Kept in Blender's preferences, never in a .blend file",
        subtype="PASSWORD",
        maxlen=512,
    )
    verify: BoolProperty(  # type: ignore[valid-type]
        name="Verify Certificate",
        description="Of a wss:// server. Switch it off only for a server that you know",
        default=True,
    )
    ca_file: StringProperty(  # type: ignore[valid-type]
        name="Certificate File",
        description="Certificates (PEM) that vouch for a wss:// server instead of the system's",
        subtype="FILE_PATH",
        maxlen=1024,
    )

    def draw(self, context) -> None:
        """In Blender's preferences."""
        column = self.layout.column()
        column.use_property_split = True
        for name in ("address", "token", "verify", "ca_file"):
            column.prop(self, name)


def of(context) -> PosewirePreferences:
    """The preferences of this add-on."""
    return context.preferences.addons[PACKAGE].preferences


CLASSES = (PosewirePreferences,)
