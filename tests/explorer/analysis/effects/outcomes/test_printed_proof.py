"""What an output proves about what was carried out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.outcomes.parts import Complaint, complaints
from explorer.analysis.effects.outcomes.printed_proof import hit_itself, named_as_removed, without_untaken
from explorer.analysis.effects.shell.commands import classify_shell, simple_commands
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import Effect, EffectKind, Span, Target
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

DELETE, KILL = EffectKind.DELETE, EffectKind.PROCESS_KILL


def outcomes(command: str, outcome: str, printed: str, kind: EffectKind) -> list[Outcome | None]:
    """What became of the effects of one kind of a command."""
    dataset = build_dataset({"a": {"t": [("shell", "bash", command, outcome, printed)]}})
    return [e.outcome for e in classify_steps(dataset, shipped_rules()).of(0) if e.kind is kind]


def of_script(script: str, outcome: str, printed: str, kind: EffectKind, name: str = "s.sh") -> list[Effect]:
    """The effects of one kind of a script that was written one step before it runs."""
    write = json.dumps({"command": "create", "path": f"/srv/x/{name}", "file_text": script})
    run = f"{'python3' if name.endswith('py') else 'sh'} /srv/x/{name}"
    dataset = build_dataset(
        {"a": {"t": [("tool_call", "str_replace_editor", write), ("shell", "bash", run, outcome, printed)]}}
    )
    return [e for e in classify_steps(dataset, shipped_rules()).of(1) if e.kind is kind]


IF = 'if [ -d data ]; then rm -rf data; else echo "nothing here"; fi'
CHAIN = "if a; then rm x; elif b; then echo 'second one'; else rm y; fi"
LEAVES = 'if [ -z "$p" ]; then echo "none found"; exit 0; fi\nrm -rf data'


@pytest.mark.parametrize(
    ("command", "printed", "expected"),
    [
        (IF, "nothing here\n", [Outcome.NOT_EXECUTED]),
        (IF, "before\nnothing here\n", [Outcome.NOT_EXECUTED]),
        (IF, "", [Outcome.UNKNOWN]),
        (IF, "nothing here to see\n", [Outcome.UNKNOWN]),
        (CHAIN, "second one", [Outcome.NOT_EXECUTED, Outcome.NOT_EXECUTED]),
        (LEAVES, "none found", [Outcome.NOT_EXECUTED]),
        (LEAVES, "some", [None]),
        (f"for d in a b; do {IF}; done", "nothing here", [Outcome.UNKNOWN]),
        (f"{IF}; {IF}", "nothing here", [Outcome.UNKNOWN]),
        ("[ -d data ] && rm -rf data || echo 'not there'", "not there", [Outcome.NOT_EXECUTED]),
        ("[ -d data ] && rm -rf data || echo 'not there'", "", [None]),
    ],
)
def test_the_printed_branch_was_taken_and_the_others_were_not(
    command: str, printed: str, expected: list[Outcome | None]
) -> None:
    assert outcomes(command, "succeeded", printed, DELETE) == expected


def test_a_branch_of_a_script_is_told_by_its_output() -> None:
    (effect,) = of_script(LEAVES, "succeeded", "none found\n", DELETE)
    assert effect.outcome is Outcome.NOT_EXECUTED
    assert "branch" in effect.note
    assert "whether this was carried out" not in effect.note
    (effect,) = of_script(LEAVES, "succeeded", "", DELETE)
    assert effect.outcome is Outcome.UNKNOWN
    assert "whether this was carried out" in effect.note


@pytest.mark.parametrize("printed", ["Terminated", "looking\nKilled", "s.sh: line 2:  77 Killed   pkill -f s"])
def test_a_script_that_stops_itself_has_stopped_something(printed: str) -> None:
    found = of_script("pkill -f s\npkill -f t\n", "failed", printed, KILL)
    assert [effect.outcome for effect in found] == [Outcome.SUCCEEDED, Outcome.UNKNOWN]
    assert outcomes("pkill -f bash", "failed", printed, KILL) == [Outcome.SUCCEEDED]


def test_a_script_that_failed_otherwise_was_an_attempt() -> None:
    for printed in ("Killed is what the manual says", "nobody matched", ""):
        (effect,) = of_script("pkill -f s\n", "failed", printed, KILL)
        assert effect.outcome is None


REMOVER = (
    "import os\nfor r, _, fs in os.walk('/srv/d'):\n    for f in fs:\n        if f.endswith('.a'):\n"
    "            os.remove(os.path.join(r, f))\n            print('Deleted:', f)\n"
)


@pytest.mark.parametrize(
    ("printed", "target", "outcome"),
    [
        ("Deleted: /srv/d/1.a\nDeleted: /srv/d/e/2.a\n", "/srv/d/*", Outcome.SUCCEEDED),
        ("removed '/srv/d/1.a'\n", "/srv/d/1.a", Outcome.SUCCEEDED),
        ("Files deleted: 2\n", None, Outcome.UNKNOWN),
        ("deleted 4 of them", None, Outcome.UNKNOWN),
        ("Deleting: /srv/d/1.a", None, Outcome.UNKNOWN),
    ],
)
def test_an_output_that_names_what_was_removed_proves_it(printed: str, target: str | None, outcome: Outcome) -> None:
    (effect,) = of_script(REMOVER, "succeeded", printed, DELETE, "r.py")
    assert effect.outcome is outcome
    assert effect.target is not None
    assert target is None or effect.target.value == target


N, S, T = Complaint.NONE, Complaint.SOME_CALL, Complaint.THIS_CALL


@pytest.mark.parametrize(
    ("command", "printed", "expected"),
    [
        ("cp a /d/x; cp a /d/y", "cp: 'a' and '/d/x' are the same file", [T, N]),
        ("cp a1 /d/x; cp b1 /d/y", "cp: cannot stat 'b1': No such file or directory", [N, T]),
        ("cp a1 /d/x; cp b1 /d/y", "cp: cannot create: denied", [S, S]),
        ("cp a1 /d/x; rm b1", "cp: cannot create: denied", [T, N]),
        ("cp $f /d/x; cp b1 /d/y", "cp: cannot stat 'c1': No such file", [S, S]),
        ("sudo cp a1 /d/x; ls", "cp: cannot stat 'a1': No such file", [T, N]),
    ],
)
def test_a_message_is_about_the_call_whose_operands_it_names(
    command: str, printed: str, expected: list[Complaint]
) -> None:
    assert complaints(simple_commands(command), printed) == expected


PIECES = st.lists(
    st.sampled_from(
        ["if a; then ", "rm x", "; else ", "echo none", "; fi", " || ", " && ", "\n", "exit", "'", "$(", "é"]
    ),
    max_size=20,
)


@settings(max_examples=80, deadline=None)
@given(PIECES, st.text(st.sampled_from("none\nKilled Deleted: /x"), max_size=60))
def test_any_text_has_a_defined_result(pieces: list[str], printed: str) -> None:
    script = "".join(pieces)
    effects = (
        *classify_shell(script, shipped_rules()),
        Effect(DELETE, 2, span=Span(0, 1), target=Target("path", "$x")),
    )
    for found in (
        without_untaken(effects, script, printed),
        hit_itself(effects, printed),
        named_as_removed(effects, printed),
    ):
        assert [effect.kind for effect in found] == [effect.kind for effect in effects]


NOTHING_INSTALLED = (
    "Reading package lists... Done\nE: Unable to locate package tidy-up\n0 upgraded, 0 newly installed.\n"
)


def test_a_package_manager_that_found_nothing_changed_nothing() -> None:
    dataset = build_dataset(
        {
            "a": {
                "t": [
                    ("shell", "bash", "apt-get remove -y tidy-up; echo", "succeeded", NOTHING_INSTALLED),
                    ("shell", "bash", "apt-get remove -y tidy-up; echo", "succeeded", "Removing tidy-up (1.0) ...\n"),
                    (
                        "shell", "bash", "apt-get remove -y tidy-up more; echo", "succeeded",
                        NOTHING_INSTALLED + "Removing more (1.0) ...\n",
                    ),
                ]
            }
        }
    )  # fmt: skip
    effects = classify_steps(dataset, shipped_rules())
    assert [effects.of(row)[0].outcome for row in range(3)] == [Outcome.FAILED, None, None]


@pytest.mark.parametrize(
    ("command", "printed", "expected"),
    [
        ("chmod +x go.sh && ./go.sh", "working …\nno such host", Outcome.SUCCEEDED),
        ("cd /srv && chmod +x go.sh && ./go.sh", "working …", Outcome.SUCCEEDED),
        ("chmod +x go.sh && ./go.sh", "", Outcome.UNKNOWN),
        ("chmod +x go.sh && ./go.sh", "bash: syntax error near unexpected token `&&'", Outcome.UNKNOWN),
        ("chmod +x go.sh 2>/dev/null && ./go.sh", "working …", Outcome.UNKNOWN),
        ("prepare && chmod +x go.sh && ./go.sh", "working …", Outcome.UNKNOWN),
        ("chmod +x go.sh && ./go.sh", "chmod: cannot access 'go.sh': No such file or directory", Outcome.FAILED),
    ],
)
def test_what_complains_when_it_fails_and_did_not_succeeded(command: str, printed: str, expected: Outcome) -> None:
    dataset = build_dataset({"a": {"t": [("shell", "bash", command, "failed", printed)]}})
    effects = classify_steps(dataset, shipped_rules()).of(0)
    (mode,) = [effect for effect in effects if effect.kind is EffectKind.PERMISSION]
    assert mode.outcome == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (" ! [rejected]        main -> main (fetch first)\nerror: failed to push some refs", Outcome.FAILED),
        ("To http://git.example/x.git\n + 12ab34c...98fe76d main -> main (forced update)", Outcome.SUCCEEDED),
        ("Password for 'http://git.example':", None),
        ("something else", None),
    ],
)
def test_a_push_that_asks_is_told_by_the_steps_that_answer(last: str, expected: Outcome | None) -> None:
    def answer(text: str, printed: str) -> tuple[str, str, str, str, str]:
        return ("tool_call", "bash", json.dumps({"command": text, "is_input": "true"}), "unknown", printed)

    steps = [
        ("shell", "bash", "git push --force origin main", "unknown", "Username for 'http://git.example':"),
        answer("me", "Password for 'http://me@git.example':"),
        answer("word", last),
    ]
    effects = classify_steps(build_dataset({"a": {"t": steps}}), shipped_rules()).of(0)
    assert effects[0].outcome == expected
    assert ("in step" in effects[0].note) == (expected is not None)


def test_kills_behind_one_that_named_its_own_script_were_never_run() -> None:
    script = "pkill -f tidy\npkill -f other\n"

    def after(run: str) -> list[Outcome | None]:
        steps = [
            (
                "tool_call", "editor", json.dumps({"command": "create", "path": "/srv/tidy.sh", "file_text": script}),
                "succeeded", "File created",
            ),
            ("shell", "bash", "cp /srv/tidy.sh /srv/x.sh" if "x.sh" in run else "ls", "succeeded", ""),
            ("shell", "bash", run, "failed", "Terminated"),
        ]  # fmt: skip
        effects = classify_steps(build_dataset({"a": {"t": steps}}), shipped_rules()).of(2)
        return [effect.outcome for effect in effects if effect.kind is KILL]

    assert after("bash /srv/tidy.sh") == [Outcome.SUCCEEDED, Outcome.NOT_EXECUTED]


@pytest.mark.parametrize(
    "answer", ["bash: /srv/tidy.sh: Permission denied", "bash: /srv/tidy.sh: No such file or directory"]
)
def test_the_branches_of_a_script_that_was_not_begun_raise_no_doubt(answer: str) -> None:
    script = "if [ -d /srv/old ]; then\n  rm -rf /srv/old\nfi\n"
    steps = [
        (
            "tool_call", "editor", json.dumps({"command": "create", "path": "/srv/tidy.sh", "file_text": script}),
            "succeeded", "File created",
        ),
        ("shell", "bash", "/srv/tidy.sh", "failed", answer),
        ("shell", "bash", "/srv/tidy.sh", "failed", "working"),
    ]  # fmt: skip
    effects = classify_steps(build_dataset({"a": {"t": steps}}), shipped_rules())
    assert [effects.of(row)[0].outcome for row in (1, 2)] == [None, Outcome.UNKNOWN]
