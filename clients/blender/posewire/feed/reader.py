"""Typed reading of an untrusted map: each function returns a checked value or raises WireError naming key and limit."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import BAD_MESSAGE, BAD_VALUE, WireError, show
from .limits import MAX_NAME_LENGTH, MAX_TIME_US

Map = Mapping[str, Any]


def raw(data: Map, key: str) -> Any:
    """The value of a key that has to be there."""
    if key not in data:
        raise WireError(BAD_MESSAGE, f"{key} is missing")
    return data[key]


def integer(data: Map, key: str, low: int = 0, high: int = MAX_TIME_US) -> int:
    """An integer in [low, high]; true and false are none."""
    value = raw(data, key)
    if type(value) is not int:
        raise WireError(BAD_MESSAGE, f"{key} is {show(value)}; it has to be an integer")
    if not low <= value <= high:
        raise WireError(BAD_VALUE, f"{key} is {show(value)}; it has to be from {low} to {high}")
    return value


def number(data: Map, key: str, low: float, high: float) -> float:
    """A finite number in [low, high]."""
    value = raw(data, key)
    if type(value) is not float and type(value) is not int:
        raise WireError(BAD_MESSAGE, f"{key} is {show(value)}; it has to be a number")
    if not low <= value <= high:  # NaN is in no range
        raise WireError(BAD_VALUE, f"{key} is {show(value)}; it has to be from {low:g} to {high:g}")
    return float(value)


def boolean(data: Map, key: str) -> bool:
    """True or false."""
    value = raw(data, key)
    if type(value) is not bool:
        raise WireError(BAD_MESSAGE, f"{key} is {show(value)}; it has to be true or false")
    return value


def text(data: Map, key: str, max_length: int = MAX_NAME_LENGTH) -> str:
    """A string of at most `max_length` characters."""
    value = raw(data, key)
    if type(value) is not str:
        raise WireError(BAD_MESSAGE, f"{key} is {show(value)}; it has to be a string")
    if len(value) > max_length:
        raise WireError(BAD_VALUE, f"{key} has {len(value)} characters; at most {max_length}")
    return value


def choice(data: Map, key: str, options: Sequence[str]) -> str:
    """One of a few strings."""
    value = text(data, key)
    if value not in options:
        raise WireError(BAD_VALUE, f"{key} is {show(value)}; one of {', '.join(options)}")
    return value


def items(data: Map, key: str, max_items: int) -> list[Any]:
    """An array of at most `max_items` elements of any type."""
    value = raw(data, key)
    if type(value) is not list:
        raise WireError(BAD_MESSAGE, f"{key} is {show(value)}; it has to be an array")
    if len(value) > max_items:
        raise WireError(BAD_VALUE, f"{key} has {len(value)} elements; at most {max_items}")
    return value


def integers(data: Map, key: str, max_items: int, low: int, high: int) -> tuple[int, ...]:
    """An array of integers in [low, high]."""
    values = items(data, key, max_items)
    for value in values:
        if type(value) is not int or not low <= value <= high:
            raise WireError(BAD_VALUE, f"{key} holds {show(value)}; integers from {low} to {high}")
    return tuple(values)


def texts(data: Map, key: str, max_items: int) -> tuple[str, ...]:
    """An array of strings, each of at most MAX_NAME_LENGTH characters."""
    values = items(data, key, max_items)
    for value in values:
        if type(value) is not str or len(value) > MAX_NAME_LENGTH:
            raise WireError(BAD_VALUE, f"{key} holds {show(value)}; strings of at most {MAX_NAME_LENGTH} characters")
    return tuple(values)


def maps(data: Map, key: str, max_items: int) -> list[dict[str, Any]]:
    """An array of maps."""
    values = items(data, key, max_items)
    for value in values:
        if type(value) is not dict:
            raise WireError(BAD_MESSAGE, f"{key} holds {show(value)}; it has to hold maps")
    return values


def map_of(data: Map, key: str) -> dict[str, Any]:
    """A map within the map."""
    value = raw(data, key)
    if type(value) is not dict:
        raise WireError(BAD_MESSAGE, f"{key} is {show(value)}; it has to be a map")
    return value


def vector(value: object, key: str) -> tuple[float, float, float]:
    """Three finite numbers."""
    if (
        type(value) is not list
        or len(value) != 3
        or not all(type(x) in (int, float) and math.isfinite(x) for x in value)
    ):
        raise WireError(BAD_VALUE, f"{key} holds {show(value)}; 3 finite numbers each")
    return float(value[0]), float(value[1]), float(value[2])
