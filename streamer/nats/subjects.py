"""The names of things on NATS: `posewire.v1.NODE.STREAM.frame` and the like. SPEC.md, Over NATS, is normative."""

import re
import socket
from collections.abc import Sequence
from typing import Final

from protocol.limits import MAX_NAME_LENGTH
from streamer.errors import UsageError

PREFIX: Final = "posewire.v1"
WHO: Final = f"{PREFIX}.who"
"""Whoever publishes anything here is answered by every node's `hello`."""
HELLOS: Final = f"{PREFIX}.*.hello"
STATUSES: Final = f"{PREFIX}.*.*.status"

INBOX: Final = "_INBOX.posewire"
"""Beneath it a relay's answers come: others' inboxes on the same server are not its business."""

MAX_NODE_LENGTH: Final = 32
NODE_RULE: Final = f"letters, digits, - and _, {MAX_NODE_LENGTH} at most"
_NODE = re.compile(r"[A-Za-z0-9_-]{1,32}")
_STREAM = re.compile(r"[A-Za-z0-9_-]{1,60}")


def hello(node: str) -> str:
    """What a node is and which streams it has; twice a second, which is its heartbeat."""
    return f"{PREFIX}.{node}.hello"


def time(node: str) -> str:
    """Questions for a node's clock, each answered to its reply subject."""
    return f"{PREFIX}.{node}.time"


def frame(node: str, stream: str) -> str:
    """A stream's frames, with every field."""
    return f"{PREFIX}.{node}.{stream}.frame"


def status(node: str, stream: str) -> str:
    """The news of a stream."""
    return f"{PREFIX}.{node}.{stream}.status"


def is_inbox(subject: str) -> bool:
    """Whether it is there for answers. Where permissions let a node answer at all, they let it answer anywhere."""
    return subject.startswith("_INBOX.")


def node_of(subject: str) -> str:
    """The node that a subject is of."""
    return subject.split(".")[2]


def is_node(name: str) -> bool:
    """Whether a node can be called so."""
    return _NODE.fullmatch(name) is not None


def is_stream(id: str) -> bool:
    """Whether a node's stream can be called so here: its id is part of subjects."""
    return _STREAM.fullmatch(id) is not None


def relayed(node: str, stream: str) -> str:
    """What a relay calls a node's stream."""
    return f"{node}.{stream}"


def check_node(node: str, streams: Sequence[str]) -> None:
    """Raises UsageError where a node can't be called so, or has a stream whose name would be too long at a relay."""
    if not is_node(node):
        raise UsageError(f"a node can't be called {node[:80]!r}: {NODE_RULE}; choose a name with --node")
    for stream in streams:
        length = len(relayed(node, stream))
        if length > MAX_NAME_LENGTH:
            raise UsageError(
                f"{relayed(node, stream)!r} has {length} characters, at most {MAX_NAME_LENGTH}; choose shorter names "
                f"with --node and --source NAME=SOURCE"
            )


def default_node() -> str:
    """This machine's name, without its domain."""
    name = re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname().partition(".")[0])[:MAX_NODE_LENGTH].strip("-")
    return name or "node"
