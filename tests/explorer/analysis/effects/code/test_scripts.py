"""JavaScript, Ruby, Perl, PHP and PowerShell: their own calls, and what they hand to a shell."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.code.scripts import LANGUAGES, classify_script
from explorer.analysis.effects.shared.making import make
from explorer.model.effect import EffectKind, Effects, Target
from tests.explorer.analysis.effects.packs import kinds


def shell(command: str) -> Effects:
    return (make(EffectKind.UNKNOWN, "shell-stub", target=Target("command", command)),)


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("javascript", "fs.unlinkSync('/a')", "delete"),
        ("javascript", "require('fs').rmSync('/a', {recursive: true})", "delete"),
        ("javascript", "db.users.deleteMany({})", "remote_delete"),
        ("javascript", "fetch('http://h/b', {method: 'DELETE'})", "remote_delete"),
        ("ruby", "FileUtils.rm_rf('/x')", "delete"),
        ("ruby", "User.destroy_all()", "remote_delete"),
        ("perl", "unlink 'x';", "delete"),
        ("perl", "open(my $f, '>', '/a/b');", "create"),
        ("php", "unlink('x');", "delete"),
        ("php", "$db->query('DELETE FROM t');", "remote_delete"),
        ("powershell", "Remove-Item -Recurse -Force C:\\data", "delete"),
        ("powershell", "Get-Process x | Stop-Process", "process_kill"),
        ("powershell", "Clear-EventLog -LogName System", "log_clear"),
        ("powershell", "Stop-Computer -Force", "host_down"),
    ],
)
def test_a_call_of_the_language_is_told(language: str, text: str, kind: str) -> None:
    assert kind in kinds(classify_script(text, language, shell))


@pytest.mark.parametrize(
    ("language", "text", "command"),
    [
        ("javascript", "require('child_process').execSync('rm -rf /x')", "rm -rf /x"),
        ("javascript", "spawn('rm', ['-rf', '/x'])", "rm -rf /x"),
        ("ruby", "`rm x`", "rm x"),
        ("ruby", "system('rm x')", "rm x"),
        ("perl", 'system("rm x");', "rm x"),
        ("php", "shell_exec('rm x');", "rm x"),
    ],
)
def test_embedded_commands_reach_the_shell_classifier(language: str, text: str, command: str) -> None:
    found = classify_script(text, language, shell)
    assert command in {effect.target.value for effect in found if effect.target}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("javascript", "// fs.unlinkSync('a')\nconsole.log(\"fs.unlinkSync('a')\")"),
        ("javascript", "set.delete(x); map.delete('k'); /x/.exec('y')"),
        ("ruby", "list.delete('x') # File.delete('y')"),
        ("perl", 'print "unlink x";'),
        ("powershell", "Get-ChildItem C:\\ # Remove-Item x"),
        ("powershell", "Remove-Item x -WhatIf"),
    ],
)
def test_words_without_destruction_do_not_fire(language: str, text: str) -> None:
    assert kinds(classify_script(text, language, shell)) <= {"none", "read"}


def test_a_shell_command_given_to_another_interpreter_is_not_taken_for_harmless_code() -> None:
    (effect,) = classify_script("rm -rf /srv/x", "perl", shell)
    assert (effect.rule, effect.confidence) == ("shell-stub", 0.5)
    assert kinds(classify_script("print 1 - 2", "perl", shell)) == {"none"}


def test_an_encoded_powershell_command_is_decoded() -> None:
    code = base64.b64encode("Remove-Item x".encode("utf-16-le")).decode()
    assert kinds(classify_script(f"powershell -enc {code}", "powershell", shell)) == {"delete"}


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(LANGUAGES)),
    st.one_of(st.text(max_size=100), st.text(alphabet="fs.rm('\"`)({x;#/\n$", max_size=60)),
)
def test_any_script_gives_a_result(language: str, text: str) -> None:
    for effect in classify_script(text, language, shell):
        assert effect.span is None or 0 <= effect.span.start <= effect.span.end <= len(text)
