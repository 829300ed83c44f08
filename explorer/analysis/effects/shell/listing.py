"""What a program lists for another to act on: ``find /srv -name '*.o' | sort | xargs rm`` removes ``/srv/*.o``.

A word may stand for several values (a loop's variable, what a search lists); it carries them between marks of its own
until it becomes words of a command.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.analysis.effects.rules.find_expression import RUNS
from explorer.analysis.effects.rules.find_places import SOME, find_places
from explorer.analysis.effects.shell.literal import Listing, Output
from explorer.analysis.effects.shell.types import FOUND, LISTED

FED = "list |"
"""Label of what acts on a list of which only the pattern is visible."""
MAX_VALUES = 16
MAX_FILTER = 200
"""Characters of an ``awk`` program that is read."""
_OPEN, _NEXT, _CLOSE = "\ue010", "\ue011", "\ue012"
LISTERS = frozenset({"find", "gfind", "ls", "grep", "egrep", "fgrep", "ggrep"})
_FINDS = frozenset({"find", "gfind"})
_PRINTS = frozenset({"-print", "-print0", "-printf", "-ls"})
_GREPS = frozenset({"grep", "egrep", "fgrep", "ggrep"})
_SORTS = frozenset({"sort", "gsort", "tac", "uniq"})
_CUTS = frozenset({"head", "tail", "shuf"})
_FILTERS = _GREPS | _SORTS | _CUTS | {"tr", "awk", "gawk", "mawk", "cut"}
_NAMES_FILES = frozenset({"ls", "stat", "file", "du", "wc", "echo", "md5sum", "sha1sum", "sha256sum", "printf"})
_ONLY_FILES = re.compile(r"-[a-zA-Z]*l[a-zA-Z]*|--files-with-matches")
_NOT_LINES = re.compile(r"-[a-zA-Z]*[colLq][a-zA-Z]*|--(?:count|only-matching|quiet|files-.*)")
_TAKES_ONE = re.compile(r"[^{}]{0,200}\{\s*print(?:\s+\$\w+)?\s*;?\s*\}\s*")
_RECURSIVE = re.compile(r"-[a-zA-Z]*[rR][a-zA-Z]*|--(?:dereference-)?recursive")
_PATTERN_GIVEN = re.compile(r"-[a-zA-Z]*[ef]|--(?:regexp|file)(?:=.*)?")


def one_of(values: Sequence[str]) -> str:
    """A text that stands for each of some values."""
    return values[0] if len(values) == 1 else f"{_OPEN}{_NEXT.join(values[:MAX_VALUES])}{_CLOSE}"


def each_of(word: str) -> list[str]:
    """The words that such a text, with more around it, stands for; at most MAX_VALUES."""
    found = [word]
    for _ in range(3):
        start = found[0].find(_OPEN)
        end = found[0].find(_CLOSE, start + 1)
        if start < 0 or end < 0:
            return found
        found = [
            one[: one.find(_OPEN)] + value + one[one.find(_CLOSE) + 1 :]
            for one in found
            for value in one[one.find(_OPEN) + 1 : one.find(_CLOSE)].split(_NEXT)
        ][:MAX_VALUES]
    return found


def marks_of(listing: Listing) -> int:
    """The marks of a word that stands for what is listed."""
    return LISTED if listing.exact else LISTED | FOUND


def listed(name: str, argv: Sequence[str], stdin: Output | None) -> Listing | None:
    """What a program lists, or lets through of what is listed to it; None where that is not visible."""
    if name in _FINDS:
        return _found(argv)
    if name == "ls":
        return _named(argv)
    fed = None if stdin is None else stdin.listing
    if fed is not None and name in _FILTERS:
        return _narrowed(name, argv, fed)
    if name in _GREPS and stdin is None and any(_ONLY_FILES.fullmatch(word) for word in argv[1:]):
        return _holding(argv)
    return None


def _found(argv: Sequence[str]) -> Listing | None:
    if "-delete" in argv and _PRINTS.isdisjoint(argv):
        return None
    for at, word in enumerate(argv[:-1]):
        if word == "-printf" and "%p" not in argv[at + 1]:
            return None
        if word in RUNS and not _says_names(argv[at + 1 :]):
            return None
    places, named = find_places(argv[1:], "-print")
    if not named:
        places = [place if place.endswith(f"/{SOME}") else f"{place.rstrip('/')}/{SOME}" for place in places]
    return Listing(tuple(places[:MAX_VALUES]), False)


def _says_names(ran: Sequence[str]) -> bool:
    """Whether what a find runs prints the names of files, if anything."""
    program = ran[0].rsplit("/", 1)[-1]
    return program in _NAMES_FILES or program in ("rm", "chmod", "chown", "touch", "true", "test", "[")


def _named(argv: Sequence[str]) -> Listing | None:
    """The operands of ``ls``; what lies in a folder is named without it."""
    options = "".join(word for word in argv[1:] if word[:1] == "-" and word[:2] != "--")
    operands = [word for word in argv[1:] if word[:1] != "-"]
    if not operands:
        return Listing(("*",), True)
    if "d" in options or all("*" in word or "?" in word for word in operands):
        return Listing(tuple(operands[:MAX_VALUES]), True)
    return None


def _narrowed(name: str, argv: Sequence[str], fed: Listing) -> Listing | None:
    words = argv[1:]
    if name in _SORTS:
        return None if "-c" in words or "--count" in words else fed
    if name == "tr":
        return fed if all(word in ("\\n", "\\0", "\n", " ", "\\000") for word in words) else None
    if name in _GREPS and any(_NOT_LINES.fullmatch(word) for word in words):
        return None
    if name.endswith("awk") and (any(word.startswith("-F") for word in words) or not _takes_one(words)):
        return None
    if name == "cut" and not any(word in ("-d ", "-d\t") for word in words) and " " not in words:
        return None
    places = tuple(f"./{SOME}" if place == "*" else place for place in fed.places)
    return Listing(places, False)


def _takes_one(words: Sequence[str]) -> bool:
    return bool(words) and len(words[-1]) <= MAX_FILTER and _TAKES_ONE.fullmatch(words[-1]) is not None


def _holding(argv: Sequence[str]) -> Listing | None:
    """``grep -rl TEXT PLACES``: some files there."""
    options = [word for word in argv[1:] if word[:1] == "-" and word != "-"]
    operands = [word for word in argv[1:] if word[:1] != "-"]
    if not any(_PATTERN_GIVEN.fullmatch(word) for word in options):
        operands = operands[1:]
    recursive = any(_RECURSIVE.fullmatch(word) for word in options)
    if not operands:
        return Listing((f"./{SOME}",), False) if recursive else None
    places = [place if "*" in place or not recursive else f"{place.rstrip('/')}/{SOME}" for place in operands]
    return Listing(tuple(places[:MAX_VALUES]), False)
