"""What is wrong with the data, counted by file, row and column while it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from explorer.model.schema import LOG_PREFIX, End
from loaders.base import ColumnCount, Problem, QualityReport, RejectedRow
from loaders.columns import column_at, is_scalar, leaves
from loaders.drafts import Finding
from loaders.reading import INVALID_UTF8, count_empty

LISTED_REJECTS = 1000


class QualityCounter:
    """Collects problems over all files of a source; :meth:`report` closes the books."""

    def __init__(self) -> None:
        self.rows_in = 0
        self.rows_read = 0
        self.rejected = 0
        self.left_out = 0
        self._listed: list[RejectedRow] = []
        self._problems: dict[tuple[str, str | None, str], Problem] = {}
        self._columns: dict[tuple[str, str], list[int]] = {}

    def batch(self, file: str, table: pa.RecordBatch, mended: Sequence[bool] | None, first_row: int) -> None:
        """Count a batch that came in: its rows, and null and empty cells of every scalar column."""
        self.rows_in += table.num_rows
        for name, kind in leaves(table.schema):
            column = column_at(table, name)
            if column is None:
                continue
            empty = count_empty(column) if is_scalar(kind) else 0
            counts = self._columns.setdefault((file, name), [0, 0, 0])
            counts[0] += table.num_rows
            counts[1] += table.num_rows if pa.types.is_null(column.type) else column.null_count
            counts[2] += empty
        if mended is not None:
            rows = np.flatnonzero(np.asarray(mended))
            if len(rows):
                message = "bytes that are no UTF-8 are shown as \\xNN"
                self.add(Problem(file, first_row + int(rows[0]), None, INVALID_UTF8, message, len(rows)))

    def add(self, problem: Problem) -> None:
        """Count a problem together with others of its file, column and code."""
        key = (problem.file, problem.column, problem.code)
        known = self._problems.get(key)
        if known is None:
            self._problems[key] = problem
        else:
            rows = [row for row in (known.row, problem.row) if row is not None]
            self._problems[key] = replace(known, count=known.count + problem.count, row=min(rows) if rows else None)

    def findings(self, file: str, row: int, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(Problem(file, row, finding.column, finding.code, finding.message))

    def reject(self, file: str, row: int, reason: str) -> None:
        """A row that is not shown."""
        self.rejected += 1
        if len(self._listed) < LISTED_REJECTS:
            self._listed.append(RejectedRow(file, row, reason))
        self.add(Problem(file, row, None, "rejected", f"rejected: {reason}"))

    def reject_file(self, file: str, rows: int, reason: str) -> None:
        """A whole file that is not shown."""
        self.rows_in += rows
        self.rejected += rows
        self._listed.append(RejectedRow(file, 0, reason))
        self.add(Problem(file, None, None, "no_trajectories", reason, rows))

    def read(self, rows: int) -> None:
        self.rows_read += rows

    def report(self, trajectories: pa.Table) -> QualityReport:
        """The books over the trajectories that are shown."""
        ends = Counter(trajectories["end"].cast(pa.string()).to_pylist())
        for row, file, code, column, message, count in _table_problems(trajectories):
            self.add(Problem(file, row, column, code, message, count))
        columns = tuple(ColumnCount(file, name, *counts) for (file, name), counts in self._columns.items() if counts[0])
        return QualityReport(
            rows_in=self.rows_in,
            rows_read=self.rows_read,
            rows_rejected=self.rejected,
            rows_left_out=self.left_out,
            trajectories=trajectories.num_rows,
            dead=ends[End.ERROR] + ends[End.EMPTY],
            cut_off=ends[End.CUT_OFF],
            problems=tuple(self._problems.values()),
            columns=columns,
            rejected=tuple(self._listed),
        )


def _table_problems(
    trajectories: pa.Table,
) -> list[tuple[int | None, str, str, str | None, str, int]]:
    """Problems seen on whole trajectories: repeats of content within a group, cut off, dead, without a task."""
    found: list[tuple[int | None, str, str, str | None, str, int]] = []
    files = trajectories["source_file"].to_pylist()
    rows = trajectories["source_row"].to_pylist()
    ends = trajectories["end"].cast(pa.string()).to_pylist()
    groups = trajectories["group"].cast(pa.string()).to_pylist()
    tasks = trajectories["task_id"].to_pylist()
    contents = trajectories["content_hash"].to_pylist()
    steps = trajectories["n_steps"].to_pylist()
    seen: set[tuple[str, str, str]] = set()
    texts = {
        End.CUT_OFF: ("cut_off", "trajectories that were cut off"),
        End.ERROR: ("ended_in_error", "trajectories that ended in an error: kept apart from rates"),
        End.EMPTY: ("empty", "trajectories without a step: kept apart from rates"),
    }
    for file, row, end, group, task, content, count in zip(
        files, rows, ends, groups, tasks, contents, steps, strict=True
    ):
        if end != End.FINISHED:
            code, message = texts[End(end)]
            found.append((row, file, code, None, message, 1))
        if count and (group, task, content) in seen:
            found.append((row, file, "duplicate", None, "trajectories equal to another of their group and task", 1))
        seen.add((group, task, content))
    return found


def log_columns(table: pa.Table) -> tuple[str, ...]:
    return tuple(n[len(LOG_PREFIX) :] for n in table.column_names if n.startswith(LOG_PREFIX))
