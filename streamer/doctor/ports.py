"""The address and port to listen on."""

import errno
import os
from collections.abc import Sequence
from glob import glob
from pathlib import Path
from typing import Final

from streamer.doctor.finding import Finding, note, ok, problem
from streamer.errors import PosewireError, UsageError

PROC: Final = Path("/proc")
LISTENS: Final = "0A"
"""The state in /proc/net/tcp."""


def check_port(host: str, port: int) -> Sequence[Finding]:
    """Whether a server could listen there now; if not, who does."""
    from streamer.server.server import listen

    if port == 0:
        return [ok(f"{host}: a free port is taken")]
    try:
        listen(host, port).close()
    except UsageError as error:
        return [problem(str(error), "--host has to be an address of this machine, or 0.0.0.0 for all of them")]
    except PosewireError as error:
        return [_refused(host, port, error)]
    return [ok(f"{host} port {port} is free")]


def _refused(host: str, port: int, error: PosewireError) -> Finding:
    cause = error.__context__.errno if isinstance(error.__context__, OSError) else None
    if cause == errno.EADDRNOTAVAIL:
        return problem(f"{host} is no address of this machine", "leave --host out, or 0.0.0.0 for all that it has")
    if cause in (errno.EACCES, errno.EPERM):
        return problem(f"you may not listen on port {port}", "choose one above 1023 with --port")
    holder = who_listens(port) if cause == errno.EADDRINUSE else ""
    if holder:
        todo = "end that, or choose another with --port; --port 0 takes a free one"
        return problem(f"{host} port {port} is taken by {holder}", todo)
    text, _, todo = str(error).partition("; ")
    return problem(text, todo or "choose another with --host and --port")


def check_connections() -> Sequence[Finding]:
    """Whether as many files may be open as there may be connections."""
    try:
        import resource
    except ImportError:
        return [ok("open files: no limit of this kind on Windows")]
    from streamer.guard.door import MAX_CONNECTIONS, SPARE_FILES

    # The server asks for as many as it may have; that is the hard limit.
    _, may = resource.getrlimit(resource.RLIMIT_NOFILE)
    if may == resource.RLIM_INFINITY or may >= MAX_CONNECTIONS + SPARE_FILES:
        return [ok(f"open files: {MAX_CONNECTIONS} connections fit")]
    clients = max(0, may - SPARE_FILES)
    text = f"open files: at most {may}, so about {clients} connections; the server takes up to {MAX_CONNECTIONS}"
    return [note(text, "for more raise the hard limit: ulimit -Hn as root, LimitNOFILE= of a systemd service")]


def who_listens(port: int, proc: Path = PROC) -> str:
    """The program that listens on a port, with its process id; empty where that can't be told."""
    sockets = {f"socket:[{inode}]" for table in ("tcp", "tcp6") for inode in _listening(proc / "net" / table, port)}
    for link in glob(str(proc / "[0-9]*" / "fd" / "*")) if sockets else ():
        try:
            if os.readlink(link) in sockets:
                return _program(Path(link).parents[1])
        except OSError:
            continue
    return "another user's program" if sockets else ""


def _listening(table: Path, port: int) -> list[str]:
    """Inodes of the sockets in a table that listen on a port."""
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[9] for row in rows if row[3] == LISTENS and int(row[1].rpartition(":")[2], 16) == port]


def _program(process: Path) -> str:
    """Its name, and what comes before the options, which may hold secrets."""
    names: list[str] = []
    for word in (process / "cmdline").read_text(errors="replace").split("\0"):
        if word.startswith("-") and word != "-m":
            break
        names += [Path(word).name] if word and word != "-m" else []
    return f"{' '.join(names)[:60] or '?'} (process {process.name})"
