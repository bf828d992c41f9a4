from posewire.feed.channel import CAPACITY, Channel
from posewire.feed.clock import ClockSync
from posewire.feed.messages import Frame


def frame(t_us: int) -> Frame:
    return Frame(1, "cam", t_us, t_us, t_us, (640, 480), ())


def clock(offset_us: int) -> ClockSync:
    synced = ClockSync()
    synced.add(0, offset_us, offset_us, 0)
    return synced


def test_empty() -> None:
    channel = Channel()
    assert (channel.latest(), channel.sample(0), channel.latency_ms(0), channel.rate_fps(0)) == (None, None, None, 0)


def test_the_newest_wins_and_the_oldest_are_overwritten() -> None:
    channel, synced = Channel(), clock(1000)
    frames = [frame(1000 + i * 10_000) for i in range(40)]
    for i, each in enumerate(frames):
        channel.put(each, i * 10_000 + 5000, synced)
    assert channel.latest() is frames[-1]
    assert channel.latency_ms(400_000) == 5
    assert channel.rate_fps(400_000) == 100
    assert channel.age_us(frames[-1], 400_000) == 10_000
    assert channel.delay_ms == 15
    assert len(channel._frames) == CAPACITY


def test_a_new_connection_begins_anew() -> None:
    channel, old = Channel(), clock(9_000_000)
    for i in range(3):
        channel.put(frame(9_000_000 + i * 33_000), i * 33_000 + 20_000, old)
    assert channel.sample(60_000).t_us > 8_000_000
    new = clock(-5_000_000)
    assert channel.latest().t_us == 9_066_000, "while it is lost the last frame stays"
    channel.put(frame(95_000), 5_100_000, new)
    assert channel.delay_ms == 0
    assert channel.sample(5_110_000).t_us == 95_000
    assert channel.latest().t_us == 95_000
