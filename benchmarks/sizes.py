"""Bytes of a frame on the wire, WebSocket header included: `python benchmarks/sizes.py`. One person of the clip."""

from protocol.codec import join_frame
from protocol.skeleton import PRESETS
from streamer.body import Person
from streamer.clock import now_us
from streamer.engine_mediapipe import MediaPipeEngine
from streamer.hub import Estimate, encode_view
from streamer.session import View
from streamer.source.video import demo

VIEWS = {
    "image and world, f32, all landmarks": View(("image", "world"), PRESETS["all"], "f32"),
    "world, f32, all landmarks": View(("world",), PRESETS["all"], "f32"),
    "world, f16, all landmarks": View(("world",), PRESETS["all"], "f16"),
    "world, f32, upper body": View(("world",), PRESETS["upper_body"], "f32"),
    "world, f16, upper body": View(("world",), PRESETS["upper_body"], "f16"),
    "world, f32, COCO-17": View(("world",), PRESETS["coco17"], "f32"),
}


def main() -> None:
    source, engine = demo(), MediaPipeEngine("full")
    source.open()
    people = engine.estimate(source.read(), 0)
    engine.close()
    estimate = Estimate("demo", 1234, now_us(), (720, 1280), [Person(1, people[0])])
    print("| view | msgpack bytes | JSON bytes | JSON / msgpack |\n|---|---:|---:|---:|")
    for name, view in VIEWS.items():
        sizes = []
        for format in ("msgpack", "json"):
            payload = len(join_frame(0, encode_view(estimate, view, format), format))
            sizes.append(payload + (2 if payload < 126 else 4))
        print(f"| {name} | {sizes[0]} | {sizes[1]} | {sizes[1] / sizes[0]:.1f} |")


if __name__ == "__main__":
    main()
