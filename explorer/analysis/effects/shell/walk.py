"""The syntax tree in execution order: lists, pipelines, loops, functions, and the fix-ups the grammar needs."""

from __future__ import annotations

import re
from dataclasses import replace

from tree_sitter import Node

from explorer.analysis.effects.shared.folders import UNKNOWN_FOLDER
from explorer.analysis.effects.shell.expand import expand_word, piece, word_value
from explorer.analysis.effects.shell.heredoc import Heredoc
from explorer.analysis.effects.shell.listing import FED, MAX_VALUES, each_of, one_of
from explorer.analysis.effects.shell.literal import OPAQUE_OUTPUT, Output
from explorer.analysis.effects.shell.loose import command_of
from explorer.analysis.effects.shell.parse import MAX_NESTING, loose_commands, parse
from explorer.analysis.effects.shell.redirect import redirect_effects
from explorer.analysis.effects.shell.resolve import run_command
from explorer.analysis.effects.shell.run import MAX_DEPTH, Frame, Run, emit
from explorer.analysis.effects.shell.state import Function
from explorer.analysis.effects.shell.types import FOUND, LISTED, OPAQUE, UNSEEN, Redirect, SimpleCommand
from explorer.model.effect import EffectKind, Span

_FORK_BOMB = re.compile(r"([\w:.]+)\s*\(\)\s*\{\s*\1\s*\|\s*\1\s*&\s*\}\s*;?\s*\1")
_PLAIN = re.compile(r"[\w./:@%+,^~=-][\w ./:@%+,^~=*?-]*")
_KEYWORDS = frozenset(
    {
        "if", "then", "elif", "else", "fi", "do", "done", "while", "until", "for", "case", "esac", "in", "function",
        "select", "time", "coproc", "export", "declare", "local", "readonly", "typeset", "unset", "let",
    }
)  # fmt: skip
_SEQUENCES = frozenset(
    {
        "program", "compound_statement", "subshell", "do_group", "else_clause", "elif_clause", "if_statement",
        "while_statement", "case_statement", "case_item", "c_style_for_statement", "variable_assignments",
        "process_substitution", "command_substitution",
    }
)  # fmt: skip
_BRANCHING = frozenset({"if_statement", "case_statement"})
_ALTERNATIVES = frozenset({"elif_clause", "else_clause", "case_item"})
_CONNECTORS = frozenset({"&&", "||", ";", "&", "\n", ";;", "|", "|&"})
_OVER_OWN = re.compile(r"for[ \t]+\w+[ \t]*(?:in[ \t]+(?:\"\$[@*]\"|\$[@*])[ \t]*)?(?:;|\n)[ \t\n]*do\b")
"""A loop over what its script was called with."""
_UNSOUND_CONFIDENCE = 0.6


def run_text(run: Run, frame: Frame, stdin: Output | None = None) -> Output:
    """Classify one text in its frame; what it prints, where that is visible."""
    text = frame.text
    if frame.depth > MAX_DEPTH or not run.spend(len(text) + 16):
        emit(
            run, frame, EffectKind.UNKNOWN, frame.span(0, len(text)), rule="limit", note="nested too deeply to be read"
        )
        return OPAQUE_OUTPUT
    if len(text) < 2000 and _PLAIN.fullmatch(text):
        words = tuple(text.split())
        if words and words[0] not in _KEYWORDS and "=" not in words[0]:
            command = SimpleCommand(words, span=frame.span(0, len(text)), piped=stdin is not None)
            return simple(run, frame, command, stdin)
    if "|" in text and "()" in text:
        bomb = _FORK_BOMB.search(text)
        if bomb:
            emit(run, frame, EffectKind.RESOURCE_EXHAUST, frame.span(*bomb.span()), rule="shell.fork-bomb")
            return OPAQUE_OUTPUT
    parsed = parse(text)
    inner = frame if parsed.text is text else frame.blanked(parsed.text, parsed.heredocs)
    if parsed.too_deep:
        emit(
            run, frame, EffectKind.UNKNOWN, frame.span(0, len(text)), rule="limit", note="nested too deeply to be read"
        )
        return OPAQUE_OUTPUT
    if parsed.root is None or not parsed.sound:
        return _loose(run, inner)
    return visit(run, inner, parsed.root, "", stdin, [], 0)


def visit(
    run: Run, frame: Frame, node: Node, connector: str, stdin: Output | None, redirects: list[Node], deep: int
) -> Output:
    """Run a node in order. ``redirects`` are redirect nodes around it; ``deep`` bounds the recursion."""
    kind = node.type
    if kind == "command":
        return _command(run, frame, node, connector, stdin, redirects)
    if deep > MAX_NESTING:
        emit(run, frame, EffectKind.UNKNOWN, frame.span(node.start_byte, node.end_byte), rule="limit")
        return OPAQUE_OUTPUT
    if kind == "redirected_statement":
        return _redirected(run, frame, node, connector, stdin, redirects, deep)
    if kind == "list":
        return _list(run, frame, node, connector, stdin, redirects, deep)
    if kind == "pipeline":
        return _pipeline(run, frame, node, connector, stdin, redirects, deep)
    if kind in ("subshell", "process_substitution", "command_substitution"):
        folder = run.state.cwd
        output = _sequence(run, frame, node, connector, stdin, redirects, deep)
        run.state.cwd, run.state.fallback = folder, None
        return output
    if kind in _SEQUENCES:
        return _sequence(run, frame, node, connector, stdin, redirects, deep)
    if kind == "negated_command":
        return (
            visit(run, frame, node.named_children[0], connector, stdin, redirects, deep + 1)
            if node.named_children
            else OPAQUE_OUTPUT
        )
    if kind == "for_statement":
        return _for(run, frame, node, connector, stdin, deep)
    if kind == "function_definition":
        _function(run, frame, node)
        return OPAQUE_OUTPUT
    if kind == "variable_assignment":
        _assign(run, frame, node)
        return Output("", "literal")
    if kind in ("declaration_command", "unset_command"):
        _declare(run, frame, node, kind == "unset_command")
        return Output("", "literal")
    if kind != "comment":
        for child in node.named_children:
            if child.type in ("command", "pipeline", "list", "redirected_statement"):
                visit(run, frame, child, "", stdin, [], deep + 1)
            else:
                piece(run, frame, child, substitution)
        if kind == "test_command":
            emit(run, frame, EffectKind.READ, frame.span(node.start_byte, node.end_byte), rule="shell.test")
    return OPAQUE_OUTPUT


def substitution(run: Run, frame: Frame, node: Node) -> Output:
    """Run the inside of ``$(…)``, ``<(…)`` or backticks."""
    if frame.depth + 1 > 40:
        return OPAQUE_OUTPUT
    deeper = replace(frame, depth=frame.depth + 1)
    folder = run.state.cwd
    output = visit(run, deeper, node, "", None, [], 0)
    run.state.cwd = folder
    return output


def _sequence(
    run: Run, frame: Frame, node: Node, connector: str, stdin: Output | None, redirects: list[Node], deep: int
) -> Output:
    texts: list[str] | None = []
    remote = False
    children = [child for child in node.children if child.is_named or child.type in _CONNECTORS]
    commands = 0
    said: list[Output] = []
    start, ends = run.state.cwd, set[str]()
    for child in children:
        if child.type in _ALTERNATIVES and node.type in _BRANCHING:
            ends.add(run.state.cwd)
            run.state.cwd = start
        if not child.is_named:
            if commands:
                connector = ";" if child.type in ("\n", ";;") else child.type
            continue
        if child.type in ("comment", "heredoc_body", "heredoc_end"):
            continue
        if node.type in ("case_statement", "case_item") and child.type in (
            "word",
            "string",
            "raw_string",
            "concatenation",
            "number",
            "extglob_pattern",
            "simple_expansion",
            "expansion",
            "command_substitution",
        ):
            piece(run, frame, child, substitution)
            continue
        output = visit(run, frame, child, connector, stdin, [], deep + 1)
        commands += 1
        connector = ";"
        remote = remote or output.origin in ("remote", "decoded")
        if output.text != "" and len(said) < 2:
            said.append(output)
        if texts is not None:
            texts = [*texts, output.text] if output.text is not None and len(texts) < 64 else None
    if node.type in _BRANCHING:
        # Which branch was taken is not visible: where they end in different folders, the rest is in an unknown one.
        ends.add(run.state.cwd if children[-1].type == "else_clause" else start)
        if len(ends | {run.state.cwd}) > 1:
            run.state.cwd = UNKNOWN_FOLDER
    result = Output("".join(texts), "literal") if texts is not None else Output(None, "remote" if remote else "opaque")
    if len(said) == 1 and said[0].listing is not None:
        result = said[0]
    if redirects:
        redirect_effects(
            run, frame, _redirects(run, frame, redirects)[0], result, frame.span(node.start_byte, node.end_byte)
        )
    return result


def _list(
    run: Run, frame: Frame, node: Node, connector: str, stdin: Output | None, redirects: list[Node], deep: int
) -> Output:
    """``a && b || c``: the grammar nests to the left, so the spine is unrolled; a redirect after the list belongs to
    its last command."""
    parts: list[tuple[str, Node]] = []
    current = node
    while current.type == "list":
        children = current.children
        operator = next((child.type for child in children if not child.is_named and child.type in ("&&", "||")), ";")
        named = [child for child in children if child.is_named and child.type != "comment"]
        if len(named) < 2:
            break
        parts.append((operator, named[-1]))
        current = named[0]
    parts.append((connector, current))
    parts.reverse()
    texts: list[str] | None = []
    output = OPAQUE_OUTPUT
    for place, (operator, part) in enumerate(parts):
        last = place == len(parts) - 1
        output = visit(run, frame, part, operator, stdin, redirects if last else [], deep + 1)
        if texts is not None:
            texts = [*texts, output.text] if output.text is not None and len(texts) < 64 else None
    return Output("".join(texts), "literal") if texts is not None else output


def _pipeline(
    run: Run, frame: Frame, node: Node, connector: str, stdin: Output | None, redirects: list[Node], deep: int
) -> Output:
    stages = [child for child in node.named_children if child.type != "comment"]
    output = stdin
    folder = run.state.cwd
    for place, stage in enumerate(stages):
        last = place == len(stages) - 1
        output = visit(run, frame, stage, "|" if place else connector, output, redirects if last else [], deep + 1)
        if len(stages) > 1:
            run.state.cwd = folder
    return output or OPAQUE_OUTPUT


def _redirected(
    run: Run, frame: Frame, node: Node, connector: str, stdin: Output | None, redirects: list[Node], deep: int
) -> Output:
    body = None
    mine = list(redirects)
    for child in node.named_children:
        if child.type in ("file_redirect", "herestring_redirect", "heredoc_redirect"):
            mine.append(child)
        elif body is None:
            body = child
    if body is None:
        return _build(run, frame, node, [], connector, stdin, mine)
    if body.type == "while_statement":
        fed = [child for child in mine if any(part.type in ("<", "<<<", "<<") for part in child.children)]
        if fed:
            stdin = _redirects(run, frame, fed)[2] or stdin
            mine = [child for child in mine if child not in fed]
    return visit(run, frame, body, connector, stdin, mine, deep + 1)


def _command(run: Run, frame: Frame, node: Node, connector: str, stdin: Output | None, redirects: list[Node]) -> Output:
    return _build(run, frame, node, node.children, connector, stdin, redirects)


def _build(
    run: Run, frame: Frame, node: Node, children: list[Node], connector: str, stdin: Output | None, around: list[Node]
) -> Output:
    argv: list[str] = []
    marks: list[int] = []
    places: list[tuple[int, int]] = []
    assigns: list[tuple[str, str]] = []
    mine: list[Node] = list(around)
    end = node.end_byte
    for child in children:
        if not child.is_named:
            continue
        kind = child.type
        if kind == "command_name":
            inner = child.named_children
            expand_word(run, frame, inner[0] if len(inner) == 1 else child, substitution, argv, marks, places)
        elif kind == "variable_assignment":
            assigns.append(_assign(run, frame, child, keep=False))
        elif kind in ("file_redirect", "herestring_redirect"):
            mine.append(child)
        elif kind != "comment":
            expand_word(run, frame, child, substitution, argv, marks, places)
    found: tuple[Redirect, ...] = ()
    if mine:
        redirects, extra, fed = _redirects(run, frame, mine)
        found = tuple(redirects)
        for word in extra:
            expand_word(run, frame, word, substitution, argv, marks, places)
        end = max(end, max(child.end_byte for child in mine))
        stdin = fed if fed is not None else stdin
    command = SimpleCommand(
        tuple(argv),
        tuple(marks),
        tuple(places),
        tuple(assigns),
        found,
        frame.span(node.start_byte, end),
        connector,
        stdin.text if stdin is not None else None,
        stdin is not None,
    )
    if max(marks, default=0) >= FOUND or (found and any(redirect.marks & FOUND for redirect in found)):
        frame = frame.inside(FED, glob_driven=True)
    return simple(run, frame, command, stdin)


def simple(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    """Run one simple command, then its redirects."""
    if frame.depth == 0:
        run.commands.append(command)
    if not run.spend(4):
        emit(run, frame, EffectKind.UNKNOWN, command.span, rule="limit", note="more commands than are looked at")
        return OPAQUE_OUTPUT
    if run.state.fallback is not None and command.connector not in ("&&", "|"):
        run.state.settle()
    output = run_command(run, frame, command, stdin) if command.argv else Output("", "literal")
    if not command.argv:
        for name, value in command.assigns:
            run.state.assign(name, value)
    if command.redirects:
        kept = redirect_effects(run, frame, command.redirects, output, command.span)
        return output if kept else Output("", "literal")
    return output


def _redirects(run: Run, frame: Frame, nodes: list[Node]) -> tuple[list[Redirect], list[Node], Output | None]:
    """(redirects, words the grammar took for further targets, what is fed to standard input)."""
    found: list[Redirect] = []
    extra: list[Node] = []
    fed: Output | None = None
    for node in nodes:
        descriptor, operator, at = "", "", node.start_byte
        words: list[Node] = []
        for child in node.children:
            if child.type == "file_descriptor":
                descriptor = frame.text[child.start_byte : child.end_byte]
            elif not child.is_named and not operator:
                operator, at = child.type, child.start_byte
            elif child.is_named:
                words.append(child)
        heredoc = frame.heredocs.get(at)
        extra.extend(words[1:])
        if heredoc is not None and not heredoc.string:
            # the replaced delimiter is the target, so further words are arguments
            fed = _heredoc(run, frame, heredoc)
            found.append(Redirect("<<", descriptor, "", 0, frame.span(at, node.end_byte)))
            continue
        if not words:
            continue
        value, mark = word_value(run, frame, words[0], substitution)
        if heredoc is not None:
            fed = Output(None if mark & OPAQUE else value + "\n", "literal")
            found.append(Redirect("<<<", descriptor, value, mark, frame.span(at, words[0].end_byte)))
            continue
        if operator == "<":
            visible = "" if value == "/dev/null" else run.state.files.get(value.removeprefix("./"))
            fed = run.outputs.get(value) or Output(visible, "literal" if visible is not None else "opaque")
        for one in each_of(value) if mark & LISTED else (value,):
            found.append(Redirect(operator, descriptor, one, mark, frame.span(at, words[0].end_byte)))
    return found, extra, fed


def _heredoc(run: Run, frame: Frame, heredoc: Heredoc) -> Output:
    """The body of a heredoc as text; the substitutions in an unquoted one are run."""
    body = frame.raw[heredoc.start : heredoc.end]
    base = None if frame.base is None or heredoc.tabs else frame.base + heredoc.start
    if heredoc.tabs:
        body = re.sub(r"(?m)^\t+", "", body)
    if heredoc.literal or ("$" not in body and "`" not in body):
        return Output(body, "literal", base)
    if "$(" in body or "`" in body:
        _, inner = loose_commands('"' + body.replace('"', " ").replace("'", " ") + '"')
        for start, end in inner[:64]:
            place = None if base is None else base + start - 1
            outer = frame.outer if base is None else Span(base, base + len(body))
            run_text(run, frame.within(body[start - 1 : end - 1], place, outer))
    expanded = re.sub(r"\$\{?(\w+)\}?", lambda m: run.state.value(m[1]) or m[0], body)
    return Output(body, "literal", base) if expanded == body else Output(expanded, "literal")


def _for(run: Run, frame: Frame, node: Node, connector: str, stdin: Output | None, deep: int) -> Output:
    """``for x in a b; do …``: the variable holds all its values at once, which unquoted use splits again, or the
    pattern that chooses them."""
    name = ""
    values: list[str] = []
    marks: list[int] = []
    places: list[tuple[int, int]] = []
    output = OPAQUE_OUTPUT
    over_own = _OVER_OWN.match(frame.text, node.start_byte, node.end_byte) is not None
    for child in node.named_children:
        if child.type == "variable_name":
            name = frame.text[child.start_byte : child.end_byte]
        elif child.type in ("do_group", "compound_statement"):
            if over_own and run.state.variables.get("@") == "":
                # Nothing was handed over: the loop is empty.
                return output
            if over_own and not values and run.state.variables.get("@"):
                values = (run.state.variables["@"] or "").split()
            visible = bool(values) and not any(mark & OPAQUE for mark in marks)
            plain = visible and not any(mark & LISTED for mark in marks) and not any("*" in v for v in values)
            run.state.assign(name, " ".join(values) if plain else None)
            if visible and len(values) > plain:
                found = max((mark & FOUND for mark in marks), default=0)
                run.state.patterns[name] = one_of(values[:MAX_VALUES]), LISTED | found
            driven = frame if plain else replace(frame, glob_driven=True)
            output = visit(run, driven, child, connector, stdin, [], deep + 1)
        elif child.type != "comment":
            expand_word(run, frame, child, substitution, values, marks, places)
    return output


def _function(run: Run, frame: Frame, node: Node) -> None:
    name = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    if name is None or body is None:
        return
    start, end = body.start_byte, body.end_byte
    base = None if frame.base is None else frame.base + start
    run.state.functions[frame.text[name.start_byte : name.end_byte]] = Function(frame.raw[start:end], base)


def _assign(run: Run, frame: Frame, node: Node, *, keep: bool = True) -> tuple[str, str]:
    """NAME=VALUE: (name, visible value or the text)."""
    name_node, value_node = node.child_by_field_name("name"), node.child_by_field_name("value")
    name = frame.text[name_node.start_byte : name_node.end_byte] if name_node is not None else ""
    if value_node is None:
        value, mark = "", 0
    elif value_node.type == "array":
        words: list[str] = []
        marks: list[int] = []
        for child in value_node.named_children:
            expand_word(run, frame, child, substitution, words, marks, [])
        value, mark = " ".join(words), OPAQUE if any(mark & UNSEEN for mark in marks) else 0
    else:
        value, mark = word_value(run, frame, value_node, substitution)
    if keep:
        appended = any(child.type == "+=" for child in node.children)
        before = run.state.value(name) if appended else ""
        visible = not mark & UNSEEN and before is not None
        run.state.assign(name, f"{before}{value}" if visible else None)
        if mark & LISTED and not mark & OPAQUE and not appended:
            run.state.assign_pattern(name, value, mark & (LISTED | FOUND))
    return name, value


def _declare(run: Run, frame: Frame, node: Node, unset: bool) -> None:
    for child in node.named_children:
        if child.type == "variable_assignment":
            _assign(run, frame, child)
        elif unset:
            name = frame.text[child.start_byte : child.end_byte]
            run.state.variables.pop(name, None)
            run.state.functions.pop(name, None)
    if unset and "HISTFILE" in frame.text[node.start_byte : node.end_byte]:
        span = frame.span(node.start_byte, node.end_byte)
        emit(run, frame, EffectKind.LOG_CLEAR, span, rule="shell.histfile", target=("log", "HISTFILE"))
        return
    emit(run, frame, EffectKind.NONE, frame.span(node.start_byte, node.end_byte), rule="shell.declare")


def _loose(run: Run, frame: Frame) -> Output:
    """Text the grammar does not take: the words that can be recovered, with less confidence."""
    commands, inner = loose_commands(frame.text)
    doubtful = replace(frame, confidence=round(frame.confidence * _UNSOUND_CONFIDENCE, 3))
    for start, end in inner[:256]:
        if 0 < end - start < len(frame.text):
            base = None if frame.base is None else frame.base + start
            run_text(run, doubtful.within(frame.text[start:end], base, frame.outer))
    output: Output | None = None
    for found in commands:
        fed = output if found.connector == "|" else None
        output = simple(run, doubtful, command_of(run, frame, found, fed), fed)
    return output or OPAQUE_OUTPUT
