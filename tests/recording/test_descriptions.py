import pytest
from mcap.records import Channel, Header, Metadata, Schema

from streamer.errors import RecordingError
from streamer.recording import descriptions as descriptions_module
from streamer.recording.descriptions import Descriptions

SCHEMA = Schema(1, b"{}", "jsonschema", "posewire.v1.status")


def channel(id: int = 1, schema: int = 1, **metadata: str) -> Channel:
    return Channel(id, "/cam/status", "msgpack", metadata, schema)


@pytest.mark.parametrize(
    ("record", "ours"),
    [
        (Header("posewire", ""), True),
        (Header("ros2", ""), False),
        (Metadata("posewire.hello", {}), True),
        (Metadata("posewire.other", {}), False),
        (SCHEMA, True),
        (Schema(1, b"{}", "jsonschema", "foxglove.Log"), False),
    ],
)
def test_a_recording_is_known_by_any_of_its_marks(record: Header | Metadata | Schema, ours: bool) -> None:
    found = Descriptions()
    found.add(record)
    found.add(Header("", ""))
    assert found.ours is ours


def test_a_message_is_of_a_stream_and_a_kind_or_another_programs() -> None:
    found = Descriptions()
    for record in (
        SCHEMA,
        channel(1, stream="cam"),
        channel(2),
        channel(3, 7, stream="cam"),
        channel(4, stream="x" * 65),
    ):
        found.add(record)
    assert found.origin(1) == ("cam", "status")
    assert [found.origin(id) for id in (2, 3, 4)] == [None] * 3


def test_descriptions_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptions_module, "MAX_DESCRIPTION_BYTES", 100)
    found = Descriptions()
    for _ in range(5):
        found.add(SCHEMA)
    with pytest.raises(RecordingError, match="more than 100 bytes of schemas and channels"):
        found.add(channel(stream="cam"))
