"""The formats by the name that `posewire export --to` has for each."""

from typing import Final

from streamer.export import bvh, c3d, csv, gltf, npz, openpose, trc, vrma
from streamer.export.performance import Format

FORMATS: Final[dict[str, Format]] = {
    "bvh": bvh.FORMAT,
    "trc": trc.FORMAT,
    "c3d": c3d.FORMAT,
    "csv": csv.FORMAT,
    "npz": npz.FORMAT,
    "gltf": gltf.FORMAT,
    "vrma": vrma.FORMAT,
    "openpose-json": openpose.FORMAT,
}
