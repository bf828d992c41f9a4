from streamer.doctor.finding import Finding, Section, examined, note, ok, problem


def test_what_a_check_finds_and_what_breaks_in_it() -> None:
    found = [ok("a"), note("b", "do"), problem("c", "do")]
    assert examined(Section("x", lambda: found)) == found
    assert found[1] == Finding("note", "b", "do")

    def broken() -> list[Finding]:
        raise ImportError("No module named 'uvicorn'")

    [told] = examined(Section("x", broken))
    assert (told.level, told.text) == ("problem", "this couldn't be checked: ImportError: No module named 'uvicorn'")
    assert told.todo
