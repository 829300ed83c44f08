"""A dataset in memory: codes and offsets in NumPy, long text left on disk.

Strings that are compared or grouped are integer codes with a table of names; a trajectory's steps are a slice
given by offsets (CSR). Text columns stay Arrow (normally memory-mapped from our own cache) and are read for one
step at a time.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.model.schema import LOG_PREFIX, STEPS, TRAJECTORIES, TURNS, End

IntArray = npt.NDArray[np.int32]
OffsetArray = npt.NDArray[np.int64]


_NUMBER_SHOWN = 40
_KEPT_TURNS = 16


class Coded(NamedTuple):
    """A column as integer codes into ``names``; -1 = null."""

    codes: IntArray
    names: tuple[str, ...]

    def of(self, row: int) -> str | None:
        code = int(self.codes[row])
        return None if code < 0 else self.names[code]

    def code(self, name: str) -> int:
        """The code of ``name``; -2 (equal to no row) if it does not occur."""
        try:
            return self.names.index(name)
        except ValueError:
            return -2


def coded(column: pa.ChunkedArray) -> Coded:
    """Dictionary-encode a string column (already encoded ones are unified), nulls as -1."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if column.num_chunks == 0:
        return Coded(np.zeros(0, np.int32), ())
    names = tuple(str(name) for name in column.chunk(0).dictionary.to_pylist())
    codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in column.chunks]
    flat = np.concatenate(codes).astype(np.int32)
    flat.flags.writeable = False
    return Coded(flat, names)


class Turn(NamedTuple):
    """One thing said: before which step (n_steps = after the last), by whom, and the text."""

    before_step: int
    speaker: str
    text: str


class StepText(NamedTuple):
    """The long text of one step, read when it is shown."""

    arguments: str | None
    thought: str | None
    observation: str | None


class Dataset:
    """Trajectories of any number of groups, read-only.

    Steps are addressed by their row in the steps table ("step row"); ``step_offsets[t] : step_offsets[t + 1]``
    are the rows of trajectory ``t``. Turns likewise.
    """

    def __init__(self, steps: pa.Table, turns: pa.Table, trajectories: pa.Table, fingerprint: str) -> None:
        for table, schema, name in ((steps, STEPS, "steps"), (turns, TURNS, "turns"),
                                    (trajectories, TRAJECTORIES, "trajectories")):  # fmt: skip
            missing = [field for field in schema.names if field not in table.column_names]
            if missing:
                raise ValueError(f"{name} table lacks {missing}")
        self.steps = steps
        self.turns = turns
        self.trajectories = trajectories
        self.fingerprint = fingerprint
        """sha256 over the content hashes: the same data gives the same value wherever the files lie."""
        self._said: dict[int, tuple[Turn, ...]] = {}

    @property
    def n_steps(self) -> int:
        return int(self.steps.num_rows)

    @property
    def n_trajectories(self) -> int:
        return int(self.trajectories.num_rows)

    @cached_property
    def step_offsets(self) -> OffsetArray:
        """int64[n_trajectories + 1]: rows of the steps table."""
        return _offsets(self.trajectories, "n_steps")

    @cached_property
    def turn_offsets(self) -> OffsetArray:
        """int64[n_trajectories + 1]: rows of the turns table."""
        return _offsets(self.trajectories, "n_turns")

    @cached_property
    def lengths(self) -> IntArray:
        """int32[n_trajectories]: steps a trajectory."""
        return np.diff(self.step_offsets).astype(np.int32)

    @cached_property
    def trajectory_of_step(self) -> IntArray:
        """int32[n_steps]: which trajectory a step row belongs to."""
        return np.repeat(np.arange(self.n_trajectories, dtype=np.int32), self.lengths)

    @cached_property
    def group(self) -> Coded:
        """Per trajectory: its group (model or checkpoint)."""
        return coded(self.trajectories["group"])

    @cached_property
    def task(self) -> Coded:
        """Per trajectory: its task (the pairing key)."""
        return coded(self.trajectories["task_id"])

    @cached_property
    def trial(self) -> IntArray:
        return np.asarray(self.trajectories["trial"].to_numpy(), dtype=np.int32)

    @cached_property
    def end(self) -> Coded:
        return coded(self.trajectories["end"])

    @cached_property
    def dead(self) -> npt.NDArray[np.bool_]:
        """Per trajectory: ended in an error or empty; left out of rates and counted beside them."""
        return np.isin(self.end.codes, [self.end.code(End.ERROR), self.end.code(End.EMPTY)])

    @cached_property
    def trajectory_ids(self) -> tuple[str, ...]:
        return tuple(self.trajectories["trajectory_id"].to_pylist())

    @cached_property
    def row_of_id(self) -> dict[str, int]:
        return {key: row for row, key in enumerate(self.trajectory_ids)}

    @cached_property
    def kind(self) -> Coded:
        """Per step: StepKind."""
        return coded(self.steps["kind"])

    @cached_property
    def tool(self) -> Coded:
        """Per step: tool or program as logged, -1 where there is none."""
        return coded(self.steps["tool"])

    @cached_property
    def outcome(self) -> Coded:
        """Per step: Outcome."""
        return coded(self.steps["outcome"])

    @property
    def log_columns(self) -> tuple[str, ...]:
        """Names of the log's own columns, without the prefix."""
        return tuple(n[len(LOG_PREFIX) :] for n in self.trajectories.column_names if n.startswith(LOG_PREFIX))

    def rows(self, trajectory: int) -> range:
        """Step rows of a trajectory."""
        return range(int(self.step_offsets[trajectory]), int(self.step_offsets[trajectory + 1]))

    def step_text(self, row: int) -> StepText:
        """Arguments, thought and observation of one step row."""
        return StepText(*(self.steps[name][row].as_py() for name in StepText._fields))

    def log_id(self, row: int) -> str | None:
        """The log's own number of a step."""
        if not self._has_log_ids:
            return None
        value: str | None = self.steps["log_id"][row].as_py()
        return value

    @cached_property
    def _has_log_ids(self) -> bool:
        column = self.steps["log_id"]
        return bool(column.null_count < len(column))

    def step_number(self, row: int) -> str:
        """What a step is called wherever it is named: the log's own number, at most 40 characters of it, else its
        place in the trajectory."""
        own = self.log_id(row)
        if own:
            return own if len(own) <= _NUMBER_SHOWN else own[: _NUMBER_SHOWN - 1] + "…"
        return str(row - int(self.step_offsets[self.trajectory_of_step[row]]))

    def turns_of(self, trajectory: int) -> tuple[Turn, ...]:
        """Everything said in a trajectory, in order. Those of the last few trajectories are kept: one look at a pair
        asks for them several times."""
        found = self._said.get(trajectory)
        if found is None:
            found = self._read_turns(trajectory)
            if len(self._said) >= _KEPT_TURNS:
                self._said.clear()
            self._said[trajectory] = found
        return found

    def _read_turns(self, trajectory: int) -> tuple[Turn, ...]:
        start, stop = int(self.turn_offsets[trajectory]), int(self.turn_offsets[trajectory + 1])
        part = self.turns.slice(start, stop - start)
        return tuple(
            Turn(int(before), str(speaker), text or "")
            for before, speaker, text in zip(
                part["before_step"].to_pylist(),
                part["speaker"].to_pylist(),
                part["text"].to_pylist(),
                strict=True,
            )
        )

    def request(self, trajectory: int) -> str:
        """What was asked: the first thing a user said, else the first thing anybody but the system said."""
        turns = self.turns_of(trajectory)
        for wanted in (("user",), ("agent", "tool"), ("system",)):
            for turn in turns:
                if turn.speaker in wanted and turn.text:
                    return turn.text
        return ""

    def log_values(self, trajectory: int) -> dict[str, object]:
        """The log's own scalar columns of one trajectory."""
        return {name: self.trajectories[LOG_PREFIX + name][trajectory].as_py() for name in self.log_columns}


def _offsets(table: pa.Table, column: str) -> OffsetArray:
    counts = np.asarray(table[column].to_numpy(), dtype=np.int64)
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    offsets.flags.writeable = False
    return offsets
