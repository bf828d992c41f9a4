"""The work of `posewire export`: a recording, a video or a folder of them to files."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from streamer import log
from streamer.config import EngineName, ExportName, LayoutName, PrecisionName
from streamer.engine.engines import Engines
from streamer.errors import PosewireError, UsageError
from streamer.export.cut import WHOLE, Cut, EmptyCut
from streamer.export.exporter import ExportOptions, Output, check, choose, plan, write
from streamer.export.formats import FORMATS
from streamer.export.place import place
from streamer.log import printable
from streamer.offline.batch import Batch
from streamer.offline.estimate import Wish, estimate
from streamer.offline.inputs import find, is_recording, open_takes
from streamer.offline.progress import Progress
from streamer.settings import Settings
from streamer.take.refilter import Choice, parse_choice
from streamer.take.take import Take


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """What was asked for.

    file: a recording, a video or a folder. output: None for beside the file. fps: samples a second, None for the take's
    own rate. cut: what of each take. stream, person: the only ones to take. filter: as `--filter` has it, None for the
    default of what the file is. engine and what follows it are for videos.
    """

    file: Path
    to: ExportName
    output: Path | None = None
    fps: float | None = None
    cut: Cut = WHOLE
    stream: str | None = None
    person: int | None = None
    layout: LayoutName = "BODY_25"
    filter: str | None = None
    fov_deg: float = 65.0
    force: bool = False
    engine: EngineName = "auto"
    threads: int | None = None
    precision: PrecisionName = "auto"
    model: str = "heavy"
    people: int = 1
    verbose: bool = False


_WITHOUT_EFFECT: Final = ("file", "output", "force", "threads", "verbose")
"""What doesn't decide what is in an export."""


def export(config: ExportConfig) -> bool:
    """Do it; whether nothing failed. Standard output tells what was made, standard error what failed in a folder.

    Raises PosewireError for what fails otherwise, and where Ctrl-C or SIGTERM ends it.
    """
    exporter = Exporter(config)
    with _ended_by_signals():
        return exporter.export_folder() if config.file.is_dir() else exporter.export_file()


class Exporter:
    """One run. Raises UsageError for a filter that there isn't."""

    def __init__(self, config: ExportConfig) -> None:
        self._config = config
        self._choice = None if config.filter is None else parse_choice(config.filter)
        self._engines: Engines | None = None
        self._is_quiet = False

    def export_file(self) -> bool:
        """The file that was named."""
        config = self._config
        if not is_recording(config.file):  # what can't be written is told before the work, which may take long
            goal, form = place(config.file, config.to, config.output), FORMATS[config.to]
            is_free = config.force or (form.one_person and config.people > 1)  # the names are known afterwards only
            check([Output(goal, "", {goal: lambda: ()}, form.is_folder)], is_free, set())
        outputs = self._plan(config.file, config.output)
        check(outputs, config.force, set())
        for output in outputs:
            write(output)
            for path in output.paths:
                _tell(f"{path}: {output.description}")
        return True

    def export_folder(self) -> bool:
        """All files in the folder that was named."""
        config, folder = self._config, self._config.output
        sources = find(config.file)
        if folder is None:
            raise UsageError(f"{config.file} is a folder; --output FOLDER says where its exports go")
        suffix = FORMATS[config.to].suffix

        def plan_one(source: Path) -> list[Output]:
            return self._plan(source, folder / f"{source.stem}{suffix}")

        options: dict[str, Any] = {key: value for key, value in asdict(config).items() if key not in _WITHOUT_EFFECT}
        batch = Batch(sources, folder, options, plan_one, config.force, _tell, _complain)
        good = batch.run()
        _tell(batch.summary)
        return good

    def _plan(self, source: Path, output: Path | None) -> list[Output]:
        config = self._config
        if not is_recording(source):
            if config.stream is not None:
                raise UsageError(f"{source} is a video, which has one stream; --stream is for recordings")
            place(source, config.to, output)  # a wrong one is told before the work
            self._silence()
        with Progress(printable(source.name)) as bar:
            takes = open_takes(source, self._choice, config.fov_deg, self._estimate, bar.show)
        chosen = choose(takes, config.stream)
        from_us = min(int(take.t_us[0]) for take in takes.values() if len(take.t_us))
        outputs, empty = list[Output](), list[EmptyCut]()
        for take in chosen:
            goal = place(source, config.to, output, take.stream if len(takes) > 1 else None)
            options = ExportOptions(
                *(config.to, goal, config.fps, config.cut, from_us, config.person, config.layout, config.force)
            )
            try:
                outputs += plan(take, options, _tell)
            except EmptyCut as error:
                empty.append(error)
        if not outputs:
            raise empty[0]
        for why in empty:
            _tell(f"{why}; it is left out")
        return outputs

    def _silence(self) -> None:
        """Before native libraries are at work for the first time, which print what nobody asked for."""
        if not self._is_quiet:
            log.set_up(self._config.verbose)
            self._is_quiet = True

    def _estimate(self, path: Path, choice: Choice, tell: Callable[[int, int], None]) -> Take:
        config = self._config
        if self._engines is None:  # with the first video: recordings need none
            self._engines = Engines(config.engine, config.threads, precision=config.precision)
        take = estimate(path, self._engines, Wish(Settings(config.model, config.people), choice, config.fov_deg), tell)
        if not take.tracks:
            raise UsageError(f"nobody is seen in {path}")
        return take


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the work alike: what is half done is cleared away."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise PosewireError("stopped; what was told before is written, the rest is not") from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(line: str) -> None:
    print(printable(line), flush=True)


def _complain(line: str) -> None:
    print(f"posewire: {printable(' '.join(line.splitlines()))}", file=sys.stderr, flush=True)
