"""``effects``: what commands, statements, code or tool calls do, one JSON object per input."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from explorer.errors import InputError
from explorer.model.effect import concern, effect_row, headline
from explorer.model.schema import StepKind

NAME = "effects"
HELP = "say what commands, SQL, Python or tool calls do: one JSON object per input, in order"
EXAMPLES = """\
examples:
  printf 'ls\\nrm -rf build\\n' | trajectory-explorer effects --kind shell --lines -
  trajectory-explorer effects --kind sql --input queries.parquet --column sql
  echo '{"tool": "delete_file", "arguments": {"path": "a.txt"}}' | trajectory-explorer effects --kind tool --jsonl -

--lines takes one input a line; --jsonl one JSON value a line: a string, or an object with "command"
(shell, sql, python) or "tool" and "arguments" (tool).
"""

_KINDS = {"shell": StepKind.SHELL, "sql": StepKind.SQL, "python": StepKind.CODE, "tool": StepKind.TOOL_CALL}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", required=True, choices=tuple(_KINDS), help="what the inputs are")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--input", metavar="FILE.parquet", help="a Parquet file (with --column)")
    source.add_argument("--jsonl", metavar="FILE", help="JSON lines; - = stdin")
    source.add_argument("--lines", metavar="FILE", help="plain lines; - = stdin")
    parser.add_argument("--column", metavar="NAME", help="column of --input")
    parser.add_argument(
        "--concern", default="destructive", metavar="PRESET|KIND,…", help="effects of concern (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    from explorer.analysis.effects.actions.dispatch import classify_action
    from explorer.analysis.effects.rules.packs import compile_rules
    from explorer.session.settings import concern_named, rule_packs

    _, kinds = concern_named(args.concern)
    rules = compile_rules(rule_packs())
    kind = _KINDS[args.kind]
    known: dict[tuple[str | None, str], str] = {}
    for shown, tool, text in _inputs(args):
        key = (tool, text)
        if key not in known:
            effects = classify_action(kind, tool, text, rules)
            top = headline(effects)
            answer = {
                "concern": concern(effects, kinds),
                "headline": None if top is None else top.kind.value,
                "severity": max((effect.severity for effect in effects), default=0),
                "effects": [effect_row(effect) for effect in effects],
            }
            known[key] = json.dumps(answer, ensure_ascii=True)[1:]
        sys.stdout.write(f'{{"command": {json.dumps(shown, ensure_ascii=True)}, {known[key]}\n')
    return 0


def _inputs(args: argparse.Namespace) -> Iterator[tuple[Any, str | None, str]]:
    """(what was given, tool, text) of every input."""
    if args.input:
        if not args.column:
            raise InputError("--input needs --column NAME", todo="Name the column that holds the commands.")
        yield from _parquet(Path(args.input), args.column, args.kind)
        return
    name = args.jsonl or args.lines
    stream = sys.stdin.buffer if name == "-" else _open(name)
    for number, raw in enumerate(stream, 1):
        line = raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
        if args.lines:
            yield from _one(line, args.kind)
        elif line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(
                    f"this is not JSON: {error}", where=f"{name}, line {number}", todo="Give one JSON value a line."
                ) from error
            yield from _one(value, args.kind)


def _one(value: Any, kind: str) -> Iterator[tuple[Any, str | None, str]]:
    if isinstance(value, dict):
        if kind == "tool":
            arguments = value.get("arguments", value.get("args"))
            text = arguments if isinstance(arguments, str) else json.dumps({} if arguments is None else arguments)
            yield value, str(value.get("tool", value.get("name", ""))), text
        else:
            given = value.get("command", value.get("text", ""))
            yield given, None, str(given)
    elif kind == "tool":
        yield value, str(value), "{}"
    else:
        yield value, None, "" if value is None else str(value)


def _open(name: str) -> Any:
    try:
        return open(name, "rb")
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=name, todo="Name an existing file, or - for stdin."
        ) from error


def _parquet(path: Path, column: str, kind: str) -> Iterator[tuple[Any, str | None, str]]:
    from loaders.reading import iter_column

    for value in iter_column(path, column):
        yield from _one(value, kind)
