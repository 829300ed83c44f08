"""Questions about the queue's entries that need the dataset's text or the findings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.model.finding import Verdict
from explorer.model.result import AuditResult
from explorer.model.trajectory import Coded, Dataset
from explorer.session.entries import Entries
from explorer.session.findings import Findings


def verdict_codes(entries: Entries | None, dataset: Dataset | None, findings: Findings | None) -> Coded:
    """The current verdict of each entry: codes into the verdicts' names, -1 = not judged."""
    names = tuple(v.value for v in Verdict)
    if entries is None or findings is None or dataset is None:
        return Coded(np.zeros(0, dtype=np.int32), names)
    codes = np.full(len(entries), -1, dtype=np.int32)
    judged = {f.subject: f.verdict for f in findings.all() if f.verdict is not None}
    rows = {dataset.row_of_id[s.trajectory_id] for s in judged if s.trajectory_id in dataset.row_of_id}
    # Only entries of judged trajectories are looked at one by one.
    for entry in np.flatnonzero(np.isin(entries.trajectory, list(rows))):
        subject = entries.subject(int(entry))
        verdict = judged.get(subject) or judged.get(subject.whatever_target)
        if verdict is not None:
            codes[entry] = names.index(verdict.value)
    return Coded(codes, names)


def entries_holding(entries: Entries, dataset: Dataset, text: str) -> npt.NDArray[np.bool_]:
    """Which entries hold a text (case ignored) in task, effect, target, explanation, or the judged step's tool and
    arguments."""
    frame = entries.frame
    found = np.zeros(len(frame), dtype=bool)
    for column in ("task_id", "effect", "target", "explanation"):
        found |= _holding(frame.table[column].cast(pa.string()), text)
    steps = entries.step
    known = np.flatnonzero(steps >= 0)
    for column in ("tool", "arguments"):
        values = dataset.steps[column].take(pa.array(steps[known])).cast(pa.large_string())
        found[known] |= _holding(values, text)
    return found


def best_pair(result: AuditResult, trajectory_id: str) -> int | None:
    """The best pair (row of the pairs table) a trajectory belongs to; None if it is not paired."""
    pairs = result.frame("pairs")
    member = np.zeros(len(pairs), dtype=bool)
    for column in ("student_trajectory_id", "teacher_trajectory_id"):
        ids = pairs.coded(column)
        member |= ids.codes == ids.code(trajectory_id)
    rows = np.flatnonzero(member)
    if not len(rows):
        return None
    best = rows[pairs.numbers("best")[rows].astype(bool)]
    return int(best[0] if len(best) else rows[0])


def _holding(values: pa.ChunkedArray, text: str) -> npt.NDArray[np.bool_]:
    hits = pc.match_substring(values, text, ignore_case=True).fill_null(False)
    return np.asarray(hits.to_numpy(), dtype=bool)


def pair_holds(result: AuditResult, pair: int, trajectory_id: str) -> bool:
    """Whether a trajectory is one of the two of a pair (row of the pairs table)."""
    pairs = result.frame("pairs")
    return any(pairs.value(f"{side}_trajectory_id", pair) == trajectory_id for side in ("teacher", "student"))
