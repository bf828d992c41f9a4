"""Whatever became of a recording, recover keeps what can be read or says in one line why there is nothing."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from mcap.writer import Writer

from protocol import Frame, Status, encode
from streamer.errors import RecordingError
from streamer.recording import writer as writer_module
from streamer.recording.reader import Recording
from streamer.recording.recover import Recovered, recover
from tests.recording.made import STEP_US, T0_US, frame, frames, pose, recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "take.mcap"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "mended.mcap"


def contents(path: Path) -> list[bytes]:
    with Recording.open(path) as found:
        assert found.whole
        return [message.data for message in found.messages("file")]


def small(monkeypatch: pytest.MonkeyPatch, finish: bool) -> tuple[bytes, list[bytes]]:
    """A recording of four chunks in a few kilobytes, and its messages."""
    monkeypatch.setattr(writer_module, "MAX_CHUNK_BYTES", 200)
    sent: list[Frame | Status] = [frame(1), frame(2, pose(body=False)), Status("cam", "lost", "unplugged", T0_US)]
    sent += [frame(number) for number in range(3, 9)]
    return recording(sent, finish=finish), [encode(each) for each in sent]


@pytest.mark.parametrize("finish", [True, False])
def test_a_cut_at_every_byte_is_recovered_or_refused_in_words(
    path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, finish: bool
) -> None:
    data, sent = small(monkeypatch, finish)
    kept_before = 0
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        try:
            recovered = recover(path, output)
        except RecordingError as error:
            assert str(error).startswith(str(path))
            assert "\n" not in str(error)
            assert not output.exists()
            assert kept_before == 0
            continue
        kept = contents(output)
        assert kept == sent[: recovered.messages]
        assert recovered.messages >= kept_before
        assert recovered.damaged == 0
        assert recovered.whole is (finish and cut == len(data))
        kept_before = recovered.messages
        output.unlink()
    assert kept_before == len(sent)


def test_a_cut_costs_only_the_chunk_that_it_meets(path: Path, output: Path) -> None:
    path.write_bytes(recording(frames(100), finish=False)[:-1000])
    recovered = recover(path, output)
    assert 94 <= recovered.messages < 100
    assert recovered.seconds == pytest.approx((recovered.messages - 1) * STEP_US / 1e6)


def test_the_mended_file_is_what_the_whole_one_was(path: Path, output: Path) -> None:
    whole = recording(frames(30))
    path.write_bytes(whole[:-9])
    assert recover(path, output) == Recovered(30, (T0_US + STEP_US) * 1000, (T0_US + 30 * STEP_US) * 1000, False, 0)
    before, after = (make_reader(BytesIO(data), validate_crcs=True) for data in (whole, output.read_bytes()))
    assert after.get_header() == before.get_header()
    assert list(after.iter_metadata()) == list(before.iter_metadata())
    told = [[(s.name, s.data, c.topic, c.metadata, m) for s, c, m in r.iter_messages()] for r in (before, after)]
    assert told[0] == told[1]
    assert path.read_bytes() == whole[:-9]


def test_a_whole_file_is_said_to_be_whole(path: Path, output: Path) -> None:
    path.write_bytes(recording(frames(3)))
    assert recover(path, output).whole


@pytest.mark.parametrize("where", [0.25, 0.5, 0.75])
def test_damage_in_the_middle_costs_what_it_meets(path: Path, output: Path, where: float) -> None:
    data = bytearray(recording(frames(100)))
    data[int(len(data) * where)] ^= 0xFF
    path.write_bytes(data)
    recovered = recover(path, output)
    assert (recovered.messages >= 94, recovered.damaged, recovered.whole) == (True, 1, False)
    assert set(contents(output)) < {encode(each) for each in frames(100)}


def test_the_first_chunk_may_be_lost_where_an_index_tells_what_it_told(path: Path, output: Path) -> None:
    whole = recording(frames(100))
    data = bytearray(whole)
    chunk = whole.index(b"zstd") + 4
    data[chunk + 100] ^= 0xFF
    path.write_bytes(data)
    assert recover(path, output).messages >= 90
    cut = recording(frames(100), finish=False)
    path.write_bytes(cut[: chunk + 100] + bytes([cut[chunk + 100] ^ 0xFF]) + cut[chunk + 101 :])
    output.unlink()
    with pytest.raises(RecordingError, match="nothing can be recovered; it has no message that can be read"):
        recover(path, output)


def test_nothing_is_ever_written_over(path: Path, output: Path) -> None:
    path.write_bytes(recording(frames(3)))
    before = path.read_bytes()
    output.write_bytes(b"mine")
    for target in (output, path):
        with pytest.raises(RecordingError, match="exists; choose another with --output"):
            recover(path, target)
    assert (output.read_bytes(), path.read_bytes()) == (b"mine", before)


def test_files_that_cannot_be_are_told_in_one_line(path: Path, output: Path) -> None:
    with pytest.raises(RecordingError, match=r"take\.mcap: No such file"):
        recover(path, output)
    path.write_bytes(b"RIFF")
    with pytest.raises(RecordingError, match=r"take\.mcap: it isn't an MCAP file"):
        recover(path, output)
    foreign = BytesIO()
    writer = Writer(foreign)
    writer.start()
    writer.finish()
    path.write_bytes(foreign.getvalue())
    with pytest.raises(RecordingError, match="an MCAP file, but no recording of Posewire"):
        recover(path, output)
    path.write_bytes(recording(frames(3)))
    with pytest.raises(RecordingError, match="can't be made: No such file"):
        recover(path, output.parent / "nowhere" / "mended.mcap")
    assert not output.exists()


def test_a_disk_that_is_full_leaves_no_half_file(path: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(recording(frames(30)))
    real = Path.open

    def full(self: Path, mode: str = "r") -> object:
        return real(Path("/dev/full"), "wb") if mode == "xb" and real(self, mode).close() is None else real(self, mode)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(RecordingError, match=r"mended\.mcap can't be written: No space left on device"):
        recover(path, output)
    assert not output.exists()


WHOLE = {finish: recording(frames(12), finish=finish) for finish in (True, False)}
SENT = {encode(each) for each in frames(12)}
WHERE = st.floats(0, 1, exclude_max=True)
DAMAGE = st.lists(
    st.tuples(st.sampled_from(["flip", "zero", "cut", "insert"]), WHERE, st.binary(min_size=1, max_size=64)),
    min_size=1,
    max_size=6,
)


def damaged(data: bytes, damage: list[tuple[str, float, bytes]]) -> bytes:
    for kind, where, noise in damage:
        at = int(len(data) * where)
        end = at + len(noise)
        middle = {
            "flip": bytes(a ^ b for a, b in zip(data[at:end], noise, strict=False)),
            "zero": bytes(len(data[at:end])),
            "cut": b"",
            "insert": noise + data[at:end],
        }[kind]
        data = data[:at] + middle + data[end:]
    return data


@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(finish=st.booleans(), damage=DAMAGE)
def test_any_damage_is_mended_or_refused(tmp_path: Path, finish: bool, damage: list[tuple[str, float, bytes]]) -> None:
    path, output = tmp_path / "take.mcap", tmp_path / "mended.mcap"
    path.write_bytes(damaged(WHOLE[finish], damage))
    output.unlink(missing_ok=True)
    try:
        recovered = recover(path, output)
    except RecordingError:
        assert not output.exists()
    else:
        # Every message has its chunk's checksum behind it.
        kept = [message.data for _, _, message in make_reader(BytesIO(output.read_bytes())).iter_messages()]
        assert len(kept) == recovered.messages
        assert set(kept) <= SENT
    try:
        with Recording.open(path) as found:
            read = [message.data for message in found.messages()]
    except RecordingError:
        return
    assert set(read) <= SENT
