"""The half of the receiver that knows nothing of Blender: from the server's address to a pose on the stage.

Only the standard library and numpy, so it runs and is tested without Blender. `Receiver` is the door; its thread never
touches bpy. All that comes from it is in the axes of the wire (metres, +Y up, +Z toward the camera) until `axes`
turns it.

    receiver = Receiver("127.0.0.1:8765", token="...")
    receiver.start()
    frame = receiver.sample()                       # or latest(): a Frame, None before the first
    pose = follower.follow(frame.poses, frame.t_us)  # who drives the avatar
    hips = stage.place(pose.id, pose.root, pose.floor, person_hips_m, avatar_hips_m)
    receiver.stop()

The package above has to import without bpy, or this one can't be imported without it.
"""

from .clock import now_us
from .errors import WireError
from .humanoid import BoneTree
from .messages import Frame, Hello, Pose, Status, StreamInfo
from .mirror import Mirror
from .person import Follower
from .receiver import Receiver
from .stage import RootMotion, Stage
from .take import MAX_TAKE_POSES, Gap, Take, TakeProgress
from .worker import State

__all__ = [
    "MAX_TAKE_POSES",
    "BoneTree",
    "Follower",
    "Frame",
    "Gap",
    "Hello",
    "Mirror",
    "Pose",
    "Receiver",
    "RootMotion",
    "Stage",
    "State",
    "Status",
    "StreamInfo",
    "Take",
    "TakeProgress",
    "WireError",
    "now_us",
]
