"""The texts of a trajectory's steps: arguments, the shell command in them, and observations."""

from __future__ import annotations

import json
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from explorer.model.schema import StepKind
from explorer.model.trajectory import Dataset

AHEAD = 8
"""Observations that are read at once."""


class StepTexts:
    """The texts of a dataset's steps, read a trajectory at a time and only as far as they are asked for."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._first = 0
        self._printed: list[str | None] = []

    def arguments(self, rows: range) -> list[str | None]:
        """The arguments of a slice of step rows."""
        return self._read("arguments", rows)

    def observation(self, row: int) -> str:
        """The observation of one step row, empty where there is none."""
        at = row - self._first
        if not 0 <= at < len(self._printed):
            # What is printed is mostly asked for step after step.
            first = max(0, row - 1)
            self._printed = self._read("observation", range(first, min(row + AHEAD, self._dataset.n_steps)))
            self._first, at = first, row - first
        return self._printed[at] or ""

    def is_mute(self, row: int) -> bool:
        """Whether the trajectory of a step row shows no output at all: then that nothing was printed says nothing."""
        return bool(self._mute[self._dataset.trajectory_of_step[row]])

    @cached_property
    def _mute(self) -> npt.NDArray[np.bool_]:
        """bool[n_trajectories]; only lengths are looked at, not the texts."""
        lengths = pc.fill_null(pc.binary_length(self._dataset.steps["observation"]), 0)
        speaking = self._dataset.trajectory_of_step[np.asarray(lengths) > 0]
        mute: npt.NDArray[np.bool_] = np.bincount(speaking, minlength=self._dataset.n_trajectories) == 0
        return mute

    def kind(self, row: int) -> str:
        return self._dataset.kind.of(row) or ""

    def tool(self, row: int) -> str | None:
        return self._dataset.tool.of(row)

    def outcome(self, row: int) -> str | None:
        return self._dataset.outcome.of(row)

    def number(self, row: int) -> str:
        """What the step is called in the log."""
        return self._dataset.step_number(row)

    def _read(self, column: str, rows: range) -> list[str | None]:
        part = self._dataset.steps[column].slice(rows.start, len(rows))
        try:
            return list(part.to_pylist())
        except UnicodeDecodeError:
            return [
                None if value is None else value.decode("utf-8", "replace")
                for value in part.cast("large_binary").to_pylist()
            ]


def command_of(kind: str, arguments: str) -> str | None:
    """The shell text of a step, None where it has none."""
    if kind == StepKind.SHELL and arguments.lstrip()[:1] != "{":
        return arguments
    if '"command"' in arguments[:200] or '"cmd"' in arguments[:200]:
        try:
            found = json.loads(arguments)
        except (ValueError, RecursionError):
            return None
        if isinstance(found, dict) and "path" not in found:
            command = found.get("command", found.get("cmd"))
            return command if isinstance(command, str) else None
    return None
