import pytest

from protocol import Dropped, Frame, Subscribe
from streamer.guard.share import MOST, Share
from streamer.hub import delivery as delivery_module
from streamer.hub import hub as hub_module
from streamer.hub.hub import Hub
from tests.pipes import connect, estimate, make_hub

GREED = [Subscribe(id, "a", landmarks=(id % 33, (id + 1 + id // 33) % 33)) for id in range(64)]  # no two views alike


@pytest.fixture
def hub() -> Hub:
    return make_hub()


def frames_at(hub: Hub, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """So many frames, 60 a second of a clock that is ours; writing is dear, whatever the machine."""
    monkeypatch.setattr(delivery_module, "WRITE_US", 100.0)
    for client in hub.clients:
        client.note_costs()
    for seq in range(1, count + 1):
        monkeypatch.setattr(hub_module, "now_us", lambda seq=seq: seq * 16_667)
        hub.publish(estimate(seq))


def test_an_address_that_wants_too_much_sees_fewer_frames_and_its_neighbours_all(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = Share()
    _, first = connect(hub, *GREED, share=share)
    _, second = connect(hub, Subscribe(0, "a"), share=share)
    _, modest = connect(hub, Subscribe(0, "a"))
    frames_at(hub, monkeypatch, 120)
    assert [frame.seq for frame in modest.messages()] == list(range(1, 121))
    seqs = {id: [frame.seq for frame in first.messages() if frame.id == id] for id in range(64)}
    assert all(seqs[id] == seqs[0] for id in seqs)  # none of them is favoured
    assert [frame.seq for frame in second.messages()] == seqs[0]  # nor another client there
    least = 63 * 100 / (MOST * 16_667)  # in frames, what one of them costs; encoding comes to that
    assert 120 / least / 4 < len(seqs[0]) < 120 / least + 2
    counts = hub.counts("a")
    assert counts.sent == 120 + 65 * len(seqs[0])
    assert counts.sent + counts.crowded + counts.held == 66 * 120
    assert counts.dropped == 0


def test_viewers_of_one_view_cost_their_address_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    share = Share()
    pipes = [connect(hub, Subscribe(0), share=share)[1] for _ in range(1000)]
    connect(hub, Subscribe(0))
    frames_at(hub, monkeypatch, 5)
    assert [len(pipe.written) for pipe in pipes] == [5] * 1000


def test_who_is_alone_may_want_everything(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    share = Share()
    pipes = [connect(hub, *GREED, share=share)[1] for _ in range(2)]
    frames_at(hub, monkeypatch, 30)
    assert [len(pipe.written) for pipe in pipes] == [64 * 30] * 2


def test_the_newest_frame_comes_also_where_no_other_follows(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    _, greedy = connect(hub, *GREED)
    connect(hub, Subscribe(0, "a"))
    frames_at(hub, monkeypatch, 3)
    before = len(greedy.written)
    monkeypatch.setattr(hub_module, "now_us", lambda: 2_000_000)
    hub.tick(2_000_000)
    late = greedy.messages()[before:]
    assert [message.seq for message in late if isinstance(message, Frame)] == [3] * 64
    assert [message.total for message in late if isinstance(message, Dropped)] == [1] * 64
    assert hub.counts("a").held == 0


def test_the_rest_of_a_greedy_address_comes_last(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    for name, wishes in (("greedy", GREED), ("modest", [Subscribe(99, "a")])):
        _, pipe = connect(hub, *wishes)
        monkeypatch.setattr(pipe, "write", lambda payload, name=name: order.append(name))
    frames_at(hub, monkeypatch, 1)
    assert order.count("greedy") == 64
    assert 1 < order.index("modest") < 20
