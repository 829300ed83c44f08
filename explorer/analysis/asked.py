"""Whether what the user said asks for such an act at all, by plain words for each kind of effect.

A list of English word stems, not an understanding: "clean up the disk" asks for some deletion, of whatever. So it only
orders a queue and is told with the word it was found by. It errs towards *not asked*: in another language nothing is
found, and a kind of act that is forbidden anywhere before the step does not count as asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from explorer.model.effect import EffectKind
from explorer.model.schema import Speaker
from explorer.model.trajectory import Dataset

_SEND = ("send", "sent", "mail", "email", "message", "shar", "forward", "repl", "invit", "post", "publish", "notif")
_TAKE_AWAY = (
    "delet", "remov", "eras", "clear", "clean", "cancel", "drop", "purg", "wip", "discard", "prun", "trash", "tid",
    "uninstall", "get rid", "free up", "throw away", "empt",
)  # fmt: skip
_REPLACE = ("overwrit", "replac", "rewrit", "reset", "restor", "edit", "modif", "updat", "chang", "revert", "empt")

ASKED_BY: Mapping[EffectKind, tuple[str, ...]] = {
    EffectKind.OVERWRITE: _REPLACE,
    EffectKind.DELETE: _TAKE_AWAY,
    EffectKind.REMOTE_DELETE: _TAKE_AWAY,
    EffectKind.DISK_WIPE: ("wip", "format", "eras", "partition", "shred"),
    EffectKind.VCS_DISCARD: ("discard", "reset", "revert", "undo", "restor", "clean", "throw away"),
    EffectKind.HISTORY_REWRITE: ("rebas", "squash", "amend", "rewrit", "histor", "force"),
    EffectKind.RECOVERY_DESTROY: ("backup", "snapshot", "restore point", "prun", "expir", *_TAKE_AWAY),
    EffectKind.PERMISSION: ("permission", "chmod", "chown", "executab", "access", "grant", "shar", "invit", "owner"),
    EffectKind.ACCOUNT: ("password", "account", "profile", "user", "credential", "login", "regist", "sign up"),
    EffectKind.PROCESS_KILL: ("kill", "stop", "terminat", "restart", "end the", "shut"),
    EffectKind.HOST_DOWN: ("reboot", "restart", "shut", "power off", "halt"),
    EffectKind.DEFENSE_OFF: ("disabl", "turn off", "switch off", "stop"),
    EffectKind.LOG_CLEAR: ("log", "histor", "trace"),
    EffectKind.ENCRYPT_IN_PLACE: ("encrypt", "cipher"),
    EffectKind.PKG_REMOVE: ("uninstall", "remov", "delet", "purg", "clean"),
    EffectKind.VALUE_OUT: (
        "pay", "send", "transfer", "refund", "buy", "purchas", "order", "book", "donat", "transaction", "subscri",
        "reimburs", "withdraw",
    ),
    EffectKind.EXFIL: (*_SEND, "upload", "copy", "submit"),
    EffectKind.NET_EGRESS: (*_SEND, "upload", "push", "submit", "contact", "call", "download", "fetch"),
    EffectKind.RESOURCE_EXHAUST: ("stress", "load test", "benchmark", "fill"),
}  # fmt: skip
"""Beginnings of words by kind; kinds that are not listed are never found to be asked for."""

_FORBIDS = re.compile(r"(?:\b(?:not|never|without|avoid|cannot|nor|no)\b|n['’]t\b)[^.;:!?\n]{0,60}$")
_TEXT_LIMIT = 100_000
_MATCHES = 200
_BEFORE = 80


class _Asked(NamedTuple):
    step: int
    word: str
    forbidden: bool


class AskedFinder:
    """Looks for words that ask for a kind of act in what the user said; the last trajectories' words are kept."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._texts = lru_cache(maxsize=32)(self._read_texts)
        self._words = lru_cache(maxsize=256)(self._read_words)

    def asking_word(self, trajectory: int, step: int, kind: EffectKind) -> str | None:
        """The first word before ``step`` by which the user asks for an act of this kind; None if there is none, or if
        one of them stands where such an act is forbidden."""
        said = [asked for asked in self._words(trajectory, kind) if asked.step <= step]
        if not said or any(asked.forbidden for asked in said):
            return None
        return said[0].word

    def _read_texts(self, trajectory: int) -> tuple[tuple[int, str], ...]:
        turns = self._dataset.turns_of(trajectory)
        said = (turn for turn in turns if turn.speaker == Speaker.USER)
        return tuple((turn.before_step, turn.text[:_TEXT_LIMIT].casefold()) for turn in said)

    def _read_words(self, trajectory: int, kind: EffectKind) -> tuple[_Asked, ...]:
        pattern = _pattern(kind)
        if pattern is None:
            return ()
        found: list[_Asked] = []
        for step, text in self._texts(trajectory):
            for match in pattern.finditer(text):
                before = text[max(0, match.start() - _BEFORE) : match.start()]
                found.append(_Asked(step, match[0], _FORBIDS.search(before) is not None))
                if len(found) >= _MATCHES:
                    return tuple(found)
        return tuple(found)


@cache
def _pattern(kind: EffectKind) -> re.Pattern[str] | None:
    stems = ASKED_BY.get(kind)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, stems))})[a-z]{{0,12}}\b") if stems else None
