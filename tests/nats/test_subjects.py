import pytest

from streamer.errors import UsageError
from streamer.nats import subjects


def test_names_of_things() -> None:
    assert subjects.frame("studio", "left") == "posewire.v1.studio.left.frame"
    assert subjects.status("studio", "left") == "posewire.v1.studio.left.status"
    assert subjects.hello("studio") == "posewire.v1.studio.hello"
    assert subjects.time("studio") == "posewire.v1.studio.time"
    assert subjects.node_of(subjects.hello("studio")) == "studio"
    assert subjects.relayed("studio", "left") == "studio.left"


@pytest.mark.parametrize("name", ["", "a.b", "a b", "*", ">", "x" * 33, "größe", "a\n"])
def test_a_name_that_would_be_another_subject_is_none(name: str) -> None:
    assert not subjects.is_node(name)
    with pytest.raises(UsageError, match=r"can't be called.*letters, digits, - and _, 32 at most"):
        subjects.check_node(name, [])
    if len(name) != 33:
        assert not subjects.is_stream(name)


def test_a_stream_whose_name_would_be_too_long_at_a_relay() -> None:
    subjects.check_node("n" * 32, ["s" * 31])
    with pytest.raises(UsageError, match="has 65 characters, at most 64"):
        subjects.check_node("n" * 32, ["s" * 32])


@pytest.mark.parametrize(
    ("host", "node"),
    [
        ("studio", "studio"),
        ("studio.example.org", "studio"),
        ("Tom's PC", "Tom-s-PC"),
        ("é", "node"),
        ("x" * 40, "x" * 32),
    ],
)
def test_the_default_is_the_hosts_name(host: str, node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: host)
    assert subjects.default_node() == node
    assert subjects.is_node(node)
