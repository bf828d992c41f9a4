from streamer.photo.cache import Cache, key
from streamer.photo.request import PhotoRequest

ASKED = PhotoRequest()


def test_what_was_kept_is_found_by_bytes_and_options() -> None:
    cache = Cache()
    cache.put(key(ASKED, b"picture"), b"answer")
    assert cache.get(key(ASKED, b"picture")) == b"answer"
    assert cache.get(key(ASKED, b"another")) is None
    assert cache.get(key(PhotoRequest(model="lite"), b"picture")) is None
    assert (cache.hits, cache.misses) == (1, 2)


def test_the_answers_not_used_for_longest_make_room() -> None:
    cache = Cache(max_bytes=40)
    for name in (b"a", b"b", b"c", b"d"):
        cache.put(key(ASKED, name), bytes(10))
    cache.get(key(ASKED, b"a"))
    cache.put(key(ASKED, b"e"), bytes(10))
    assert cache.bytes == 40
    assert cache.get(key(ASKED, b"b")) is None
    assert cache.get(key(ASKED, b"a")) is not None


def test_an_answer_that_would_push_out_all_others_is_not_kept() -> None:
    cache = Cache(max_bytes=40)
    cache.put(key(ASKED, b"a"), bytes(11))
    assert cache.bytes == 0


def test_the_same_answer_twice_counts_once() -> None:
    cache = Cache(max_bytes=40)
    for _ in range(2):
        cache.put(key(ASKED, b"a"), bytes(10))
    assert cache.bytes == 10
