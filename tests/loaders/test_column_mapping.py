"""Aliases are put into a mapping; what several mappings agree on is one that holds for all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.model.visible_text import is_invisible
from loaders.base import ColumnMapping
from loaders.column_mapping import from_toml, in_common, to_toml, with_aliases

_names = st.text(max_size=4)
_tables = st.dictionaries(_names, _names, max_size=3)
_mappings = st.builds(
    ColumnMapping, loader=st.none() | _names, task=st.lists(_names, max_size=2).map(tuple), group=st.none() | _names,
    columns=_tables, constants=_tables, task_aliases=_tables,
)  # fmt: skip


def test_aliases_replace_those_of_the_mapping_and_leave_the_rest() -> None:
    held = ColumnMapping(loader="steps", task=("t",), task_aliases={"a": "b"})
    assert with_aliases(held, {"c": "d"}) == ColumnMapping(loader="steps", task=("t",), task_aliases={"c": "d"})
    assert with_aliases(None, {"c": "d"}) == ColumnMapping(task_aliases={"c": "d"})
    assert with_aliases(None, {}) is None


def test_sources_read_differently_share_what_they_agree_on() -> None:
    one = ColumnMapping(loader="steps", group="model", columns={"tool": "name", "step": "n"}, task_aliases={"a": "b"})
    two = ColumnMapping(loader="messages", group="model", columns={"tool": "name"}, task_aliases={"a": "b"})
    shared = ColumnMapping(group="model", columns={"tool": "name"}, task_aliases={"a": "b"})
    assert in_common([one, two]) == shared
    assert in_common([one, None]) == ColumnMapping()
    assert in_common([]) == ColumnMapping()


@given(_mappings)
def test_one_mapping_is_what_it_shares_with_itself_and_survives_toml(mapping: ColumnMapping) -> None:
    assert in_common([mapping]) == in_common([mapping, mapping]) == mapping
    assert from_toml(to_toml(in_common([mapping]))) == mapping


@given(st.text())
def test_what_cannot_be_seen_is_escaped_and_read_back(name: str) -> None:
    text = to_toml(ColumnMapping(task_aliases={name: "a\u202eb\u200bc\U000e0101"}))
    assert from_toml(text).task_aliases == {name: "a\u202eb\u200bc\U000e0101"}
    assert not any(is_invisible(character) for character in text)
