"""What a step calls: the name under which two steps count as the same tool.

For a tool call it is the tool's name; where every step goes through one tool (a shell, an interpreter, a
database) it is the program, function or statement it starts with.
"""

from __future__ import annotations

import re

from explorer.model.schema import StepKind

_LIMIT = 2_000
_SPLIT = re.compile(r"\|\||&&|[;|\n&]")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=\S*")
_CALL = re.compile(r"([A-Za-z_][\w.]{0,80})\(")
_WORD = re.compile(r"[A-Za-z_]\w{0,80}")
_NAMESPACE = re.compile(r"__|[./:]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLUMBING = frozenset(
    {"cd", "pushd", "export", "set", "source", ".", "true", "then", "do", "else", "if", "for", "while"}
)
_WRAPPERS = frozenset(
    {"sudo", "doas", "env", "command", "builtin", "exec", "nohup", "nice", "time", "timeout", "xargs"}
)
_VERBS = {
    "fetch": "get", "read": "get", "view": "get", "show": "get", "open": "get", "cat": "get", "lookup": "search",
    "find": "search", "query": "search", "write": "create", "add": "create", "new": "create", "make": "create",
    "remove": "delete", "rm": "delete", "erase": "delete", "edit": "update", "modify": "update", "change": "update",
    "set": "update", "pay": "send", "transfer": "send",
}  # fmt: skip


def program(kind: str, arguments: str | None) -> str:
    """The program, function or statement a shell, code or SQL step starts with ("" if none is seen)."""
    text = (arguments or "")[:_LIMIT]
    if kind == StepKind.SHELL:
        return _shell_program(text)
    if kind == StepKind.SQL:
        word = _WORD.search(text)
        return word.group().lower() if word else ""
    call = _CALL.search(text)
    return call.group(1) if call else ""


def alias(tool: str) -> str:
    """A tool's name without namespace, case and synonyms of its verb: ``fs__readFile`` and ``get_file`` meet."""
    last = [part for part in _NAMESPACE.split(tool) if part][-1:] or [tool]
    words = re.split(r"[\s_\-]+", _CAMEL.sub("_", last[0]).lower())
    return " ".join(sorted({_VERBS.get(word, word) for word in words if word}))


def _shell_program(text: str) -> str:
    found = ""
    for part in _SPLIT.split(text):
        words = [word for word in part.split()[:12] if not _ASSIGNMENT.fullmatch(word)]
        while words and (words[0] in _WRAPPERS or words[0].startswith("-") or words[0][0].isdigit()):
            words.pop(0)
        if not words:
            continue
        name = words[0].strip("\"'\\(){}").rsplit("/", 1)[-1]
        if not name or name.startswith("#"):
            continue
        if name not in _PLUMBING:
            return name
        found = found or name
    return found
