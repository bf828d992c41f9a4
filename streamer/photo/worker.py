"""The process that looks at pictures: `python -m streamer.photo.worker ENGINE`, fed by `pool.py` over its pipes.

A process of its own, of low priority: pictures take little more processor time than live streams leave, and one on
which native code fails takes nothing else along. It ends when its input does.

Both ways a message is a header of two lengths (little-endian uint32: JSON, then body), a JSON object and a body.
In: a PhotoRequest and the picture. Out: `{"status": ...}` and what to answer with, or one line that says what is wrong.
"""

import json
import os
import signal
import struct
import sys
from collections import OrderedDict
from typing import Any, BinaryIO

from streamer.engine.engines import Engines

HEADER = struct.Struct("<II")
MAX_ENGINES = 3
"""Networks kept ready, for the last few combinations of model, people and confidence."""
OK, BAD_PICTURE, FAILED = "ok", "bad picture", "failed"


def pack_head(head: dict[str, Any], body_bytes: int) -> bytes:
    """A message up to its body, which is sent after it: a picture is too large to be copied for that."""
    text = json.dumps(head).encode()
    return HEADER.pack(len(text), body_bytes) + text


def _read(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    json_bytes, body_bytes = HEADER.unpack(header)
    head = json.loads(stream.read(json_bytes))
    return head, stream.read(body_bytes)


def _yield_to_streams() -> None:
    """Take the smallest share there is, and interrupt nobody. Threads that native code makes later inherit it.

    Not SCHED_IDLE: beside a game that takes all processors a picture would then take minutes instead of seconds.
    """
    if sys.platform == "linux":
        for thread in map(int, os.listdir("/proc/self/task")):  # there each thread has a priority of its own
            os.setpriority(os.PRIO_PROCESS, thread, 19)
            os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
    elif hasattr(os, "nice"):
        os.nice(19)
    elif sys.platform == "win32":
        import ctypes

        idle_priority_class = 0x40
        ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), idle_priority_class)


class _Engines:
    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._ready: OrderedDict[tuple[str, int, float], Any] = OrderedDict()

    def get(self, model: str, people: int, min_confidence: float) -> Any:
        key = (model, people, min_confidence)
        if key not in self._ready:
            if len(self._ready) == MAX_ENGINES:
                self._ready.popitem(last=False)[1].close()
            self._ready[key] = self._engines.make_for_pictures(model, people, min_confidence)
        self._ready.move_to_end(key)
        return self._ready[key]


def _look(engines: _Engines, asked: dict[str, Any], data: bytes) -> tuple[str, bytes | memoryview]:
    import cv2

    from streamer.photo.drawing import draw
    from streamer.photo.picture import BadPicture, decode
    from streamer.photo.report import report
    from streamer.source.base import into_rgb

    try:
        picture, (width, height) = decode(data, drawn_on=asked["annotated"])
    except BadPicture as error:
        return BAD_PICTURE, str(error).encode()
    people = engines.get(asked["model"], asked["people"], asked["min_confidence"]).estimate(picture, 0)
    if asked["annotated"]:
        draw(picture, people)
        written, png = cv2.imencode(".png", into_rgb(picture))  # the other way round: what OpenCV writes is BGR
        return (OK, png.data) if written else (FAILED, b"the picture can't be encoded as PNG")
    found = report(people, width, height, asked["fields"], asked["landmarks"])
    return OK, json.dumps(found, separators=(",", ":")).encode()


def main() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; it closes our input
    # Imports native code: a second of work, once. Low priority is for pictures.
    engines = _Engines(Engines(sys.argv[1]))
    _yield_to_streams()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (message := _read(source)) is not None:
        try:
            status, body = _look(engines, *message)
        except Exception as error:
            status, body = FAILED, f"{type(error).__name__}: {error}".partition("\n")[0][:200].encode()
        del message
        sink.write(pack_head({"status": status}, len(body)))
        sink.write(body)
        sink.flush()
        del body


if __name__ == "__main__":
    main()
