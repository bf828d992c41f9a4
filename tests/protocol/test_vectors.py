import json
from pathlib import Path

import pytest

from protocol import Frame, ProtocolError, decode, encode
from protocol.errors import CODES
from protocol.limits import MAX_ERROR_LENGTH
from protocol.vectors import generate

FOLDER = Path(generate.__file__).parent
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
VALID = [entry for entry in INDEX if entry["kind"] == "valid"]
INVALID = [entry for entry in INDEX if entry["kind"] == "invalid"]
FORMS = ("json", "msgpack")


def name(entry: dict) -> str:
    return entry["name"]


def read(entry: dict, form: str) -> bytes | str:
    data = (FOLDER / entry["files"][form]).read_bytes()
    return data.decode("utf-8") if form == "json" else data


def dtypes(entry: dict) -> dict:
    return dict.fromkeys((1, 2**31 - 1), entry["dtype"])


def test_the_generator_writes_them_byte_for_byte(tmp_path: Path) -> None:
    generate.write(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in (".json", ".msgpack")}
    assert written.keys() == kept.keys()
    assert [name for name in written if written[name] != kept[name]] == []


def test_the_index_lists_every_file_once() -> None:
    listed = [file for entry in INDEX for file in entry["files"].values()]
    kept = [path.name for path in FOLDER.iterdir() if path.suffix in (".json", ".msgpack") and path.stem != "index"]
    assert sorted(listed) == sorted(kept)
    assert len({entry["name"] for entry in INDEX}) == len(INDEX)


@pytest.mark.parametrize("entry", VALID, ids=name)
def test_both_forms_decode_to_the_same_message(entry: dict) -> None:
    expected = generate.valid()[entry.get("equals", entry["name"])]
    binary = decode(read(entry, "msgpack"), dtypes=dtypes(entry))
    assert decode(read(entry, "json"), dtypes=dtypes(entry)) == binary == expected.message
    assert entry["sender"] == expected.sender


@pytest.mark.parametrize("entry", [entry for entry in VALID if "equals" not in entry], ids=name)
def test_what_was_decoded_encodes_to_the_same_bytes(entry: dict) -> None:
    message = decode(read(entry, "msgpack"), dtypes=dtypes(entry))
    assert encode(message) == read(entry, "msgpack")
    assert encode(message, "json").decode() == read(entry, "json")


@pytest.mark.parametrize("entry", [entry for entry in VALID if "equals" in entry], ids=name)
def test_variants_are_other_bytes_than_what_they_equal(entry: dict) -> None:
    original = next(other for other in VALID if other["name"] == entry["equals"])
    assert all(read(entry, form) != read(original, form) for form in FORMS)


@pytest.mark.parametrize("entry", INVALID, ids=name)
def test_invalid_ones_give_their_code(entry: dict) -> None:
    with pytest.raises(ProtocolError) as error:
        decode(read(entry, entry["form"]), dtypes=dtypes(entry))
    assert error.value.code == entry["error"]
    assert error.value.message.isprintable()
    assert len(error.value.message) <= MAX_ERROR_LENGTH


def test_every_code_that_decoding_can_give_has_a_vector() -> None:
    by_the_session = {
        "unavailable_field",
        "wrong_kind",
        "unknown_stream",
        "unknown_subscription",
        "too_many_subscriptions",
        "internal",
    }
    assert {entry["error"] for entry in INVALID} == CODES - by_the_session


def test_every_type_has_a_valid_vector_and_every_frame_its_dtype() -> None:
    types = {json.loads(read(entry, "json"))["type"] for entry in VALID}
    assert types == {"hello", "subscribe", "subscribed", "unsubscribe", "frame", "time", "error", "status", "dropped"}
    people = {
        (entry["dtype"], len(message.poses))
        for entry in VALID
        if isinstance(message := decode(read(entry, "msgpack"), dtypes=dtypes(entry)), Frame)
    }
    assert people >= {(dtype, count) for dtype in ("f32", "f16") for count in (0, 1, 2)}
