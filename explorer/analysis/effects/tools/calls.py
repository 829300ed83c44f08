"""What a call of an API tool does.

In this order: rules for the tool by name and arguments (a user's pack before our own) → what its arguments say (an
HTTP method and path, SQL, a shell command, code, a verb such as ``action = "delete"``) → the verb slot of its name →
the tool's annotations, where the log carries them → unknown.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from explorer.analysis.effects.code.classify import classify_code
from explorer.analysis.effects.databases.sql import classify_sql
from explorer.analysis.effects.outcomes.refusal import classify_message
from explorer.analysis.effects.rules.types import RuleSet, ToolRule
from explorer.analysis.effects.shared.making import clip, distinct, make, under, words
from explorer.analysis.effects.shared.tool_names import ToolName, tool_name, verb_of
from explorer.analysis.effects.tools.payments import as_paid
from explorer.analysis.effects.tools.targets import Arguments, named_value, parse_arguments, target_of, value_text
from explorer.analysis.effects.web.browser import classify_browser, classify_element, is_browser
from explorer.analysis.effects.web.http import METHODS, classify_http
from explorer.model.effect import Effect, EffectKind, Effects, Span, Target

Shell = Callable[[str], Effects]
MAX_PLACED = 200_000
MAX_NAMES = 20_000
NO_VERB = "*"
"""Stands among a rule's verbs for a name without a verb."""
_K = EffectKind

_VERB_KEYS = "action|operation|command|op|verb|method|sub_command|subcommand|request_type|action_type"
_WEAK_VERB_KEYS = "mode|type|event|query_type|task|kind"
_SHELL_KEYS = "command|cmd|script|bash|shell|commands|shell_command|bash_command|code|input"
_SHELL_WORDS = words(
    "bash shell terminal exec execute run command cmd sh zsh console ssh subprocess cli runner powershell tmux"
)
_CODE_WORDS = words(
    "python ipython jupyter code interpreter cell notebook repl javascript js node ruby perl php sandbox"
)
_SQL_KEYS = "sql|sql_query|statement|query|command"
_SQL_WORDS = words(
    "sql query database db mysql postgres postgresql sqlite bigquery snowflake duckdb redshift mssql oracle"
)
_SQL_LEAD = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:select\b.{1,4000}?\bfrom\b|select\s+\d|insert\s+(?:into|overwrite)\b"
    r"|update\s+[\w.\"`\[\]]+\s+set\b|delete\s+from\b|drop\s+(?:table|database|schema|view|index|user)\b"
    r"|truncate\s|alter\s+(?:table|user|database|role)\b|create\s+(?:or\s+replace\s+)?(?:table|database|view|index"
    r"|schema|user|temp)|grant\s|revoke\s|merge\s+into\b|with\s+\w+\s+as\s*\(|explain\s|show\s+\w|describe\s|pragma\s)",
    re.IGNORECASE | re.DOTALL,
)
_FINDING = words("search find lookup google web docs")
_MUTATION = re.compile(r"\s*mutation\b")
_SPEAKING = words(
    "chat message ask ask_user ask_human ask_followup_question say reply respond send_msg_to_user "
    "send_message_to_user message_user notify_user"
    " respond_to_user reply_to_user talk speak inform_user question user_input request_user_input report_infeasible "
    "ask_question clarify"
    " final_response agent_message"
)
_FINISHING = words(
    "finish done submit complete attempt_completion final_answer give_final_answer task_complete answer exit end "
    "stop terminate"
)
_TEXT_KEYS = "message|content|text|final_thought|response|answer|question|summary|result|output|thought|"
_DRY_KEYS = "dry_run|dryrun|dryRun|preview|simulate|simulation|validate_only|what_if|whatIf|check_only"
_TRUE = frozenset({"true", "1", "yes", "on"})
_HARDER = (
    "force|forced|permanent|permanently|hard_delete|hardDelete|purge|skip_trash|bypass|no_backup|override"
    "|delete_all|irreversible"
)
_SOFTER = "soft_delete|softDelete|soft|move_to_trash|trash|archive|archived|recoverable"
_DESTRUCTIVE = frozenset({_K.DELETE, _K.REMOTE_DELETE, _K.OVERWRITE, _K.ACCOUNT, _K.RECOVERY_DESTROY, _K.DISK_WIPE})


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a classifier of calls may use: the rules, classifiers of embedded texts (None = opaque), files known to
    exist, and the tool's annotations (``readOnlyHint``, ``destructiveHint``, …) if the log has them."""

    rules: RuleSet
    shell: Shell | None = None
    known_paths: Collection[str] = ()
    annotations: Mapping[str, object] | None = None


class _Tables(NamedTuple):
    """The rules by what they are looked up with; ``fitting`` remembers the ids of rules whose globs fit a name."""

    rules: tuple[ToolRule, ...]
    named: tuple[ToolRule, ...]
    by_verb: Mapping[str, tuple[ToolRule, ...]]
    fitting: dict[str, frozenset[int]]

    def fit(self, snake: str) -> frozenset[int]:
        """Places of the rules whose name patterns fit (or which have none)."""
        found = self.fitting.get(snake)
        if found is None:
            found = frozenset(id(rule) for rule in self.rules if _names(rule, snake))
            if len(self.fitting) > MAX_NAMES:
                self.fitting.clear()
            self.fitting[snake] = found
        return found


_compiled: dict[str, _Tables] = {}


def _tables(rules: RuleSet) -> _Tables:
    found = _compiled.get(rules.hash)
    if found is None:
        by_verb: dict[str, list[ToolRule]] = {}
        for rule in rules.tools:
            for verb in rule.verbs:
                by_verb.setdefault(verb, []).append(rule)
        named = tuple(rule for rule in rules.tools if not rule.verbs)
        found = _Tables(rules.tools, named, {verb: tuple(items) for verb, items in by_verb.items()}, {})
        if len(_compiled) > 16:
            _compiled.clear()
        _compiled[rules.hash] = found
    return found


def classify_tool(tool: str, arguments: str | None, context: ToolContext) -> Effects:
    """The effects of one call; ``arguments`` is the JSON text of the log (or a raw text)."""
    name = tool_name(tool)
    given = parse_arguments(arguments)
    found = _told_by_rule(name, given, context) or _said(name, given) or _told_by_arguments(tool, name, given, context)
    if not found:
        found = _told_by_name(name, given, context)
    if not found:
        found = _annotated(name, given, context) or (
            make(_K.UNKNOWN, "tool.unknown", target=Target("tool", clip(tool))),
        )
    return _shifted(_placed(found, given, arguments or ""), given)


def _placed(effects: Effects, given: Arguments, arguments: str) -> Effects:
    """Evidence found in the text of one argument, moved to where that text stands in the call's JSON."""
    if all(effect.span is None for effect in effects) or "" in given:
        return effects
    widest = max(effect.span.end for effect in effects if effect.span is not None)
    inner = next((value for value in given.values() if isinstance(value, str) and len(value) >= widest), None)
    if inner is None or len(inner) > MAX_PLACED:
        return tuple(replace(effect, span=None) for effect in effects)
    for encode in (_as_is, _as_ascii):
        start = arguments.find(encode(inner))
        if start >= 0:
            return tuple(
                effect
                if effect.span is None
                else replace(
                    effect,
                    span=Span(
                        start + len(encode(inner[: effect.span.start])), start + len(encode(inner[: effect.span.end]))
                    ),
                )
                for effect in effects
            )
    return tuple(replace(effect, span=None) for effect in effects)


def _as_is(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _as_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _told_by_rule(name: ToolName, given: Arguments, context: ToolContext) -> Effects:
    found: list[Effect] = []
    tables = _tables(context.rules)
    fitting = tables.fit(name.snake)
    for rule in tables.named:
        if id(rule) in fitting and _argues(rule, given):
            found.append(_by_rule(rule, name, given, context))
            if not rule.also:
                return tuple(found)
    return tuple(found)


def _names(rule: ToolRule, snake: str) -> bool:
    if not rule.names:
        return True
    return any(
        fnmatch.fnmatchcase(snake, pattern) if "*" in pattern or "?" in pattern else snake == pattern.lower()
        for pattern in rule.names
    )


def _argues(rule: ToolRule, given: Arguments) -> bool:
    for pattern, values in rule.arguments:
        held = named_value(given, pattern)
        if held is None:
            return False
        if values and value_text(held[1]).lower() not in {value.lower() for value in values}:
            return False
    return True


def _by_rule(rule: ToolRule, name: ToolName, given: Arguments, context: ToolContext) -> Effect:
    kind = rule.effect
    target = target_of(kind, name, given, rule.target, rule.type)
    if kind in (_K.CREATE, _K.MODIFY) and target is not None and target.type == "path" and "write" in name.words:
        kind = _K.OVERWRITE if target.value in context.known_paths else kind
    elif kind is _K.CREATE and target is not None and target.type == "path" and target.value in context.known_paths:
        kind = _K.OVERWRITE if name.words and name.words[0] not in ("copy", "add", "append", "insert") else kind
    severity = rule.severity
    if kind is _K.REMOTE_DELETE and target is not None and target.scope == "tree":
        severity = 4
    found = make(
        kind, rule.id, target=target, severity=severity, confidence=rule.confidence,
        reversible=rule.reversible, note=rule.note,
    )  # fmt: skip
    return as_paid(found, name, given)


def _said(name: ToolName, given: Arguments) -> Effects:
    """Things said through a tool: to the user, to a colleague, or as the end of the work."""
    last = "_".join(name.last)
    if name.snake not in _SPEAKING and last not in _SPEAKING and name.snake not in _FINISHING:
        return ()
    if any(key in given for key in ("channel", "recipient", "recipients", "to", "email", "phone_number")):
        return ()
    held = named_value(given, _TEXT_KEYS) or (("", given[""]) if "" in given else None)
    if held is None:
        return (make(_K.NONE, "tool.finish"),) if name.snake in _FINISHING else ()
    return tuple(replace(effect, span=None) for effect in classify_message(value_text(held[1])))


def _told_by_arguments(tool: str, name: ToolName, given: Arguments, context: ToolContext) -> Effects:
    words = set(name.words)
    if is_browser(tool):
        page = _browser(given)
        if page:
            return page
    held = named_value(given, "code|python|python_code|source_code|script|")
    if held is not None and words & _CODE_WORDS and isinstance(held[1], str):
        language = value_text(given.get("language", given.get("lang", ""))) or _language(words)
        found = classify_code(held[1], language, context.shell, known_paths=context.known_paths)
        return under(found, tool[:40], keep_span=True)
    held = named_value(given, _SQL_KEYS)
    if (
        held is not None
        and isinstance(held[1], str)
        and (held[0].startswith("sql") or words & _SQL_WORDS or held[0] != "command")
        and not words & _FINDING
        and _SQL_LEAD.match(held[1])
    ):
        return under(classify_sql(held[1], context.shell), tool[:40], keep_span=True)
    if held is not None and isinstance(held[1], str) and _MUTATION.match(held[1]):
        return classify_http("POST", value_text(given.get("url", "")), held[1])
    shell = _shell_text(words, given)
    if shell is not None:
        if value_text(given.get("is_input", "")).lower() in _TRUE:
            return _typed(shell)
        if context.shell is None:
            return (make(_K.EXEC_OPAQUE, "tool.shell", target=Target("command", clip(shell))),)
        return context.shell(shell)
    method = named_value(given, "method|http_method|request_method|verb|type")
    url = named_value(given, "url|uri|endpoint|path|href|request_url|link")
    if url is not None and method is not None and value_text(method[1]).upper() in METHODS:
        body = named_value(given, "body|data|json|payload|params|query")
        return classify_http(value_text(method[1]), value_text(url[1]), value_text(body[1]) if body else None)
    if (
        url is not None
        and "://" in value_text(url[1])
        and words & {"http", "https", "request", "requests", "api", "rest", "curl", "fetch"}
    ):
        named = next((word for word in name.words if word.upper() in METHODS), "get")
        body = named_value(given, "body|data|json|payload")
        return classify_http(named, value_text(url[1]), value_text(body[1]) if body else None)
    return _argument_verb(name, given, context, _VERB_KEYS)


def _language(words: set[str]) -> str:
    return next(
        (word for word in ("javascript", "js", "node", "ruby", "perl", "php", "powershell") if word in words), "python"
    )


def _shell_text(words: set[str], given: Arguments) -> str | None:
    for key in _SHELL_KEYS.split("|"):
        value = given.get(key)
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            value = value[2] if len(value) == 3 and value[1] in ("-c", "-lc") else " ".join(value)
        if isinstance(value, str) and value.strip():
            if words & _SHELL_WORDS or key in ("cmd", "bash", "shell", "shell_command", "bash_command"):
                return value
            if key == "command" and " " in value.strip() and len(given) <= 3 and not _SQL_LEAD.match(value):
                return value
    raw = given.get("")
    return raw if isinstance(raw, str) and words & {"bash", "shell", "terminal", "sh"} else None


def _typed(text: str) -> Effects:
    """Input for a program that is still running: what it makes of it is not visible."""
    if re.fullmatch(r"\s*(?:C-[a-z]|\^[A-Z])?\s*", text):
        return (make(_K.NONE, "tool.interrupt"),)
    return (
        make(_K.EXEC_OPAQUE, "tool.input", target=Target("input", clip(text)), note="typed into a running program"),
    )


def _browser(given: Arguments) -> Effects:
    code = given.get("code", given.get("browser_actions", given.get("")))
    if isinstance(code, str) and code.strip():
        return classify_browser(code)
    element = named_value(given, "element|label|button|description")
    action = named_value(given, "action|command")
    if element is not None and isinstance(element[1], str):
        return (classify_element(element[1]),)
    if action is not None and value_text(action[1]).lower() in ("click", "left_click", "double_click", "press", "key"):
        return classify_browser("click('')")
    return ()


def _argument_verb(name: ToolName, given: Arguments, context: ToolContext, keys: str) -> Effects:
    tables = _tables(context.rules)
    for key in keys.split("|"):
        value = given.get(key, given.get(key.capitalize()))
        if not isinstance(value, str) or not 0 < len(value) <= 60 or value.count(" ") > 2:
            continue
        said = tool_name(value.replace(" ", "_"))
        verb = verb_of(said, tables.by_verb.keys())
        if verb is None and key == "method" and value.upper() in METHODS:
            verb = {"DELETE": "delete", "POST": "create", "PUT": "update", "PATCH": "update"}.get(value.upper(), "get")
        if verb is None:
            continue
        rest = {k: v for k, v in given.items() if k.lower() != key}
        joined = ToolName("_".join((*said.words, *name.words)), (*said.words, *name.words), said.words)
        found = _by_verb(verb, joined, rest, context)
        if found:
            return under(found, f"{key}={value}"[:40])
    return ()


def _told_by_name(name: ToolName, given: Arguments, context: ToolContext) -> Effects:
    verb = verb_of(name, _tables(context.rules).by_verb.keys())
    found = _by_verb(verb or NO_VERB, name, given, context)
    if found and all(effect.kind not in (_K.CREATE, _K.MODIFY, _K.READ) for effect in found):
        return found
    weak = _argument_verb(name, given, context, _WEAK_VERB_KEYS) if name.words and not found else ()
    if (
        found
        and any(word in name.words for word in ("write", "save"))
        and value_text(given.get("mode", "")).lower() in ("w", "overwrite", "replace", "truncate")
    ):
        return tuple(
            replace(effect, kind=_K.OVERWRITE, severity=3, reversible=False) if effect.kind is _K.CREATE else effect
            for effect in found
        )
    return found or weak


def _by_verb(verb: str, name: ToolName, given: Arguments, context: ToolContext) -> Effects:
    found: list[Effect] = []
    tables = _tables(context.rules)
    fitting = tables.fit(name.snake)
    for rule in tables.by_verb.get(verb, ()):
        if id(rule) in fitting and _argues(rule, given):
            found.append(_by_rule(rule, name, given, context))
            if not rule.also:
                break
    return tuple(found)


def _annotated(name: ToolName, given: Arguments, context: ToolContext) -> Effects:
    """A tool's own annotations: a prior, not the truth (``destructiveHint`` means "not only additive")."""
    hints = context.annotations
    if not hints:
        return ()
    if hints.get("readOnlyHint") is True:
        return (make(_K.READ, "tool.annotation", confidence=0.6),)
    if hints.get("destructiveHint") is False:
        return (make(_K.CREATE, "tool.annotation", confidence=0.5, target=target_of(_K.CREATE, name, given)),)
    return ()


def _shifted(effects: Effects, given: Arguments) -> Effects:
    """The same effects after the call's switches: a dry run reads, force and recursion weigh more, a soft
    deletion less."""
    if _on(given, _DRY_KEYS):
        return (make(_K.READ, effects[0].rule, target=effects[0].target, note="a dry run"),)
    harder, softer, deep = (
        _on(given, _HARDER),
        _on(given, _SOFTER),
        _on(given, "recursive|recurse|cascade|include_children"),
    )
    if not (harder or softer or deep):
        return distinct(list(effects)) if len(effects) > 1 else effects
    return tuple(
        replace(
            effect,
            severity=max(0, min(4, effect.severity + harder - softer + deep)),
            reversible=True if softer else effect.reversible,
            target=effect.target._replace(scope="tree")
            if deep and effect.target and effect.target.scope == "one"
            else effect.target,
        )
        if effect.kind in _DESTRUCTIVE
        else effect
        for effect in effects
    )


def _on(given: Arguments, keys: str) -> bool:
    return any(value_text(given[key]).lower() in _TRUE for key in keys.split("|") if key in given)
