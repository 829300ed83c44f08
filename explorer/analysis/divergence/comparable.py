"""What a tool or a person said, in a form in which two sayings are equal where they tell the same.

JSON is compared as what it holds: blanks and the order of keys aside. What a machine makes up anew each time is
masked: when a program ran (at the head of a line, in a listing of files or processes, with fractions of a second),
how long it took, process numbers and high ports, random names and hexadecimal ones. Everything else counts: each digit
of an amount or an account, a day, the hour of an appointment or a flight.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from hashlib import blake2b

_WEEKDAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d\d?:\d\d(?::\d\d)?"
_SECONDS = r"\d\d?:\d\d:\d\d(?:[.,]\d+)?"
_MADE_UP = re.compile(
    "|".join(
        (
            # A log line's time, and times that only a machine writes.
            rf"^[ \t]{{0,8}}[\[(]?\d{{4}}[-/]\d\d[-/]\d\d[T ]{_SECONDS}(?:Z|[+-]\d\d:?\d\d)?",
            rf"^[ \t]{{0,8}}[\[(]?{_SECONDS}(?=[\])\s])(?![ \t]*[-–—])",
            rf"\b\d{{4}}-\d\d-\d\d[T ]{_CLOCK}[.,]\d+(?:Z|[+-]\d\d:?\d\d)?",
            # Listings of files, date, syslog: May  7 20:12(:01 UTC 2025).
            rf"\b(?:{_WEEKDAY},?[ ]+)?{_MONTH}[ ]+\d\d?[ ]+{_CLOCK}(?:[ ]+[A-Z]{{2,5}})?(?:[ ]+\d{{4}})?\b",
            # A line of ps aux after the user, where its head was cut off.
            r"(?<=\s)\d+[ ]+\d+\.\d[ ]+\d+\.\d[ ]+\d+[ ]+\d+[ ]+\S+[ ]+\S+[ ]+\S+[ ]+\d+:\d\d",
            # How long it took.
            r"\b\d+m\d+(?:\.\d+)?s\b|\b\d+\.\d+[ ]?s(?:ec(?:onds?)?)?\b|\b\d+(?:\.\d+)?[ ]?(?:ms|µs|us|ns)\b",
            r"\b(?:took|elapsed|(?:done|finished|completed|ran) (?:in|for))\W{1,3}\d+(?:\.\d+)?"
            r"[ ]?(?:s|sec|seconds?|min|minutes?)\b",
            # Numbers of jobs, processes and high ports.
            r"^\[\d+\][+-]?[ ]+\d+[ \t]*$|\b(?:[Pp][Ii][Dd]|[Pp]rocess id)[ :=#]{1,3}\d+|\bline \d+(?=: )",
            r"(?<=[\w\])]:)(?:3[2-9]|[45]\d|6[0-5])\d{3}\b",
            # Identifiers in small letters, a letter after a digit: DE89… is an account; 0x and 40 digits a purse.
            r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b0x[0-9a-fA-F]{1,16}\b",
            r"\b(?=[a-f]{0,20}\d[\da-f]{0,60}[a-f])[\da-f]{7,}\b",
            r"/tmp/(?:tmp|temp)[._-]?\w{6,}",
        )
    )
)
_DIGIT = re.compile(r"\d")
_NUMBERS = re.compile(r"\d+(?:[.:]\d+)*")
_PROCESS_HEAD = re.compile(r"\bPID\b.{0,80}\b(?:TIME|CMD|COMMAND|USER|NAME)\b|^COMMAND[ ]+PID\b")
_HEAD = 200
_SHORT = 400
_MADE_UP_FIELD = re.compile(
    r"(?:created|updated|modified|accessed)(?:_?(?:at|on|time))?|timestamp|(?:request|trace|session|span|correlation)_?id"
    r"|pid|(?:elapsed|duration|latency|took)(?:_?(?:s|ms|sec|seconds))?",
    re.IGNORECASE,
)


class _Fields(list[tuple[str, object]]):
    """A JSON object as its fields by name; a field that is given twice stays twice."""


def digest(text: str) -> bytes:
    """16 bytes, equal where two texts tell the same. Linear in the text, all of which is read."""
    parsed = _parsed(text)
    told = masked(text) if parsed is None else "\0".join(_leaves(parsed))
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def same_call(first: str | None, second: str | None) -> bool:
    """Whether two steps were called with the same arguments: as JSON where both are, else but for outer blanks."""
    if first == second:
        return True
    if first is None or second is None:
        return False
    one, two = _parsed(first), _parsed(second)
    if one is None or two is None:
        return first.strip() == second.strip()
    return _exactly(one) == _exactly(two)


def masked(text: str) -> str:
    """A text with what a machine makes up anew each time masked and blanks as one; a listing of paths in the order of
    the paths, since a file system gives them in any."""
    lines = text.splitlines()
    processes = "PID" in text and any(_PROCESS_HEAD.search(line[:_HEAD]) for line in lines if "PID" in line)
    said = [_masked_line(line, processes) if len(line) <= _SHORT else _mask(line, processes) for line in lines]
    said = [line for line in said if line]
    if len(said) > 1 and all("/" in line.rsplit(" ", 1)[-1] for line in said):
        said.sort(key=_last_word)
    return " ".join(said)


def _mask(line: str, processes: bool) -> str:
    if _DIGIT.search(line):
        line = _MADE_UP.sub("<>", line)
        if processes:
            line = _NUMBERS.sub("<>", line)
    return " ".join(line.split())


# The lines of results come again and again: in the trials of a task, and in each reading of a file.
_masked_line = lru_cache(maxsize=1 << 16)(_mask)


def _last_word(line: str) -> tuple[str, str]:
    return line.rsplit(" ", 1)[-1], line


def _parsed(text: str) -> object | None:
    """What JSON text holds; None if it is neither an object nor an array."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        found: object = json.loads(text, object_pairs_hook=_fields)
    except (ValueError, RecursionError):
        return None
    return found


def _fields(pairs: list[tuple[str, object]]) -> _Fields:
    return _Fields(sorted(pairs, key=_name))


def _name(pair: tuple[str, object]) -> str:
    return pair[0]


def _leaves(value: object) -> list[str]:
    """The values of a parsed text in a fixed order, each with what it hangs on, masked."""
    return [
        path + ("" if _MADE_UP_FIELD.fullmatch(field) else masked(leaf) if is_text else leaf)
        for path, field, leaf, is_text in _walk(value)
    ]


def _exactly(value: object) -> list[tuple[str, str]]:
    return [(path, leaf) for path, _, leaf, _ in _walk(value)]


def _walk(value: object) -> list[tuple[str, str, str, bool]]:
    """Path, last field, value and whether it is a string, of everything that holds nothing itself. Paths of siblings
    differ by what opens and closes them, not by numbers, so that they stay short."""
    found: list[tuple[str, str, str, bool]] = []
    stack: list[tuple[str, str, object]] = [("", "", value)]
    while stack:
        mark, field, inner = stack.pop()
        if isinstance(inner, _Fields):
            found.append((mark, "", "{", False))
            stack.append(("}", "", None))
            stack.extend((f"{name}:", name, part) for name, part in reversed(inner))
        elif isinstance(inner, list):
            found.append((mark, "", "[", False))
            stack.append(("]", "", None))
            stack.extend((",", field, part) for part in reversed(inner))
        elif isinstance(inner, str):
            found.append((mark, field, inner, True))
        else:
            # 1810 and 1810.0 are one amount, true and 1 are not one value.
            plain = inner if isinstance(inner, bool) or not isinstance(inner, float) else _whole(inner)
            found.append((mark, field, repr(plain), False))
    return found


def _whole(number: float) -> float | int:
    return int(number) if abs(number) < 1e15 and number == int(number) else number
