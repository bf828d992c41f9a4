"""Binary glTF 2.0: a node for each bone, a skinned figure, and an animation of all rotations and of the hips' place.

Metres and the axes of glTF, which are those of the wire; the floor at 0. Key times are seconds from the take's first
frame, so that the files of all people keep step. In a gap there are no keys but one that holds the pose up to its end;
`extras.gaps_s` of the animation has start and end of each, in seconds.
"""

import json
import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES, PARENTS
from streamer import __version__
from streamer.export.figure import Mesh, joints_at_rest, make_mesh
from streamer.export.performance import Files, Format, Performance
from streamer.export.resample import Motion
from streamer.export.stage import Stage, rest
from streamer.solver.quaternion import Array

_COMPONENT: Final = {"float32": 5126, "uint16": 5123, "uint8": 5121}
_SHAPE: Final = {(): "SCALAR", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}
_VERTICES: Final = 34962
_INDICES: Final = 34963
_COLOUR: Final = (0.55, 0.62, 0.72, 1.0)


def _files(performance: Performance, path: Path) -> Files:
    [motion] = performance.motions
    return {path: lambda: [make_glb(motion, performance.stage, with_figure=True, extensions={})]}


FORMAT: Final = Format(".glb", one_person=True, needs_body=True, gaps="the pose held", files=_files)


class _Buffer:
    """The binary part, and the accessors and views that say what lies where."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, values: NDArray[np.generic], target: int | None = None, with_range: bool = False) -> int:
        """The number of a new accessor over `values`, whose first axis is the count."""
        content = np.ascontiguousarray(values).tobytes()
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self._bytes), "byteLength": len(content)}
        if target is not None:
            view["target"] = target
        accessor: dict[str, Any] = {
            "bufferView": len(self.views),
            "componentType": _COMPONENT[values.dtype.name],
            "count": len(values),
            "type": _SHAPE[values.shape[1:]],
        }
        if with_range:
            flat = values.reshape(len(values), -1)
            accessor |= {"min": flat.min(axis=0).tolist(), "max": flat.max(axis=0).tolist()}
        self._bytes += content + bytes(-len(content) % 4)
        self.views.append(view)
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    @property
    def content(self) -> bytes:
        return bytes(self._bytes)


def make_glb(motion: Motion, stage: Stage, *, with_figure: bool, extensions: dict[str, Any]) -> bytes:
    """A file of one person, whose node N is bone N.

    with_figure: whether there is something to see, or motion only. extensions: of the whole file, by name.
    """
    buffer = _Buffer()
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": f"posewire {__version__}"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": _bones(rest(motion)),
    }
    if with_figure:
        _add_figure(document, buffer, motion)
    if extensions:
        document |= {"extensionsUsed": list(extensions), "extensions": extensions}
    document["animations"] = [_animation(buffer, motion, stage)]
    document |= {
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.content)}],
    }
    return _container(document, buffer.content)


def _bones(offsets: Array) -> list[dict[str, Any]]:
    nodes = []
    for bone, name in enumerate(BONES):
        node: dict[str, Any] = {"name": name, "translation": offsets[bone].tolist()}
        children = [child for child, parent in enumerate(PARENTS) if parent == bone]
        nodes.append(node | ({"children": children} if children else {}))
    return nodes


def _add_figure(document: dict[str, Any], buffer: _Buffer, motion: Motion) -> None:
    offsets = rest(motion)
    mesh = _mesh(buffer, make_mesh(offsets))
    inverse = np.tile(np.eye(4), (len(BONES), 1, 1))
    inverse[:, 3, :3] = -joints_at_rest(offsets)  # by columns, as glTF has matrices
    document["scenes"][0]["nodes"].append(len(BONES))
    document["nodes"].append({"name": f"person {motion.id}", "mesh": 0, "skin": 0})
    document |= {
        "skins": [{"joints": list(range(len(BONES))), "skeleton": 0, "inverseBindMatrices": buffer.add(_f32(inverse))}],
        "meshes": [mesh],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": _COLOUR, "metallicFactor": 0.0}}],
    }


def _mesh(buffer: _Buffer, mesh: Mesh) -> dict[str, Any]:
    joints, weights = np.zeros((2, len(mesh.bones), 4))
    joints[:, 0], weights[:, 0] = mesh.bones, 1.0
    attributes = {
        "POSITION": buffer.add(mesh.positions, _VERTICES, with_range=True),
        "NORMAL": buffer.add(mesh.normals, _VERTICES),
        "JOINTS_0": buffer.add(joints.astype(np.uint8), _VERTICES),
        "WEIGHTS_0": buffer.add(_f32(weights), _VERTICES),
    }
    indices = buffer.add(mesh.triangles.reshape(-1), _INDICES)
    return {"primitives": [{"attributes": attributes, "indices": indices, "material": 0}]}


def _animation(buffer: _Buffer, motion: Motion, stage: Stage) -> dict[str, Any]:
    assert motion.bones is not None
    is_key = motion.seen.copy()
    is_key[[end - 1 for _, end in motion.gaps]] = True
    poses = motion.held[is_key]
    times = buffer.add(_f32(motion.t_s[is_key]), with_range=True)
    turns = motion.bones[poses].astype(np.float64)
    turns /= np.linalg.norm(turns, axis=-1, keepdims=True)
    outputs = [(0, "translation", stage.hips(motion)[poses])]
    outputs += [(bone, "rotation", turns[:, bone]) for bone in range(len(BONES))]
    samplers = [{"input": times, "output": buffer.add(_f32(values))} for _, _, values in outputs]
    channels = [
        {"sampler": index, "target": {"node": node, "path": path}} for index, (node, path, _) in enumerate(outputs)
    ]
    gaps = [[motion.t_s[start], motion.t_s[end]] for start, end in motion.gaps]
    return {
        "name": f"person {motion.id}",
        "samplers": samplers,
        "channels": channels,
        "extras": {"fps": motion.fps, "gaps_s": gaps},
    }


def _f32(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return values.astype(np.float32)


def _container(document: dict[str, Any], content: bytes) -> bytes:
    """A GLB: header, JSON chunk, binary chunk, each padded to four bytes."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    size = 12 + 8 + len(text) + 8 + len(content)
    head = struct.pack("<4sII", b"glTF", 2, size)
    return head + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(content), b"BIN\0") + content
