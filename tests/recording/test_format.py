import json

from protocol.messages import FIELDS, STATES
from streamer.recording.format import CHANNELS, KINDS, topic


def test_the_schema_of_frames_knows_every_field_of_the_wire() -> None:
    pose = json.loads(CHANNELS["frame"].json_schema)["properties"]["poses"]["items"]
    assert set(FIELDS) < set(pose["properties"])
    assert json.loads(CHANNELS["status"].json_schema)["properties"]["state"]["enum"] == list(STATES)


def test_kinds_are_told_by_their_schema() -> None:
    assert {channel.schema: kind for kind, channel in CHANNELS.items()} == KINDS
    assert topic("cam", "frame") == "/cam/frame"
