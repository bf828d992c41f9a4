"""A folder of videos and recordings to a folder of exports: what is done stays done, a bad file is passed over."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from streamer.errors import PosewireError, UsageError
from streamer.export.exporter import Output, check, write
from streamer.offline.ledger import Ledger

LOCK: Final = ".posewire-exports.lock"

Plan = Callable[[Path], list[Output]]
"""What is to be made of a file. Raises PosewireError for one that nothing can be made of."""


class Batch:
    """One run. sources: the files. folder: where exports go; it is made where it isn't there. options: as of Ledger.

    plan: makes of a file what is to be written. force: overwrite what isn't from here. tell, complain: take a line
    each, of what was made and of what failed. From here until `run` ends nobody else has the folder. Raises
    PosewireError where it can't be used, or another run has it.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        folder: Path,
        options: Mapping[str, Any],
        plan: Plan,
        force: bool,
        tell: Callable[[str], None],
        complain: Callable[[str], None],
    ) -> None:
        self._sources, self._plan, self._force, self._tell, self._complain = sources, plan, force, tell, complain
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--output {folder} can't be a folder: {error.strerror or error}") from None
        self._lock = FileLock(folder / LOCK, timeout=0)  # the system lets go of it whatever ends this process
        try:
            self._lock.acquire()
        except Timeout:
            raise UsageError(f"another export works in {folder}; wait for it to end") from None
        except OSError as error:
            raise PosewireError(f"{folder} can't be locked: {error.strerror or error}") from None
        self._ledger = Ledger(folder, options)
        self._named: set[Path] = set()
        self.made = self.kept = self.failed = 0

    def run(self) -> bool:
        """Go through all files; whether none failed. Once."""
        try:
            return self._run()
        finally:
            self._lock.release()

    def _run(self) -> bool:
        stems = Counter(source.stem for source in self._sources)
        for source in self._sources:
            try:
                if stems[source.stem] > 1:
                    raise UsageError("others there have its name with another ending, and exports would be the same")
                if self._ledger.is_done(source):
                    self._named |= set(self._ledger.owned(source))
                    self.kept += 1
                    continue
                self._make(source)
                self.made += 1
            except Exception as error:
                self.failed += 1
                text = str(error) if isinstance(error, PosewireError) else f"unexpected {type(error).__name__}: {error}"
                self._complain(f"{source.name}: {text}")
        return self.failed == 0

    @property
    def summary(self) -> str:
        """What became of the files, in a line."""
        count = len(self._sources)
        told = f"{count} file{'s' if count != 1 else ''}: {self.made} exported"
        if self.kept:
            told += f", {self.kept} done before"
        if self.failed:
            told += f", {self.failed} failed"
        return told

    def _make(self, source: Path) -> None:
        outputs = self._plan(source)
        owned = set(self._ledger.owned(source))
        for output in outputs:
            check([output], self._force or all(path in owned for path in output.paths if path.exists()), self._named)
        paths = [path for output in outputs for path in output.paths]
        self._ledger.claim(source, paths)
        for output in outputs:
            write(output)
        self._ledger.finish(source, paths)
        for output in outputs:
            self._tell(f"{', '.join(map(str, output.paths))}: {output.description}")
