"""A process of its own for what may hang or crash in native code: one engine, or one source.

`python -m streamer.doctor.probe` reads a question from standard input and answers on standard output, both in JSON.
"""

import json
import signal
import subprocess
import sys
import time
from typing import Any, Final

TIMEOUT_S: Final = 40.0
MEASURED_S: Final = 2.0
"""How long a source's rate is measured."""


class ProbeError(Exception):
    """It crashed, hung or said nothing that can be read; in words."""


def ask(timeout_s: float = TIMEOUT_S, **question: Any) -> dict[str, Any]:
    """The answer to a question: `error` in it where what was tried can't be done. Raises ProbeError."""
    command = [sys.executable, "-m", "streamer.doctor.probe"]
    try:
        done = subprocess.run(command, input=json.dumps(question).encode(), capture_output=True, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise ProbeError(f"it hung for {timeout_s:g} s") from None
    if done.returncode < 0:
        raise ProbeError(f"it crashed ({_signal_name(-done.returncode)})")
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        raise ProbeError(f"it ended with status {done.returncode} and no answer") from None
    assert isinstance(answer, dict)
    return answer


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def try_engine(name: str, model: str) -> dict[str, Any]:
    """Load an engine and run some frames: its full name and milliseconds a frame."""
    from streamer.engine.engines import Engines
    from streamer.engine.model_choice import measure_ms
    from streamer.errors import PosewireError
    from streamer.settings import Settings

    try:
        engine = Engines(name).make(Settings(model))
        try:
            return {"name": engine.name, "ms": measure_ms(engine)}
        finally:
            engine.close()
    except PosewireError as error:
        return {"error": str(error)}


def try_source(spec: str) -> dict[str, Any]:
    """Open a source, read one picture and, of a live one, as many as come in MEASURED_S."""
    import cv2

    from streamer.errors import PosewireError
    from streamer.source import NamedRecording, SourceWish, open_sources
    from streamer.source.base import check_size

    cv2.setNumThreads(1)
    try:
        [named] = open_sources([spec], SourceWish())
        if isinstance(named, NamedRecording):
            with named.recording as recording:
                info = next(iter(recording.streams.values()))
            return {"label": named.label, "width": info.width, "height": info.height, "fps": info.fps}
        source = named.source
        label = source.label
        try:
            opened = source.open()
            picture = source.read()
            if picture is None:
                return {"label": label, "error": "not one picture in it"}
            check_size(picture.shape[1], picture.shape[0], label)
            answer = {"label": label, "width": picture.shape[1], "height": picture.shape[0], "fps": opened.fps}
            if source.live:
                start, count = time.monotonic(), 0
                while time.monotonic() - start < MEASURED_S and source.read() is not None:
                    count += 1
                answer["measured_fps"] = count / (time.monotonic() - start)
            return answer
        finally:
            source.close()
    except PosewireError as error:
        return {"error": str(error)}


def main() -> int:
    """Answer the question on standard input."""
    question = json.load(sys.stdin)
    kind = question.pop("kind")
    answer = try_engine(**question) if kind == "engine" else try_source(**question)
    print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
