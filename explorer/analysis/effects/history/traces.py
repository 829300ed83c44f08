"""Which files a step writes, edits, shows or lists, as its own text tells."""

from __future__ import annotations

import re
from typing import NamedTuple

from explorer.analysis.effects.code.python_writes import python_writes
from explorer.analysis.effects.shared.tool_names import tool_name
from explorer.analysis.effects.shell.commands import folder_after, written_files
from explorer.analysis.effects.tools.targets import parse_arguments
from explorer.model.effect import EffectKind, Effects
from explorer.model.schema import StepKind

_PATH_KEYS = ("path", "file_path", "filepath", "filename", "file_name", "file", "target_file")
_TEXT_KEYS = ("file_text", "content", "contents", "text", "code", "data", "body")
_CD = re.compile(r"\b(?:cd|pushd|popd|chdir)\b")
_ONLY_CD = re.compile(r"\s*(?:cd|pushd|popd)(?:[ \t][^;&|\n]*)?\s*")
_SHOW = re.compile(r"\s*(?:cd[ \t]+[^\s;&|<>]+[ \t]*&&\s*)?(?:sudo\s+)?cat\s+(?P<path>(?!-)[^\s;&|<>*?$]+)\s*$")
_LIST = re.compile(r"\s*(?:sudo\s+)?ls(?:\s+-[\w-]+)*(?:\s+(?P<path>[^\s;&|<>*?$-][^\s;&|<>*?$]*))?\s*$")
_READERS = re.compile(
    r"\b(?:cat|head|tail|less|more|wc|grep|file|stat|md5sum|sha256sum|diff|sort|cut|jq|nl|od|xxd"
    r"|ls(?:\s+-\w+)?)\s+(?P<words>[^;&|<>\n]{1,400})"
)
_TOLERANT = re.compile(r"(?:2|&)>>?\s*/dev/null|\|\|")
_WORD = re.compile(r"^(?:[\w~.+-]*/)*[\w.+-]+\.[A-Za-z]\w{0,9}$|^/[\w./+-]+$")
_MOVE = re.compile(
    r"(?:^|[;&\n]\s*)(?:sudo\s+)?mv\s+(?:-\w+\s+)*(?P<source>[^\s;&|<>*?$-][^\s;&|<>*?$]*)\s+(?P<target>[^\s;&|<>*?$]+)\s*(?=$|[;&\n])"
)


class Touched(NamedTuple):
    """``written`` (path, content or None, appended) · ``edited`` (path, old, new, line) · ``moved`` (from, to) ·
    ``shown`` the file whose text is the observation, ``whole`` or not · ``seen`` existing files · ``listed`` the folder
    that the observation lists · ``folder`` the working folder afterwards as seen from the one before ("" = the same) ·
    ``moves`` whether it changes folders on the way, ``only_moves`` whether it does nothing else · ``tolerant`` whether
    what is not there may go unsaid · ``makes`` whether it is an editor's command for a new file."""

    written: tuple[tuple[str, str | None, bool], ...] = ()
    edited: tuple[tuple[str, str, str, int | None], ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    shown: str | None = None
    whole: bool = True
    seen: tuple[str, ...] = ()
    listed: str | None = None
    folder: str = ""
    moves: bool = False
    only_moves: bool = False
    tolerant: bool = False
    makes: bool = False


NOTHING = Touched()
_LOOKING = frozenset({"search", "find", "list", "grep", "glob", "exists", "check"})
"""Words of tools whose answer is not the file that they name."""


def touched_files(kind: str, tool: str | None, arguments: str, command: str | None, effects: Effects) -> Touched:
    """The files that one step touches. ``command`` is its shell text, if it has one."""
    if command is None and kind == StepKind.SHELL and arguments.lstrip()[:1] != "{":
        command = arguments
    if command is not None:
        return _by_command(command)
    if kind == StepKind.CODE or "python" in (tool or ""):
        return _by_code(arguments)
    if kind == StepKind.TOOL_CALL or arguments.lstrip()[:1] == "{":
        return _by_tool(tool or "", arguments, effects)
    return NOTHING


def _by_command(command: str) -> Touched:
    written: list[tuple[str, str | None, bool]] = []
    moves = _CD.search(command) is not None
    if ">" in command or "tee" in command:
        written += [(file.path, file.content, file.append) for file in written_files(command)]
    if "python" in command and "open(" in command:
        written += [(path, content, append) for path, content, append in python_writes(_heredoc(command))]
    show, listing = _SHOW.match(command), _LIST.match(command)
    seen: list[str] = []
    for match in _READERS.finditer(command[:4000]):
        seen += [word.strip("'\"") for word in match["words"].split() if _WORD.match(word.strip("'\""))]
    names = {name for name, _, _ in written}
    return Touched(
        written=tuple(written),
        moved=tuple(
            (match["source"].strip("'\""), match["target"].strip("'\"")) for match in _MOVE.finditer(command[:4000])
        ),
        shown=show["path"].strip("'\"") if show else None,
        seen=tuple(name for name in seen[:50] if name not in names),
        listed=(listing["path"] or "").strip("'\"") if listing else None,
        folder=folder_after(command) if moves else "",
        moves=moves,
        only_moves=moves and _ONLY_CD.fullmatch(command) is not None,
        tolerant=bool(seen or show) and _TOLERANT.search(command) is not None,
    )


def _heredoc(command: str) -> str:
    """The body of a heredoc, or the text itself."""
    match = re.search(r"<<-?\s*['\"]?(\w+)['\"]?[^\n]*\n(.*?)\n\1\s*(?:$|\n)", command, re.DOTALL)
    return match[2] if match else command


def _by_code(arguments: str) -> Touched:
    given = parse_arguments(arguments)
    code = given.get("code", given.get("", arguments)) if isinstance(given, dict) else arguments
    text = code if isinstance(code, str) else arguments
    return Touched(written=tuple(python_writes(text)))


def _by_tool(tool: str, arguments: str, effects: Effects) -> Touched:
    given = parse_arguments(arguments)
    path = next((value for key in _PATH_KEYS if isinstance(value := given.get(key), str) and value), None)
    if path is None:
        return NOTHING
    kinds = {effect.kind for effect in effects}
    old, new = given.get("old_str", given.get("old_string")), given.get("new_str", given.get("new_string"))
    if isinstance(new, str) and EffectKind.MODIFY in kinds:
        line = given.get("insert_line")
        number = int(line) if isinstance(line, int) or (isinstance(line, str) and line.isdigit()) else None
        return Touched(edited=((path, old if isinstance(old, str) else "", new, number),))
    if kinds & {EffectKind.CREATE, EffectKind.OVERWRITE}:
        text = next((value for key in _TEXT_KEYS if isinstance(value := given.get(key), str)), None)
        makes = given.get("command") == "create" or tool_name(tool).words[:1] == ("create",)
        return Touched(written=((path, text, False),), makes=makes)
    if kinds <= {EffectKind.READ, EffectKind.NONE} and not set(tool_name(tool).words) & _LOOKING:
        whole = not any(given.get(key) for key in ("view_range", "start_line", "offset", "limit", "line"))
        return Touched(shown=path, whole=whole)
    return NOTHING
