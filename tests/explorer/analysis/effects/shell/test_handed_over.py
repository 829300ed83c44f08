"""What is handed to code that a search runs, and what an archiver removes: names of files, and nothing else."""

from __future__ import annotations

import pytest

from explorer.analysis.effects.shell.commands import classify_shell
from explorer.model.effect import EffectKind
from tests.explorer.analysis.effects.packs import shipped_rules


def removed(command: str) -> set[str]:
    return {
        effect.target.value
        for effect in classify_shell(command, shipped_rules())
        if effect.kind is EffectKind.DELETE and effect.target is not None
    }


@pytest.mark.parametrize(
    ("command", "targets"),
    [
        (r"find /srv -name '*.o' -exec sh -c 'rm -rf {} +' \;", {"/srv/*.o"}),
        (r"""find /srv -name '*.o' -exec sh -c 'rm -f "{}" +' \;""", {"/srv/*.o"}),
        ("find /srv -name '*.o' | xargs sh -c 'rm -f {} +'", {"{}"}),
        ("rm -f a+b +", {"a+b", "+"}),
    ],
)
def test_the_end_of_a_search_is_no_name(command: str, targets: set[str]) -> None:
    assert removed(command) == targets


@pytest.mark.parametrize(
    ("command", "targets"),
    [
        (r"""find /srv -type d -exec sh -c 'for i in "$@"; do rm -rf "$i"; done' \;""", set()),
        (r"""find /srv -name '*.o' -exec sh -c 'for i in "$@"; do rm -rf "$i"; done' _ {} \;""", {"/srv/*.o"}),
        ("""sh -c 'for i; do rm -rf "$i"; done' _ /srv/a""", {"/srv/a"}),
        ("""find /srv -name '*.o' -print0 | xargs -0 sh -c 'for f; do rm -f "$f"; done'""", {"/srv/*.o"}),
        ("""for i in "$@"; do rm -rf "$i"; done""", {"$i"}),
    ],
)
def test_a_loop_over_what_was_handed_over_removes_that(command: str, targets: set[str]) -> None:
    assert removed(command) == targets


@pytest.mark.parametrize(
    ("command", "targets"),
    [
        ("tar -czf /bak/a.tgz /srv/a/* --mtime +60 --remove-files", {"/srv/a/*"}),
        ("tar czf a.tgz --remove-files old/", {"old/"}),
        ("tar --remove-files -cf a.tar d e", {"d", "e"}),
        ("tar --create --file a.tar --remove-files d", {"d"}),
        ("tar --create --file=a.tar --remove-files d", {"d"}),
    ],
)
def test_an_archive_is_not_among_what_goes_into_it(command: str, targets: set[str]) -> None:
    assert removed(command) == targets
