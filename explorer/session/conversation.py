"""What was said in a trajectory, placed between its steps; the texts are read when they are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.model.schema import Speaker
from explorer.model.trajectory import Dataset


@dataclass(frozen=True)
class Conversation:
    """Turns of one trajectory: before which of its steps (int32), by whom, and where the text lies."""

    before_step: npt.NDArray[np.int32]
    speakers: tuple[str, ...]
    first_row: int
    request: int | None
    """Which turn is the request (pinned above the alignment), None where nothing was said."""

    def __len__(self) -> int:
        return len(self.before_step)

    def text(self, dataset: Dataset, turn: int) -> str:
        return str(dataset.turns["text"][self.first_row + turn].as_py() or "")

    @property
    def later(self) -> tuple[int, ...]:
        """Turns to be shown in their place: everything but the request and what the system said at the start."""
        return tuple(
            turn
            for turn in range(len(self))
            if turn != self.request and not (self.speakers[turn] == Speaker.SYSTEM and self.before_step[turn] == 0)
        )

    @property
    def system(self) -> tuple[int, ...]:
        """What the system said before the first step."""
        return tuple(
            turn
            for turn in range(len(self))
            if turn != self.request and self.speakers[turn] == Speaker.SYSTEM and self.before_step[turn] == 0
        )


def conversation(dataset: Dataset, trajectory: int) -> Conversation:
    """The turns of one trajectory without their texts."""
    start, stop = int(dataset.turn_offsets[trajectory]), int(dataset.turn_offsets[trajectory + 1])
    part = dataset.turns.slice(start, stop - start)
    speakers = tuple(str(name) for name in part["speaker"].to_pylist())
    request = None
    for wanted in ((Speaker.USER,), (Speaker.AGENT, Speaker.TOOL), (Speaker.SYSTEM,)):
        found = next((turn for turn, name in enumerate(speakers) if name in wanted), None)
        if found is not None:
            request = found
            break
    before = np.asarray(part["before_step"].to_numpy(), dtype=np.int32)
    return Conversation(before, speakers, start, request)
