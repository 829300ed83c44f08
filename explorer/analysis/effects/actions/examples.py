"""The examples in rule packs, run: each rule must match its positive ones and none of its negative ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from explorer.analysis.effects.rules.types import RuleSet, ShellRule, ToolRule
from explorer.analysis.effects.shell.commands import Embedded, classify_shell
from explorer.model.effect import Effects

ToolExample = Callable[[str], Effects]
"""Classifies a tool example (``name`` or ``name {json arguments}``)."""


class ExampleFailure(NamedTuple):
    """An example that does not hold: its rule, where that stands, the example, and what came out instead."""

    pack: str
    line: int
    rule: str
    example: str
    message: str

    def __str__(self) -> str:
        return f"{self.pack}:{self.line}: {self.rule}: {self.example!r}: {self.message}"


def run_examples(
    rules: RuleSet, *, tool: ToolExample | None = None, embedded: Embedded | None = None
) -> list[ExampleFailure]:
    """The examples that do not hold. Those of tool rules need ``tool``, and are left out without it."""

    def shell(example: str) -> Effects:
        return classify_shell(example, rules, embedded=embedded)

    failures: list[ExampleFailure] = []
    checked: list[ShellRule | ToolRule] = [*rules.rules, *(rules.tools if tool is not None else ())]
    for rule in checked:
        classify = tool if isinstance(rule, ToolRule) and tool is not None else shell
        for wanted, examples in ((True, rule.pos), (False, rule.neg)):
            for example in examples:
                effects = classify(example)
                if any(effect.rule == rule.id for effect in effects) == wanted:
                    continue
                got = ", ".join(f"{effect.kind} by {effect.rule}" for effect in effects) or "no effect"
                message = f"should match; got {got}" if wanted else f"should not match; got {got}"
                failures.append(ExampleFailure(rule.pack, rule.line, rule.id, example, message))
    return failures
