"""Commands that act on what another one lists, and loops over patterns: the target is what the list holds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.shell.commands import classify_shell
from explorer.analysis.effects.shell.listing import FED, MAX_VALUES, each_of, one_of
from explorer.model.effect import EffectKind
from tests.explorer.analysis.effects.packs import shipped_rules


def removed(command: str) -> list[str]:
    """The targets of the deletions of a command."""
    return [
        "" if effect.target is None else effect.target.value
        for effect in classify_shell(command, shipped_rules())
        if effect.kind is EffectKind.DELETE
    ]


@pytest.mark.parametrize(
    ("command", "targets"),
    [
        ("find /d -type f | xargs rm", ["/d/{}"]),
        ("find /d -type f -print0 | xargs -0 rm -f", ["/d/{}"]),
        ("find /d -name '*.bak' | xargs -r -n 1 rm", ["/d/*.bak"]),
        ("find /d -name '*.bak' | xargs -I{} rm {}", ["/d/*.bak"]),
        ("find /d -name '*.bak' | sudo xargs -I % rm %", ["/d/*.bak"]),
        ("find /d /e -name '*.bak' | xargs rm", ["/d/*.bak", "/e/*.bak"]),
        ("find /d -name '*.bak' | sort -r | head -n 5 | xargs rm", ["/d/*.bak"]),
        ("find /d -type f | grep old | xargs rm", ["/d/{}"]),
        ("find /d -type f -exec md5sum {} + | sort | awk '{print $2}' | xargs rm", ["/d/{}"]),
        ("find /d -type f -printf '%s %p\\n' | sort -n | cut -d' ' -f2 | xargs rm", ["/d/{}"]),
        ("find /d -type f | tr '\\n' '\\0' | xargs -0 rm", ["/d/{}"]),
        ("find /d -type f -mtime +3 | parallel rm {}", ["/d/{}"]),
        ("cd /d && find . -name '*.bak' | xargs rm", ["/d/*.bak"]),
        ('find /d -type f | while read -r f; do rm "$f"; done', ["/d/{}"]),
        ("find /d -name a -print0 | while IFS= read -r -d '' f; do rm -- \"${f}\"; done", ["/d/a"]),
        ("while read f; do rm $f; done < <(find /d -name a)", ["/d/a"]),
        ("for f in $(find /d -name '*.bak'); do rm \"$f\"; done", ["/d/*.bak"]),
        ("rm $(find /d -name '*.bak')", ["/d/*.bak"]),
        ("old=$(find /d -name '*.bak'); rm $old", ["/d/*.bak"]),
        ('find /d -type f | while read f; do echo "$f"; done | xargs rm', ["/d/{}"]),
        ("ls /d/*.log | xargs rm", ["/d/*.log"]),
        ("cd /d && ls -t | tail -n +4 | xargs rm", ["/d/{}"]),
        ("grep -rl TODO /d | xargs rm", ["/d/{}"]),
        ("printf '%s\\n' a b | xargs rm", ["a", "b"]),
        ("printf 'a\\nb\\n' | while read f; do rm \"$f\"; done", ["a", "b"]),
        ("find /d -name a | xargs sh -c 'rm \"$@\"' _", ["/d/a"]),
        ("find /d -type f | xargs -I{} sh -c 'rm {}'", ["/d/{}"]),
    ],
)
def test_what_a_list_holds_is_what_is_hit(command: str, targets: list[str]) -> None:
    assert removed(command) == targets


@pytest.mark.parametrize(
    "command",
    [
        "find /d -type f -printf '%f\\n' | xargs rm",
        "find /d -type f -exec cat {} + | xargs rm",
        "find /d -type f | sed 's/a/b/' | xargs rm",
        "find /d -type f | awk -F/ '{print $3}' | xargs rm",
        "find /d -type f | grep -o 'a.*' | xargs rm",
        "find /d -type f | sort | uniq -c | xargs rm",
        "find /d -type f | xargs basename | xargs rm",
        "ls /d | xargs rm",
        "cat list | xargs rm",
    ],
)
def test_what_is_made_of_a_list_is_not_taken_for_it(command: str) -> None:
    assert removed(command) == ["{}"]


@pytest.mark.parametrize(
    ("command", "targets"),
    [
        ("for f in /d/*; do rm $f; done", ["/d/*"]),
        ('for f in /d/*.a /d/*.b; do rm "$f"; done', ["/d/*.a", "/d/*.b"]),
        ('for f in a b; do rm "$f"; done', ["a", "b"]),
        ("for f in a b; do rm $f; done", ["a", "b"]),
        ('for f in a b; do rm "x/$f.o"; done', ["x/a.o", "x/b.o"]),
        ('for d in /d/*/; do cd "$d" && rm x; done', ["/d/*/x"]),
        ("for f in $(cat names); do rm $f; done", ["$f"]),
        ("f=a; for f in *.o; do :; done; f=b; rm $f", ["b"]),
    ],
)
def test_a_loop_acts_on_the_values_of_its_list(command: str, targets: list[str]) -> None:
    assert removed(command) == targets


def test_a_loop_that_empties_files_names_their_pattern() -> None:
    (effect,) = [e for e in classify_shell("for f in /d/*; do > $f; done", shipped_rules()) if e.target]
    assert effect.kind is EffectKind.OVERWRITE
    assert effect.target is not None
    assert effect.target.value == "/d/*"


@pytest.mark.parametrize("use", ["$f", 'sh -c "$f"', 'bash "$f"', 'eval "$f"', '"./$f"'])
def test_what_is_listed_is_not_read_as_code(use: str) -> None:
    for source in ("find /d -name '*.sh' | while read f; do {}; done", "for f in *.sh; do {}; done"):
        kinds = {effect.kind for effect in classify_shell(source.format(use), shipped_rules())}
        assert EffectKind.EXEC_OPAQUE in kinds


def test_a_printed_pattern_is_no_text_of_a_file() -> None:
    (effect,) = [
        e for e in classify_shell("for f in *.x; do echo $f > a.sh; done; sh a.sh", shipped_rules())
        if e.kind is EffectKind.EXEC_OPAQUE
    ]  # fmt: skip
    assert effect.rule == "script"


def test_only_what_a_search_narrows_is_marked_as_fed() -> None:
    def via(command: str) -> tuple[str, ...]:
        return next(e.via for e in classify_shell(command, shipped_rules()) if e.kind is EffectKind.DELETE)

    assert FED in via("find /d -name '*.o' | xargs rm")
    assert FED in via("ls *.o | head -n 2 | xargs rm")
    assert FED not in via("ls *.o | xargs rm")
    assert FED not in via("for f in *.o; do rm $f; done")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ab/\ue010\ue011\ue012", max_size=6), min_size=1, max_size=40), st.text("x\ue010\ue012"))
def test_a_word_of_many_values_has_at_most_as_many_words(values: list[str], around: str) -> None:
    assert 1 <= len(each_of(around + one_of(values) + around)) <= MAX_VALUES


@given(st.lists(st.text("ab/ *", min_size=1, max_size=6), min_size=1, max_size=MAX_VALUES))
def test_values_come_back_with_what_stands_around_them(values: list[str]) -> None:
    assert each_of(f"x{one_of(values)}y") == [f"x{value}y" for value in values]
