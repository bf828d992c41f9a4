"""Coverage-guided fuzzing with atheris, which is no package for every platform: `pip install atheris`, on Linux.

`python -m tests.fuzz.codec --minutes 5` and `python -m tests.fuzz.session --minutes 5`. Inputs that reach new code are
kept in `--corpus FOLDER` (else for the run only), seeded with the golden vectors. One that breaks an invariant, takes
more than its time or memory, or crashes the interpreter is written to the working folder, and ends it with a status
other than 0. `python -m tests.fuzz.codec FILE...` runs inputs again, those of a corpus too: at full speed, so
with exact limits of time. Code that is watched is slower.
"""

import argparse
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

from protocol import encode
from protocol.vectors import generate
from tests.protocol.hostile import MAX_CPU_S, MAX_MEMORY_BYTES

LARGE_BYTES = 1024
"""Memory is looked at for inputs from here on; smaller ones can't take much, and looking takes time."""
MAX_BYTES = 65_536
WATCHED_SLOWER = 10
"""How many times as long code takes that atheris watches."""
WORDS = (*generate.valid(), "type", "subscribe", "landmarks", "fields", "max_fps", "dtype", "stream", "t0_us")


def bounded(action: Callable[[], object], size: int, times: int = 1) -> None:
    """Run it; fail where it takes more than a message may, or so many of them. What is slow has to be so thrice."""
    limit_s = MAX_CPU_S * times * (WATCHED_SLOWER if "atheris" in sys.modules else 1)
    for _ in range(3):
        start = time.thread_time()
        action()
        spent_s = time.thread_time() - start
        if spent_s <= limit_s:
            break
    else:
        raise AssertionError(f"{spent_s * 1e3:.1f} ms of processor time for {size} bytes")
    if size >= LARGE_BYTES:
        tracemalloc.start()
        action()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < MAX_MEMORY_BYTES * times, f"{peak} bytes of memory for {size} bytes"


def vectors() -> Iterable[tuple[bytes, str]]:
    """Valid messages in both forms, and their form."""
    for entry in generate.valid().values():
        for form in ("msgpack", "json"):
            yield encode(entry.message, form), form  # type: ignore[arg-type]
    for invalid in generate.invalid().values():
        is_text = isinstance(invalid.data, str)
        yield (
            (invalid.data.encode("utf-8", "surrogatepass") if isinstance(invalid.data, str) else invalid.data),
            ("json" if is_text else "msgpack"),
        )


def run(name: str, test: Callable[[bytes], None], seeds: Iterable[bytes], instrument: list[str]) -> None:
    """Fuzz `test` for the time that the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("inputs", nargs="*", type=Path, help="run these only")
    options = parser.parse_args()
    if options.inputs:
        for path in options.inputs:
            test(path.read_bytes())
        print(f"{len(options.inputs)} inputs, all within the limits")
        return
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is needed: pip install atheris (Linux)")
    with tempfile.TemporaryDirectory() as temporary:
        corpus = options.corpus or Path(temporary) / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (corpus / f"seed-{number}").write_bytes(seed)
        words = Path(temporary) / "words"
        words.write_text("".join(f'"{word}"\n' for word in WORDS if word.isascii()))
        flags = [f"-max_total_time={round(options.minutes * 60)}", f"-max_len={MAX_BYTES}", "-timeout=10"]
        flags += [f"-dict={words}", "-print_final_stats=1", "-rss_limit_mb=2048", f"-artifact_prefix={name}-"]
        for module in instrument:
            for attribute in list(vars(sys.modules[module]).values()):
                if callable(attribute) and getattr(attribute, "__module__", None) == module:
                    _instrument(atheris, attribute)
        atheris.Setup([sys.argv[0], str(corpus), *flags], test)
        atheris.Fuzz()


def _instrument(atheris: object, target: object) -> None:
    if isinstance(target, type):
        for value in vars(target).values():
            if hasattr(value, "__code__"):
                atheris.instrument_func(value)  # type: ignore[attr-defined]
    elif hasattr(target, "__code__"):
        atheris.instrument_func(target)  # type: ignore[attr-defined]
