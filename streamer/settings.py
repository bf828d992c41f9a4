"""What of a stream can be changed while it runs, and the ranges of it all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from protocol.limits import MAX_PEOPLE
from streamer.errors import UsageError

MODELS: Final = ("lite", "full", "heavy")
"""The embedded networks, from fast to accurate."""
AUTO: Final = "auto"
"""As a model: the heaviest that holds the source's rate (streamer.engine.model_choice)."""
MODEL_WISHES: Final = (AUTO, *MODELS)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of a filter: its default, its range and its unit."""

    default: float
    low: float
    high: float
    unit: str


FILTER_PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "one-euro": {
        "min_cutoff_hz": Parameter(0.5, 0.01, 20, "Hz"),
        "beta": Parameter(10.0, 0, 200, "Hz per body size or metre a second"),
        "d_cutoff_hz": Parameter(2.0, 0.1, 20, "Hz"),
    },
    "kalman": {
        "acceleration": Parameter(2.0, 0.001, 1000, "squared body sizes or metres, per second cubed"),
        "noise": Parameter(0.02, 0.0001, 1, "body sizes or metres"),
    },
    "moving-average": {"window_s": Parameter(0.1, 0.01, 1, "s")},
    "none": {},
}
"""Of each kind of filter, in the order of streamer.filter's classes."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """A filter and the parameters that were given for it; the others have their defaults."""

    kind: str = "one-euro"
    given: tuple[tuple[str, float], ...] = ()

    @property
    def parameters(self) -> dict[str, float]:
        """All parameters in force."""
        return {name: known.default for name, known in FILTER_PARAMETERS[self.kind].items()} | dict(self.given)

    @property
    def tuned(self) -> bool:
        """Whether parameters were given: then the filter works even on what the engine has smoothed itself."""
        return bool(self.given)

    def as_json(self) -> dict[str, Any]:
        """For the settings API."""
        return {"kind": self.kind, "parameters": self.parameters, "tuned": self.tuned}


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one stream.

    model: one of MODEL_WISHES. people: the most to track, 1 to 8. mirror: swap left and right of the picture.
    """

    model: str = "full"
    people: int = 1
    mirror: bool = False
    smoothing: Smoothing = Smoothing()

    def as_json(self) -> dict[str, Any]:
        """For the settings API."""
        return {
            "model": self.model,
            "people": self.people,
            "mirror": self.mirror,
            "smoothing": self.smoothing.as_json(),
        }

    def changed(self, wish: Mapping[str, Any]) -> "Settings":
        """With what a map such as `{"people": 2, "smoothing": {"kind": "kalman"}}` asks for. Raises UsageError."""
        _known("settings", wish, ("model", "people", "mirror", "smoothing"))
        new = self
        if "model" in wish:
            new = replace(new, model=_one_of("model", wish["model"], MODEL_WISHES))
        if "people" in wish:
            people = wish["people"]
            if not isinstance(people, int) or isinstance(people, bool) or not 1 <= people <= MAX_PEOPLE:
                raise UsageError(f"people is {_show(people)}; an integer from 1 to {MAX_PEOPLE}")
            new = replace(new, people=people)
        if "mirror" in wish:
            if not isinstance(wish["mirror"], bool):
                raise UsageError(f"mirror is {_show(wish['mirror'])}; true or false")
            new = replace(new, mirror=wish["mirror"])
        if "smoothing" in wish:
            new = replace(new, smoothing=_smoothing(new.smoothing, wish["smoothing"]))
        return new


def parse_smoothing(text: str, option: str = "--smoothing") -> Smoothing:
    """What an option says: `kalman`, or `one-euro:min_cutoff_hz=0.3,beta=8`. Raises UsageError, which names it."""
    kind, _, rest = text.partition(":")
    given: dict[str, Any] = {}
    for item in filter(None, rest.split(",")):
        name, _, value = item.partition("=")
        try:
            given[name.strip()] = float(value)
        except ValueError:
            raise UsageError(f"{option}: {name.strip()[:40]} is {value[:40]!r}; it has to be a number") from None
    try:
        return _smoothing(Smoothing(), {"kind": kind, "parameters": given})
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from None


def describe_filters() -> dict[str, Any]:
    """Every filter's parameters with default, range and unit, for the settings API."""
    return {
        kind: {
            name: {"default": known.default, "min": known.low, "max": known.high, "unit": known.unit}
            for name, known in parameters.items()
        }
        for kind, parameters in FILTER_PARAMETERS.items()
    }


def _smoothing(now: Smoothing, wish: Any) -> Smoothing:
    """Another kind starts from its defaults; without a kind the parameters named are changed and the others kept."""
    if not isinstance(wish, Mapping):
        raise UsageError(f"smoothing is {_show(wish)}; an object with kind and parameters")
    _known("smoothing", wish, ("kind", "parameters"))
    kind = _one_of("smoothing", wish["kind"], tuple(FILTER_PARAMETERS)) if "kind" in wish else now.kind
    parameters = wish.get("parameters", {})
    if not isinstance(parameters, Mapping):
        raise UsageError(f"parameters is {_show(parameters)}; an object of numbers")
    known = FILTER_PARAMETERS[kind]
    _known(f"{kind}'s parameters", parameters, tuple(known))
    given = {} if "kind" in wish else dict(now.given)
    for name, value in parameters.items():
        low, high = known[name].low, known[name].high
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            raise UsageError(f"{name} is {_show(value)}; a number from {low:g} to {high:g}")
        given[name] = float(value)
    return Smoothing(kind, tuple(given.items()))


def _known(what: str, wish: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in wish:
        if name not in names:
            raise UsageError(f"{what}: no {_show(name)}; {', '.join(names) or 'there are none'}")


def _one_of(what: str, value: object, options: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in options:
        return value
    raise UsageError(f"{what} is {_show(value)}; one of {', '.join(options)}")


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
