"""Unpaired tasks in the window, gesture by gesture: real loaders, real audit, and the same result as by --mapping."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.cli.main import main
from explorer.model.finding import Subject, Verdict
from explorer.model.schema import Role
from explorer.session.unpaired import aliases_in_force
from loaders.column_mapping import from_toml
from tests.builders import Step, step_shape_rows, write_parquet
from tests.views.windows import NeverEnding, make_program, put_away
from views.pairing.dialog import UnpairedDialog
from views.start.services import Source

HOSTILE_ONE, HOSTILE_TWO = "<b>pay</b>-\u202eroll", "<b>pay</b>_\u202eroll"
LOOK: list[Step] = [("shell", "bash", "ls"), ("finish", None, "done")]
CLEAN: list[Step] = [("shell", "bash", "rm -rf /srv/cache"), ("finish", None, "done")]
TEACHER = {"bank-7": LOOK, "both": LOOK, "mine": LOOK, HOSTILE_ONE: LOOK}
STUDENT = {"bank_7": CLEAN, "both": LOOK, HOSTILE_TWO: LOOK}
ALIASES = {"bank_7": "bank-7", HOSTILE_TWO: HOSTILE_ONE}

Logs = tuple[str, str]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Logs:
    """A teacher and a student who spell two tasks differently."""
    folder = tmp_path_factory.mktemp("logs")
    teacher = write_parquet(folder / "big.parquet", step_shape_rows({"big": TEACHER}))
    return str(teacher), str(write_parquet(folder / "small.parquet", step_shape_rows({"small": STUDENT})))


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path) -> Iterator[Program]:
    made = make_program(qapp, tmp_path)
    made.window.show()
    yield made
    put_away(made)


def audit(program: Program, logs: Logs, qtbot: QtBot) -> None:
    flow = program.window.flow
    flow.read_at_once([Source((logs[0],), Role.TEACHER), Source((logs[1],), Role.STUDENT)])
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)


def dialog_of(program: Program) -> UnpairedDialog:
    program.window.show_unpaired()
    found = [one for one in program.window.findChildren(UnpairedDialog) if one.isVisible()]
    return found[-1]


def words(dialog: UnpairedDialog, table: str) -> list[list[str]]:
    model = dialog.alike if table == "alike" else dialog.unpaired
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def check(dialog: UnpairedDialog, key: str, qtbot: QtBot) -> None:
    """Tick the box of a key with the mouse."""
    place = [row.key for row in dialog.alike.shown].index(key)
    rect = dialog.alike_table.visualRect(dialog.alike.index(place, 0))
    spot = QPoint(rect.left() + 15, rect.center().y())
    qtbot.mouseClick(dialog.alike_table.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def accept_all(program: Program, qtbot: QtBot) -> None:
    dialog = dialog_of(program)
    click(qtbot, dialog.all)
    click(qtbot, dialog.apply)
    flow = program.window.flow
    qtbot.waitUntil(lambda: aliases_in_force(program.session.load_report) == ALIASES, timeout=60_000)
    qtbot.waitUntil(lambda: program.session.result is not None and bool(flow.summary.rows()), timeout=60_000)


# -- what is shown -------------------------------------------------------------------------------------------


def test_every_unpaired_task_is_listed_with_its_reason(program: Program, logs: Logs, qtbot: QtBot) -> None:
    audit(program, logs, qtbot)
    dialog = dialog_of(program)
    assert dialog.words.text() == "5 of 7 trajectories have no partner, in 5 tasks."
    other = "the other side has no trajectory of this task"
    assert ["mine", "big", "1", other] in words(dialog, "unpaired")
    assert dialog.unpaired.rowCount() == 5
    assert dialog.unpaired_title.text() == "NOT PAIRED · 5"
    (bank,) = [row for row in words(dialog, "alike") if row[0] == "bank_7"]
    assert bank[:4] == ["bank_7", "student", "bank-7", "teacher"]
    assert bank[4].endswith(" %")
    assert bank[5:] == ["1 + 1", "+1"]


def test_what_only_some_groups_lack_is_told_apart(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    sides = {"big": {"a": LOOK, "b": LOOK, "alone": LOOK}, "small": {"a": LOOK, "b": LOOK}, "tiny": {"a": LOOK}}
    paths = [str(write_parquet(tmp_path / f"{name}.parquet", step_shape_rows({name: sides[name]}))) for name in sides]
    flow = program.window.flow
    roles = (Role.TEACHER, Role.STUDENT, Role.STUDENT)
    flow.read_at_once([Source((path,), role) for path, role in zip(paths, roles, strict=True)])
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    dialog = dialog_of(program)
    assert dialog.words.text() == ("1 of 6 trajectories has no partner, in 1 task. 1 task pairs with some groups only.")
    assert [row.lacking_in for row in dialog.unpaired.rows] == ["", "tiny"]


def test_hostile_names_stand_as_they_are_with_the_unseen_made_visible(
    program: Program, logs: Logs, qtbot: QtBot
) -> None:
    audit(program, logs, qtbot)
    dialog = dialog_of(program)
    shown = next(row for row in words(dialog, "alike") if row[0].startswith("<b>"))
    assert shown[0] == "<b>pay</b>_⟦U+202E⟧roll"
    assert "\u202e" not in "".join(cell for row in words(dialog, "unpaired") for cell in row)


def test_tables_are_searched_and_sorted(program: Program, logs: Logs, qtbot: QtBot) -> None:
    audit(program, logs, qtbot)
    dialog = dialog_of(program)
    qtbot.keyClicks(dialog.search, "BANK")
    assert [row.task for row in dialog.unpaired.shown] == ["bank-7", "bank_7"]
    assert [row.key for row in dialog.alike.shown] == ["bank_7"]
    assert dialog.unpaired_title.text() == "NOT PAIRED · 5 · 2 SHOWN"
    dialog.search.clear()
    header = dialog.unpaired_table.horizontalHeader()
    for _ in range(2):
        spot = QPoint(header.sectionViewportPosition(0) + 20, header.height() // 2)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert [row.task for row in dialog.unpaired.shown][:2] == ["mine", "bank_7"]


def test_keys_are_checked_by_mouse_or_space_and_the_button_says_how_many(
    program: Program, logs: Logs, qtbot: QtBot
) -> None:
    audit(program, logs, qtbot)
    dialog = dialog_of(program)
    assert not dialog.apply.isEnabled()
    assert not dialog.save.isEnabled()
    check(dialog, "bank_7", qtbot)
    assert dialog.alike.aliases == {"bank_7": "bank-7"}
    assert dialog.apply.text() == "Accept 1"
    assert dialog.foot.text().startswith("1 more pair.")
    dialog.alike_table.selectAll()
    qtbot.keyClick(dialog.alike_table, Qt.Key.Key_Space)
    assert dialog.alike.aliases == ALIASES
    assert dialog.all.text() == "Uncheck all shown"
    qtbot.keyClick(dialog.alike_table, Qt.Key.Key_Space)
    assert dialog.alike.aliases == {}
    assert not dialog.apply.isEnabled()


# -- what it leads to ----------------------------------------------------------------------------------------


def test_accepting_makes_unpaired_tasks_paired_and_keeps_what_was_judged(
    program: Program, logs: Logs, qtbot: QtBot
) -> None:
    before = [Path(path).read_bytes() for path in logs]
    audit(program, logs, qtbot)
    session = program.session
    program.window.flow.change_concern("deletion")
    qtbot.waitUntil(lambda: session.settings is not None and session.settings.concern_name == "deletion")
    assert session.dataset is not None
    assert session.findings is not None
    row = next(r for r in range(session.dataset.n_trajectories) if session.dataset.task.of(r) == "bank_7")
    subject = Subject(session.dataset.trajectory_ids[row], 0)
    session.findings.judge([subject], Verdict.HARMFUL)
    accept_all(program, qtbot)
    assert session.result is not None
    assert session.result.summary["counts"]["paired_tasks"] == 3
    assert session.result.summary["n_unpaired"] == 1
    assert not session.result.summary["key_suggestions"]
    assert session.settings is not None
    assert session.settings.concern_name == "deletion"
    assert session.settings.role_of("small") is Role.STUDENT
    assert subject.trajectory_id in session.dataset.row_of_id
    assert session.dataset.task.of(session.dataset.row_of_id[subject.trajectory_id]) == "bank-7"
    held = session.findings.of(subject)
    assert held is not None
    assert held.verdict is Verdict.HARMFUL
    assert session.findings.can_undo
    session.findings.undo()
    assert session.findings.of(subject) is None
    assert [Path(path).read_bytes() for path in logs] == before


def test_the_window_and_the_command_line_with_the_saved_mapping_agree(
    program: Program, logs: Logs, tmp_path: Path, qtbot: QtBot
) -> None:
    audit(program, logs, qtbot)
    dialog = dialog_of(program)
    dialog.alike.toggle(range(dialog.alike.rowCount()))
    mapping = tmp_path / "mapping.toml"
    dialog.save_to(str(mapping))
    dialog.copy_toml()
    assert QGuiApplication.clipboard().text() == mapping.read_text("utf-8")
    assert from_toml(mapping.read_text("utf-8")).task_aliases == ALIASES
    click(qtbot, dialog.leave)
    accept_all(program, qtbot)
    window, command = tmp_path / "window", tmp_path / "command"
    said: list[str] = []
    program.window.flow.work.export_audit(window, said.append)
    qtbot.waitUntil(lambda: bool(said), timeout=60_000)
    arguments = ["audit", "--teacher", logs[0], "--student", logs[1], "--mapping", str(mapping), "--no-map"]
    assert main([*arguments, "--out", str(command)]) == 0
    for name in ("pairs", "alignment", "divergences", "rates", "steps", "trajectories"):
        ours, theirs = (
            [
                {column: value for column, value in row.items() if not column.startswith("map_")}
                for row in pq.read_table(folder / f"{name}.parquet").to_pylist()
            ]
            for folder in (window, command)
        )
        # As text: a rate that nothing decides is NaN, which is unlike itself.
        assert repr(ours) == repr(theirs), name
    ours, theirs = (json.loads((folder / "audit.json").read_text("utf-8")) for folder in (window, command))
    assert ours["column_mapping"] == theirs["column_mapping"]
    assert ours["column_mapping"]["task_aliases"] == ALIASES
    assert ours["counts"] == theirs["counts"]


def test_an_accepted_name_is_listed_and_can_be_taken_back(program: Program, logs: Logs, qtbot: QtBot) -> None:
    audit(program, logs, qtbot)
    accept_all(program, qtbot)
    program.window.show_data()
    data = program.window.flow.data
    assert data.titles["TASKS NAMED ANEW"].text() == "TASKS NAMED ANEW · 2"
    dialog = dialog_of(program)
    assert [(row.key, row.becomes) for row in dialog.alike.rows if row.accepted] == sorted(ALIASES.items())
    assert dialog.alike_title.text() == "KEYS THAT LOOK ALIKE · 2 ACCEPTED"
    assert dialog.foot.text().startswith("Uncheck a name to take it back.")
    check(dialog, "bank_7", qtbot)
    assert dialog.apply.text() == "Take 1 back"
    click(qtbot, dialog.apply)
    left = {HOSTILE_TWO: HOSTILE_ONE}
    qtbot.waitUntil(lambda: aliases_in_force(program.session.load_report) == left, timeout=60_000)
    qtbot.waitUntil(lambda: program.session.result is not None, timeout=60_000)
    assert program.session.result is not None
    assert program.session.result.summary["counts"]["paired_tasks"] == 2


def test_cancelling_leaves_the_dataset_and_its_audit_as_they_were(program: Program, logs: Logs, qtbot: QtBot) -> None:
    audit(program, logs, qtbot)
    session, flow = program.session, program.window.flow
    result, sources = session.result, flow.plan.sources
    slow = NeverEnding()
    program.runner._executors["read"] = slow  # the job runner has no way to change one: only a test wants it
    dialog = dialog_of(program)
    click(qtbot, dialog.all)
    click(qtbot, dialog.apply)
    qtbot.waitUntil(lambda: bool(slow.running))
    assert flow.currentWidget() is flow.summary
    assert session.result is result
    qtbot.waitUntil(lambda: "refining" in flow.summary.stage.text())
    click(qtbot, flow.summary.stop)
    qtbot.waitUntil(lambda: bool(flow.summary.rows()))
    assert session.result is result
    assert flow.plan.sources == sources
    assert aliases_in_force(session.load_report) == {}


def test_cancelling_the_audit_leads_back_to_the_names_before(program: Program, logs: Logs, qtbot: QtBot) -> None:
    audit(program, logs, qtbot)
    session, flow = program.session, program.window.flow
    sources = flow.plan.sources
    slow = NeverEnding()
    program.runner._executors["audit"] = slow
    dialog = dialog_of(program)
    click(qtbot, dialog.all)
    click(qtbot, dialog.apply)
    qtbot.waitUntil(lambda: bool(slow.running), timeout=60_000)
    assert aliases_in_force(session.load_report) == ALIASES
    qtbot.waitUntil(lambda: "refining" in flow.summary.stage.text())
    click(qtbot, flow.summary.stop)
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    assert len(slow.running) == 1
    assert flow.plan.sources == sources
    assert aliases_in_force(session.load_report) == {}
    assert session.result is not None
    assert session.result.summary["counts"]["paired_tasks"] == 1


def test_a_source_that_is_gone_is_told_and_the_audit_stays(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    paths = [write_parquet(tmp_path / f"{name}.parquet", step_shape_rows({name: side}))
             for name, side in (("big", TEACHER), ("small", STUDENT))]  # fmt: skip
    audit(program, (str(paths[0]), str(paths[1])), qtbot)
    result = program.session.result
    paths[1].unlink()
    dialog = dialog_of(program)
    click(qtbot, dialog.all)
    click(qtbot, dialog.apply)
    qtbot.waitUntil(program.window.errors.isVisible, timeout=60_000)
    assert program.session.result is result
    assert program.window.flow.summary.rows()


# -- ways in -------------------------------------------------------------------------------------------------


def visible_dialogs(program: Program) -> list[UnpairedDialog]:
    return [one for one in program.window.findChildren(UnpairedDialog) if one.isVisible()]


def test_it_opens_from_the_summary_the_data_report_the_roles_and_by_key(
    program: Program, logs: Logs, qtbot: QtBot
) -> None:
    audit(program, logs, qtbot)
    flow = program.window.flow
    rows = [row for row in flow.summary.rows() if row.sentence.opens == "unpaired"]
    assert len(rows) == 2
    qtbot.mouseClick(rows[0], Qt.MouseButton.LeftButton)
    click(qtbot, visible_dialogs(program)[0].leave)
    flow.show_data()
    click(qtbot, flow.data.unpaired)
    click(qtbot, visible_dialogs(program)[0].leave)
    flow.show_roles()
    click(qtbot, flow.roles.unpaired)
    click(qtbot, visible_dialogs(program)[0].leave)
    program.window.commands.run("file.unpaired")
    assert len(visible_dialogs(program)) == 1


def test_where_nothing_pairs_the_summary_offers_the_keys(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    one = write_parquet(tmp_path / "one.parquet", step_shape_rows({"big": {"bank-7": LOOK}}))
    two = write_parquet(tmp_path / "two.parquet", step_shape_rows({"small": {"bank_7": CLEAN}}))
    flow = program.window.flow
    flow.read_at_once([Source((str(one),), Role.TEACHER), Source((str(two),), Role.STUDENT)])
    qtbot.waitUntil(lambda: program.session.result is not None, timeout=60_000)
    assert flow.currentWidget() is flow.roles
    dialog = dialog_of(program)
    click(qtbot, dialog.all)
    click(qtbot, dialog.apply)
    qtbot.waitUntil(lambda: flow.currentWidget() is flow.summary and bool(flow.summary.rows()), timeout=60_000)
    assert program.session.result is not None
    assert program.session.result.summary["counts"]["pairs"] == 1


# -- nothing to show -----------------------------------------------------------------------------------------


def empty_words(dialog: UnpairedDialog) -> str:
    return dialog.empty.title.text() if dialog.empty.isVisibleTo(dialog) else ""


def test_each_kind_of_nothing_says_what_it_is(program: Program, logs: Logs, tmp_path: Path, qtbot: QtBot) -> None:
    assert empty_words(dialog_of(program)) == "Nothing is audited yet"
    same = write_parquet(tmp_path / "same.parquet", step_shape_rows({"small": dict.fromkeys(TEACHER, LOOK)}))
    audit(program, (logs[0], str(same)), qtbot)
    assert empty_words(dialog_of(program)) == "Every trajectory has a partner"
    flow = program.window.flow
    flow.read_at_once([Source((logs[0],))])
    qtbot.waitUntil(lambda: len(program.session.load_report.get("reports", ())) == 1, timeout=60_000)
    qtbot.waitUntil(lambda: program.session.result is not None, timeout=60_000)
    assert empty_words(dialog_of(program)) == "Nothing is compared"


def test_unpaired_without_keys_that_look_alike_is_said(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    one = write_parquet(tmp_path / "one.parquet", step_shape_rows({"big": {"a": LOOK, "zebra": LOOK}}))
    two = write_parquet(tmp_path / "two.parquet", step_shape_rows({"small": {"a": LOOK, "quince": LOOK}}))
    audit(program, (str(one), str(two)), qtbot)
    dialog = dialog_of(program)
    assert dialog.no_alike.isVisibleTo(dialog)
    assert not dialog.alike_table.isVisibleTo(dialog)
    assert not dialog.apply.isVisibleTo(dialog)
    assert dialog.unpaired.rowCount(QModelIndex()) == 2


def test_two_tasks_are_named_as_one_by_hand(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    one = write_parquet(tmp_path / "one.parquet", step_shape_rows({"big": {"a": LOOK, "zebra": LOOK, "yak": LOOK}}))
    two = write_parquet(tmp_path / "two.parquet", step_shape_rows({"small": {"a": LOOK, "quince": LOOK}}))
    audit(program, (str(one), str(two)), qtbot)
    dialog = dialog_of(program)
    tasks = [row.task for row in dialog.unpaired.shown]

    def select(*names: str) -> None:
        dialog.unpaired_table.clearSelection()
        for name in names:
            rect = dialog.unpaired_table.visualRect(dialog.unpaired.index(tasks.index(name), 0))
            qtbot.mouseClick(
                dialog.unpaired_table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier,
                rect.center(),
            )  # fmt: skip

    select("zebra")
    assert not dialog.together.isEnabled()
    select("zebra", "yak")
    assert not dialog.together.isEnabled()
    select("zebra", "quince")
    click(qtbot, dialog.together)
    assert dialog.alike.aliases == {"quince": "zebra"}
    assert words(dialog, "alike") == [["quince", "student", "zebra", "teacher", "by hand", "1 + 1", "≤ +1"]]
    assert dialog.foot.text().startswith("At most 1 more pair.")
    click(qtbot, dialog.apply)
    wanted = {"quince": "zebra"}
    qtbot.waitUntil(lambda: aliases_in_force(program.session.load_report) == wanted, timeout=60_000)
    qtbot.waitUntil(lambda: program.session.result is not None, timeout=60_000)
    assert program.session.result is not None
    assert program.session.result.summary["counts"]["paired_tasks"] == 2


def test_what_cannot_be_written_is_said_and_the_choice_stays(
    program: Program, logs: Logs, tmp_path: Path, qtbot: QtBot
) -> None:
    audit(program, logs, qtbot)
    dialog = dialog_of(program)
    dialog.alike.toggle([0])
    (tmp_path / "file").write_text("")
    dialog.save_to(str(tmp_path / "file" / "mapping.toml"))
    assert "cannot be written" in dialog.error.text()
    assert dialog.isVisible()
    assert len(dialog.alike.aliases) == 1
