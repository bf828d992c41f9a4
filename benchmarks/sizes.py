"""Bytes of a frame on the wire, WebSocket header included: `python -m benchmarks.sizes`. One person of the clip."""

from protocol.codec import join_frame
from protocol.messages import SOLVED_FIELDS
from protocol.skeleton import PRESETS
from streamer.body import Person
from streamer.clock import now_us
from streamer.engine.mediapipe import MediaPipeEngine
from streamer.hub.outgoing import Estimate, encode_view
from streamer.hub.session import View
from streamer.solver import Solver, joint_angles
from streamer.source.video import demo

VIEWS = {
    "image and world, f32, all landmarks": View(("image", "world"), PRESETS["all"], "f32"),
    "world, f32, all landmarks": View(("world",), PRESETS["all"], "f32"),
    "world, f16, all landmarks": View(("world",), PRESETS["all"], "f16"),
    "world, f32, upper body": View(("world",), PRESETS["upper_body"], "f32"),
    "world, f16, upper body": View(("world",), PRESETS["upper_body"], "f16"),
    "world, f32, COCO-17": View(("world",), PRESETS["coco17"], "f32"),
    "bones, f32": View(("bones",), PRESETS["all"], "f32"),
    "bones, f16": View(("bones",), PRESETS["all"], "f16"),
    "bones and angles, f16": View(("bones", "angles"), PRESETS["all"], "f16"),
}


def main() -> None:
    source, engine = demo(), MediaPipeEngine("full")
    source.open()
    people = engine.estimate(source.read(), 0)
    engine.close()
    body = Solver(65.0, smooth=True).solve([(1, people[0])], 0, 720 / 1280)[1]
    person = Person(1, people[0], body, joint_angles(people[0].world))
    estimate = Estimate("demo", 1234, now_us(), (720, 1280), [person], SOLVED_FIELDS)
    print("| view | msgpack bytes | JSON bytes | JSON / msgpack |\n|---|---:|---:|---:|")
    for name, view in VIEWS.items():
        sizes = []
        for format in ("msgpack", "json"):
            payload = len(join_frame(0, encode_view(estimate, view, format), format))
            sizes.append(payload + (2 if payload < 126 else 4))
        print(f"| {name} | {sizes[0]} | {sizes[1]} | {sizes[1] / sizes[0]:.1f} |")


if __name__ == "__main__":
    main()
