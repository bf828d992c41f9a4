"""VRM Animation 1.0: binary glTF with the bones of one person, each named as a bone of VRM's humanoid, and no figure.

The nodes and the animation are those of glTF, and already what the format wants: a T-pose that faces +Z without
rotations or scales, all bones rotated, only the hips moved. Who loads it puts the rotations on an avatar and scales the
place of the hips by the height of the avatar's. Expressions and the gaze aren't there.

https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm_animation-1.0
"""

from pathlib import Path
from typing import Final

from protocol.skeleton import BONES
from streamer.export.gltf import make_glb
from streamer.export.performance import Files, Format, Performance

_EXTENSION: Final = {
    "specVersion": "1.0",
    "humanoid": {"humanBones": {name: {"node": bone} for bone, name in enumerate(BONES)}},
}


def _files(performance: Performance, path: Path) -> Files:
    [motion] = performance.motions
    extensions = {"VRMC_vrm_animation": _EXTENSION}
    return {path: lambda: [make_glb(motion, performance.stage, with_figure=False, extensions=extensions)]}


FORMAT: Final = Format(".vrma", one_person=True, needs_body=True, gaps="the pose held", files=_files)
