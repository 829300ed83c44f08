"""Many points as one picture: counted per pixel in NumPy, so that a frame costs the same for any zoom.

Painting a glyph per point is exact and costs microseconds each; above a few thousand points a frame would stutter.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Colour = tuple[int, int, int]


def rasterise(
    pixels: npt.NDArray[np.float32],
    classes: npt.NDArray[np.int16],
    colours: list[Colour],
    width: int,
    height: int,
    *,
    faded: npt.NDArray[np.bool_] | None = None,
    fade: Colour = (128, 128, 128),
    strength: float = 0.75,
) -> npt.NDArray[np.uint8]:
    """Premultiplied BGRA picture (uint8[height, width, 4]) of points given in pixel coordinates (float32[n, 2]).

    Each class is counted per pixel, spread to a plus of five pixels, and mixed by its share; opacity grows with the
    count as ``1 − (1 − strength)^n``. ``faded`` points are drawn in one grey below the others.
    """
    x = pixels[:, 0].astype(np.int32)
    y = pixels[:, 1].astype(np.int32)
    inside = (x >= 1) & (y >= 1) & (x < width - 1) & (y < height - 1)
    place = (y[inside] * np.int32(width) + x[inside]).astype(np.int64)
    code = classes[inside].astype(np.int64)
    table = np.array([*colours, fade], dtype=np.float32)
    if faded is not None:
        code = np.where(faded[inside], len(colours), code)
    size = width * height
    total = np.zeros(size, dtype=np.float32)
    mixed = np.zeros((3, size), dtype=np.float32)
    for number in np.unique(code):
        count = np.bincount(place[code == number], minlength=size).astype(np.float32)
        weight = 0.25 if number == len(colours) else 1.0
        count = _spread(count, width) * np.float32(weight)
        total += count
        for channel in range(3):
            mixed[channel] += count * table[number, channel]
    hit = total > 0
    alpha = np.zeros(size, dtype=np.float32)
    alpha[hit] = 1.0 - np.float32(1.0 - strength) ** np.minimum(total[hit], 12.0)
    out = np.zeros((size, 4), dtype=np.uint8)
    for target, channel in ((0, 2), (1, 1), (2, 0)):
        out[hit, target] = mixed[channel][hit] / total[hit] * alpha[hit]
    out[hit, 3] = alpha[hit] * 255
    return out.reshape(height, width, 4)


def _spread(count: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.float32]:
    """A plus-shaped neighbourhood: the centre whole, its four neighbours at two thirds."""
    out = count.copy()
    part = count * np.float32(0.66)
    out[1:] += part[:-1]
    out[:-1] += part[1:]
    out[width:] += part[:-width]
    out[:-width] += part[width:]
    return out
