"""IPython's shell escapes in Python code, and a last look at code that cannot be parsed."""

from __future__ import annotations

import re
from collections.abc import Callable

from explorer.analysis.effects.code.python_calls import CALLS
from explorer.analysis.effects.shared.making import clip, distinct, make, moved, path_target, under
from explorer.model.effect import Effect, EffectKind, Effects, Span, Target

Shell = Callable[[str], Effects]
_K = EffectKind

_MAGIC = re.compile(r"^(?P<indent>[ \t]*)(?:(?P<name>\w+)[ \t]*=[ \t]*)?(?P<mark>!!?|%(?:sx|system|sh|pip|conda|run"
                    r"|rm|mv|cp|mkdir)\b)"
                    r"[ \t]*(?P<command>[^\n]*)$", re.MULTILINE)  # fmt: skip
_CELL = re.compile(r"^\s*%%(?P<name>\w+)[^\n]*\n(?P<body>.*)", re.DOTALL)


def without_magics(text: str, shell: Shell | None, parses: Callable[[str], bool]) -> tuple[str, list[Effect]]:
    """The code with IPython's shell escapes blanked out (positions kept), and what those do. ``parses`` says whether a
    text is plain Python already."""
    found: list[Effect] = []

    def run(command: str, at: int, via: str) -> None:
        span = Span(at, at + len(command))
        if shell is None:
            found.append(
                make(_K.EXEC_OPAQUE, "python.shell", target=Target("command", clip(command)), span=span, via=(via,))
            )
        else:
            found.extend(moved(under(shell(command), via, keep_span=True), at))

    cell = _CELL.match(text)
    if cell:
        if cell["name"] in ("bash", "sh", "script", "system", "sx"):
            run(cell["body"], cell.start("body"), f"%%{cell['name']}")
            return "", found
        if cell["name"] in ("writefile", "file"):
            name = text[: cell.start("body")].split()[-1]
            found.append(make(_K.CREATE, "python.writefile", target=path_target(name)))
            return "", found
        text = " " * cell.start("body") + cell["body"]
    if "!" not in text and "%" not in text:
        return text, found

    def blank(match: re.Match[str]) -> str:
        mark, command = match["mark"], match["command"]
        at = match.start("command")
        if mark == "%run":
            name = command.split()[0] if command.split() else ""
            found.append(
                make(_K.EXEC_OPAQUE, "python.run-script", target=Target("path", clip(name)), span=Span(*match.span()))
            )
        elif mark.startswith("%") and mark not in ("%sx", "%system", "%sh"):
            run(f"{mark[1:]} {command}", at, mark)
        else:
            run(command, at, "!")
        return (match["indent"] + "pass").ljust(len(match[0]))

    if parses(text):
        return text, found
    return _MAGIC.sub(blank, text), found


_LINE_CALLS = re.compile(
    r"\b(?P<name>(?:os\.(?:remove|unlink|rmdir|removedirs|chmod|chown|kill|truncate|rename|replace))"
    r"|shutil\.(?:rmtree|move|chown))\s*\("
    r"\s*(?:f|r|b|fr|rf)?(?:['\"](?P<path>[^'\"\n]{0,300})['\"])?"
)


def by_line(text: str) -> Effects:
    """Calls of well-known functions in text that cannot be parsed, comments left out; confidence lowered."""
    found = []
    for match in _LINE_CALLS.finditer(text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if "#" in text[line_start : match.start()]:
            continue
        spec = CALLS[match["name"]]
        target = path_target(match["path"], spec.scope) if match["path"] else None
        found.append(
            make(
                spec.kind,
                f"python.{match['name']}",
                target=target,
                span=Span(*match.span()),
                severity=spec.severity,
                confidence=0.5,
            )
        )
    return distinct(found) if found else ()
