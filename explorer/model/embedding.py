"""Places of trajectories on a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Embedding:
    """2-D coordinates, one row a trajectory (float32[n, 2], NaN = not placed).

    ``method`` is "pca" or "umap"; ``quality`` is the trustworthiness in [0, 1] of the 2-D neighbourhoods against
    those in the full space (NaN = not measured).
    """

    xy: npt.NDArray[np.float32]
    method: str
    seed: int
    quality: float = float("nan")
