"""What SQL does: by structure, not by words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.databases.sql import classify_sql
from explorer.analysis.effects.shared.making import make
from explorer.model.effect import EffectKind, Effects
from explorer.model.schema import Outcome
from tests.explorer.analysis.effects.packs import kinds


@pytest.mark.parametrize(
    ("text", "kind", "severity", "target"),
    [
        ("DELETE FROM orders WHERE id = 3", "remote_delete", 3, "orders"),
        ("DELETE FROM orders", "remote_delete", 4, "orders"),
        ("delete from orders where 1 = 1", "remote_delete", 4, "orders"),
        ("DELETE FROM orders WHERE true OR id = 2", "remote_delete", 4, "orders"),
        ("WITH gone AS (DELETE FROM a WHERE x = 1 RETURNING *) SELECT * FROM gone", "remote_delete", 3, "a"),
        ("MERGE INTO a USING b ON a.i = b.i WHEN MATCHED THEN DELETE", "remote_delete", 3, "a"),
        ("TRUNCATE TABLE shop.log", "remote_delete", 4, "shop.log"),
        ("DROP TABLE IF EXISTS shop.a CASCADE", "remote_delete", 4, "shop.a"),
        ("DROP DATABASE shop", "remote_delete", 4, "shop"),
        ("DROP VIEW v", "remote_delete", 2, "v"),
        ("ALTER TABLE t DROP COLUMN c", "remote_delete", 3, "t"),
        ("INSERT OVERWRITE TABLE t SELECT 1", "overwrite", 3, "t"),
        ("CREATE OR REPLACE TABLE t AS SELECT 1", "overwrite", 3, "t"),
        ("UPDATE t SET a = 1", "overwrite", 3, "t"),
        ("UPDATE t SET a = 1 WHERE id = 2", "modify", 1, "t"),
        ("GRANT ALL ON t TO PUBLIC", "permission", 3, "PUBLIC"),
        ("GRANT SELECT ON t TO anna", "permission", 1, "anna"),
        ("REVOKE ALL ON t FROM anna", "permission", 1, "anna"),
        ("DROP USER anna", "account", 2, "anna"),
        ("EXECUTE IMMEDIATE 'DROP TABLE t'", "remote_delete", 4, "t"),
        ("DO $$ BEGIN IF EXISTS (SELECT 1) THEN DROP TABLE t; END IF; END $$", "remote_delete", 4, "t"),
        ("EXPLAIN ANALYZE DELETE FROM t WHERE a = 1", "remote_delete", 3, "t"),
        ("select pg_terminate_backend(12)", "process_kill", 2, "12"),
    ],
)
def test_a_changing_statement_has_its_effect_severity_and_target(
    text: str, kind: str, severity: int, target: str
) -> None:
    effect = max(classify_sql(text), key=lambda found: found.severity)
    assert (effect.kind.value, effect.severity) == (kind, severity)
    assert effect.target is not None
    assert effect.target.value == target


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'DELETE FROM orders'",
        "EXPLAIN DELETE FROM orders",
        "SELECT deleted_at FROM t -- drop table t",
        "SHOW TABLES",
        "DESCRIBE t",
        "INSERT INTO t VALUES ('DROP TABLE t; --')",
        "CREATE TABLE drop_log (id int)",
        "SET search_path = x",
        "PRAGMA table_info(t)",
    ],
)
def test_words_without_destruction_are_not_of_concern(text: str) -> None:
    assert kinds(classify_sql(text)) <= {"read", "none", "create"}


def test_statements_of_one_text_are_all_told_with_their_places() -> None:
    text = "SELECT 1; DELETE FROM a WHERE i = 1;\nDROP TABLE b"
    effects = classify_sql(text)
    spans = {effect.rule: text[effect.span.start : effect.span.end] for effect in effects if effect.span}
    assert spans == {"sql.delete": "DELETE FROM a WHERE i = 1", "sql.drop-table": "DROP TABLE b"}


def test_a_broken_statement_does_not_hide_its_neighbour() -> None:
    assert "remote_delete" in kinds(classify_sql("SELEC nonsense ((; DROP TABLE t"))


def test_what_is_rolled_back_is_not_executed_and_what_is_committed_is() -> None:
    undone = classify_sql("BEGIN; DELETE FROM t; ROLLBACK;")
    assert [effect.outcome for effect in undone if effect.kind is EffectKind.REMOTE_DELETE] == [Outcome.NOT_EXECUTED]
    done = classify_sql("BEGIN; DELETE FROM t; COMMIT;")
    assert [effect.outcome for effect in done if effect.kind is EffectKind.REMOTE_DELETE] == [None]


def test_a_stored_body_is_deferred() -> None:
    for text in (
        "CREATE FUNCTION f() RETURNS void AS $$ DELETE FROM t $$ LANGUAGE sql",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t",
    ):
        assert [effect.deferred for effect in classify_sql(text) if effect.kind is EffectKind.REMOTE_DELETE] == [True]


def test_commands_for_the_operating_system_go_to_the_shell_classifier() -> None:
    seen: list[str] = []

    def shell(command: str) -> Effects:
        seen.append(command)
        return (make(EffectKind.DELETE, "rm"),)

    for text in ("COPY t TO PROGRAM 'rm -rf /a'", "EXEC xp_cmdshell 'del b'", "\\! rm c", ".shell rm d"):
        assert kinds(classify_sql(text, shell)) == {"delete"}
    assert seen == ["rm -rf /a", "del b", "rm c", "rm d"]
    assert kinds(classify_sql("COPY t TO PROGRAM 'rm -rf /a'")) == {"exec_opaque"}


def test_text_that_is_no_sql_is_unknown_and_never_harmless() -> None:
    assert kinds(classify_sql("hello world")) == {"unknown"}
    assert kinds(classify_sql("CALL tidy_up()")) == {"exec_opaque"}


@pytest.mark.parametrize(
    "text", ["(" * 20_000 + ")" * 20_000, "'" * 50_001, "DELETE FROM t WHERE a IN (" + "1," * 200_000 + "1)"]
)
def test_hostile_text_is_read_within_bounds_and_marked(text: str) -> None:
    started = time.perf_counter()
    effects = classify_sql(text)
    assert time.perf_counter() - started < 5
    assert "unknown" in kinds(effects)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=120), st.text(alphabet="DELETFROMSW*;'\"$()- \n`\\.!@", max_size=80)))
def test_any_text_gives_a_result(text: str) -> None:
    for effect in classify_sql(text):
        assert 0 <= effect.severity <= 4
        assert effect.span is None or 0 <= effect.span.start <= effect.span.end <= len(text)
