"""The command table refuses doubles and finds commands by words."""

from __future__ import annotations

import pytest

from explorer.session.commands import Command, CommandTable


def test_two_commands_cannot_share_an_id_or_a_shortcut() -> None:
    table = CommandTable()
    table.add(Command("a", "Next entry", lambda: None, "J"))
    with pytest.raises(ValueError, match="exists"):
        table.add(Command("a", "Other", lambda: None))
    with pytest.raises(ValueError, match="belongs to a"):
        table.add(Command("b", "Other", lambda: None, "J"))


def test_search_needs_every_word_and_prefers_titles_that_start_with_the_query() -> None:
    table = CommandTable()
    table.add(Command("one", "Go to the next entry", lambda: None))
    table.add(Command("two", "Next entry", lambda: None, keywords="forward"))
    table.add(Command("three", "Export findings", lambda: None, keywords="statistics"))
    table.add(Command("four", "Show statistics", lambda: None))
    assert [c.id for c in table.search("statistics")] == ["four", "three"]
    assert [c.id for c in table.search("next")] == ["two", "one"]
    assert [c.id for c in table.search("entry forward")] == ["two"]
    assert table.search("nothing like it") == ()


def test_a_disabled_command_does_not_run() -> None:
    table, done = CommandTable(), []
    table.add(Command("a", "A", lambda: done.append("a"), enabled=lambda: False))
    table.add(Command("b", "B", lambda: done.append("b")))
    table.run("a")
    table.run("b")
    assert done == ["b"]
