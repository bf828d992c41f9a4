"""Access, whatever the headers."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamer.guard.access import Access, Refusal, Role, Visit
from tests.fuzz.invariants import check_access

NAMES = st.sampled_from(
    ["Host", "host", "Origin", "Authorization", "X-Forwarded-For", "Cookie", "Content-Length", ""]
) | st.text(max_size=10)
LATIN = st.text(st.characters(max_codepoint=255), max_size=40)
HOSTS = ["localhost", "127.0.0.1", "127.0.0.1:8765", "[::1]", "[::1]:8765", "evil.example", "localhost.", "[", "a:b:c"]
ORIGINS = [
    "http://localhost",
    "http://127.0.0.1:8765",
    "null",
    "http://evil.example",
    "file://",
    "http://a@b",
    "//",
    "http://[",
]
OTHERS = [
    "Bearer s3cret",
    "bearer ",
    "Bearer wrong",
    "Basic eA==",
    "1.2.3.4",
    "::1, 10.0.0.1",
    ",",
    "%",
    "::1%eth0",
]
VALUES = st.sampled_from([*HOSTS, *ORIGINS, *OTHERS]) | LATIN
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
ADDRESSES = st.sampled_from(["127.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "192.168.1.7", ""])
VISITS = st.builds(
    Visit,
    st.sampled_from(["/", "/stream", "/static/x", "/healthz", "/streams"]) | st.text(max_size=20),
    st.builds(lambda host, rest: [("Host", host), *rest], st.sampled_from(HOSTS) | LATIN, HEADERS) | HEADERS,
    st.none() | st.text(max_size=20) | st.just("s3cret"),
    ADDRESSES,
    st.none() | ADDRESSES.filter(bool),
    st.sampled_from([Role.READ, Role.CONTROL]),
)


@given(VISITS, st.none() | st.just("s3cret"), st.booleans())
@settings(max_examples=1000)
def test_whoever_comes_is_let_in_or_refused(visit: Visit, token: str | None, proxied: bool) -> None:
    if any((key.lower() == "origin" and "[" in value) or "]" in value for key, value in visit.headers):
        return  # below
    check_access(Access(token, "watch", proxies=["127.0.0.1"] if proxied else []), visit)


@given(st.sampled_from(["http://[", "http://a]b", "http://\uff45\uff0f.com"]))
@example("http://[")
def test_an_origin_that_is_no_address_is_foreign(origin: str) -> None:
    visit = Visit("/", [("Host", "localhost"), ("Origin", origin)], None, "127.0.0.1", "127.0.0.1")
    checked = Access(None).check(visit)
    assert isinstance(checked, Refusal)
    assert checked.reason == "origin"
