"""Words of the syntax tree to words of an argument vector: quotes, variables, braces, substitutions."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from explorer.analysis.effects.shell.listing import each_of, marks_of, one_of
from explorer.analysis.effects.shell.literal import Output, decode_ansi, expand_braces
from explorer.analysis.effects.shell.run import Frame, Run
from explorer.analysis.effects.shell.types import FOUND, LISTED, OPAQUE, QUOTED, UNSEEN

Visit = Callable[[Run, Frame, Node], Output]
"""Runs the inside of a substitution and says what it prints."""

_ESCAPE = re.compile(r"\\(\n|[\s\S])")
_IN_DOUBLE = re.compile(r'\\([$`"\\\n])')
_GUARD = str.maketrans({"{": "\ue000", "}": "\ue001", ",": "\ue002"})
_UNGUARD = str.maketrans({"\ue000": "{", "\ue001": "}", "\ue002": ","})
_SPLIT = 4
"""Mark while expanding: an unquoted expansion whose value is split at blanks."""


def unescape(text: str) -> str:
    """Backslashes outside quotes."""
    return _ESCAPE.sub(lambda m: "" if m[1] == "\n" else m[1], text) if "\\" in text else text


def expand_word(
    run: Run, frame: Frame, node: Node, visit: Visit, argv: list[str], marks: list[int], places: list[tuple[int, int]]
) -> None:
    """Append the word or words a node stands for."""
    kind = node.type
    start, end = node.start_byte, node.end_byte
    text = frame.text[start:end]
    if kind in ("word", "number") and "\\" not in text and "{" not in text:
        argv.append(text)
        marks.append(0)
        places.append((start, end))
        return
    if kind == "raw_string":
        argv.append(text[1:-1])
        marks.append(QUOTED)
        places.append((start, end))
        return
    if "{" in text and ("," in text or ".." in text) and kind in ("word", "concatenation", "brace_expression"):
        value, mark = _joined(run, frame, node, visit, guard=True)
        words = (
            [word.translate(_UNGUARD) for word in expand_braces(value)]
            if not mark & OPAQUE or "${" not in value
            else [value.translate(_UNGUARD)]
        )
        for word in words:
            _append(word, mark, (start, end), argv, marks, places)
        return
    value, mark = piece(run, frame, node, visit)
    _append(value, mark, (start, end), argv, marks, places)


def _append(
    value: str, mark: int, place: tuple[int, int], argv: list[str], marks: list[int], places: list[tuple[int, int]]
) -> None:
    if mark & _SPLIT:
        words = value.split()
        mark &= ~_SPLIT
        if not words and not mark & QUOTED:
            return
        words = words or [""]
    else:
        words = each_of(value) if mark & LISTED else [value]
    for word in words:
        argv.append(word)
        marks.append(mark)
        places.append(place)


def word_value(run: Run, frame: Frame, node: Node, visit: Visit) -> tuple[str, int]:
    """A node as one word (assignments, redirect targets): (value, marks)."""
    value, mark = piece(run, frame, node, visit)
    return value, mark & ~_SPLIT


def piece(run: Run, frame: Frame, node: Node, visit: Visit) -> tuple[str, int]:
    """The value and marks of one part of a word."""
    kind = node.type
    text = frame.text[node.start_byte : node.end_byte]
    if kind in ("word", "number", "extglob_pattern", "regex", "test_operator", "special_variable_name"):
        return (unescape(text), QUOTED) if "\\" in text else (text, 0)
    if kind == "raw_string":
        return text[1:-1], QUOTED
    if kind in ("string", "translated_string"):
        return _double(run, frame, node, visit)
    if kind == "ansi_c_string":
        return decode_ansi(text[2:-1]), QUOTED
    if kind == "simple_expansion":
        return _variable(run, text)
    if kind == "expansion":
        return _braced(run, frame, node, text, visit)
    if kind == "command_substitution":
        output = visit(run, frame, node)
        if output.listing is not None:
            return one_of(output.listing.places), marks_of(output.listing)
        if output.text is None:
            run.outputs[text] = output
            return text, OPAQUE
        return output.text.rstrip("\n"), _SPLIT
    if kind == "process_substitution":
        run.outputs[text] = visit(run, frame, node)
        return text, OPAQUE | QUOTED
    if kind in ("concatenation", "command_name", "brace_expression"):
        return _joined(run, frame, node, visit)
    for child in node.named_children:
        piece(run, frame, child, visit)
    return text, OPAQUE if node.named_child_count else 0


def _variable(run: Run, text: str) -> tuple[str, int]:
    value = run.state.value(text[1:])
    if value is None:
        return run.state.patterns.get(text[1:], (text, OPAQUE))
    return value, _SPLIT


def _braced(run: Run, frame: Frame, node: Node, text: str, visit: Visit) -> tuple[str, int]:
    for child in node.named_children:
        if child.type not in ("variable_name", "word", "special_variable_name"):
            piece(run, frame, child, visit)
    value, inner = run.state.braced(text)
    if value is None and inner is not None and inner.startswith("$"):
        value = run.state.value(inner.strip("${}"))
    if value is None and text[2:-1] in run.state.patterns:
        return run.state.patterns[text[2:-1]]
    return (text, OPAQUE) if value is None else (decode_quotes(value) if inner else value, _SPLIT)


def decode_quotes(word: str) -> str:
    """A default such as ``"rm"`` without its quotes."""
    if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"":
        return word[1:-1]
    return unescape(word)


def _double(run: Run, frame: Frame, node: Node, visit: Visit) -> tuple[str, int]:
    """A double-quoted string: the literal text between its expansions, and those."""
    start = node.start_byte + (2 if node.type == "translated_string" else 1)
    end = node.end_byte - 1
    children = [child for child in node.named_children if child.type not in ("string_content", "string")]
    if node.type == "translated_string":
        inner = node.named_children
        children = [c for c in (inner[0].named_children if inner else []) if c.type != "string_content"]
    text = frame.text
    if not children:
        body = text[start:end]
        return (_in_double(body) if "\\" in body else body), QUOTED
    parts: list[str] = []
    mark = QUOTED
    place = start
    for child in children:
        parts.append(_in_double(text[place : child.start_byte]))
        pattern = None
        if run.state.patterns:
            pattern = run.state.patterns.get(text[child.start_byte + 1 : child.end_byte].strip("{}"))
        value, found = pattern or piece(run, frame, child, visit)
        parts.append(value)
        mark |= found & (UNSEEN | FOUND)
        place = child.end_byte
    parts.append(_in_double(text[place:end]))
    return "".join(parts), mark


def _in_double(text: str) -> str:
    return _IN_DOUBLE.sub(lambda m: "" if m[1] == "\n" else m[1], text) if "\\" in text else text


def _joined(run: Run, frame: Frame, node: Node, visit: Visit, *, guard: bool = False) -> tuple[str, int]:
    """A concatenation: its parts one after the other, with the literal characters between them."""
    if not node.named_child_count:
        text = frame.text[node.start_byte : node.end_byte]
        return unescape(text), 0
    parts: list[str] = []
    mark = 0
    place = node.start_byte
    for child in node.named_children:
        parts.append(unescape(frame.text[place : child.start_byte]))
        value, found = piece(run, frame, child, visit)
        if guard and found & (QUOTED | LISTED | _SPLIT):
            value = value.translate(_GUARD)
        parts.append(value)
        mark |= found
        place = child.end_byte
    parts.append(unescape(frame.text[place : node.end_byte]))
    return "".join(parts), mark
