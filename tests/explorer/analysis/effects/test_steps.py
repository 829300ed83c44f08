"""The effects of a whole dataset: distinct actions once, progress, cancel."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.analysis.effects import steps as module
from explorer.analysis.effects.actions.dispatch import classify_action
from explorer.analysis.effects.actions.explain import explain
from explorer.analysis.effects.steps import classify_steps, distinct_actions
from explorer.model.effect import KIND_CODE, EffectKind, Effects, Span, StepEffects
from explorer.model.schema import StepKind
from explorer.model.trajectory import Dataset
from explorer.progress import Cancelled, Progress, ProgressSample
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import kinds, shipped_rules

GET = ("tool_call", "get_user", "{}")
STAGES = ("Finding distinct actions", "Classifying distinct actions", "Following files across steps")


def actions_of(dataset: Dataset) -> list[tuple[str | None, str | None, str | None]]:
    """(kind, tool, arguments) of every step."""
    return [(dataset.kind.of(r), dataset.tool.of(r), dataset.step_text(r).arguments) for r in range(dataset.n_steps)]


def small() -> Dataset:
    return build_dataset(
        {
            "a": {
                "t1": [
                    ("tool_call", "get_user", "{}"),
                    ("tool_call", "delete_file", '{"path": "x"}'),
                    ("message", None, "Done."),
                ],
                "t2": [
                    ("tool_call", "get_user", "{}"),
                    ("sql", "sql", "DROP TABLE t"),
                    ("tool_call", "get_user", None),
                ],
            },
            "b": {"t1": [("tool_call", "list_user", "{}"), GET], "t3": []},
        }
    )


def test_equal_actions_share_a_code_and_different_ones_do_not() -> None:
    dataset = small()
    actions = distinct_actions(dataset)
    texts = [
        (dataset.kind.of(row), dataset.tool.of(row), dataset.step_text(row).arguments) for row in range(dataset.n_steps)
    ]
    assert len(actions.first) == len(set(texts))
    for one in range(dataset.n_steps):
        for other in range(dataset.n_steps):
            assert (actions.codes[one] == actions.codes[other]) == (texts[one] == texts[other])
    assert actions.first.tolist() == sorted(actions.first.tolist())


def test_each_step_has_the_effects_of_its_action() -> None:
    dataset = small()
    found = classify_steps(dataset, shipped_rules(), across=False)
    assert len(found.codes) == dataset.n_steps
    for row in range(dataset.n_steps):
        text = dataset.step_text(row).arguments
        expected = classify_action(dataset.kind.of(row) or "", dataset.tool.of(row), text, shipped_rules())
        assert found.of(row) == expected
    kind_codes = [KIND_CODE[EffectKind.READ], KIND_CODE[EffectKind.DELETE], KIND_CODE[EffectKind.NONE]]
    assert found.headlines[:3].tolist() == kind_codes


def test_a_distinct_action_is_classified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[object, ...]] = []

    def counted(kind: str, tool: str | None, arguments: str | None, rules: object, **_: object) -> Effects:
        seen.append((kind, tool, arguments))
        return ()

    monkeypatch.setattr(module, "classify_action", counted)
    dataset = build_dataset(
        {"a": {f"t{i}": [("tool_call", "get_user", '{"id": 1}'), ("tool_call", "noop", "{}")] for i in range(40)}}
    )
    classify_steps(dataset, shipped_rules())
    assert len(seen) == len(set(seen)) == 2


def test_batches_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = small()
    whole = classify_steps(dataset, shipped_rules())
    monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(module, "READ_AT_ONCE", 1)
    parts = classify_steps(dataset, shipped_rules())
    assert [whole.of(row) for row in range(dataset.n_steps)] == [parts.of(row) for row in range(dataset.n_steps)]


def test_progress_names_its_stages_and_ends_at_the_total() -> None:
    samples: list[ProgressSample] = []
    classify_steps(small(), shipped_rules(), Progress(samples.append))
    stages = {sample.stage: sample for sample in samples}
    assert set(stages) == set(STAGES)
    assert all(sample.done == sample.total for sample in stages.values())


@pytest.mark.parametrize(
    "stage", ["Finding distinct actions", "Classifying distinct actions", "Following files across steps"]
)
def test_it_stops_when_asked_to(stage: str) -> None:
    current: list[str] = []
    with pytest.raises(Cancelled):
        classify_steps(
            small(),
            shipped_rules(),
            Progress(lambda sample: current.append(sample.stage), lambda: current[-1] == stage),
        )
    assert current[-1] == stage


def test_an_empty_dataset_has_no_effects() -> None:
    found = classify_steps(build_dataset({"a": {"t": []}}), shipped_rules())
    assert found.codes.tolist() == []
    assert isinstance(found, StepEffects)
    assert found.concern({EffectKind.DELETE}).tolist() == []


def test_actions_of_every_kind_are_dispatched() -> None:
    rules = shipped_rules()
    cases: list[tuple[str, str | None, str | None, str]] = [
        (StepKind.SHELL, "bash", "rm -rf /srv/x", "delete"),
        (StepKind.SHELL, None, "python3 - <<'E'\nimport os\nos.remove('x')\nE", "delete"),
        (StepKind.SHELL, None, 'psql -c "DROP TABLE t"', "remote_delete"),
        (StepKind.SHELL, None, '{"command": "rm x"}', "delete"),
        (StepKind.SHELL, None, "edit 4:4\nrm -rf /\nend_of_edit", "modify"),
        (StepKind.SQL, "sql", "DELETE FROM t", "remote_delete"),
        (StepKind.SQL, "sql", '{"query": "DELETE FROM t"}', "remote_delete"),
        (StepKind.CODE, "python", "import os; os.system('rm x')", "delete"),
        (StepKind.CODE, None, '{"code": "import os; os.remove(1)"}', "delete"),
        (StepKind.MESSAGE, None, "I can't help with that.", "refuse"),
        (StepKind.FINISH, "finish", '{"message": "I cannot help with that."}', "refuse"),
        (StepKind.FINISH, "submit", None, "none"),
        (StepKind.TOOL_CALL, "open", '{"text": "a.py"}', "read"),
        (StepKind.TOOL_CALL, None, None, "none"),
        (StepKind.TOOL_CALL, "zorp", "{}", "unknown"),
    ]
    for kind, tool, arguments, expected in cases:
        assert expected in kinds(classify_action(kind, tool, arguments, rules)), (kind, tool, arguments)


def test_texts_in_texts_are_followed_and_their_path_is_told() -> None:
    command = 'bash -c "python3 -c \'import os; os.system(\\"rm -rf /srv/x\\")\'"'
    effects = [
        effect
        for effect in classify_action(StepKind.SHELL, None, command, shipped_rules())
        if effect.kind is EffectKind.DELETE
    ]
    assert effects
    assert [step for step in effects[0].via if "bash" in step or "python" in step or "os.system" in step] == list(
        effects[0].via
    )


def test_endless_nesting_ends_in_cannot_tell() -> None:
    code = "import os; os.system('x')"
    for _ in range(40):
        code = f"import os; exec({code!r})"
        if len(code) > 100_000:
            break
    assert kinds(classify_action(StepKind.CODE, None, code, shipped_rules())) & {"unknown", "exec_opaque"}


def test_an_explanation_names_effect_evidence_path_and_rule() -> None:
    command = "sudo rm -rf /srv/x"
    (effect,) = classify_action(StepKind.SHELL, None, command, shipped_rules())
    told = explain(effect, command)
    assert told.startswith("Removes a local object")
    assert "/srv/x" in told
    assert effect.rule in told
    assert "sudo" in told
    assert told.endswith(".")
    assert "\n" not in told


@pytest.mark.parametrize("arguments", ["\ud800", "\x00" * 50, "{" * 5_000, '{"command": ' + "[" * 5_000, "é" * 3_000])
@pytest.mark.parametrize("kind", list(StepKind))
def test_hostile_arguments_give_a_result(kind: StepKind, arguments: str) -> None:
    effects = classify_action(kind, "execute_bash", arguments, shipped_rules())
    assert effects
    assert all(isinstance(effect.span, Span | None) for effect in effects)


def test_codes_cannot_be_changed_afterwards() -> None:
    found = classify_steps(small(), shipped_rules())
    with pytest.raises(ValueError, match="read-only"):
        found.codes[0] = np.int32(1)
