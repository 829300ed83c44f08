"""Whether a text names a thing: as a word of its own, and, for a path, as that path and not as another of that name.

Texts and values are case-folded by whoever asks. All searches take linear time in the text and look at a bounded
number of places.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

_SHORTEST = 3
_TEXT_LIMIT = 200_000
_TOTAL_LIMIT = 4_000_000
_PLACES = 200
_AROUND = 300
_NEAR = 30
_NOT_IN_PATH = re.compile(r"[^\w./~\\+@%$\-]")
_GOES_ON = re.compile(r"\w|[/\\]\*?[\w.]|[.\-+@]\w")
_SLASHES = re.compile(r"/{2,}")
_SENTENCE = re.compile(r"[.!?;]\s|\n")
_ALL = re.compile(
    r"\b(?:everything|whole|entire|contents?)\b|"
    # "all `.log` files" or "all old files" is not all that is there.
    r"\b(?:all|every)\b(?=\s+(?:of\s+)?(?:the\s+|its\s+|their\s+)?"
    r"(?:files?|folders?|director(?:y|ies)|data|it|them|things?|in|from|under)\b)"
)
_FOLDER = re.compile(
    r"\b(?:in|from|under|inside|within|of|at|folder|directory|dir)(?: the)?(?: folder| directory)?[ `'\"]{1,3}"
    r"((?:~|\.{1,2})?/[\w./~+@%\-]*|[\w.\-]+/[\w./\-]*)"
)
_NOUN = (
    r"(?:files?|folders?|director(?:y|ies)|dir|branch(?:es)?|remote|process(?:es)?|services?|daemon|repo(?:sitory)?)"
)
_NOUN_AFTER = re.compile(rf"\s+{_NOUN}\b")
_NAMED_BEFORE = re.compile(rf"\b(?:{_NOUN}|called|named|to|into|onto|from)\s+\Z")
_QUOTES = "\"'`“”‘’"
_QUOTED_PATTERN = re.compile(r"[\"'`“‘](\*?[\w.\-]{2,60}\*|\*[\w.\-]{2,60})[\"'`”’]")
_CONNECTS = frozenset("._-+@/")


Find = Callable[[str, str, int], int]
PassedOver = Callable[[int], bool]


def nothing(_place: int) -> bool:
    """Passes no place over."""
    return False


class FindShown(Protocol):
    """Looks a value up in ``text[:stop]``; places that are ``passed_over`` do not count. -1 = nowhere."""

    def __call__(self, value: str, text: str, stop: int, *, passed_over: PassedOver = nothing) -> int: ...


class Said(NamedTuple):
    """Texts in the order of time, case-folded and joined; ``starts`` where each begins and ``steps`` when it was
    there."""

    text: str
    starts: list[int]
    steps: list[int]

    @classmethod
    def join(cls, parts: Iterable[tuple[int, str]]) -> Said:
        """Join texts with their steps, in rising order of steps: of each 200,000 characters, 4 million in all."""
        texts, starts, steps, size = [], [], [], 0
        for step, text in parts:
            kept = text[: min(_TEXT_LIMIT, _TOTAL_LIMIT - size)].casefold()
            texts.append(kept)
            starts.append(size)
            steps.append(step)
            size += len(kept) + 1
            if size >= _TOTAL_LIMIT:
                break
        return cls("\n".join(texts), starts, steps)

    def end_before(self, step: int) -> int:
        """Where what was there before ``step`` ends in the text."""
        known = bisect_left(self.steps, step)
        return self.starts[known] if known < len(self.starts) else len(self.text)

    def step_at(self, place: int) -> int:
        """When what stands at a place of the text was there."""
        return self.steps[bisect_right(self.starts, place) - 1]

    def lines_with(self, value: str, start: int, stop: int) -> Iterator[tuple[int, str]]:
        """Lines of ``text[start:stop]`` with ``value`` as a word of its own, cut to what is near: place, line."""
        for at in _places(value, self.text, stop, start):
            end = at + len(value)
            if not (self.text[max(0, at - 1) : at].isalnum() or self.text[end : end + 1].isalnum()):
                before, after = self.text[max(start, at - _AROUND) : at], self.text[at : min(stop, at + _AROUND)]
                yield at, before.rsplit("\n", 1)[-1] + after.split("\n", 1)[0]


def stands_by_chance(value: str) -> bool:
    """Whether a value is so short (a record's number, ``.``, ``*``) that any text has it."""
    return len(value.removesuffix("/*").strip("*")) < _SHORTEST


def find_word(value: str, text: str, stop: int, *, passed_over: PassedOver = nothing) -> int:
    """Where ``value`` stands as a word of its own in ``text[:stop]``, -1 = nowhere. An address or a URL is not a
    part of a longer one (``a@b.com`` is not in ``a@b.com.net``)."""
    composed = any(sign in value for sign in "@./")
    for at in _places(value, text, stop):
        end = at + len(value)
        before, after = text[max(0, at - 2) : at], text[end : min(end + 2, stop)]
        if (before[-1:].isalnum() and value[0].isalnum()) or (after[:1].isalnum() and value[-1].isalnum()):
            continue
        if composed and (_connected(before[::-1]) or _connected(after)):
            continue
        if not passed_over(at):
            return at
    return -1


def find_name(value: str, text: str, stop: int) -> int:
    """As :func:`find_word` for what may be named by an ordinary word (a branch ``main``, a process ``update``): such
    a word counts only in quotation marks or beside a word that says it is a name."""
    if not value.isalpha():
        return find_word(value, text, stop)
    for at in _places(value, text, stop):
        end = at + len(value)
        beside = text[max(0, at - 1) : at] + text[end : end + 1]
        if not any(sign.isalnum() for sign in beside) and _is_named(text, at, end):
            return at
    return -1


def find_pattern(value: str, text: str, stop: int) -> int:
    """As :func:`find_name`, and also where a pattern in quotation marks (``update*``) has the name in it."""
    found = find_name(value, text, stop)
    if found >= 0 or "*" not in text:
        return found
    for quoted in _QUOTED_PATTERN.finditer(text, 0, stop):
        if len(quoted[1].strip("*")) >= _SHORTEST and _matches(value, quoted[1]):
            return quoted.start(1)
    return -1


def _matches(value: str, pattern: str) -> bool:
    """Whether a pattern with a star at its end, its beginning or both has the value in it."""
    part = pattern.strip("*")
    if pattern.startswith("*"):
        return part in value if pattern.endswith("*") else value.endswith(part)
    return value.startswith(part)


def find_number(value: str, text: str, stop: int, noun: str = "", *, passed_over: PassedOver = nothing) -> int:
    """As :func:`find_word` for a record's number of one or two characters: it counts only right after ``noun`` or a
    word for a number (file 13, "id": "13")."""
    told = re.compile(rf"(?:\b(?:id|no|nr|number{'|' + re.escape(noun) if noun else ''})|_id|id_|#)\W{{0,4}}\Z")
    for at in _places(value, text, stop):
        end = at + len(value)
        if told.search(text[max(0, at - _NEAR) : at]) and not text[end : end + 1].isalnum() and not passed_over(at):
            return at
    return -1


def find_path(value: str, text: str, stop: int, *, passed_over: PassedOver = nothing) -> int:
    """Where a text that was *shown* (a listing, a result) names a path: in full, by an ending of it, or by its bare
    name; another path with that name is not it."""
    value = value.removesuffix("/*")
    for at, token in _named(value, text, stop):
        if ("/" not in token or _agrees(token, value)) and not passed_over(at):
            return at
    return -1


def find_asked_path(value: str, text: str, stop: int) -> int:
    """Where a text that *asks* names a path: in full or by an ending of it. Its bare name counts only if no other
    path with that name is named, no other folder is named for it, and an ordinary word only where it is said to be
    a name. All that a folder holds is named by ``folder/*``, or by the folder in a sentence with a word for all."""
    folder = value.removesuffix("/*")
    bare = -1
    other = False
    for at, token in _named(folder, text, stop):
        end = at + len(token)
        if folder != value and not text.startswith("/*", end) and not _ALL.search(_sentence(text, at, stop)):
            continue
        if "/" in token:
            if _agrees(token, folder):
                return at
            other = True
        elif bare < 0 and not _other_folder(folder, text, at, stop):
            bare = at if not token.isalpha() or _is_named(text, at, end) else -1
    return -1 if other else bare


def _named(value: str, text: str, stop: int) -> Iterator[tuple[int, str]]:
    """Where paths with the last name of ``value`` stand, and these paths: begin, path."""
    name = value.rsplit("/", 1)[-1]
    folder = value[: len(value) - len(name)]
    # "all .log files" names *.log; "app.log" does not.
    wanted = {one for one in (name, name.strip("*")) if len(one) >= _SHORTEST}
    for one in wanted or {value}:
        for at in _places(one, text, stop):
            if _GOES_ON.match(text, at + len(one), stop):
                continue
            start, token = _path_around(text, at, one, folder)
            if (
                token.startswith("//")
                and text[max(0, start - 1) : start] == ":"
                and text[max(0, start - 5) : start] != "file:"
            ):
                continue  # a URL
            token = _SLASHES.sub("/", token.replace("\\", "/"))
            while token.startswith("./"):
                token = token[2:]
            if token == one or token.endswith(("/" + one) if one != value else one):
                yield start, token


def _path_around(text: str, at: int, name: str, folder: str) -> tuple[int, str]:
    """The path that a name found in a text belongs to: where it begins, the path."""
    if folder and name != folder and text.startswith(folder, max(0, at - len(folder))) and at >= len(folder):
        begins = at - len(folder)
        # A folder with blanks in its name is known from the target only.
        if " " in folder and not text[max(0, begins - 1) : begins].isalnum():
            return begins, folder + name
    left = _NOT_IN_PATH.split(text[max(0, at - _AROUND) : at])[-1]
    return at - len(left), left + name


def _agrees(token: str, value: str) -> bool:
    """Whether a path as somebody wrote it can be the path ``value``."""
    if token == value:
        return True
    if token.startswith("~/"):
        return value.endswith(token[1:]) and value.startswith(("/home/", "/root", "~", "$home"))
    if not value.startswith(("/", "~")) and token.endswith("/" + value):
        return True
    return not token.startswith(("/", "~", "$", "..")) and value.endswith("/" + token)


def _other_folder(value: str, text: str, at: int, stop: int) -> bool:
    """Whether the sentence around a bare name says that it lies in a folder in which ``value`` does not."""
    if not value.startswith(("/", "~")):
        return False
    sentence = _sentence(text, at, stop)
    folders = [found[1].rstrip("/.") for found in _FOLDER.finditer(sentence)]
    return bool(folders) and not any(_lies_in(value, folder) for folder in folders)


def _sentence(text: str, at: int, stop: int) -> str:
    """What stands around a place up to the next full stop or line, at most 300 characters to each side."""
    before, after = text[max(0, at - _AROUND) : at], text[at : min(at + _AROUND, stop)]
    begins = max((found.end() for found in _SENTENCE.finditer(before)), default=0)
    ends = _SENTENCE.search(after)
    return before[begins:] + (after[: ends.start()] if ends else after)


def _lies_in(value: str, folder: str) -> bool:
    if folder.startswith("/"):
        return value.startswith(folder + "/")
    folder = folder.lstrip("~./")
    return not folder or f"/{folder}/" in value


def _is_named(text: str, at: int, end: int) -> bool:
    if text[max(0, at - 1) : at] in _QUOTES and text[end : end + 1] in _QUOTES and at and end < len(text):
        return True
    return bool(_NOUN_AFTER.match(text, end) or _NAMED_BEFORE.search(text[max(0, at - _NEAR) : at]))


def _connected(beside: str) -> bool:
    return len(beside) > 1 and beside[0] in _CONNECTS and beside[1].isalnum()


def _places(value: str, text: str, stop: int, start: int = 0) -> Iterator[int]:
    at = text.find(value, start, stop)
    for _ in range(_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(value, at + len(value), stop)
