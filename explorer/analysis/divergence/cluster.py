"""Clusters of alike divergences: "these 41 are the same move", so that one judgement can cover many."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from explorer.model.trajectory import IntArray


def cluster_codes(moves: Sequence[Hashable]) -> IntArray:
    """int32 per divergence: equal moves get one code, numbered in the order given (that of the ranks)."""
    codes: dict[Hashable, int] = {}
    return np.array([codes.setdefault(move, len(codes)) for move in moves], dtype=np.int32)
