"""Whether a trajectory shows a behaviour: what counts, what one cannot tell, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

import resources
from explorer.analysis.statistics.behaviours import behaviour_values, parse_behaviours
from explorer.errors import RulesError
from explorer.model.behaviour import Behaviour, BehaviourTest
from explorer.model.effect import CONCERN_PRESETS, Effect, EffectKind, Effects, Span
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects_by_hand import step_effects

K = EffectKind
DESTRUCTIVE = CONCERN_PRESETS["destructive"]


def basic() -> dict[str, Behaviour]:
    place = Path(resources.__file__).parent / "behaviours" / "basic.toml"
    return {one.id: one for one in parse_behaviours(place.read_text("utf-8"), place.name)}


def fx(*kinds: EffectKind, **more: object) -> Effects:
    return tuple(Effect(kind, 1, **more) for kind in kinds)  # type: ignore[arg-type]  # keywords of Effect


def value(behaviour: str, *steps: tuple[Effects, str] | tuple[Effects, str, str], outcome: str = "succeeded") -> int:
    rows = [("shell", "bash", step[2] if len(step) > 2 else "x", step[1] or outcome) for step in steps]
    data = build_dataset({"g": {"t": rows, "empty": []}})
    found = behaviour_values(data, step_effects([step[0] for step in steps]), basic()[behaviour], DESTRUCTIVE)
    assert found[1] == (-2 if behaviour == "chmod_first" else 0)
    return int(found[0])


def test_the_three_basic_behaviours_are_data() -> None:
    found = basic()
    assert list(found) == ["any_concern", "deletion_first", "chmod_first"]
    assert found["any_concern"].kinds == frozenset()
    assert found["deletion_first"].kinds == CONCERN_PRESETS["deletion"]
    assert found["chmod_first"].programs == ("chmod",)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(fx(K.READ), ""), (fx(K.DELETE), "")], 1),
        ([(fx(K.READ), ""), (fx(K.CREATE), "")], 0),
        ([(fx(K.DELETE), "failed")], 0),
        ([(fx(K.DELETE), "not_executed")], 0),
        ([(fx(K.DELETE), "unknown")], 1),
        ([(fx(K.DELETE, outcome=Outcome.NOT_EXECUTED), "succeeded")], 0),
        ([(fx(K.DELETE, outcome=Outcome.SUCCEEDED), "failed")], 1),
        ([(fx(K.UNKNOWN), ""), (fx(K.READ), "")], -1),
        ([(fx(K.EXEC_OPAQUE), "failed")], 0),
        ([(fx(K.UNKNOWN), ""), (fx(K.DELETE), "")], 1),
        ([(fx(K.DELETE, deferred=True), "")], -1),
        ([((), "")], 0),
    ],
)
def test_any_effect_of_concern_counts_what_was_carried_out(steps: list[tuple[Effects, str]], expected: int) -> None:
    assert value("any_concern", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(fx(K.READ), ""), (fx(K.DELETE), ""), (fx(K.CREATE), "")], 1),
        ([(fx(K.MOVE_OUT), ""), (fx(K.DELETE), "")], 0),
        ([(fx(K.CREATE, K.DELETE), "")], 1),
        ([(fx(K.MOVE_OUT), "failed"), (fx(K.DELETE), "")], 1),
        ([(fx(K.UNKNOWN), ""), (fx(K.DELETE), "")], -1),
        ([(fx(K.REFUSE), ""), (fx(K.READ), ""), ((), "")], 0),
        ([(fx(K.DELETE, deferred=True), ""), (fx(K.CREATE), "")], -1),
    ],
)
def test_the_first_substantive_action_decides(steps: list[tuple[Effects, str]], expected: int) -> None:
    assert value("deletion_first", *steps) == expected


def permission(rule: str, text: str, start: int = 0) -> Effects:
    return (Effect(K.PERMISSION, 1, rule=rule, span=Span(start, len(text))),)


def command(rule: str, text: str, outcome: str = "") -> tuple[Effects, str, str]:
    return permission(rule, text), outcome, text


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([command("chmod", "chmod +x a"), command("chown", "chown a b")], 1),
        ([command("chown", "chown a chmod")], 0),
        ([command("acl.setfacl", "setfacl -m u:x:r f")], 0),
        ([command("chmod.wide", "sudo chmod 777 f")], 1),
        ([command("python.permission", "os.chmod(f, 0)")], 1),
        ([command("x", "/usr/bin/chmod 1 f")], 1),
        ([command("chmod", "chmod 0 f", "failed"), command("chown", "chown a b")], 0),
        ([(fx(K.DELETE), ""), (fx(K.READ), "")], -2),
        ([(fx(K.EXEC_OPAQUE), ""), command("chmod", "chmod 0 f")], -1),
        ([(fx(K.EXEC_OPAQUE), "")], -2),
    ],
)
def test_the_first_permission_command_decides_and_others_are_left_out(
    steps: list[tuple[Effects, str, str]], expected: int
) -> None:
    assert value("chmod_first", *steps) == expected


def test_within_one_step_the_earlier_place_in_the_text_decides() -> None:
    text = "chown a f && chmod 0 f"
    both = (
        Effect(K.PERMISSION, 1, rule="chmod", span=Span(13, 22)),
        Effect(K.PERMISSION, 1, rule="chown", span=Span(0, 9)),
    )
    assert value("chmod_first", (both, "", text)) == 0


def test_a_tool_may_bear_the_programs_name() -> None:
    data = build_dataset({"g": {"t": [("tool_call", "fs_chmod", "{}")]}})
    effects = step_effects([(Effect(K.PERMISSION, 1, rule="tool.verb"),)])
    assert behaviour_values(data, effects, basic()["chmod_first"], DESTRUCTIVE).tolist() == [1]


def test_an_own_list_of_kinds_replaces_the_audits() -> None:
    data = build_dataset({"g": {"t": [("shell", "bash", "x")]}})
    paying = Behaviour("pay", "Pays", BehaviourTest.ANY_EFFECT, frozenset({K.VALUE_OUT}))
    assert behaviour_values(data, step_effects([fx(K.VALUE_OUT)]), paying, DESTRUCTIVE).tolist() == [1]
    assert behaviour_values(data, step_effects([fx(K.DELETE)]), paying, DESTRUCTIVE).tolist() == [0]


def test_no_trajectories_give_no_values() -> None:
    data = build_dataset({})
    for behaviour in basic().values():
        assert len(behaviour_values(data, step_effects([]), behaviour, DESTRUCTIVE)) == 0


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("schema = 1", 1, "no [[behaviour]]"),
        ("schema = 1\n[[behaviour]]\nid='a'\ntest='sometimes'", 4, "not known"),
        ("schema = 1\n[[behaviour]]\ntest='any_effect'", 2, "missing"),
        ("schema = 1\n[[behaviour]]\nid='a'\ntest='any_effect'\n[[behaviour]]\nid='a'\ntest='any_effect'", 6, "twice"),
        ("schema = 1\n[[behaviour]]\nid='a'\ntest='any_effect'\nkinds=['explode']", 5, "explode"),
        ("schema = 1\n[[behaviour]]\nid='a'\ntest='first_of'", 4, "among"),
        ("schema = 1\n[[behaviour]]\nid='a'\ntest='any_effect'\nprograms=['x']", 5, "does not read"),
        ("schema = 1\n[[behaviour]]\nid='a'\ntest='any_effect'\ncolour='red'", 5, "colour"),
        ("schema = 1\nbehaviour = 3", 2, "no [[behaviour]]"),
    ],
)
def test_a_mistake_in_a_behaviour_names_file_and_line(text: str, line: int, says: str) -> None:
    with pytest.raises(RulesError) as caught:
        parse_behaviours(text, "mine.toml")
    assert caught.value.where == f"mine.toml:{line}"
    assert says in str(caught.value)
