"""A pair in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.session.pair_text import pair_header
from explorer.session.pair_view import PairView


def test_the_header_of_a_pair_names_order_inversions_only_where_there_are_some() -> None:
    steps = np.arange(2, dtype=np.int64)
    plain = PairView(
        0, "0", "t", 0, 1, steps, steps, np.zeros(2, np.uint8), np.ones(2, np.float32), np.full(2, -1, np.int32), -1,
        -1, 0.0, 0.0, 0.0, 0.0, False,
    )  # fmt: skip
    assert plain.order_inversions == 0
    assert "inversions" not in pair_header(plain)
    assert pair_header(replace(plain, order_inversions=1_234)).endswith(" · order inversions 1,234")
    many = replace(plain, order_inversions=117_913_933, order_inversion_share=0.0236)
    assert pair_header(many).endswith(" · order inversions 117,913,933 (2 % of possible)")
    few = replace(plain, order_inversions=1, order_inversion_share=0.001)
    assert pair_header(few).endswith(" · order inversions 1 (under 1 % of possible)")
