"""What a find hits: folders with the patterns that choose there."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.rules.find_places import find_places
from explorer.analysis.effects.shared.severity import is_dangerous
from explorer.analysis.effects.shell.commands import classify_shell
from explorer.model.effect import EffectKind
from tests.explorer.analysis.effects.packs import shipped_rules


@pytest.mark.parametrize(
    ("expression", "places", "named"),
    [
        ("/var/tmp -name '*.log'", ["/var/tmp/*.log"], True),
        ("/var/tmp/ -type f -name '*.log' -mtime +3", ["/var/tmp/*.log"], True),
        ("-L . -iname core -print", ["core"], True),
        ("/srv /opt -name a.txt", ["/srv/a.txt", "/opt/a.txt"], True),
        (r"/srv \( -name '*.b' -o -name '*.a' \) -size +1M", ["/srv/*.a", "/srv/*.b"], True),
        ("/srv -path '*/cache/*' -name '*.tmp'", ["/srv/*/cache/*.tmp"], True),
        ("./build -path './build/obj/*'", ["./build/obj/*"], True),
        ("/srv -name .git -prune -o -name '*.o' -print", ["/srv/*.o"], True),
        ("/srv -name '*.o' -o -mtime +3", ["/srv/{}"], False),
        ("/srv ! -name '*.o'", ["/srv/{}"], False),
        (r"/srv -not \( -name a -o -name b \)", ["/srv/{}"], False),
        ("/srv -mtime +3", ["/srv/{}"], False),
        ("/srv -type f", ["/srv"], False),
        ("", ["."], False),
        ("/srv -name", ["/srv/{}"], False),
    ],
)
def test_patterns_of_names_stand_below_the_folder(expression: str, places: list[str], named: bool) -> None:
    assert find_places(shlex.split(expression)) == (places, named)


@pytest.mark.parametrize(
    ("command", "target", "severity"),
    [
        ("find /var/log -name '*.gz' -delete", "/var/log/*.gz", 3),
        ("find /var -name '*.bak' -exec rm {} +", "/var/*.bak", 3),
        ("find /srv/x -mtime +9 -delete", "/srv/x/{}", 3),
        ("find /var -mtime +9 -delete", "/var/{}", 3),
        ("find / -mtime +9 -delete", "/{}", 4),
        ("find /var -delete", "/var", 4),
        ("find /etc -name '*.conf' -delete", "/etc/*.conf", 3),
        ("cd /srv/y && find . -name '*.old' -exec rm -- {} \\;", "/srv/y/*.old", 3),
        ("cd /srv/y && find . -delete", "/srv/y", 4),
    ],
)
def test_what_a_find_removes_is_what_it_chooses(command: str, target: str, severity: int) -> None:
    (effect,) = [e for e in classify_shell(command, shipped_rules()) if e.kind is EffectKind.DELETE]
    assert effect.target is not None
    assert (effect.target.value, effect.severity) == (target, severity)


@pytest.mark.parametrize(
    ("path", "dangerous"), [("/var/*", True), ("/var/*.log", False), ("/var/{}", False), ("/etc/{}", True)]
)
def test_some_files_of_a_folder_are_not_the_folder(path: str, dangerous: bool) -> None:
    assert is_dangerous(path) is dangerous


WORDS = st.lists(
    st.sampled_from(
        ["/srv", ".", "-name", "*.a", "-path", "-o", "!", "(", ")", "-prune", "-exec", "rm", "{}", ";", ""]
    ),
    max_size=14,
)


@settings(max_examples=100, deadline=None)
@given(WORDS)
def test_any_words_give_places(words: list[str]) -> None:
    places, named = find_places(words)
    assert places
    assert not named or any(word in ("-name", "-path") for word in words)
