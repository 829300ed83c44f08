"""A pair in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.model.alignment import FirstDifference
from explorer.model.schema import Role
from explorer.model.visible_text import visible
from explorer.session.pair_text import pair_figures, pair_header, pair_text
from explorer.session.pair_view import PairView, pair_view
from tests.builders import build_dataset
from tests.views.audits import MadeAudit, MadePair, make_result


def test_the_header_of_a_pair_names_order_inversions_only_where_there_are_some() -> None:
    steps = np.arange(2, dtype=np.int64)
    plain = PairView(
        0, "0", "t", 0, 1, steps, steps, np.zeros(2, np.uint8), np.ones(2, np.float32), np.full(2, -1, np.int32), -1,
        -1, 0.0, 0.0, 0.0, 0.0, False,
    )  # fmt: skip
    assert plain.order_inversions == 0
    assert "inversions" not in pair_header(plain)
    assert "own trials" not in pair_header(plain)
    assert pair_header(replace(plain, order_inversions=1_234)).endswith(" · order inversions 1,234")
    many = replace(plain, order_inversions=117_913_933, order_inversion_share=0.0236)
    assert pair_header(many).endswith(" · order inversions 117,913,933 (2 % of possible)")
    few = replace(plain, order_inversions=1, order_inversion_share=0.001)
    assert pair_header(few).endswith(" · order inversions 1 (under 1 % of possible)")


def test_the_header_begins_with_what_cannot_be_left_out_and_names_the_first_divergence() -> None:
    steps = np.arange(2, dtype=np.int64)
    plain = PairView(
        0, "0", "t", 0, 1, steps, steps, np.zeros(2, np.uint8), np.ones(2, np.float32), np.full(2, -1, np.int32), 3,
        -1, 0.0, 0.0, float("nan"), 0.5, True, first_difference="other_tool", less_alike_than=0.93, n_own_pairs=412,
        own_scope="all_tasks", own_side="teacher",
    )  # fmt: skip
    assert pair_header(plain) == (
        "approximate · agreement .50 · first divergence row 4: another tool · less alike than 93 % of 412 pairs of the "
        "teacher’s own trials"
    )
    assert pair_figures(plain) == pair_header(plain).removeprefix("approximate · ")
    none = replace(plain, n_own_pairs=0, less_alike_than=float("nan"))
    assert pair_header(none).endswith("how unusual: cannot tell, no group repeats a task")
    for kind in FirstDifference:
        assert "row 4: " in pair_header(replace(plain, first_difference=kind))


HOSTILE = "evil\u202e|`</b>\n| x |"


def test_names_out_of_the_log_stay_in_their_cell() -> None:
    dataset = build_dataset({HOSTILE: {"t|": ["ls"]}, "b": {"t|": ["ls"]}})
    audit = MadeAudit(((HOSTILE, Role.TEACHER), ("b", Role.BASELINE)), {}, [MadePair("t|", HOSTILE, "b", [(0, 0)])])
    result = make_result(dataset, audit)
    view = pair_view(result, dataset, 0, np.zeros(0, np.int64))
    text = pair_text(dataset, result, view, markdown=True, safe=visible)
    lines = text.splitlines()
    assert "\u202e" not in text
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 3
    assert len({len(line.replace("\\|", "").split("|")) for line in table}) == 1, "every row has as many cells"
    assert "baseline b" in table[0]
    assert "student" not in text


def test_a_row_with_other_arguments_is_not_copied_as_the_same() -> None:
    def pays(amount: str) -> list[tuple[str, str, str]]:
        return [("tool_call", "pay", f'{{"to": "x", "amount": {amount}}}'), ("tool_call", "look", '{"at": "x"}')]

    dataset = build_dataset({"a": {"t": pays("0.01")}, "b": {"t": pays("1000")}})
    audit = MadeAudit(
        (("a", Role.TEACHER), ("b", Role.STUDENT)), {}, [MadePair("t", "a", "b", [(0, 0), (1, 1)], loose=True)]
    )
    result = make_result(dataset, audit)
    view = pair_view(result, dataset, 0, np.zeros(0, np.int64))
    rows = pair_text(dataset, result, view, markdown=False, safe=visible).splitlines()
    signs = [line.split()[1] for line in rows if line[:5].strip().isdigit()]
    assert signs == ["≈", "="]
    assert any("≈ the same action with other arguments" in line for line in rows)
