"""The first five minutes, gesture by gesture, on small logs with the real loaders and the real audit."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.model.schema import Role
from explorer.session.unpaired import aliases_in_force
from explorer.session.weights import Weights, save_weights
from loaders.base import ColumnMapping
from tests.builders import step_shape_rows, write_parquet
from tests.views.windows import STUDENT, TEACHER, NeverEnding, make_program
from views.start.recent import Recent, add_recent, read_recent
from views.start.services import Source

Logs = tuple[str, str, str]


def _compare(program: Program, logs: Logs, qtbot: QtBot) -> None:
    flow = program.window.flow
    flow.read_at_once([Source((logs[0],), Role.TEACHER), Source((logs[1],), Role.STUDENT)])
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)


def test_a_dropped_file_reaches_the_summary_with_one_more_click(program: Program, logs: Logs, qtbot: QtBot) -> None:
    flow = program.window.flow
    program.window.open_dropped([logs[2]])
    assert flow.currentWidget() is flow.reading
    qtbot.waitUntil(lambda: flow.reading.finish.isEnabled())
    assert flow.reading.shape.text()
    assert '"big"' in flow.reading.raw.shown_text()
    flow.reading.finish.click()
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    assert program.session.settings is not None
    assert program.session.settings.role_of("small") is Role.STUDENT


def test_of_several_files_the_first_is_the_teachers_and_names_that_say_a_role_are_heard(program: Program) -> None:
    page = program.window.flow.compare
    page.show_sources([Source((f"/logs/{name}.parquet",)) for name in ("big", "small", "old/small", "the_baseline")])
    assert {source.role: source.paths for source in page.sources()} == {
        Role.TEACHER: ("/logs/big.parquet",),
        Role.STUDENT: ("/logs/small.parquet", "/logs/old/small.parquet"),
        Role.BASELINE: ("/logs/the_baseline.parquet",),
    }


def test_several_dropped_files_are_compared(program: Program, logs: Logs, qtbot: QtBot) -> None:
    flow = program.window.flow
    program.window.open_dropped([logs[0], logs[1]])
    assert flow.currentWidget() is flow.compare
    assert [source.role for source in flow.compare.sources()] == [Role.TEACHER, Role.STUDENT]
    flow.compare.next.click()
    qtbot.waitUntil(lambda: flow.reading.finish.isEnabled())
    assert flow.reading.tabs.count() == 2


def test_a_recent_opening_needs_one_click(program: Program, logs: Logs, qtbot: QtBot) -> None:
    add_recent(program.settings, Recent("both", (Source((logs[2],)),)))
    flow = program.window.flow
    flow.show_start()
    qtbot.mouseClick(flow.start.rows()[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)


def test_openings_are_remembered_and_vanished_files_are_greyed(program: Program, logs: Logs, qtbot: QtBot) -> None:
    _compare(program, logs, qtbot)
    held = read_recent(program.settings)
    assert [source.role for source in held[0].sources] == [Role.TEACHER, Role.STUDENT]
    add_recent(program.settings, Recent("gone", (Source(("/nowhere/gone.parquet",)),)))
    program.window.flow.show_start()
    assert not program.window.flow.start.rows()[0].isEnabled()


def test_a_recent_opening_is_read_as_it_was_read_then(program: Program, logs: Logs, qtbot: QtBot) -> None:
    mapping = ColumnMapping(task_aliases={"share": "clear"})
    flow = program.window.flow
    flow.read_at_once([Source((logs[2],), mapping=mapping)])
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    flow.read_at_once([Source((logs[0],))])
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    flow.show_start()
    qtbot.mouseClick(flow.start.rows()[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    assert flow.plan.sources[0].mapping == mapping
    assert aliases_in_force(program.session.load_report) == {"share": "clear"}
    assert read_recent(program.settings)[1].mappings == ("",)


def test_a_mapping_that_cannot_be_read_any_more_is_told_and_left_out(
    program: Program, logs: Logs, qtbot: QtBot
) -> None:
    flow = program.window.flow
    flow.open_recent(Recent("both", (Source((logs[2],)),), ("colour = 1",)))
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    assert "colour" in program.window.errors.what.text()
    assert flow.plan.sources[0].mapping is None


def test_a_wrong_guess_is_mended_and_the_steps_are_read_again(program: Program, logs: Logs, qtbot: QtBot) -> None:
    flow = program.window.flow
    program.window.open_dropped([logs[2]])
    qtbot.waitUntil(lambda: flow.reading.finish.isEnabled())
    box = flow.reading.choices["group"]
    box.setCurrentIndex(box.findData("task_id"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: flow.reading.sources()[0].mapping is not None and flow.reading.finish.isEnabled())
    assert flow.reading.sources()[0].mapping.group == "task_id"


def test_what_is_no_log_is_refused_beside_the_choices(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    wrong = tmp_path / "table.parquet"
    wrong.write_text("a,b\n1,2\n")
    flow = program.window.flow
    program.window.open_dropped([str(wrong)])
    qtbot.waitUntil(lambda: bool(flow.reading.problem.text()))
    assert not flow.reading.finish.isEnabled()
    assert flow.reading.isVisible()


def test_roles_can_be_swapped_and_the_pairing_is_told(program: Program, logs: Logs, qtbot: QtBot) -> None:
    _compare(program, logs, qtbot)
    flow = program.window.flow
    flow.show_roles()
    assert "2 of 3 tasks pair" in flow.roles.pairing.text()
    assert "only-teacher" in flow.roles.listed.text()
    flow.roles.swap_roles()
    assert flow.roles.roles() == {"big": Role.STUDENT, "small": Role.TEACHER}
    flow.roles.finish.click()
    qtbot.waitUntil(
        lambda: program.session.settings is not None and program.session.settings.role_of("small") is Role.TEACHER,
        timeout=60_000,
    )


def test_groups_without_a_common_task_are_told_and_the_keys_offered(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    one = write_parquet(tmp_path / "one.parquet", step_shape_rows({"big": {"a": TEACHER["clear"]}}, {"a": "Do a."}))
    two = write_parquet(tmp_path / "two.parquet", step_shape_rows({"small": {"b": STUDENT["clear"]}}, {"b": "Do b."}))
    flow = program.window.flow
    flow.read_at_once([Source((str(one),), Role.TEACHER), Source((str(two),), Role.STUDENT)])
    qtbot.waitUntil(lambda: flow.currentWidget() is flow.roles, timeout=60_000)
    assert "no task is common to teacher and student" in program.window.errors.what.text()
    assert "0 of 2 tasks pair" in flow.roles.pairing.text()


def test_no_role_at_all_cannot_go_on(program: Program, logs: Logs, qtbot: QtBot) -> None:
    _compare(program, logs, qtbot)
    roles = program.window.flow.roles
    program.window.flow.show_roles()
    for box in roles.boxes.values():
        box.setCurrentIndex(0)
    assert not roles.finish.isEnabled()
    assert "No group" in roles.pairing.text()


def test_concern_is_chosen_by_preset_or_by_kind(program: Program, logs: Logs, qtbot: QtBot) -> None:
    _compare(program, logs, qtbot)
    flow = program.window.flow
    flow.show_concern()
    page = flow.concern
    assert page.concern() == "destructive"
    permission = next(b for b in page.presets.buttons() if b.property("preset") == "permission")
    permission.click()
    assert page.concern() == "permission"
    page.finish.click()
    qtbot.waitUntil(
        lambda: program.session.settings is not None and program.session.settings.concern_name == "permission",
        timeout=60_000,
    )
    assert program.session.entries is not None
    effects = program.session.entries.effect
    names = {effects.of(row) for row in range(len(effects.codes))}
    assert names == {"permission"}


def test_choices_that_were_audited_before_are_shown_at_once(program: Program, logs: Logs, qtbot: QtBot) -> None:
    _compare(program, logs, qtbot)
    session, flow = program.session, program.window.flow
    for concern in ("permission", "destructive", "permission"):
        flow.change_concern(concern)
        qtbot.waitUntil(lambda name=concern: session.settings is not None and session.settings.concern_name == name)
    assert not program.runner.is_running("audit")
    assert session.entries is not None
    effects = session.entries.effect
    assert {effects.of(row) for row in range(len(effects.codes))} == {"permission"}


def test_every_number_opens_its_rows(program: Program, logs: Logs, qtbot: QtBot) -> None:
    _compare(program, logs, qtbot)
    flow = program.window.flow
    counted = {row.sentence.opens for row in flow.summary.rows()}
    assert {"queue", "pairing", "filter", "data"} <= counted
    row = next(r for r in flow.summary.rows() if r.sentence.facets.get("lane") == "student_only")
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Return)
    assert program.window.stack.currentWidget() is program.window.workspace
    assert program.session.filters.chosen["lane"] == frozenset({"student_only"})
    assert program.session.selection.current.entry is not None


def test_the_audit_can_be_cancelled_and_tried_again(qapp: object, tmp_path: Path, logs: Logs, qtbot: QtBot) -> None:
    slow = NeverEnding()
    program = make_program(qapp, tmp_path, audit=slow)  # type: ignore[arg-type]  # pytest-qt's application
    flow = program.window.flow
    program.window.show()
    flow.read_at_once([Source((logs[2],))])
    qtbot.waitUntil(lambda: bool(slow.running))
    qtbot.waitUntil(lambda: "refining" in flow.summary.stage.text())
    flow.summary.stop.click()
    qtbot.waitUntil(lambda: flow.summary.what.text() == "Stopped.")
    flow.summary.again.click()
    qtbot.waitUntil(lambda: len(slow.running) == 2)
    program.window.close()
    program.close()


def test_the_data_report_adds_up(program: Program, logs: Logs, qtbot: QtBot) -> None:
    _compare(program, logs, qtbot)
    program.window.show_data()
    words = program.window.flow.data.counts.text()
    rows = program.session.load_report["quality"]["rows_in"]
    assert words.startswith(f"{rows:,} rows in = {rows:,} read + 0 rejected")
    assert program.window.flow.data.tables["FILES"].model().rowCount() == 2
    assert program.session.result is not None
    unpaired = len(program.session.result.summary["unpaired"])
    assert unpaired
    assert program.window.flow.data.tables["NOT PAIRED"].model().rowCount() == unpaired


def test_weights_that_cannot_be_read_are_told_and_mended_in_the_window(
    program: Program, logs: Logs, qtbot: QtBot
) -> None:
    path = save_weights(Weights())
    path.write_bytes(b"[risk]\nseverity = 3 # \xe9\n")
    flow = program.window.flow
    flow.read_at_once([Source((logs[0],), Role.TEACHER), Source((logs[1],), Role.STUDENT)])
    qtbot.waitUntil(lambda: "byte 22 is no UTF-8" in flow.summary.what.whole_text(), timeout=60_000)
    assert flow.summary.trouble.isVisibleTo(flow.summary)
    assert not flow.summary.working.isVisibleTo(flow.summary)
    path.unlink()
    flow.summary.again.click()
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)


def test_the_sample_opens_on_its_summary(program: Program, qtbot: QtBot) -> None:
    flow = program.window.flow
    flow.open_sample()
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=120_000)
    assert flow.plan.story is not None
    assert program.session.title == flow.plan.story.title
    assert not read_recent(program.settings)
