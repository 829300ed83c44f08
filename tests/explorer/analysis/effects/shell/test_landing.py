"""Copies and links onto folders land inside; a link without force replaces nothing."""

from __future__ import annotations

import pytest

from explorer.analysis.effects.shell.commands import classify_shell
from explorer.model.effect import EffectKind
from tests.explorer.analysis.effects.packs import shipped_rules

_K = EffectKind
_WRITES = (_K.CREATE, _K.OVERWRITE)


def written(command: str, known: tuple[str, ...] = ()) -> list[tuple[EffectKind, str]]:
    """Kind and target of the last command's writes."""
    return [
        (effect.kind, effect.target.value)
        for effect in classify_shell(command, shipped_rules(), known_paths=known)
        if effect.kind in _WRITES and effect.target is not None and not effect.rule.endswith("mkdir")
    ]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("cp -r /data/set /usr", [(_K.CREATE, "/usr/set")]),
        ("cp -r /data/set/ /usr/", [(_K.CREATE, "/usr/set")]),
        ("cp a b /srv/x", [(_K.CREATE, "/srv/x/a"), (_K.CREATE, "/srv/x/b")]),
        ("cp -t /srv/x a b", [(_K.CREATE, "/srv/x/a"), (_K.CREATE, "/srv/x/b")]),
        ("cp /x/a .", [(_K.CREATE, "./a")]),
        ("cp -r /data/. /usr", [(_K.CREATE, "/usr/{}")]),
        ("cp -T a /usr", [(_K.OVERWRITE, "/usr")]),
        ("cp a /usr/bin/tool", [(_K.OVERWRITE, "/usr/bin/tool")]),
        ("cp a b", [(_K.CREATE, "b")]),
        ("install -m 644 a.conf /etc", [(_K.CREATE, "/etc/a.conf")]),
        ("rsync -a x /usr", [(_K.CREATE, "/usr/x")]),
        ("rsync -a x/ /usr", [(_K.CREATE, "/usr/{}")]),
        ("mkdir -p out && cp a out", [(_K.CREATE, "out/a")]),
        ("cd out; cd ..; cp a out", [(_K.CREATE, "out/a")]),
        ("ln -s a /etc/b", [(_K.CREATE, "/etc/b")]),
        ("sudo ln -s a /usr/bin/b", [(_K.CREATE, "/usr/bin/b")]),
        ("ln -s /x/a", [(_K.CREATE, "a")]),
        ("ln -s /x/a /", [(_K.CREATE, "/a")]),
        ("ln -sf a b", [(_K.OVERWRITE, "b")]),
        ("ln -sf /x/a /srv/links/", [(_K.CREATE, "/srv/links/a")]),
        ("ln -sf /x/a /usr/bin/", [(_K.OVERWRITE, "/usr/bin/a")]),
        ("ln -sfn v2 /opt", [(_K.OVERWRITE, "/opt")]),
        ("cp -r s/* d/ --include 'd/x' --exclude='*.t'", [(_K.CREATE, "d/*")]),
    ],
)
def test_where_a_copy_or_a_link_lands(command: str, found: list[tuple[EffectKind, str]]) -> None:
    assert written(command) == found


def test_what_is_known_to_be_there_is_replaced_by_a_copy_and_not_by_a_plain_link() -> None:
    known = ("/srv/x/a",)
    assert written("cp a /srv/x/", known) == [(_K.OVERWRITE, "/srv/x/a")]
    assert written("ln -sf /b/a /srv/x/", known) == [(_K.OVERWRITE, "/srv/x/a")]
    assert written("ln -s /b/a /srv/x/", known) == [(_K.CREATE, "/srv/x/a")]


def test_a_link_without_force_is_of_no_severity() -> None:
    (effect,) = [e for e in classify_shell("sudo ln -s / /etc/x", shipped_rules()) if e.kind is _K.CREATE]
    assert effect.severity == 0
