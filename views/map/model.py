"""What the map knows without Qt: places, classes to colour by, what is near and what lies inside a shape."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from explorer.model.schema import Role
from explorer.session.audit_session import AuditSession

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]


class ColourBy(StrEnum):
    """What a point's colour (and shape) says."""

    ROLE = "role"
    GROUP = "group"
    RISK = "risk"
    CONCERN = "steps of concern"
    END = "end"
    FILTER = "filter drops"


@dataclass(frozen=True, slots=True)
class PointClass:
    """One line of the legend: its name, how many points, and the theme token it is drawn in."""

    name: str
    count: int
    token: str


@dataclass(frozen=True)
class MapPoints:
    """Placed trajectories: ``rows`` are rows of the trajectories table, ``xy`` float32[n, 2], ``classes`` int per
    point into ``legend``."""

    rows: npt.NDArray[np.int64]
    xy: FloatArray
    classes: npt.NDArray[np.int16]
    legend: tuple[PointClass, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def nearest(self, x: float, y: float, scale: tuple[float, float], reach: float, shown: BoolArray) -> int:
        """The shown point nearest to a place, at most ``reach`` pixels away; -1 if none. ``scale``: pixels per unit."""
        if not len(self):
            return -1
        dx = (self.xy[:, 0] - np.float32(x)) * np.float32(scale[0])
        dy = (self.xy[:, 1] - np.float32(y)) * np.float32(scale[1])
        distance = np.where(shown, dx * dx + dy * dy, np.inf)
        best = int(np.argmin(distance))
        return best if distance[best] <= reach * reach else -1

    def neighbours(self, point: int, k: int) -> npt.NDArray[np.int64]:
        """The ``k`` points nearest to one on the map, itself left out."""
        difference = self.xy - self.xy[point]
        distance = np.einsum("ij,ij->i", difference, difference)
        distance[point] = np.inf
        k = min(k, len(self) - 1)
        near = np.argpartition(distance, k - 1)[:k] if k > 0 else np.zeros(0, np.int64)
        return near[np.argsort(distance[near], kind="stable")].astype(np.int64)

    def inside(self, polygon: FloatArray, shown: BoolArray) -> npt.NDArray[np.int64]:
        """Points inside a closed polygon (float32[m, 2]), by the even-odd rule, vectorised over points."""
        if len(polygon) < 3:
            return np.zeros(0, dtype=np.int64)
        low, high = polygon.min(axis=0), polygon.max(axis=0)
        candidates = np.flatnonzero(shown & (self.xy >= low).all(axis=1) & (self.xy <= high).all(axis=1))
        x, y = self.xy[candidates, 0], self.xy[candidates, 1]
        odd = np.zeros(len(candidates), dtype=bool)
        for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            crosses = (y1 > y) != (y2 > y)
            with np.errstate(divide="ignore", invalid="ignore"):
                at = (x2 - x1) * (y - y1) / (y2 - y1) + x1
            odd ^= crosses & (x < at)
        found: npt.NDArray[np.int64] = candidates[odd]
        return found


def map_points(session: AuditSession, by: ColourBy) -> MapPoints:
    """The placed trajectories of groups that have a role, classed for the legend. Empty without a map."""
    dataset, embedding, settings = session.dataset, session.embedding, session.settings
    if dataset is None or embedding is None:
        return MapPoints(np.zeros(0, np.int64), np.zeros((0, 2), np.float32), np.zeros(0, np.int16), ())
    taking_part = np.array([settings is None or settings.role_of(g) is not None for g in dataset.group.names])
    placed = ~np.isnan(embedding.xy).any(axis=1) & taking_part[dataset.group.codes]
    rows = np.flatnonzero(placed)
    classes, names = _classes(session, by)
    mine, names = _compact(classes[rows], names)
    counts = np.bincount(mine, minlength=len(names))
    legend = tuple(PointClass(name, int(n), token) for (name, token), n in zip(names, counts, strict=True))
    return MapPoints(rows, np.ascontiguousarray(embedding.xy[rows]), mine.astype(np.int16), legend)


def _classes(session: AuditSession, by: ColourBy) -> tuple[npt.NDArray[np.int64], list[tuple[str, str]]]:
    """A class per trajectory and (name, theme token) per class."""
    dataset = session.dataset
    assert dataset is not None
    if by is ColourBy.GROUP:
        tokens = [f"group:{code}" for code in range(len(dataset.group.names))]
        return dataset.group.codes.astype(np.int64), list(zip(dataset.group.names, tokens, strict=True))
    if by is ColourBy.END:
        tokens = ["succeeded", "warning", "error", "faint"]
        return dataset.end.codes.astype(np.int64), [(n, tokens[i % 4]) for i, n in enumerate(dataset.end.names)]
    if by is ColourBy.ROLE or session.result is None:
        roles = [session.settings.role_of(g) if session.settings is not None else None for g in dataset.group.names]
        order = [*Role, None]
        table = np.array([order.index(role) for role in roles], dtype=np.int64)
        names = [(r.value, f"role:{r.value}") for r in Role] + [("no role", "faint")]
        return table[dataset.group.codes], names
    frame = session.result.frame("trajectories")
    if by is ColourBy.FILTER:
        drops = frame.numbers("filter_drops").astype(np.int64)
        return drops, [("kept by the filter", "passes"), ("dropped by the filter", "faint")]
    if by is ColourBy.CONCERN:
        steps = frame.numbers("n_concern")
        return np.digitize(steps, [1, 2, 5]).astype(np.int64), [
            ("none", "faint"), ("1", "severity:2"), ("2–4", "severity:3"), ("5 or more", "severity:4"),
        ]  # fmt: skip
    risk = frame.numbers("risk").astype(np.float64)
    known = np.sort(risk[~np.isnan(risk) & (risk > 0)])
    cuts = [float(known[int(len(known) * q)]) for q in (1 / 3, 2 / 3)] if len(known) else [1.0, 2.0]
    level = np.where(np.isnan(risk), 0, np.where(risk <= 0, 1, 2 + np.digitize(risk, cuts)))
    return level.astype(np.int64), [
        ("not paired", "faint"), ("no entry", "severity:1"), (f"risk below {cuts[0]:.1f}", "severity:2"),
        (f"below {cuts[1]:.1f}", "severity:3"), (f"{cuts[1]:.1f} and more", "severity:4"),
    ]  # fmt: skip


def _compact(
    codes: npt.NDArray[np.int64], names: list[tuple[str, str]]
) -> tuple[npt.NDArray[np.int64], list[tuple[str, str]]]:
    """Leave out classes that nothing belongs to."""
    present, compact = np.unique(codes, return_inverse=True)
    return compact.astype(np.int64), [names[int(code)] for code in present]
