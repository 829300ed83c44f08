"""Many points as one picture: counted per pixel in NumPy, so that a frame costs the same for any zoom.

Painting a glyph per point is exact and costs microseconds each; above a few hundred points a frame would stutter.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Colour = tuple[int, int, int]

_MARK = ((0, 0, 1.0), (1, 0, 0.66), (-1, 0, 0.66), (0, 1, 0.66), (0, -1, 0.66))


def rasterise(
    pixels: npt.NDArray[np.float32],
    classes: npt.NDArray[np.int16],
    colours: list[Colour],
    width: int,
    height: int,
    *,
    faded: npt.NDArray[np.bool_] | None = None,
    fade: Colour = (128, 128, 128),
    strength: float = 0.8,
) -> npt.NDArray[np.uint8]:
    """Premultiplied BGRA picture (uint8[height, width, 4]) of points given in pixel coordinates (float32[n, 2]).

    All classes are counted per pixel in one pass, spread to a small mark and mixed by their share; opacity grows with
    the count as ``1 − (1 − strength)^n``. ``faded`` points are drawn in one grey, a quarter as strong.
    """
    # A border of the mark's radius spares the spreading any bounds check.
    border = 1
    wide, high = width + 2 * border, height + 2 * border
    x = pixels[:, 0].astype(np.int32)
    x += border
    y = pixels[:, 1].astype(np.int32)
    y += border
    inside = (x.view(np.uint32) < wide) & (y.view(np.uint32) < high)
    kinds = len(colours) + 1
    code = classes.astype(np.int32)
    if faded is not None:
        code[faded] = len(colours)
    y *= wide
    y += x
    code *= wide * high
    y += code
    count = np.bincount(y[inside] if not inside.all() else y, minlength=kinds * wide * high).astype(np.float32)
    layers = count.reshape(kinds, high, wide)
    layers[-1] *= 0.25
    present = [kind for kind in range(kinds) if layers[kind].any()]
    total = np.zeros((height, width), dtype=np.float32)
    mixed = np.zeros((3, height, width), dtype=np.float32)
    table = [*colours, fade]
    for kind in present:
        layer = _spread(layers[kind], border, width, height)
        total += layer
        for channel in range(3):
            if table[kind][channel]:
                mixed[channel] += layer * np.float32(table[kind][channel])
    alpha = 1.0 - np.exp(np.minimum(total, 12.0) * np.float32(np.log(1.0 - strength)))
    share = np.divide(alpha, total, out=np.zeros_like(alpha), where=total > 0)
    out = np.empty((height, width, 4), dtype=np.uint8)
    for target, channel in ((0, 2), (1, 1), (2, 0)):
        out[..., target] = mixed[channel] * share
    out[..., 3] = alpha * 255
    return out


def _spread(layer: npt.NDArray[np.float32], border: int, width: int, height: int) -> npt.NDArray[np.float32]:
    """Add the layer to itself, shifted to every pixel of the mark."""
    out = np.zeros((height, width), dtype=np.float32)
    for dx, dy, weight in _MARK:
        part = layer[border - dy : border - dy + height, border - dx : border - dx + width]
        out += part if weight == 1.0 else part * np.float32(weight)
    return out
