"""Lines of the queue, without Qt."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from views.queue.lines import build


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.data())
def test_every_entry_stands_in_exactly_one_group(keys: list[int], data: st.DataObject) -> None:
    key = np.array(keys, dtype=np.int64)
    visible = np.array(sorted(data.draw(st.sets(st.integers(0, len(keys) - 1), min_size=1))), dtype=np.int64)
    lines = build(visible, key)
    assert sorted(lines.entry[lines.entry >= 0].tolist()) == visible.tolist()
    assert int((lines.entry < 0).sum()) == lines.n_groups == len(set(key[visible].tolist()))
    for group in range(lines.n_groups):
        members = lines.members(group)
        assert len(set(key[members].tolist())) == 1
        assert (np.diff(members) > 0).all()
        assert all(lines.group_of(int(entry)) == group for entry in members)
    # Groups stand in the order of their riskiest (lowest) entry.
    firsts = [int(lines.members(group)[0]) for group in range(lines.n_groups)]
    assert firsts == sorted(firsts)


def test_a_closed_group_shows_its_header_only() -> None:
    lines = build(np.arange(4), np.array([7, 8, 7, 8]), closed={7})
    assert lines.entry.tolist() == [-1, -1, 1, 3]
    assert lines.members(0).tolist() == [0, 2]
    assert lines.line_of(2) == -1
    assert lines.group_of(2) == 0


def test_without_grouping_lines_are_the_entries() -> None:
    lines = build(np.array([2, 5]), None)
    assert lines.entry.tolist() == [2, 5]
    assert (lines.n_groups, lines.group_of(5), lines.line_of(5)) == (0, -1, 1)
