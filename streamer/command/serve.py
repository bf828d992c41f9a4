"""`posewire serve`: its options, and the server they ask for."""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import get_args

from streamer import log
from streamer.command.arguments import check_tls, in_range, ip_address
from streamer.config import OF_PICTURES, OF_RECORDINGS, EngineName, ModelName, PrecisionName, ServeConfig
from streamer.errors import UsageError
from streamer.guard.door import MAX_CONNECTIONS, MAX_PER_ADDRESS
from streamer.log import LogFormat
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
    network = parser.add_argument_group("network")
    network.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for the LAN")
    network.add_argument("--port", type=in_range(int, 0, 65535), default=8765, help="0 takes a free one")
    auth = network.add_mutually_exclusive_group()
    auth.add_argument(
        "--token",
        help="what clients have to show; beyond loopback the default is a random one. Others on this machine can read "
        "command lines: POSEWIRE_TOKEN and POSEWIRE_READ_TOKEN in the environment do the same",
    )
    auth.add_argument("--no-auth", action="store_true", help="let everyone on the network in")
    network.add_argument(
        "--read-token",
        metavar="TOKEN",
        help="another, for those who may watch but change nothing; where a token is needed the default is a random one",
    )
    network.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="a further name of this server"
    )
    network.add_argument(
        "--allow-origin", action="append", default=[], metavar="URL", help="a web page that may connect"
    )
    network.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        type=ip_address,
        metavar="ADDRESS",
        help="of a proxy before this server: whom it names in X-Forwarded-For is who asks",
    )
    network.add_argument(
        "--max-per-address",
        type=in_range(int, 1, MAX_CONNECTIONS),
        default=MAX_PER_ADDRESS,
        metavar="N",
        help=f"connections that one address may have open (default {MAX_PER_ADDRESS})",
    )
    network.add_argument("--preview", action="store_true", help="let the page show what the cameras see, at a low rate")
    network.add_argument(
        "--tls",
        choices=("off", "auto"),
        default="off",
        help="https with a certificate of this machine's own making; the page says how to trust it",
    )
    network.add_argument("--tls-cert", metavar="FILE", help="https with your own certificate (PEM, with its chain)")
    network.add_argument("--tls-key", metavar="FILE", help="and its key")
    network.add_argument(
        "--announce",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="beyond loopback: let `posewire discover` find this server by multicast DNS",
    )
    photos = parser.add_argument_group("pictures sent to /detect")
    photos.add_argument(
        "--max-picture-mb", type=in_range(float, 0.01, 1000), default=10, metavar="MB", help="of a file"
    )
    photos.add_argument(
        "--max-picture-mp", type=in_range(float, 0.01, 200), default=25, metavar="MP", help="megapixels of a picture"
    )
    photos.add_argument(
        "--photo-workers", type=in_range(int, 1, 64), default=1, metavar="N", help="pictures looked at at a time"
    )
    parser.add_argument(
        "--log-format",
        choices=get_args(LogFormat),
        default="text",
        help="of the lines on standard error: for people (default) or a JSON object each",
    )
    parser.add_argument("--verbose", action="store_true", help="tracebacks and the native libraries' own messages")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    log.set_up(options.verbose, options.log_format)
    from streamer import pipeline

    token, read_token = options.token, options.read_token
    if not options.no_auth:
        token = os.environ.get("POSEWIRE_TOKEN") if token is None else token
        read_token = os.environ.get("POSEWIRE_READ_TOKEN") if read_token is None else read_token
    for name, value in (("--token", token), ("--read-token", read_token)):
        if value is not None and not value.strip():
            raise UsageError(f"{name} is empty; give one, or --no-auth to let everyone in")
    check_tls(options)
    if options.record_video and options.record is None and options.recordings is None:
        raise UsageError("--record-video goes with --record or --recordings")
    config = ServeConfig(
        sources=tuple(options.source or ["demo"]),
        host=options.host,
        port=options.port,
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
        token=token,
        read_token=read_token,
        no_auth=options.no_auth,
        allow_hosts=tuple(options.allow_host),
        allow_origins=tuple(options.allow_origin),
        trusted_proxies=tuple(options.trusted_proxy),
        max_per_address=options.max_per_address,
        announce=options.announce,
        tls=options.tls,
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        max_picture_bytes=round(options.max_picture_mb * 1e6),
        max_picture_pixels=round(options.max_picture_mp * 1e6),
        photo_workers=options.photo_workers,
        given=frozenset(name for name in (*OF_PICTURES, *OF_RECORDINGS) if getattr(options, name) is not None),
    )
    if not asyncio.run(pipeline.serve(config)):
        # A thread stuck in native code (a camera driver, say) would keep the interpreter from ending.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
    return 0
