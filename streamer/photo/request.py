"""What is asked of a picture."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from protocol.errors import ProtocolError
from protocol.limits import MAX_PEOPLE
from protocol.skeleton import ALL, parse_selection, resolve
from streamer.photo.report import PHOTO_FIELDS
from streamer.settings import MODELS

KEYS = ("model", "people", "min_confidence", "fields", "landmarks", "annotated")


class RequestError(Exception):
    """An option that is unknown or out of range. The text is one line that names value and limit."""


@dataclass(frozen=True, slots=True)
class PhotoRequest:
    """Which network looks for how many people, and what is told of them."""

    model: str = "full"
    people: int = 1
    min_confidence: float = 0.5
    fields: tuple[str, ...] = PHOTO_FIELDS
    landmarks: tuple[int, ...] = ALL
    annotated: bool = False

    def as_json(self) -> dict[str, Any]:
        """For another process."""
        return asdict(self)


def read_options(query: Iterable[tuple[str, str]], known: Sequence[str]) -> dict[str, str]:
    """A query string's options by name, each known and given once. Raises RequestError for another."""
    given: dict[str, str] = {}
    for key, value in query:
        if key not in known:
            raise RequestError(f"no option {key[:40]!r}; there are {', '.join(known)}")
        if key in given:
            raise RequestError(f"{key} is given twice")
        given[key] = value
    return given


def parse(query: Iterable[tuple[str, str]]) -> PhotoRequest:
    """The options of a query string. Raises RequestError."""
    given = read_options(query, KEYS)
    fields = tuple(given.get("fields", ",".join(PHOTO_FIELDS)).split(","))
    for field in fields:
        _one_of("fields", field, PHOTO_FIELDS)
    if len(set(fields)) < len(fields):
        raise RequestError("fields names a field twice")
    return PhotoRequest(
        model=_one_of("model", given.get("model", "full"), MODELS),
        people=int(_number("people", given.get("people", "1"), 1, MAX_PEOPLE, whole=True)),
        min_confidence=_number("min_confidence", given.get("min_confidence", "0.5"), 0, 1),
        fields=fields,
        landmarks=_landmarks(given.get("landmarks")),
        annotated=_one_of("annotated", given.get("annotated", "0"), ("0", "1")) == "1",
    )


def _one_of(key: str, value: str, values: tuple[str, ...]) -> str:
    if value not in values:
        raise RequestError(f"{key} {value[:40]!r}; one of {', '.join(values)}")
    return value


def _number(key: str, text: str, low: float, high: float, whole: bool = False) -> float:
    try:
        value = float(int(text) if whole else float(text))
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise RequestError(f"{key} {text[:40]!r}; a {'whole ' if whole else ''}number from {low:g} to {high:g}")
    return value


def _landmarks(text: str | None) -> tuple[int, ...]:
    if text is None:
        return ALL
    try:
        selection = parse_selection(text)
        return resolve(selection if isinstance(selection, str) else tuple(selection))
    except (ProtocolError, ValueError) as error:
        raise RequestError(f"landmarks: {error}"[:200]) from None
