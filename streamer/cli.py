"""The command line: one line on standard error and a documented exit status for whatever goes wrong."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, get_args

from streamer import __version__
from streamer.config import EngineName, ModelName, PrecisionName, ServeConfig
from streamer.errors import PosewireError, UsageError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} ({self.prog} --help lists the options)")


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    parser = _Parser(prog="posewire", description="A body-tracking feed for the LAN, on the CPU, offline.")
    parser.add_argument("--version", action="version", version=f"posewire {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    _add_serve(commands.add_parser("serve", help="stream keypoints of cameras, videos or the demo clip"))
    _add_watch(commands.add_parser("watch", help="watch a stream in the terminal: rate, latency, drops"))
    _add_discover(commands.add_parser("discover", help="find servers on the local network"))
    _add_detect(commands.add_parser("detect", help="find the poses in pictures"))
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.description = "Stream the keypoints of one or more sources to every client that subscribes."
    source = parser.add_argument_group("source")
    source.add_argument(
        "--source",
        action="append",
        metavar="[NAME=]SOURCE",
        help="demo (default), a camera's index or device, a video file, a folder of images, a URL (rtsp, http, udp) or "
        "browser (a phone's or laptop's camera, at /camera); "
        "several times for several streams",
    )
    source.add_argument(
        "--pace",
        choices=("realtime", "max"),
        default="realtime",
        help="files: as a camera would, dropping late frames (default), or every frame as fast as possible",
    )
    source.add_argument(
        "--loop", action=argparse.BooleanOptionalAction, default=True, help="files start over (default)"
    )
    source.add_argument(
        "--width", type=_in_range(int, 32, 16384), metavar="PX", help="picture width to ask a camera for"
    )
    source.add_argument("--height", type=_in_range(int, 32, 16384), metavar="PX", help="picture height, likewise")
    source.add_argument(
        "--fps",
        type=_in_range(float, 0.1, 1000),
        metavar="N",
        help="rate to ask a camera for; of an image folder, its pictures a second",
    )
    source.add_argument("--mirror", action="store_true", help="flip left and right, as a mirror does")
    source.add_argument("--rotate", type=int, choices=(0, 90, 180, 270), default=0, help="degrees clockwise")
    engine = parser.add_argument_group("pose estimation")
    engine.add_argument(
        "--engine",
        choices=get_args(EngineName),
        default="auto",
        help="auto (default) takes openvino where it is installed (posewire[fast]): the same networks, two to four "
        "times as fast",
    )
    engine.add_argument(
        "--threads", type=_in_range(int, 1, 64), metavar="N", help="that the openvino engine works with"
    )
    precision = "of the openvino engine's networks: bf16 where the processor has it (auto, default), else f32"
    engine.add_argument("--precision", choices=get_args(PrecisionName), default="auto", help=precision)
    model = "faster or more accurate; auto takes the heaviest that holds the source's rate here"
    engine.add_argument("--model", choices=get_args(ModelName), default="full", help=model)
    engine.add_argument(
        "--people", type=_in_range(int, 1, 8), default=1, metavar="N", help="track up to N people (1 to 8)"
    )
    engine.add_argument(
        "--smoothing",
        metavar="FILTER[:NAME=VALUE,...]",
        default="one-euro",
        help="one-euro (default), kalman, moving-average or none, with parameters such as one-euro:beta=8",
    )
    engine.add_argument(
        "--fov",
        type=_in_range(float, 10, 150),
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
    network = parser.add_argument_group("network")
    network.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for the LAN")
    network.add_argument("--port", type=_in_range(int, 0, 65535), default=8765, help="0 takes a free one")
    auth = network.add_mutually_exclusive_group()
    auth.add_argument("--token", help="what clients have to show; beyond loopback the default is a random one")
    auth.add_argument("--no-auth", action="store_true", help="let everyone on the network in")
    network.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="a further name of this server"
    )
    network.add_argument(
        "--allow-origin", action="append", default=[], metavar="URL", help="a web page that may connect"
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
        "--max-picture-mb", type=_in_range(float, 0.01, 1000), default=10, metavar="MB", help="of a file"
    )
    photos.add_argument(
        "--max-picture-mp", type=_in_range(float, 0.01, 200), default=25, metavar="MP", help="megapixels of a picture"
    )
    photos.add_argument(
        "--photo-workers", type=_in_range(int, 1, 64), default=1, metavar="N", help="pictures looked at at a time"
    )
    parser.add_argument("--verbose", action="store_true", help="tracebacks and the native libraries' own messages")
    parser.set_defaults(run=_serve)


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.description = "Subscribe to a server and show what arrives: rate, latency from capture to here, drops."
    parser.add_argument("url", help="ws://HOST:PORT/ or http://HOST:PORT/, with ?token=... where one is needed")
    parser.add_argument("--frames", type=_in_range(int, 1, 10**9), metavar="N", help="end after N frames")
    parser.add_argument("--ca", metavar="FILE", help="the authority of a server with --tls auto, PEM")
    parser.add_argument("--stream", default="*", help="one stream instead of all")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end instead of a live line")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=_watch)


def _add_discover(parser: argparse.ArgumentParser) -> None:
    parser.description = "Ask the local network, by multicast DNS, which Posewire servers there are."
    parser.add_argument("--seconds", type=_in_range(float, 0.1, 60), default=2, metavar="S", help="wait for so long")
    parser.add_argument("--json", action="store_true", help="one JSON array instead of lines")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=_discover)


def _add_detect(parser: argparse.ArgumentParser) -> None:
    parser.description = "Find the poses in pictures; write them as JSON or draw them."
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="JPG, PNG, WebP or BMP")
    parser.add_argument("--json", metavar="FILE", help="write keypoints there; - is standard output")
    parser.add_argument(
        "--draw",
        type=Path,
        metavar="FILE",
        help="write the picture with the skeleton on it there; a folder for several pictures",
    )
    parser.add_argument("--engine", choices=get_args(EngineName), default="auto", help="as of `serve`")
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="heavy", help="faster or more accurate")
    parser.add_argument("--people", type=_in_range(int, 1, 8), default=1, metavar="N", help="look for up to N people")
    parser.add_argument("--verbose", action="store_true", help="tracebacks and the native libraries' own messages")
    parser.set_defaults(run=_detect)


def _in_range(kind: type, low: float, high: float):  # type: ignore[no-untyped-def]  # argparse takes any callable
    def convert(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value  # type: ignore[no-any-return]

    return convert


def _serve(options: argparse.Namespace) -> int:
    from streamer import log, pipeline

    log.set_up(options.verbose)
    if options.token is not None and not options.token.strip():
        raise UsageError("--token is empty; give one, or --no-auth to let everyone in")
    if (options.tls_cert is None) != (options.tls_key is None):
        raise UsageError("--tls-cert and --tls-key go together")
    if options.tls_cert is not None and options.tls == "auto":
        raise UsageError("--tls auto makes a certificate; leave it out to use --tls-cert")
    config = ServeConfig(
        sources=tuple(options.source or ["demo"]),
        host=options.host,
        port=options.port,
        engine=options.engine,
        threads=options.threads,
        precision=options.precision,
        model=options.model,
        people=options.people,
        smoothing=options.smoothing,
        preview=options.preview,
        fov_deg=options.fov,
        pace=options.pace,
        loop=options.loop,
        width=options.width,
        height=options.height,
        fps=options.fps,
        mirror=options.mirror,
        rotate=options.rotate,
        vmc=tuple(options.vmc),
        vrchat=tuple(options.vrchat),
        token=options.token,
        no_auth=options.no_auth,
        allow_hosts=tuple(options.allow_host),
        allow_origins=tuple(options.allow_origin),
        announce=options.announce,
        tls=options.tls,
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        max_picture_bytes=round(options.max_picture_mb * 1e6),
        max_picture_pixels=round(options.max_picture_mp * 1e6),
        photo_workers=options.photo_workers,
    )
    if not asyncio.run(pipeline.serve(config)):
        # A thread stuck in native code (a camera driver, say) would keep the interpreter from ending.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
    return 0


def _watch(options: argparse.Namespace) -> int:
    from streamer import watch

    return asyncio.run(watch.watch(options.url, options.stream, options.frames, options.json, options.ca))


def _discover(options: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from posewire_client.discovery import discover

    try:
        found = asyncio.run(discover(options.seconds))
    except OSError as error:
        raise PosewireError(f"the network can't be asked: {error.strerror or error}") from None
    if options.json:
        print(json.dumps([asdict(server) for server in found]))
        return 0
    for server in found:
        print(f"{server.url}  {server.name}{', needs its token' if server.needs_token else ''}")
    if not found:
        print(
            f"no server answered in {options.seconds:g} s; it has to listen beyond loopback (--host 0.0.0.0)",
            file=sys.stderr,
        )
    return 0 if found else 1


def _detect(options: argparse.Namespace) -> int:
    from streamer import log

    log.set_up(options.verbose)
    from streamer import detect
    from streamer.engines import Engines

    engine = Engines(options.engine).make_for_pictures(options.model, options.people)
    try:
        return detect.detect(options.images, engine, options.json, options.draw)
    finally:
        engine.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """The `posewire` command. Exit status: 0 done, 1 a failure at work, 2 a user's mistake."""
    verbose = "--verbose" in (sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            options = make_parser().parse_args(arguments)
            status: int = options.run(options)
        finally:
            sys.stdout.flush()  # here a failure can still be told, at the interpreter's end it can't
        return status
    except PosewireError as error:
        if verbose:
            raise
        print(f"posewire: {error}".replace("\n", " "), file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever read the output (`head`, say) has enough. What is left is tried once more at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if verbose:
            raise
        print(
            f"posewire: unexpected {type(error).__name__}: {error} (--verbose shows where)".replace("\n", " "),
            file=sys.stderr,
        )
        return 1
