"""Filter lists as text: the presets of ``resources/filters`` and the user's own share one format.

```toml
schema = 1
name = "mine"
words = ["delete", "wipe"]
unit = "identifier"                        # whitespace, word, identifier, stem, substring, regex
scope = ["tool", "arguments", "thought"]   # also: observation
action = "drop_trajectory"                 # drop_step, drop_trajectory, redact
note = "where the list comes from"
```
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from explorer.analysis.filters.token_match import pattern_mistake
from explorer.analysis.toml_text import TomlText
from explorer.model.token_filter import DEFAULT_SCOPE, FilterAction, FilterScope, FilterSpec, FilterUnit

MAX_WORDS = 2_000
MAX_WORD_CHARACTERS = 4_096

_KEYS = ("schema", "name", "words", "unit", "scope", "action", "note")
_Choice = TypeVar("_Choice", bound=StrEnum)


def parse_filter(text: str, name: str) -> FilterSpec:
    """A filter list from its TOML text; ``name`` is the file's name in messages.

    Raises :class:`explorer.errors.RulesError` naming file and line: no TOML, another schema, an unknown key, an
    unknown unit, scope or action, no words, too many words, or an expression that does not compile (with the
    position in it).
    """
    toml = TomlText(text, name)
    toml.only(_KEYS, toml.content)
    words = tuple(dict.fromkeys(word.strip() for word in toml.strings("words", toml.content)))
    if not words:
        raise toml.mistake("words must hold at least one word", "words")
    if len(words) > MAX_WORDS:
        raise toml.mistake(f"more than {MAX_WORDS:,} words", "words")
    unit = _choice(toml, "unit", toml.string("unit", toml.content, FilterUnit.IDENTIFIER), FilterUnit)
    for word in words:
        if len(word) > MAX_WORD_CHARACTERS:
            raise toml.mistake(f"a word is longer than {MAX_WORD_CHARACTERS:,} characters", "words")
        if unit is FilterUnit.REGEX and (wrong := pattern_mistake(word)):
            raise toml.mistake(wrong, "words", todo="Expressions follow RE2: no look-around, no back-references.")
    scope = tuple(_choice(toml, "scope", part, FilterScope) for part in toml.strings("scope", toml.content))
    action = toml.string("action", toml.content, FilterAction.DROP_TRAJECTORY)
    return FilterSpec(
        name=toml.string("name", toml.content) or name,
        words=words,
        unit=unit,
        scope=tuple(dict.fromkeys(scope)) or DEFAULT_SCOPE,
        action=_choice(toml, "action", action, FilterAction),
        note=toml.string("note", toml.content),
    )


def _choice(toml: TomlText, key: str, value: str, kind: type[_Choice]) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        allowed = ", ".join(kind)
        raise toml.mistake(f"{key} {value!r} is not known", key, todo=f"One of: {allowed}") from None
