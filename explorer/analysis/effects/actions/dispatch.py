"""One action to its effects: picks the classifier by the kind of step and the tool, and lets the classifiers call
each other for embedded texts (a shell command in Python code in a heredoc …)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from explorer.analysis.effects.code.classify import classify_code, language_name
from explorer.analysis.effects.databases.sql import classify_sql
from explorer.analysis.effects.outcomes.refusal import classify_message
from explorer.analysis.effects.rules.types import RuleSet
from explorer.analysis.effects.shared.making import make
from explorer.analysis.effects.shared.tool_names import tool_name
from explorer.analysis.effects.shell.commands import classify_shell
from explorer.analysis.effects.tools.calls import ToolContext, classify_tool
from explorer.model.effect import EffectKind, Effects
from explorer.model.schema import StepKind

MAX_DEPTH = 8
_EDITOR = re.compile(
    r"\s*(?P<name>open|goto|scroll_up|scroll_down|create|edit|insert|append|submit|find_file|search_file|search_dir"
    r"|set_cursors|str_replace_editor"
    r"|undo_edit|view|exit_cost|exit_format|exit_context|exit_forfeit)\b[ \t]*(?P<rest>[^\n]*)",
)
_EDIT_RANGE = re.compile(r"\d+:\d+|['\"]")


class Classifier:
    """Classifiers bound to one rule set; texts inside texts are followed to a depth of :data:`MAX_DEPTH`."""

    def __init__(self, rules: RuleSet, known_paths: Collection[str] = (), failed_folders: Collection[str] = ()) -> None:
        self.rules = rules
        self.known_paths = known_paths
        self.failed_folders = failed_folders
        self._depth = 0

    def shell(self, command: str) -> Effects:
        """The effects of a shell command, with code in other languages handed to :meth:`code`."""
        if self._depth >= MAX_DEPTH:
            return (make(EffectKind.EXEC_OPAQUE, "nested-too-deep", note="nested too deeply to be read"),)
        self._depth += 1
        try:
            return classify_shell(
                command,
                self.rules,
                known_paths=self.known_paths,
                depth=self._depth - 1,
                embedded=self.code,
                failed_folders=self.failed_folders,
            )
        finally:
            self._depth -= 1

    def code(self, language: str, text: str) -> Effects:
        """The effects of code in another language."""
        if self._depth >= MAX_DEPTH:
            return (make(EffectKind.EXEC_OPAQUE, "nested-too-deep", note="nested too deeply to be read"),)
        self._depth += 1
        try:
            return classify_code(text, language, self.shell, known_paths=self.known_paths, depth=self._depth - 1)
        finally:
            self._depth -= 1

    def tool(self, tool: str, arguments: str | None) -> Effects:
        """The effects of a call of an API tool."""
        return classify_tool(tool, arguments, ToolContext(self.rules, self.shell, self.known_paths))


def classify_action(
    kind: StepKind | str,
    tool: str | None,
    arguments: str | None,
    rules: RuleSet,
    *,
    known_paths: Collection[str] = (),
    failed_folders: Collection[str] = (),
) -> Effects:
    """The effects of one action. ``arguments`` is what the steps table holds: JSON, or the command, code or text
    itself; ``failed_folders`` are those that the output says could not be entered. Never raises for the content of a
    log; linear in its length."""
    classifier = Classifier(rules, known_paths, failed_folders)
    text = arguments or ""
    if kind == StepKind.SHELL:
        return _shell_step(tool, text, classifier)
    if kind == StepKind.SQL:
        return classify_sql(_inner(text, "sql", "query", "statement", "command"), classifier.shell)
    if kind == StepKind.CODE:
        return _code_step(tool, text, classifier)
    if kind in (StepKind.MESSAGE, StepKind.FINISH):
        return classify_message(
            _inner(text, "message", "content", "final_thought", "text", "thought", "answer", "result", "response")
        )
    if tool:
        edited = _editor_command(tool, text, classifier) if not text.lstrip().startswith("{") else None
        return edited or classifier.tool(tool, arguments)
    if not text.strip():
        return (make(EffectKind.NONE, "action.empty"),)
    return (make(EffectKind.UNKNOWN, "action.no-tool"),)


def _inner(text: str, *keys: str) -> str:
    """The text itself, or the value of one of ``keys`` where it is a JSON object."""
    if text.lstrip()[:1] != "{":
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict):
        for key in keys:
            if isinstance(found.get(key), str):
                return str(found[key])
        return "" if not found else text
    return text


def _shell_step(tool: str | None, text: str, classifier: Classifier) -> Effects:
    if text.lstrip()[:1] == "{":
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            parsed = None
        if isinstance(parsed, dict) and any(
            key in parsed for key in ("command", "cmd", "input", "script", "commands", "code")
        ):
            return classifier.tool(tool if tool and "bash" in tool else "bash", text)
    if not text.strip():
        return (make(EffectKind.NONE, "action.empty"),)
    return _editor_command(None, text, classifier) or classifier.shell(text)


def _editor_command(tool: str | None, text: str, classifier: Classifier) -> Effects | None:
    """A file editor's own commands as they appear in shell logs (``edit 4:4 … end_of_edit``)."""
    match = _EDITOR.match(text if tool is None or text.startswith(tool) else f"{tool} {text}")
    if match is None:
        return None
    name, rest = match["name"], match["rest"].strip()
    if name in ("edit", "insert", "append", "open", "create", "view") and tool is None:
        ours = (
            "end_of_edit" in text
            or (name in ("edit", "insert") and _EDIT_RANGE.match(rest))
            or (name in ("open", "create", "view") and re.fullmatch(r"[\"']?[\w./-]+[\"']?(?:\s+\d+)?", rest))
        )
        if not ours:
            return None
    path = rest.split()[0].strip("'\"") if rest and name in ("open", "create", "view", "str_replace_editor") else ""
    if name == "str_replace_editor":
        words = rest.split()
        given = {"command": words[0] if words else "view", "path": words[1] if len(words) > 1 else ""}
        return classifier.tool("str_replace_editor", json.dumps(given))
    if name == "submit":
        return (make(EffectKind.NONE, "tool.finish"),)
    if name in ("create", "edit", "insert", "append"):
        return classifier.tool(
            {"create": "create_file"}.get(name, "edit_file"), json.dumps({"path": path} if path else {})
        )
    return classifier.tool(
        name if name.startswith(("exit", "scroll")) else "open", json.dumps({"path": path} if path else {})
    )


def _code_step(tool: str | None, text: str, classifier: Classifier) -> Effects:
    language = "python"
    if text.lstrip()[:1] == "{":
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            language = str(found.get("language") or found.get("lang") or language)
            text = str(found.get("code", found.get("source", found.get("script", text))))
    words = tool_name(tool or "").words
    named = next(
        (
            word
            for word in words
            if language_name(word) in ("javascript", "ruby", "perl", "php", "powershell", "sql", "shell")
        ),
        None,
    )
    if any(word in ("browser", "browse", "web") for word in words):
        return classifier.tool(tool or "browser", json.dumps({"code": text}))
    return classifier.code(language_name(named or language), text)
