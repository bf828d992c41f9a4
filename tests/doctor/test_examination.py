from streamer.doctor.examination import Wish, examine, sections
from streamer.doctor.finding import Finding, Section, ok


def test_what_is_looked_at_follows_what_was_wished_for() -> None:
    titles = [section.title for section in sections(Wish())]
    assert titles == [
        *("Installation", "Models", "Processor", "Engines", "Cameras", "Server", "Network", "TLS", "Clock"),
    ]
    named = sections(Wish(sources=("browser",), tls_cert="/no/cert.pem", tls_key="/no/key.pem"))
    checks = {section.title: section.check for section in named}
    assert "Cameras" not in checks
    assert "/camera" in checks["Sources"]()[0].text
    assert "/no/cert.pem" in checks["TLS"]()[0].text


def test_each_is_told_of_as_it_begins_and_as_it_ends() -> None:
    told: list[object] = []

    def check() -> list[Finding]:
        told.append("checking")
        return [ok("fine")]

    done = examine([Section("A", check)], told.append, lambda found: told.append(list(found)))
    assert told == ["A", "checking", [ok("fine")]]
    assert done == [("A", [ok("fine")])]
