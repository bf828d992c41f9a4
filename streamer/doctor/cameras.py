"""The cameras of this machine, and the sources that were named."""

import os
import sys
from collections.abc import Sequence
from glob import glob
from typing import Any, Final

from streamer.doctor.finding import Finding, note, ok, problem
from streamer.doctor.probe import ProbeError, ask

MAX_CAMERAS: Final = 8
"""Tried; many a camera has several device files."""
TIMEOUT_S: Final = 15.0
OTHERS: Final = "files, network streams and the demo clip work without; --source browser takes a phone's"


def check_cameras(pattern: str = "/dev/video*") -> Sequence[Finding]:
    """What can be opened: on Linux the device files, elsewhere the first few indices."""
    specs = sorted(glob(pattern)) if sys.platform == "linux" else [str(index) for index in range(4)]
    found: list[Finding] = []
    for spec in specs[:MAX_CAMERAS]:
        if os.path.exists(spec) and not os.access(spec, os.R_OK | os.W_OK):
            todo = f"add yourself to its group, then log in anew: sudo usermod -aG {_group(spec)} $USER"
            found.append(problem(f"{spec}: you may not open it", todo))
            continue
        answer = _ask(spec)
        if "error" not in answer:
            found.append(ok(_described(spec, answer)))
        elif sys.platform == "linux":
            # A second device file of the same camera, for what isn't pictures, is usual.
            found.append(note(f"{spec}: no picture ({answer['error']})"))
    return found or [note("no camera found", OTHERS)]


def check_sources(specs: Sequence[str]) -> Sequence[Finding]:
    """Each opens and gives a picture; of a live one the rate is measured."""
    found: list[Finding] = []
    for spec in specs:
        name = hidden(spec)
        if spec.rpartition("=")[2] == "browser":
            found.append(ok(f"{name}: waits for a browser at /camera"))
            continue
        answer = _ask(spec)
        if "error" in answer:
            text = answer["error"].replace(_secret(spec), "")
            found.append(problem(text if name in text else f"{name}: {text}", _what_to_do(spec)))
            continue
        nominal, measured = answer["fps"], answer.get("measured_fps")
        text = _described(name, answer)
        if measured is not None and nominal and measured < 0.7 * nominal:
            todo = "more light lets a camera expose for less time; --width and --height ask for a smaller picture"
            found.append(note(f"{text}, though it promises {nominal:g}", todo))
        else:
            found.append(ok(text))
    return found


def hidden(spec: str) -> str:
    """A source without what may be secret in it: user, password and query of an address."""
    scheme, separator, rest = spec.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}" if separator else spec


def _secret(spec: str) -> str:
    """User and password of an address with what follows them, as they stand in it."""
    user, at, _ = spec.partition("://")[2].rpartition("@")
    return user + at or "\0"


def _ask(spec: str) -> dict[str, Any]:
    try:
        return ask(TIMEOUT_S, kind="source", spec=spec)
    except ProbeError as error:
        return {"error": str(error)}


def _described(name: str, answer: dict[str, Any]) -> str:
    fps = answer["fps"]
    rate = f"{answer['measured_fps']:.0f} frames a second" if "measured_fps" in answer else f"{fps:g} frames a second"
    return f"{name}: {answer['width']}x{answer['height']}, {rate}"


def _what_to_do(spec: str) -> str:
    if "://" in spec:
        return "see whether another program shows it (ffplay, VLC), and whether name, port and password are right"
    if spec.isdigit() or spec.startswith("/dev/"):
        return "close other programs that use the camera; plug it in again"
    return "see whether the file is there and another program plays it"


def _group(path: str) -> str:
    try:
        import grp

        return grp.getgrgid(os.stat(path).st_gid).gr_name
    except (ImportError, KeyError, OSError):
        return "video"
