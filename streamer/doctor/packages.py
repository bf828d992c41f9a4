"""Python, and the packages that an installation needs, against what it declares."""

import platform
import re
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Final

from streamer.doctor.finding import Finding, note, ok, problem

SHOWN: Final = ("mediapipe", "openvino", "opencv-python-headless", "numpy", "websockets")
"""Of which people are asked first, when something goes wrong."""
OWNERS_OF_CV2: Final = ("opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless")
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9._-]+)\s*\(?([^;)]*)\)?\s*(?:;(.*))?")
_SPECIFIER: Final = re.compile(r"(==|>=|<=|<|>|!=)\s*([0-9.]+)")
REINSTALL: Final = "install Posewire again: pip install --force-reinstall ."


def check_python() -> Sequence[Finding]:
    """The interpreter."""
    version = platform.python_version()
    text = f"Python {version}, {platform.system()} {platform.machine()}"
    wanted = _wanted_python()
    if wanted and not satisfies(version, wanted):
        return [problem(f"{text}; Posewire needs {wanted}", "make a virtual environment with another Python")]
    if sys.prefix == sys.base_prefix:
        return [note(f"{text}, not in a virtual environment", "other programs may change the packages it needs")]
    return [ok(text)]


def check_packages() -> Sequence[Finding]:
    """What is installed of what is required."""
    try:
        declared = metadata.requires("posewire") or []
    except metadata.PackageNotFoundError:
        declared = []
    requirements = [parsed for text in declared if (parsed := parse_requirement(text))]
    if not requirements:
        return [note("Posewire isn't installed as a package here, so its requirements can't be told", REINSTALL)]
    found: list[Finding] = []
    right = 0
    for name, specifiers, conditional in requirements:
        version = installed(name)
        if version is None and not conditional:
            found.append(problem(f"{name} isn't installed", REINSTALL))
        elif version is not None and not satisfies(version, specifiers):
            found.append(problem(f"{name} {version} is installed; {specifiers} is needed", REINSTALL))
        else:
            right += version is not None
    versions = ", ".join(f"{name} {version}" for name in SHOWN if (version := installed(name)))
    found.insert(0, ok(f"{right} packages: {versions}"))
    others = [name for name in OWNERS_OF_CV2 if installed(name)]
    if others:
        todo = f"pip uninstall {' '.join(others)}, then {REINSTALL}"
        found.append(note(f"{' and '.join(others)} holds the same files as opencv-python-headless", todo))
    return found


def parse_requirement(text: str) -> tuple[str, str, bool] | None:
    """Name, specifiers and whether it is for some machines only; None for what an extra adds."""
    match = _REQUIREMENT.match(text)
    if match is None or "extra ==" in (match[3] or ""):
        return None
    return match[1], match[2].strip(), bool(match[3])


def satisfies(version: str, specifiers: str) -> bool:
    """Whether a version is within bounds such as `>=1.26,<3`; of the version, its leading numbers count."""
    have = _numbers(version)
    for sign, text in _SPECIFIER.findall(specifiers):
        want = _numbers(text)
        length = max(len(have), len(want))
        a, b = (numbers + (0,) * (length - len(numbers)) for numbers in (have, want))
        if not {"==": a == b, ">=": a >= b, "<=": a <= b, "<": a < b, ">": a > b, "!=": a != b}[sign]:
            return False
    return True


def installed(name: str) -> str | None:
    """The version of a package; None where there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _wanted_python() -> str:
    try:
        return str(metadata.metadata("posewire")["Requires-Python"] or "")
    except metadata.PackageNotFoundError:
        return ""


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()
