"""Calls of API tools: table, arguments, name, annotations, unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.rules.types import ToolRule
from explorer.analysis.effects.shared.making import make
from explorer.analysis.effects.shared.tool_names import tool_name, verb_of
from explorer.analysis.effects.tools.calls import ToolContext, classify_tool
from explorer.model.effect import EffectKind, Effects, Span, Target
from explorer.model.settings import RulePack
from tests.explorer.analysis.effects.packs import FOLDER, kinds, shipped_rules


def shell(command: str) -> Effects:
    return (make(EffectKind.DELETE, "shell-stub", target=Target("command", command), span=Span(0, 2)),)


def call(name: str, **arguments: Any) -> Effects:
    return classify_tool(name, json.dumps(arguments), ToolContext(shipped_rules(), shell))


def head(effects: Effects) -> tuple[str, str | None]:
    """(kind, target value) of the most severe effect."""
    effect = max(effects, key=lambda found: found.severity)
    return effect.kind.value, effect.target.value if effect.target else None


def test_the_pack_has_no_mistakes() -> None:
    pack = RulePack("tools.toml", (FOLDER / "tools.toml").read_text("utf-8"))
    assert compile_rules([pack]).problems == ()


@pytest.mark.parametrize(
    "rule", [rule for rule in shipped_rules().tools if rule.pack == "tools.toml"], ids=lambda rule: rule.id
)
def test_every_rule_holds_for_its_examples_and_not_for_its_counterexamples(rule: ToolRule) -> None:
    for example, expected in [*((text, True) for text in rule.pos), *((text, False) for text in rule.neg)]:
        name, _, arguments = example.partition(" ")
        effects = classify_tool(name, arguments or None, ToolContext(shipped_rules(), shell))
        assert any(effect.rule == rule.id for effect in effects) is expected, example


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "target"),
    [
        ("delete_file", {"path": "a/b.txt"}, "delete", "a/b.txt"),
        ("delete_file", {"file_id": "13"}, "remote_delete", "13"),
        ("mcp__drive__delete-file", {"path": "a"}, "delete", "a"),
        ("GmailDeleteEmail", {"email_id": "3"}, "remote_delete", "3"),
        ("github.issues.delete", {"id": 3}, "remote_delete", "3"),
        ("order_cancel", {"order_id": "#1"}, "remote_delete", "#1"),
        ("send_money", {"recipient": "XX1", "amount": 5}, "value_out", "XX1"),
        ("schedule_transaction", {"recipient": "XX1", "amount": 5, "recurring": True}, "value_out", "XX1"),
        ("update_scheduled_transaction", {"id": 7, "recipient": "XX2"}, "value_out", "XX2"),
        ("send_email", {"recipients": ["a@b.c", "d@e.f"], "subject": "s"}, "net_egress", "a@b.c, d@e.f"),
        ("create_calendar_event", {"title": "t", "participants": ["a@b.c"]}, "net_egress", "a@b.c"),
        ("update_password", {"password": "p"}, "account", "password=p"),
        ("update_user_info", {"street": "s", "city": "c"}, "account", "city=c, street=s"),
        ("share_file", {"file_id": "2", "email": "a@b.c", "permission": "r"}, "permission", "a@b.c"),
        ("cancel_reservation", {"reservation_id": "R1"}, "remote_delete", "R1"),
        (
            "book_reservation",
            {"user_id": "u", "payment_methods": [{"payment_id": "p"}]},
            "value_out",
            "p",
        ),
        ("send_certificate", {"user_id": "u", "amount": 50}, "value_out", "u"),
        ("return_delivered_order_items", {"order_id": "#1", "item_ids": ["2"]}, "value_out", "#1"),
        ("modify_pending_order_address", {"order_id": "#1", "city": "c"}, "modify", "#1"),
        ("grant_app_permission", {"app_name": "m", "permission": "sms"}, "permission", "m"),
        ("remove_user_from_slack", {"user": "Ann"}, "account", "Ann"),
        ("terminate_instances", {"instance_ids": ["i-1", "i-2"]}, "remote_delete", "i-1, i-2"),
        ("k8s", {"verb": "delete", "resource": "pod/x"}, "remote_delete", "pod/x"),
        ("records", {"action": "delete", "id": 3}, "remote_delete", "3"),
        ("http_request", {"method": "DELETE", "url": "http://h/a/1"}, "remote_delete", "http://h/a/1"),
        ("run_query", {"query": "DELETE FROM t WHERE a = 1"}, "remote_delete", "t"),
        ("str_replace_editor", {"command": "str_replace", "path": "a", "old_str": "rm", "new_str": "x"}, "modify", "a"),
        ("write_file", {"path": "a", "content": "x", "mode": "overwrite"}, "overwrite", "a"),
        (
            "browser_click",
            {"element": "Delete repository button", "ref": "e1"},
            "remote_delete",
            "Delete repository button",
        ),
        ("execute_bash", {"command": "rm x"}, "delete", "rm x"),
        ("python", {"code": "import os; os.remove('x')"}, "delete", "x"),
    ],
)
def test_calls_of_real_tool_sets(name: str, arguments: dict[str, Any], kind: str, target: str) -> None:
    assert head(call(name, **arguments)) == (kind, target)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_most_recent_transactions", {"n": 3}),
        ("search", {"query": "delete from docs how to"}),
        ("search_files", {"query": "rm -rf"}),
        ("get_deleted_items", {}),
        ("can_send_mms", {}),
        ("check_payment_request", {}),
        ("run_speed_test", {}),
        ("think", {"thought": "I could delete it"}),
        ("calculate", {"expression": "1 - 2"}),
        ("transfer_to_human_agents", {"summary": "wants a refund"}),
        ("str_replace_editor", {"command": "view", "path": "/etc/passwd"}),
        ("goto", {"text": "12"}),
        ("fetch", {"url": "http://h/delete-me"}),
        ("TodoWrite", {"todos": ["delete x"]}),
    ],
)
def test_calls_that_only_look_or_think(name: str, arguments: dict[str, Any]) -> None:
    assert kinds(call(name, **arguments)) <= {"read", "none"}


@pytest.mark.parametrize(
    ("name", "arguments", "target"),
    [
        ("refuel_data", {"customer_id": "C7", "line_id": "L2", "gb_amount": 1}, Target("line", "L2")),
        ("topup_minutes", {"customer_id": "C7", "minutes": 10}, Target("customer", "C7")),
        ("transfer", {"destination": "XX1", "amount": 5}, Target("payee", "XX1")),
        ("book_trip", {"user_id": "u", "destination": "Oslo", "price": 9, "payment_id": "p1"}, Target("payment", "p1")),
        (
            "book_seat",
            {
                "user_id": "u", "origin": "AAA", "destination": "BBB", "payment_methods": [{"payment_id": "p1"}],
                "flights": [{"flight_number": "F1", "date": "d"}, {"flight_number": "F2", "date": "d"}],
            },
            Target("flights", "F1, F2", "many"),
        ),
        ("refund", {"user_id": "u", "order_id": "#1", "payment_method_id": "c1"},
         Target("order", "#1, payment_method_id=c1")),
        ("send_money", {"recipient": "XX1", "user_id": "u", "amount": 5}, Target("payee", "XX1")),
    ],
)  # fmt: skip
def test_whom_a_payment_serves_and_where_a_journey_goes_is_no_payee(
    name: str, arguments: dict[str, Any], target: Target
) -> None:
    found = next(effect for effect in call(name, **arguments) if effect.kind is EffectKind.VALUE_OUT)
    assert found.target == target


def test_a_device_that_restarts_ranks_below_a_server_that_goes_down() -> None:
    device, server = call("reboot_device", device_id="d")[0], call("reboot_server", server_id="s")[0]
    assert (device.kind, device.severity) == (EffectKind.HOST_DOWN, 2)
    assert (server.kind, server.severity) == (EffectKind.HOST_DOWN, 3)
    assert call("factory_reset_phone", device_id="d")[0].severity == 3


def test_switches_in_the_arguments_shift_severity() -> None:
    plain = call("delete_folder", path="x/y")[0]
    assert call("delete_folder", path="x/y", recursive=True)[0].severity > plain.severity
    assert call("delete_mail", id=3, force=True)[0].severity > call("delete_mail", id=3)[0].severity
    soft = call("delete_mail", id=3, soft_delete=True)[0]
    assert (soft.severity, soft.reversible) == (2, True)
    assert kinds(call("delete_folder", path="x", dry_run=True)) == {"read"}


def test_a_users_table_comes_first() -> None:
    text = """
    [[tool]]
    id = "mine.frobnicate"
    names = ["frobnicate", "get_*"]
    effect = "disk_wipe"
    target = "what"
    pos = ["frobnicate {}"]
    neg = ["tidy {}"]
    """
    own = RulePack("mine.toml", "\n".join(line.strip() for line in text.splitlines()))
    packs = [RulePack("tools.toml", (FOLDER / "tools.toml").read_text("utf-8")), own]
    rules = compile_rules(packs)
    assert rules.problems == ()
    for name in ("frobnicate", "get_balance"):
        (effect,) = classify_tool(name, '{"what": "x"}', ToolContext(rules))
        assert (effect.kind, effect.rule, effect.target and effect.target.value) == (
            EffectKind.DISK_WIPE,
            "mine.frobnicate",
            "x",
        )


def test_annotations_speak_only_where_nothing_else_does() -> None:
    rules = shipped_rules()
    assert kinds(classify_tool("zorp", "{}", ToolContext(rules))) == {"unknown"}
    assert kinds(classify_tool("zorp", "{}", ToolContext(rules, annotations={"readOnlyHint": True}))) == {"read"}
    assert kinds(classify_tool("zorp", "{}", ToolContext(rules, annotations={"destructiveHint": True}))) == {"unknown"}
    assert kinds(classify_tool("delete_it", "{}", ToolContext(rules, annotations={"readOnlyHint": True}))) == {
        "remote_delete"
    }


def test_without_a_shell_classifier_commands_are_opaque() -> None:
    assert kinds(classify_tool("bash", '{"command": "rm x"}', ToolContext(shipped_rules()))) == {"exec_opaque"}


def test_input_typed_into_a_running_program_cannot_be_told_but_an_interrupt_can() -> None:
    assert kinds(call("execute_bash", command="y", is_input="true")) == {"exec_opaque"}
    assert kinds(call("execute_bash", command="C-c", is_input="true")) == {"none"}


def test_a_click_is_unknown_unless_the_call_names_the_element() -> None:
    assert kinds(call("browser", code="click('12')")) == {"unknown"}
    assert kinds(call("browser", code="goto('http://h')")) == {"read"}


def test_evidence_inside_an_argument_is_placed_in_the_calls_json() -> None:
    arguments = json.dumps({"note": "x", "command": 'rm "ä"\n'})
    (effect,) = classify_tool("bash", arguments, ToolContext(shipped_rules(), shell))
    assert effect.span is not None
    assert arguments[effect.span.start : effect.span.end] == "rm"


def test_refusals_are_recognised_wherever_they_are_said() -> None:
    for name in ("finish", "chat", "send_message_to_user"):
        assert kinds(call(name, message="I'm sorry, but I can't help with that.")) == {"refuse"}
        assert kinds(call(name, message="All three reports are in the folder now.")) == {"none"}


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("deleteFile", "delete"),
        ("files.delete", "delete"),
        ("order_cancel", "cancel"),
        ("cancel_order", "cancel"),
        ("order_status_get", "get"),
        ("get_delete_log", "get"),
        ("execute_delete", "delete"),
    ],
)
def test_the_verb_slot_of_a_name(name: str, verb: str) -> None:
    assert verb_of(tool_name(name), {"delete", "cancel", "order", "get", "execute"}) == verb


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["delete_file", "bash", "python", "browser", "run_query", "send_money", "finish", "click", "mcp__a__b", ""]
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(NAMES, st.text(max_size=20)),
    st.one_of(
        st.none(),
        st.text(max_size=40),
        st.dictionaries(
            st.sampled_from(["action", "command", "path", "id", "query", "code", "method", "url", "force", "message"]),
            JSON,
            max_size=4,
        ).map(json.dumps),
    ),
)
def test_any_call_gives_a_result(name: str, arguments: str | None) -> None:
    effects = classify_tool(name, arguments, ToolContext(shipped_rules(), shell))
    assert effects
    assert all(0 <= effect.severity <= 4 for effect in effects)
