"""The engines: which are installed, whether each works, and how fast."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from streamer.doctor.finding import Finding, note, ok, problem
from streamer.doctor.probe import ProbeError, ask

MODEL: Final = "full"
ENGINES: Final = ("openvino", "mediapipe")
"""In the order in which `--engine auto` takes them."""
SLOW_MS: Final = 33.0
"""A frame longer than this doesn't hold a usual camera's rate."""
INSTALL: Final = {
    "openvino": "pip install 'posewire[fast]' adds it: two to four times as fast, equal in result",
    "mediapipe": "",
}


def check_engines() -> Sequence[Finding]:
    """Each that is installed is loaded and runs some frames of the demo clip, in a process of its own."""
    found: list[Finding] = []
    working: list[float] = []
    missing: list[str] = []
    for name in ENGINES:
        if find_spec(name) is None:
            missing.append(name)
            continue
        try:
            answer = ask(kind="engine", name=name, model=MODEL)
            failure = answer.get("error")
        except ProbeError as error:
            answer, failure = {}, str(error)
        if failure is not None:
            found.append(problem(f"{name}: {failure}", f"leave it out meanwhile: --engine {_other(name)}"))
            continue
        fps = 1000 / answer["ms"]
        found.append(ok(f"{answer['name']}: {answer['ms']:.1f} ms a frame, model {MODEL} ({fps:.0f} frames a second)"))
        working.append(answer["ms"])
    found += [note(f"{name} isn't installed", INSTALL[name]) for name in missing if working]
    if not working and len(missing) == len(ENGINES):
        found.append(problem("no engine is installed", "pip install 'posewire[fast]'"))
    if working and min(working) > SLOW_MS:
        found.append(note(f"a frame takes more than {SLOW_MS:g} ms", "use --model lite, or auto to have it chosen"))
    return found


def _other(name: str) -> str:
    return next(other for other in ENGINES if other != name)
