"""How a program's words are read: options, their values, operands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from explorer.analysis.effects.rules.types import Program

_PLAIN = Program("", ())
_NO = frozenset({"false", "no", "0", "off", "none", "never"})
_EMPTY: frozenset[str] = frozenset()


class Args:
    """The words after a program's name, read once.

    ``words`` everything; ``options`` name → value (None = without); single-dash clusters count both whole and letter
    by letter; ``bare`` the other words in order, ``dashdash`` how many of them came before ``--`` (-1 = no ``--``).
    """

    __slots__ = ("bare", "dashdash", "options", "program", "words")

    def __init__(self, words: Sequence[str], program: Program | None = None) -> None:
        self.words = words
        self.program = program or _PLAIN
        self.options: dict[str, str | None] = {}
        self.bare: list[str] = []
        self.dashdash = -1
        self._read()

    def _read(self) -> None:
        options, bare, program = self.options, self.bare, self.program
        takes: frozenset[str] = program.value_opts
        early = program.global_opts
        per_sub = program.sub_opts
        flags = program.flags
        words = self.words
        place, n = 0, len(words)
        while place < n:
            word = words[place]
            place += 1
            if not word.startswith("-") or word == "-":
                bare.append(word)
                if per_sub and word in per_sub and len(bare) <= 3:
                    takes = takes | per_sub[word]
                continue
            if word == "--" and not bare and early:
                continue
            if word == "--":
                self.dashdash = len(bare)
                bare.extend(words[place:])
                return
            valued = word in takes or (not bare and word in early)
            if valued:
                options[word] = words[place] if place < n else None
                place += 1
            elif word[1] == "-" or not flags:
                name, equals, value = word.partition("=")
                options[name] = value if equals else None
            else:
                place = self._cluster(word, place, takes if bare or not early else takes | early)

    def _cluster(self, word: str, place: int, takes: frozenset[str]) -> int:
        options = self.options
        name, equals, value = word.partition("=")
        options[name] = value if equals else None
        for at in range(1, min(len(name), 12)):
            letter = "-" + name[at]
            if letter in takes:
                rest = word[at + 1 :]
                if rest:
                    options[letter] = rest
                elif place < len(self.words):
                    options[letter] = self.words[place]
                    place += 1
                else:
                    options[letter] = None
                break
            if letter not in options:
                options[letter] = None
        return place

    def has(self, option: str, abbrev: bool = False) -> bool:
        """Whether an option is given and not switched off (``--force=false``)."""
        options = self.options
        if option in options:
            value = options[option]
            return value is None or value.lower() not in _NO
        if abbrev and option.startswith("--"):
            return any(len(given) > 3 and option.startswith(given) for given in options)
        return False

    def has_any(self, names: Iterable[str], abbrev: bool = False) -> bool:
        """Whether any of these options (leading ``-``) or bare words is given."""
        return any(self.has(name, abbrev) if name[:1] == "-" else name in self.bare for name in names)

    def value(self, *names: str) -> str | None:
        """The value of the first of these options that has one."""
        for name in names:
            found = self.options.get(name)
            if found is not None:
                return found
        return None

    def operands(self, subs: int) -> list[str]:
        """The bare words after the sub-command path."""
        return self.bare[subs:]
