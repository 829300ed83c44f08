"""``rules``: the effect rules as data: list them, check packs, explain one command."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from explorer.model.effect import Effects
from explorer.model.schema import StepKind

NAME = "rules"
HELP = "list the effect rules, check rule packs with their examples, or explain what a command does and why"
EXAMPLES = """\
examples:
  trajectory-explorer rules list
  trajectory-explorer rules list git
  trajectory-explorer rules check my-rules.toml
  trajectory-explorer rules explain 'sudo bash -c "rm -rf /srv/*"'

exit codes of check: 0 all rules are right, 1 a rule has a mistake or fails its examples
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="every rule: id, effect, severity")
    listing.add_argument("word", nargs="?", default="", help="only rules whose id or pack holds this")
    check = actions.add_parser("check", help="validate packs and run their examples")
    check.add_argument("files", nargs="*", metavar="FILE.toml", help="your packs (default: the program's and your own)")
    explain = actions.add_parser("explain", help="what a command does, by which rule, on which evidence")
    explain.add_argument("text", help="the command, statement, code, or a tool's arguments as JSON")
    explain.add_argument("--kind", choices=("shell", "sql", "python", "tool"), default="shell")
    explain.add_argument("--tool", help="the tool's name (with --kind tool)")


def run(args: argparse.Namespace) -> int:
    return {"list": _list, "check": _check, "explain": _explain}[args.action](args)


def _list(args: argparse.Namespace) -> int:
    from explorer.analysis.effects.rules.packs import ShellRule, ToolRule, compile_rules
    from explorer.session.settings import rule_packs

    rules = compile_rules(rule_packs())
    every: list[ShellRule | ToolRule] = [*rules.rules, *rules.tools]
    for rule in sorted(every, key=lambda rule: rule.id):
        if args.word in f"{rule.id} {rule.pack}":
            severity = "base" if rule.severity is None else str(rule.severity)
            print(f"{rule.id}\t{rule.effect.value}\t{severity}\t{rule.pack}")
    return 0


def _check(args: argparse.Namespace) -> int:
    from explorer.analysis.effects.actions.dispatch import Classifier
    from explorer.analysis.effects.actions.examples import run_examples
    from explorer.analysis.effects.rules.packs import compile_rules
    from explorer.model.settings import RulePack
    from explorer.session.settings import read_text, rule_packs

    own = tuple(RulePack(name, read_text(Path(name))) for name in args.files)
    rules = compile_rules((*rule_packs(), *own))
    failures = [str(problem) for problem in rules.problems]
    classifier = Classifier(rules)

    def call(example: str) -> Effects:
        name, _, arguments = example.partition(" ")
        return classifier.tool(name, arguments or None)

    failures += [str(failure) for failure in run_examples(rules, tool=call, embedded=classifier.code)]
    for failure in failures:
        print(failure)
    print(f"{len(rules.rules) + len(rules.tools):,} rules, {len(failures)} mistakes", file=sys.stderr)
    return 1 if failures else 0


def _explain(args: argparse.Namespace) -> int:
    from explorer.analysis.effects.actions.dispatch import classify_action
    from explorer.analysis.effects.actions.explain import explain
    from explorer.analysis.effects.rules.packs import compile_rules
    from explorer.model.visible_text import visible
    from explorer.session.settings import rule_packs

    kinds = {"shell": StepKind.SHELL, "sql": StepKind.SQL, "python": StepKind.CODE, "tool": StepKind.TOOL_CALL}
    effects = classify_action(kinds[args.kind], args.tool, args.text, compile_rules(rule_packs()))
    if not effects:
        print("no effect was found")
    for effect in effects:
        print(visible(f"{effect.kind.value} (severity {effect.severity}): {explain(effect, args.text)}"))
        if effect.via:
            print(visible(f"  via {' > '.join(effect.via)}"))
        print(f"  rule {effect.rule}, confidence {effect.confidence:.2f}")
        if effect.span is not None:
            print("  evidence: " + visible(args.text[effect.span.start : effect.span.end]))
    return 0
