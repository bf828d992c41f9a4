"""A session, whatever its client says in whatever order."""

import json
from copy import deepcopy

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import LANDMARKS, PRESETS, ProtocolError, Subscribe, encode
from protocol.errors import CODES
from protocol.messages import FIELDS
from streamer.hub.session import subscription_from_query
from tests.fuzz.invariants import Conversation
from tests.protocol.test_codec import LIKELY, MESSAGES_OF_VECTORS, TREES, mutated

FORMATS = st.sampled_from(["msgpack", "json"])
IDS = st.integers(0, 70) | st.integers(-(2**63), 2**64 - 1)
WISHES = st.fixed_dictionaries(
    {"type": st.just("subscribe"), "id": IDS},
    optional={
        "stream": st.sampled_from(["*", "left", "right", "nowhere"]),
        "fields": st.lists(st.sampled_from([*FIELDS, "smell"]), max_size=8),
        "landmarks": st.sampled_from(list(PRESETS))
        | st.lists(st.integers(-1, 33) | st.sampled_from(LANDMARKS), max_size=35),
        "max_fps": st.floats(0.01, 1000) | st.floats() | st.none(),
        "dtype": st.sampled_from(["f32", "f16", "f64"]),
    },
)
MAPS = WISHES | st.fixed_dictionaries({"type": st.just("unsubscribe"), "id": IDS}) | LIKELY | mutated()
QUERIES = st.dictionaries(
    st.sampled_from(["subscribe", "fields", "landmarks", "max_fps", "dtype", "id", "x"]),
    st.text(max_size=30)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.sampled_from(
        ["*", "left", "world", "world,image", "f16", "upper_body", "nose,3", "9" * 5000, "1e999", ",", "٣"]
    ),
)


def as_message(tree: object, format: str) -> bytes | str:
    if format == "msgpack":
        return msgpack.packb(tree, unicode_errors="surrogatepass")
    return json.dumps(tree, default=lambda data: data.hex())


@given(FORMATS, QUERIES, st.lists(MAPS, max_size=12))
@settings(max_examples=150)
def test_any_conversation(format: str, query: dict[str, str], trees: list[object]) -> None:
    conversation = Conversation(format, query)
    for tree in trees:
        if conversation.open:
            conversation.say(as_message(tree, format))


@given(FORMATS, st.lists(st.binary(max_size=200) | st.text(max_size=200) | TREES.map(msgpack.packb), max_size=6))
@settings(max_examples=200)
def test_anything(format: str, messages: list[bytes | str]) -> None:
    conversation = Conversation(format)
    for data in messages:
        if conversation.open:
            conversation.say(data)


@given(st.data())
@settings(max_examples=200)
def test_valid_messages_with_a_few_bytes_changed(data: st.DataObject) -> None:
    format = data.draw(FORMATS)
    conversation = Conversation(format)
    while conversation.open and data.draw(st.booleans()):
        changed = bytearray(encode(data.draw(st.sampled_from(MESSAGES_OF_VECTORS)), format))
        for _ in range(data.draw(st.integers(0, 3))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        conversation.say(bytes(changed) if format == "msgpack" else changed.decode("latin-1"))


@given(st.lists(st.tuples(st.sampled_from([True, True, True, False]), st.integers(0, 100)), min_size=150, max_size=200))
@settings(max_examples=20)
def test_subscriptions_come_and_go_and_are_never_too_many(steps: list[tuple[bool, int]]) -> None:
    conversation = Conversation("msgpack")
    for wants, id in steps:
        conversation.say(encode(Subscribe(id)) if wants else msgpack.packb({"type": "unsubscribe", "id": id}))


@given(QUERIES.filter(lambda query: "subscribe" in query))
def test_a_query_gives_a_subscription_or_a_documented_error(query: dict[str, str]) -> None:
    before = deepcopy(query)
    try:
        wish = subscription_from_query(query)
    except ProtocolError as error:
        assert error.code in CODES
    else:
        assert encode(wish)
    assert query == before
