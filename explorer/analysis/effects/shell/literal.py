"""Text that a shell would compute from what is written: escapes, braces, the output of echo and decoders."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

MAX_LITERAL = 262_144
MAX_BRACES = 256

_ANSI = re.compile(
    r"\\(?:([abeEfnrtv\\'\"?])|([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c([\s\S]))"
)
_ANSI_NAMES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


class Listing(NamedTuple):
    """Paths that are printed one a line, by patterns that hold them; ``exact`` where each that they match is."""

    places: tuple[str, ...]
    exact: bool


class Output(NamedTuple):
    """What a command writes to standard output: ``text`` where the command line shows it, else None and its
    ``origin``: ``remote`` (fetched), ``decoded`` (unpacked from something unseen), ``opaque``; ``base`` the place of
    the text in the original where it stands there verbatim; ``listing`` the paths of which a text that is not visible
    is made."""

    text: str | None
    origin: str = "opaque"
    base: int | None = None
    listing: Listing | None = None


OPAQUE_OUTPUT = Output(None, "opaque")
REMOTE_OUTPUT = Output(None, "remote")


def decode_ansi(text: str) -> str:
    """The meaning of the inside of ``$'…'`` (also of ``echo -e`` and printf formats)."""
    if "\\" not in text:
        return text
    return _ANSI.sub(_ansi_character, text)


def _ansi_character(match: re.Match[str]) -> str:
    name, octal, hexa, short, long, control = match.groups()
    if name is not None:
        return _ANSI_NAMES.get(name, name)
    if octal is not None:
        return chr(int(octal, 8) & 255)
    if control is not None:
        return chr(ord(control[0]) & 31)
    code = int(hexa or short or long, 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def expand_braces(word: str, limit: int = MAX_BRACES) -> list[str]:
    """``a{b,c}d`` → ``abd acd``; ``{1..3}`` → ``1 2 3``. At most ``limit`` words; one word back where there is nothing
    to expand."""
    done: list[str] = []
    work = [word]
    while work and len(done) + len(work) <= limit:
        current = work.pop(0)
        pieces = _first_brace(current)
        if pieces is None:
            done.append(current)
            continue
        before, items, after = pieces
        work[:0] = [before + item + after for item in items]
    return done + work[: max(0, limit - len(done))]


_RANGE = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})(?:\.\.(-?\d{1,9}))?|([A-Za-z])\.\.([A-Za-z])")


def _first_brace(word: str) -> tuple[str, list[str], str] | None:
    start = word.find("{")
    tries = 0
    while start >= 0 and tries < 16:
        tries += 1
        if start and word[start - 1] == "$":
            start = word.find("{", start + 1)
            continue
        depth, cuts = 0, [start]
        for place in range(start, min(len(word), start + 4096)):
            char = word[place]
            if char == "{":
                depth += 1
            elif char == "}":
                depth -= 1
                if depth == 0:
                    cuts.append(place)
                    break
            elif char == "," and depth == 1:
                cuts.append(place)
        if depth == 0 and len(cuts) >= 2:
            if len(cuts) > 2:
                items = [word[a + 1 : b] for a, b in pairwise(cuts)]
                return word[:start], items[:MAX_BRACES], word[cuts[-1] + 1 :]
            ranged = _range_items(word[start + 1 : cuts[-1]])
            if ranged is not None:
                return word[:start], ranged, word[cuts[-1] + 1 :]
        start = word.find("{", start + 1)
    return None


def _range_items(body: str) -> list[str] | None:
    match = _RANGE.fullmatch(body)
    if match is None:
        return None
    if match.group(4):
        first, last = ord(match.group(4)), ord(match.group(5))
        step = 1 if last >= first else -1
        return [chr(code) for code in range(first, last + step, step)]
    low, high = int(match.group(1)), int(match.group(2))
    step = abs(int(match.group(3) or 1)) or 1
    if abs(high - low) // step > MAX_BRACES:
        return [str(low), str(high)]
    return [str(number) for number in (range(low, high + 1, step) if high >= low else range(low, high - 1, -step))]


def echo_text(words: Sequence[str]) -> str:
    """What ``echo WORDS`` prints."""
    place, escapes, newline = 0, False, True
    while place < len(words) and re.fullmatch(r"-[neE]+", words[place]):
        escapes = escapes or "e" in words[place]
        newline = newline and "n" not in words[place]
        place += 1
    text = " ".join(words[place:])
    return (decode_ansi(text) if escapes else text) + ("\n" if newline else "")


_CONVERSION = re.compile(r"%(?:%|[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?([a-zA-Z]))")


def printf_text(words: Sequence[str]) -> str | None:
    """What ``printf FORMAT ARGUMENTS`` prints; None where the format is beyond %s, %b, %d, %c, %q, %x."""
    words = list(words)
    if words[:1] == ["--"]:
        words = words[1:]
    if not words or words[0] == "-v":
        return None
    form, left = decode_ansi(words[0]), words[1:]
    wanted = sum(1 for match in _CONVERSION.finditer(form) if match.group(1))
    parts: list[str] = []
    size = 0
    while True:
        place = 0
        for match in _CONVERSION.finditer(form):
            parts.append(form[place : match.start()])
            place = match.end()
            kind = match.group(1)
            if kind is None:
                parts.append("%")
                continue
            value = left.pop(0) if left else ""
            if kind == "b":
                value = decode_ansi(value)
            elif kind == "c":
                value = value[:1]
            elif kind in "xXo" and value.isdigit():
                value = format(int(value[:18]), kind)
            elif kind not in "sqdiu":
                return None
            parts.append(value)
        parts.append(form[place:])
        size += sum(map(len, parts[-(2 * wanted + 2) :]))
        if not left or not wanted or size > MAX_LITERAL:
            return "".join(parts)[:MAX_LITERAL]


def _base64(text: str) -> str | None:
    compact = re.sub(r"\s+", "", text)
    try:
        raw = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.decode("utf-8", "replace")


def _hex(text: str) -> str | None:
    try:
        return bytes.fromhex(re.sub(r"\s+|0x|\\x", "", text)).decode("utf-8", "replace")
    except ValueError:
        return None


def _translate(words: Sequence[str], text: str) -> str | None:
    if not words or words[0] == "-s":
        return None
    if words[0] in ("-d", "--delete"):
        gone = _set(words[1]) if len(words) > 1 else None
        return None if gone is None else "".join(c for c in text if c not in gone)
    if len(words) != 2:
        return None
    old, new = _set(words[0]), _set(words[1])
    if not old or not new:
        return None
    new = new + new[-1] * (len(old) - len(new))
    return text.translate({ord(a): b for a, b in zip(old, new, strict=False)})


def _set(spec: str) -> str | None:
    spec = decode_ansi(spec)
    for name, chars in (("[:upper:]", "A-Z"), ("[:lower:]", "a-z"), ("[:space:]", " \t\n"), ("[:digit:]", "0-9")):
        spec = spec.replace(name, chars)
    if "[:" in spec:
        return None
    return re.sub(
        r"([\s\S])-([\s\S])",
        lambda m: "".join(map(chr, range(ord(m[1]), min(ord(m[2]), ord(m[1]) + 300) + 1))),
        spec,
    )


def filter_text(program: str, words: Sequence[str], text: str) -> str | None:
    """What a decoder or filter makes of visible text; None where it is not one that is known here."""
    if len(text) > MAX_LITERAL:
        return None
    options = {word for word in words if word.startswith("-")}
    operands = [word for word in words if not word.startswith("-")]
    if program in ("base64", "gbase64") and not operands:
        return _base64(text) if options & {"-d", "--decode", "-D", "-di"} else None
    if program == "base32" and options & {"-d", "--decode"}:
        try:
            return base64.b32decode(text.strip()).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return None
    if program == "openssl" and operands[:1] in (["base64"], ["enc"]) and "-d" in options:
        return _base64(text) if operands == ["base64"] or options & {"-base64", "-a"} else None
    if program == "xxd" and any("r" in o for o in options) and any("p" in o for o in options):
        return _hex(text)
    if program == "rev":
        return "\n".join(line[::-1] for line in text.split("\n"))
    if program == "tac":
        return "\n".join(reversed(text.rstrip("\n").split("\n"))) + "\n"
    if program == "tr":
        return _translate(words, text)
    if program in ("cat", "tee") and not operands:
        return text
    return None


DECODERS = frozenset({"base64", "base32", "xxd", "openssl", "gpg", "uudecode", "gunzip", "zcat", "gzip", "unxz"})
FETCHERS: frozenset[str] = frozenset(
    {"curl", "wget", "fetch", "http", "https", "xh", "aria2c", "nc", "ncat", "netcat", "lynx", "GET", "axel", "ftp"}
)
Folder = Callable[[Sequence[str]], str | None]
