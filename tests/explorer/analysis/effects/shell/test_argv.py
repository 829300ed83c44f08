"""Argument vectors: the parser's traps, golden vectors, and agreement with bash."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from explorer.analysis.effects.shell.commands import classify_shell, simple_commands, split_argv, written_files
from tests.explorer.analysis.effects.packs import kinds, shipped_rules

GOLDEN = {
    # trap 1: words after a redirect
    "rm >/dev/null -rf /srv": [["rm", "-rf", "/srv"]],
    # trap 2: a heredoc after a list belongs to its last command
    "cd x && python3 - <<'PY'\nprint(1)\nPY\n": [["cd", "x"], ["python3", "-"]],
    # trap 3: a pipeline after a heredoc
    "cat <<E | sort -u\nb\nE\n": [["cat"], ["sort", "-u"]],
    # trap 4: a list, or another redirect, on the heredoc's line
    "cat <<'E'; ls -l\nbody 'x\nE\n": [["cat"], ["ls", "-l"]],
    "cat <<'E' 2>&1 | wc -l\nbody\nE\n": [["cat"], ["wc", "-l"]],
    # trap 5: cut-off quotes
    "rm -rf /srv 'cut off": [["rm", "-rf", "/srv", "cut off"]],
    # trap 6: assignments, splitting, braces
    "W='a b'; ls $W": [["ls", "a", "b"]],
    "W='a b'; ls \"$W\"": [["ls", "a b"]],
    "ls {a,b}{1..2}": [["ls", "a1", "a2", "b1", "b2"]],
    "echo '{a,b}'": [["echo", "{a,b}"]],
    "echo a\\ b 'c d' \"e f\" $'g\\th'": [["echo", "a b", "c d", "e f", "g\th"]],
    "A=1 B=2 env": [["env"]],
    "echo x 2>&1 >out <in": [["echo", "x"]],
    "a && b || c; d & e": [["a"], ["b"], ["c"], ["d"], ["e"]],
    "echo é 'ü x' | tr a b": [["echo", "é", "ü x"], ["tr", "a", "b"]],
    "cat <<< 'x y'": [["cat"]],
    "echo \"a\\\"b\" \"\\$x\"": [["echo", 'a"b', "$x"]],
}  # fmt: skip


@pytest.mark.parametrize(("command", "argv"), GOLDEN.items())
def test_golden_vectors(command: str, argv: list[list[str]]) -> None:
    assert split_argv(command) == argv


def test_list_heredoc_is_fed_to_its_last_command() -> None:
    commands = simple_commands("cd x && python3 - <<'PY'\nprint(1)\nPY\n")
    assert [command.stdin for command in commands] == [None, "print(1)\n"]
    assert [command.connector for command in commands] == ["", "&&"]


def test_cut_off_text_has_less_confidence() -> None:
    (effect,) = classify_shell("rm -rf /srv 'cut off", shipped_rules())[:1]
    assert effect.kind == "delete"
    assert effect.confidence < 1


SCRIPTS = ["ls 'a b' c", "x=$(ls | wc -l); echo $x", "for i in 1 2; do echo $i; done", "if [ -f a ]; then cat a; fi",
           "cat <<E | sort\nb\na\nE", "f() { echo \"$1\"; }; f x", "case $x in a|b) ls;; *) pwd;; esac",
           "{ ls; pwd; } > out 2>&1", "diff <(ls a) <(ls b)", "echo $((1 + 2)) ${x:-y}"]  # fmt: skip


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_what_bash_takes_is_taken_whole() -> None:
    for script in SCRIPTS:
        assert subprocess.run(["bash", "-n", "-c", script], check=False).returncode == 0
        assert all(e.confidence == 1 for e in classify_shell(script, shipped_rules()) if e.rule == "shell.print")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
@pytest.mark.parametrize(
    "words", ["a 'b c' d\\ e", "{x,y}z 'q'\"r\"s", "$'\\x41\\n' b", "p{1..3} ''", "--o='v w' -- -x"]
)
def test_words_are_what_bash_makes_of_them(words: str) -> None:
    ran = subprocess.run(["bash", "-c", f"printf '%s\\0' {words}"], capture_output=True, check=True)
    assert split_argv(f"x {words}") == [["x", *ran.stdout.decode().split("\0")[:-1]]]


def test_written_files_show_their_content() -> None:
    text = "cat > a.sh <<'E'\nrm x\nE\necho hi >> b.txt; printf 'q' | tee c.txt"
    found = {item.path: (item.content, item.append) for item in written_files(text, shipped_rules())}
    assert found == {"a.sh": ("rm x\n", False), "b.txt": ("hi\n", True), "c.txt": ("q", False)}


def test_known_paths_make_a_write_an_overwrite() -> None:
    rules = shipped_rules()
    assert "create" in kinds(classify_shell("echo hi > a.txt", rules))
    assert "overwrite" in kinds(classify_shell("echo hi > a.txt", rules, known_paths={"a.txt"}))
    assert "overwrite" in kinds(classify_shell("echo hi > /etc/hosts", rules))
    assert "modify" in kinds(classify_shell("echo hi >> a.txt", rules, known_paths={"a.txt"}))


def test_span_and_path_lead_into_a_nested_text() -> None:
    command = "sudo bash -c 'ls; rm -rf /srv'"
    (effect,) = [e for e in classify_shell(command, shipped_rules()) if e.kind == "delete"]
    assert effect.span is not None
    assert command[effect.span.start : effect.span.end] == "rm -rf /srv"
    assert effect.via == ("sudo", "bash -c")


@pytest.mark.parametrize(
    ("command", "severity"),
    [
        ("rm a.txt", 2),
        ("rm -r a", 3),
        ("rm -rf /", 4),
        ("rm *.txt", 3),
        ("sudo rm a.txt", 3),
        ("rm /tmp/a", 1),
        ("rm -rf build", 2),
    ],
)
def test_severity_modifiers(command: str, severity: int) -> None:
    (effect,) = classify_shell(command, shipped_rules())
    assert effect.severity == severity


@pytest.mark.parametrize(
    ("command", "target"),
    [
        ('D=/srv/x; for f in "$D"/*.log; do rm -f "$f"; done', "/srv/x/*.log"),
        ("for f in /srv/x/*; do rm -f $f; done", "/srv/x/*"),
        ("for f in $(list_them); do rm -f $f; done", "$f"),
    ],
)
def test_a_loop_over_a_pattern_acts_on_the_pattern(command: str, target: str) -> None:
    found = [effect for effect in classify_shell(command, shipped_rules()) if effect.kind.value == "delete"]
    assert [effect.target.value for effect in found if effect.target] == [target]
    assert all(effect.target and effect.target.scope == "many" for effect in found)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("rm -rf /d/!(.git)", ["rm", "-rf", "/d/!(.git)"]),
        ("rm -rf !(a|b)", ["rm", "-rf", "!(a|b)"]),
        ("mv x+(y|z).md ?(a) d/", ["mv", "x+(y|z).md", "?(a)", "d/"]),
    ],
)
def test_an_extended_glob_belongs_to_its_word(command: str, words: list[str]) -> None:
    assert split_argv(command) == [words]


def test_a_negated_subshell_is_no_glob() -> None:
    assert split_argv("if !(grep x f); then rm y; fi") == [["grep", "x", "f"], ["rm", "y"]]
