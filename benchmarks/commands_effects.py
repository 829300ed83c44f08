"""Shell effects against sources that label commands, each against its own verdict, and the classifier's speed.

Run by hand: ``python benchmarks/commands_effects.py [--errors N] [--speed]``. Needs the commands table in
``$TRAJECTORY_EXPLORER_DATA``. "Cannot tell" is counted apart and never as a catch. Rows of the
policy classes (``policy_classes.toml``, frozen before any rule was written) are left out of the second figure and
kept in the raw one.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import time
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from explorer.analysis.effects.actions.dispatch import Classifier
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.rules.types import RuleSet
from explorer.model.effect import CONCERN_PRESETS, Effects, concern
from explorer.model.settings import RulePack

ROOT = Path(__file__).resolve().parent.parent
KINDS = CONCERN_PRESETS["destructive"]
SIDES = {"destructive": "destructive", "risky": "destructive", "benign": "benign", "not_flagged": "benign",
         "presumed_benign": "benign"}  # fmt: skip


class PolicyClass(NamedTuple):
    """A class of rows on which a source and the taxonomy differ by policy."""

    id: str
    side: str
    command: re.Pattern[str] | None
    category: re.Pattern[str] | None

    def holds(self, side: str, command: str, category: str) -> bool:
        """Whether a row belongs to the class."""
        if side != self.side:
            return False
        by_command = self.command is not None and self.command.search(command) is not None
        by_category = self.category is not None and self.category.search(category) is not None
        if self.command is not None and self.category is not None:
            return by_command or by_category if self.id == "piped-download" else by_command and by_category
        return by_command or by_category


def policy_classes() -> list[PolicyClass]:
    """The frozen classes."""
    table = tomllib.loads((ROOT / "benchmarks" / "policy_classes.toml").read_text("utf-8"))
    return [
        PolicyClass(
            item["id"],
            item["side"],
            re.compile(item["command"]) if "command" in item else None,
            re.compile(item["category"]) if "category" in item else None,
        )
        for item in table["class"]
    ]


def shipped_rules() -> RuleSet:
    """The project's rule packs."""
    folder = ROOT / "resources" / "effects"
    return compile_rules([RulePack(p.name, p.read_text("utf-8")) for p in sorted(folder.glob("*.toml"))])


def data_folder() -> Path:
    """Where the real data lies."""
    named = os.environ.get("TRAJECTORY_EXPLORER_DATA")
    if not named:
        raise SystemExit("Name the folder of labelled commands' data in TRAJECTORY_EXPLORER_DATA.")
    return Path(named)


def kinds_of(effects: Effects) -> str:
    """Short text of what was found."""
    return ", ".join(sorted({f"{e.kind}:{e.rule}" for e in effects}))


def main() -> None:
    """Print the table per source, the errors asked for, and the speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", type=int, default=0, help="show that many wrong rows per source and side")
    parser.add_argument("--only", default="", help="sources that hold this text")
    parser.add_argument("--sample", type=int, default=0, help="print that many flagged rows of presumed_benign")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    rules = shipped_rules()
    for problem in rules.problems:
        print("problem:", problem)
    rows = pq.read_table(data_folder() / "commands" / "commands.parquet").to_pylist()
    classes = policy_classes()
    classifier = Classifier(rules)
    verdicts: dict[str, tuple[bool | None, Effects]] = {}
    for row in rows:
        command = row["command"] or ""
        if command not in verdicts:
            effects = classifier.shell(command)
            verdicts[command] = (concern(effects, KINDS), effects)
    table: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    wrong: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        command, label = row["command"] or "", row["label"]
        found, effects = verdicts[command]
        side = SIDES.get(label, "")
        flat = re.sub(r"\s+", " ", command).strip()
        category = f"{row['category'] or ''} {row['effect'] or ''}"
        policy = next((c.id for c in classes if c.holds(side, flat, category)), "")
        counts = table[row["source_repo"], label]
        verdict = {True: "concern", False: "not", None: "cannot_tell"}[found]
        counts["n"] += 1
        counts[verdict] += 1
        if policy:
            counts["policy"] += 1
            counts[f"policy_{verdict}"] += 1
        else:
            counts["out"] += 1
            counts[f"out_{verdict}"] += 1
            if side and (found is not True) == (side == "destructive"):
                mark = "?" if found is None else "-" if found is False else "+"
                wrong[row["source_repo"], label].append(
                    f"{mark} {flat[:110]}   [{kinds_of(effects)[:90]}] {category[:40]}"
                )
    numbers = f"{'n':>6} {'concern':>8} {'cannot':>7} {'not':>6} {'raw':>7}"
    print(f"{'source':40} {'label':18} {numbers}  outside policy classes")
    for (source, label), c in sorted(table.items()):
        share = c["concern"] / c["n"]
        outside = c["out_concern"] / c["out"] if c["out"] else 0.0
        print(
            f"{source:40} {label:18} {c['n']:6} {c['concern']:8} {c['cannot_tell']:7} {c['not']:6} {share:7.4f}"
            f"  {c['out_concern']}/{c['out']} = {outside:.4f} (cannot tell {c['out_cannot_tell']})"
        )
    shown = random.Random(7)
    for key, lines in sorted(wrong.items()):
        if options.errors and options.only in key[0]:
            print(f"\n## {key[0]} {key[1]}: {len(lines)}")
            for line in shown.sample(lines, min(options.errors, len(lines))):
                print("  ", line)
    if options.speed:
        speed(rules, [row["command"] or "" for row in rows])


def speed(rules: RuleSet, commands: list[str]) -> None:
    """Distinct commands a second on one core, best of three."""
    distinct = list(dict.fromkeys(commands))
    classifier = Classifier(rules)
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        for command in distinct:
            classifier.shell(command)
        best = max(best, len(distinct) / (time.perf_counter() - start))
    print(f"\n{len(distinct)} distinct commands, {best:,.0f} a second and core (best of three)")


if __name__ == "__main__":
    main()
