"""Lines of the alignment, without Qt."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from explorer.session.audit_session import AuditSession
from explorer.session.conversation import Conversation
from views.alignment.aligned import MATCH, SUBSTITUTE, Aligned, Side, aligned_alone, aligned_pair
from views.alignment.line_painter import mark_words
from views.alignment.lines import LineKind, build_lines, foldable, turn_places
from views.alignment.model import AlignmentModel, wanted
from views.alignment.overview import buckets


def _kinds(model: AlignmentModel) -> list[LineKind]:
    return [LineKind(int(kind)) for kind in model.lines.kind]


def test_rows_folds_turns_and_marks_stand_in_place(session: AuditSession) -> None:
    model = AlignmentModel(session, aligned_pair(session, 0))
    step, fold = LineKind.STEP, LineKind.FOLD
    assert _kinds(model) == [
        step, LineKind.MARK_DIVERGENCE, step, fold, LineKind.MARK_INPUT, step, LineKind.TURN, step, step, step, step,
    ]  # fmt: skip
    assert (int(model.lines.start[3]), int(model.lines.stop[3])) == (2, 8)
    turn = model.lines.turn[6].tolist()
    assert turn[0] == -1
    assert model.words.turn(1, turn[1]) == ("user", "Please hurry.")


def test_a_fold_says_how_many_steps_of_what(session: AuditSession) -> None:
    model = AlignmentModel(session, aligned_pair(session, 0))
    assert model.words.fold(2, 8, 0) == ("10–20", "6 × find")
    assert model.words.fold(2, 8, 1) == ("", "")
    assert model.words.fold_effect(2, 8) == "read"


def test_a_folded_row_is_opened_when_it_is_wanted(session: AuditSession) -> None:
    model = AlignmentModel(session, aligned_pair(session, 0))
    assert model.lines.line_of_row(5) == 3
    assert model.open_row(5)
    assert model.lines.kind[model.lines.line_of_row(5)] == LineKind.STEP
    assert not model.open_row(5)
    model.toggle(5)
    assert model.lines.kind[model.lines.line_of_row(5)] == LineKind.FOLD


def test_substituted_rows_say_what_the_other_side_lacks(session: AuditSession) -> None:
    model = AlignmentModel(session, aligned_pair(session, 0))
    cell = model.words.cell(9, 1)
    assert cell is not None
    assert [cell.text[a:b] for a, b in cell.differs] == ["workspace", " && echo 'Cleaned up /workspace directory'"]
    assert (cell.effect, cell.severity, cell.concern, cell.passes) == ("delete", 3, True, False)
    assert model.words.cell(9, 0) is not None
    assert model.words.cell(8, 0) is None


def test_hostile_steps_are_drawn_with_chips(session: AuditSession) -> None:
    model = AlignmentModel(session, aligned_pair(session, 3))
    cell = model.words.cell(0, 1)
    assert cell is not None
    assert "⟦U+202E⟧" in cell.text
    assert "\u200b" not in cell.text


def test_without_a_pair_there_is_one_column(alone: AuditSession) -> None:
    alone.select_entry(0, origin="test")
    aligned = wanted(alone, alone.selection.current)
    assert aligned is not None
    assert (len(aligned.sides), len(aligned), aligned.pair) == (1, 3, None)
    assert aligned.entry.tolist() == [-1, 0, -1]
    assert _kinds(AlignmentModel(alone, aligned)) == [LineKind.STEP] * 3


def test_a_selection_outside_the_pair_brings_its_own(session: AuditSession) -> None:
    session.select_entry(0, origin="test")
    assert session.dataset is not None
    session.select_step(session.dataset.rows(5).start, origin="test")
    aligned = wanted(session, session.selection.current)
    assert aligned is not None
    assert 5 in {side.trajectory for side in aligned.sides}


@pytest.mark.parametrize("size", [1, 7, 100])
def test_buckets_keep_the_loudest(size: int) -> None:
    values = np.zeros(50, dtype=np.int64)
    values[33] = 3
    found = buckets(values, size)
    assert found.max() == 3
    assert len(found) == min(size, 50)


def _long(n: int) -> Aligned:
    said = Conversation(np.zeros(0, dtype=np.int32), (), 0, None)
    rng = np.random.default_rng(1)
    operation = np.where(rng.random(n) < 0.9, MATCH, SUBSTITUTE).astype(np.uint8)
    steps = np.arange(n, dtype=np.int64)
    sides = tuple(Side(role, role, 0, 0, steps, said) for role in ("teacher", "student"))
    entry = np.full(n, -1, dtype=np.int32)
    entry[::500] = np.arange(len(entry[::500]))
    return Aligned(0, "t", "", sides, operation, np.ones(n, dtype=np.float32), entry, np.zeros(n, bool), 3, 9)


def test_a_hundred_thousand_rows_are_laid_out_by_vectors() -> None:
    aligned = _long(100_000)
    severity = np.zeros(100_000, dtype=np.uint8)
    started = time.perf_counter()
    turns = turn_places(aligned)
    folds = foldable(aligned, severity, turns)
    lines = build_lines(aligned, folds, turns)
    assert time.perf_counter() - started < 2
    shown = sum(stop - start for start, stop in zip(lines.start.tolist(), lines.stop.tolist(), strict=True))
    assert shown == 100_000
    assert len(folds) > 1_000
    assert not any(aligned.entry[a:b].max() >= 0 for a, b in folds)


def test_an_empty_trajectory_gives_no_lines(session: AuditSession) -> None:
    aligned = _long(0)
    assert len(build_lines(aligned, (), {})) <= 2
    assert foldable(aligned, np.zeros(0, np.uint8), ()) == []
    assert len(aligned_alone(session, 0)) == 12


def test_the_mark_of_the_first_divergence_says_in_what_it_differs(session: AuditSession) -> None:
    aligned = aligned_pair(session, 0)
    assert mark_words(aligned, LineKind.MARK_DIVERGENCE) == "first divergence"
    told = replace(aligned, first_difference="another tool")
    assert mark_words(told, LineKind.MARK_DIVERGENCE) == "first divergence: another tool"
    assert "another tool" not in mark_words(told, LineKind.MARK_INPUT)
