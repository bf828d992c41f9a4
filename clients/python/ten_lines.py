"""The smallest client there is: no Posewire package, only websockets, msgpack and numpy."""

import msgpack
import numpy as np
from websockets.sync.client import connect

with connect("ws://127.0.0.1:8765/stream?subscribe=*&fields=world&max_fps=30") as server:
    for data in server:
        message = msgpack.unpackb(data)
        if message["type"] == "frame":
            for pose in message["poses"]:
                nose = np.frombuffer(pose["world"], "<f4").reshape(-1, 4)[0]  # x, y, z in metres, visibility
                print(f"person {pose['id']}: nose at {nose[:3].round(3)} m")
