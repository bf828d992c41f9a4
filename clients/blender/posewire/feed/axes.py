"""From the axes of the wire (right-handed, +Y up, +Z toward the camera) to Blender's (right-handed, +Z up).

This pair of functions is the one place where axes are converted. Who faces the camera faces -Y in Blender, as Blender's
own characters do.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def position(p: ArrayLike) -> NDArray[Any]:
    """Positions or offsets (..., 3) in metres: (x, y, z) becomes (x, -z, y)."""
    p = np.asarray(p)
    return np.stack((p[..., 0], -p[..., 2], p[..., 1]), axis=-1)


def rotation_wxyz(q: ArrayLike) -> NDArray[Any]:
    """Rotations (..., 4): the wire's **x, y, z, w** becomes Blender's rotation in mathutils' order **w, x, y, z**."""
    q = np.asarray(q)
    return np.stack((q[..., 3], q[..., 0], -q[..., 2], q[..., 1]), axis=-1)
