"""`posewire serve`: its options, and the server they ask for."""

import argparse
from pathlib import Path
from typing import get_args

from streamer import log
from streamer.command import site_options
from streamer.command.arguments import in_range
from streamer.config import OF_PICTURES, OF_RECORDINGS, EngineName, ModelName, PrecisionName, ServeConfig
from streamer.errors import UsageError
from streamer.nats.subjects import NODE_RULE, default_node
from streamer.replay.playhead import MAX_SPEED, MIN_SPEED


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Stream the keypoints of one or more sources to every client that subscribes."
    source = parser.add_argument_group("source")
    source.add_argument(
        "--source",
        action="append",
        metavar="[NAME=]SOURCE",
        help="demo (default), a camera's index or device, a video file, a recording (FILE.mcap), a folder of images, a "
        "URL (rtsp, http, udp) or browser (a phone's or laptop's camera, at /camera); "
        "several times for several streams",
    )
    source.add_argument(
        "--pace",
        choices=("realtime", "max"),
        default="realtime",
        help="files: as a camera would, dropping late frames (default), or every frame as fast as possible; of a "
        "recording, as fast as whoever watches takes them",
    )
    source.add_argument(
        "--loop", action=argparse.BooleanOptionalAction, default=True, help="files start over (default)"
    )
    source.add_argument(
        "--width", type=in_range(int, 32, 16384), metavar="PX", help="picture width to ask a camera for"
    )
    source.add_argument("--height", type=in_range(int, 32, 16384), metavar="PX", help="picture height, likewise")
    source.add_argument(
        "--fps",
        type=in_range(float, 0.1, 1000),
        metavar="N",
        help="rate to ask a camera for; of an image folder, its pictures a second",
    )
    source.add_argument("--mirror", action="store_true", default=None, help="flip left and right, as a mirror does")
    source.add_argument("--rotate", type=int, choices=(0, 90, 180, 270), help="degrees clockwise")
    source.add_argument(
        "--speed",
        type=in_range(float, MIN_SPEED, MAX_SPEED),
        metavar="X",
        help=f"recordings: times as fast as they were ({MIN_SPEED:g} to {MAX_SPEED:g})",
    )
    source.add_argument(
        "--start", type=in_range(float, 0, 1e9), metavar="SECONDS", help="recordings: where to begin, the first time"
    )
    engine = parser.add_argument_group("pose estimation")
    engine.add_argument(
        "--engine",
        choices=get_args(EngineName),
        default="auto",
        help="auto (default) takes openvino where it is installed (posewire[fast]): the same networks, two to four "
        "times as fast",
    )
    engine.add_argument("--threads", type=in_range(int, 1, 64), metavar="N", help="that the openvino engine works with")
    precision = "of the openvino engine's networks: bf16 where the processor has it (auto, default), else f32"
    engine.add_argument("--precision", choices=get_args(PrecisionName), default="auto", help=precision)
    model = "faster or more accurate; auto takes the heaviest that holds the source's rate here"
    engine.add_argument("--model", choices=get_args(ModelName), help=f"{model} (default full)")
    engine.add_argument(
        "--people", type=in_range(int, 1, 8), metavar="N", help="track up to N people (1, the default, to 8)"
    )
    engine.add_argument(
        "--smoothing",
        metavar="FILTER[:NAME=VALUE,...]",
        help="one-euro (default), kalman, moving-average or none, with parameters such as one-euro:beta=8",
    )
    engine.add_argument(
        "--fov",
        type=in_range(float, 10, 150),
        default=65.0,
        metavar="DEGREES",
        help="the camera's field of view along the picture's longer side, for distances (default 65, a usual webcam)",
    )
    output = parser.add_argument_group("outputs", "to other programs, over UDP; of the first stream")
    output.add_argument(
        "--vmc",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="send bones by the VMC protocol (VSeeFace, Warudo, VNyan ...), port 39539; several times for several",
    )
    output.add_argument(
        "--vrchat", action="append", default=[], metavar="HOST[:PORT]", help="send OSC trackers to VRChat, port 9000"
    )
    recording = parser.add_argument_group("recording", "every frame of every stream, as MCAP")
    recording.add_argument("--record", type=Path, metavar="FILE.mcap", help="record from the start into a new file")
    recording.add_argument(
        "--recordings",
        type=Path,
        metavar="DIR",
        help="a folder for recordings that are begun and ended over the API (POST /recordings)",
    )
    recording.add_argument(
        "--record-video", action="store_true", help="recordings keep what the cameras see as well; off by default"
    )
    site = site_options.add_options(parser)
    site.add_argument("--preview", action="store_true", help="let the page show what the cameras see, at a low rate")
    nats = site_options.add_nats_options(parser, "bring every stream to NATS, for relays on other machines")
    nats.add_argument(
        "--node",
        metavar="NAME",
        help=f"what this machine is called there ({NODE_RULE}); the default is its host's name",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    log.set_up(options.verbose, options.log_format)
    from streamer import pipeline

    if options.record_video and options.record is None and options.recordings is None:
        raise UsageError("--record-video goes with --record or --recordings")
    settings = site_options.settings(options)
    if options.node is not None and settings["nats"] is None:
        raise UsageError("--node goes with --nats")
    config = ServeConfig(
        **settings,
        sources=tuple(options.source or ["demo"]),
        engine=options.engine,
        threads=options.threads,
        precision=options.precision,
        model=options.model or "full",
        people=options.people or 1,
        smoothing=options.smoothing if options.smoothing is not None else "one-euro",
        preview=options.preview,
        fov_deg=options.fov,
        pace=options.pace,
        loop=options.loop,
        speed=options.speed or 1.0,
        start_s=options.start or 0.0,
        width=options.width,
        height=options.height,
        fps=options.fps,
        mirror=bool(options.mirror),
        rotate=options.rotate or 0,
        record=options.record,
        record_video=options.record_video,
        recordings=options.recordings,
        vmc=tuple(options.vmc),
        vrchat=tuple(options.vrchat),
        node=options.node if options.node is not None else default_node(),
        given=frozenset(name for name in (*OF_PICTURES, *OF_RECORDINGS) if getattr(options, name) is not None),
    )
    return site_options.run_site(pipeline.serve(config))
