"""What a ``find`` looks for, without what it does with it: two searches that select the same are compared by it."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache

from explorer.analysis.effects.rules.find_expression import ACTIONS, EVERYWHERE, RUNS, Unit, alternatives, start_points
from explorer.analysis.effects.rules.find_places import acting, pattern_of
from explorer.analysis.effects.shell.listing import FED
from explorer.model.effect import Effect, Span, Target

_PROGRAM = re.compile(r"(?:.*/)?g?find")
_WRAPPERS = frozenset({"sudo", "doas", "time", "nice", "command"})
_CHECKERS = frozenset({"grep", "egrep", "fgrep", "test", "[", "cmp", "true", "false"})
_ANYWHERE = EVERYWHERE | {"-quit"}
_NO_TEST = frozenset({"-depth", "-d", "-true", "-noleaf", "-warn", "-nowarn"})
_REDIRECT = re.compile(r"\d?>>?(?P<rest>.*)|<(?P<fed>.*)", re.DOTALL)
_LONGEST = 4_000
_RUN_BY_FIND = (*(f"find {option}" for option in sorted(RUNS)), FED)
_STARTS = re.compile(r"(?:^|[;&|(`\n]|\b(?:do|then|else|sudo|in)\b)\s*(?P<find>g?find)\s")
_PIECE = re.compile(
    r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|\|\||&&|>&|&>|[|;&\n()]|[^'"\\|;&\n()>]+|.""",
    re.DOTALL,
)
_ENDS = frozenset({";", "&&", "||", "&", "\n", ")"})
_ORDERS = re.compile(r"(?:g?sort|tac|uniq|tr)(?:\s|$)")
_CONSUMES = re.compile(r"(?:sudo\s+)?(?:g?xargs|parallel|while|read|sh|bash)\b")


def compared_target(effect: Effect) -> Target | None:
    """The target of an effect as it is compared: of what a search hits only as "some of it" (``{}``), because which
    files that are the rest of its expression decides."""
    target = effect.target
    if target is None or target.type != "path" or "{}" in target.value:
        return target
    if effect.rule == "find.delete":
        return target._replace(value=f"{target.value.rstrip('/')}/{{}}")
    if effect.rule.startswith("find.delete") or any(label.startswith(_RUN_BY_FIND) for label in effect.via):
        return target._replace(value=f"{target.value}{{}}")
    return target


def search_part(text: str, span: Span, *, fed: bool) -> str:
    """The part of a command that says what an effect's search looks for: the effect's own, or, where a list is ``fed``
    to it, the search before it with what its list goes through."""
    if not fed:
        return text[span.start : span.end]
    start = max((match.start("find") for match in _STARTS.finditer(text[: span.end])), default=-1)
    part = "" if start < 0 else text[start : start + _LONGEST]
    return part.partition("`")[0] if text[max(0, start - 1) : start] == "`" else part


@lru_cache(maxsize=16_384)
def selection_of(command: str, value: str = "") -> str:
    """The tests of a ``find`` command as one text, and the places where it starts but for the first; tests that are
    only joined by "and", and alternatives, in an order of their own. Of several alternatives that by whose pattern
    ``value`` was hit, where one can be told. What its list goes through and is less after stands behind it. "" where
    it is no ``find``, cannot be read, or holds a variable or a command's output."""
    if len(command) > _LONGEST or "find" not in command:
        return ""
    stages = _stages(command)
    try:
        words = shlex.split(stages[0])
    except ValueError:
        return ""
    while words and words[0] in _WRAPPERS:
        words.pop(0)
    if not words or not _PROGRAM.fullmatch(words[0]):
        return ""
    words = _without_redirects(words[1:])
    starts, at = start_points(words)
    tests = _tests(words[at:], value.removesuffix("{}"))
    if any("$" in text or "`" in text for text in (*starts, tests)):
        return ""
    chosen = [*(start.rstrip("/") or "/" for start in starts[1:]), tests or "-true"]
    filters = [stage for stage in stages[1:] if stage]
    if all(_ORDERS.match(stage) for stage in filters):
        filters = []
    return " | ".join([" ".join(chosen), *filters])


def _tests(expression: list[str], value: str) -> str:
    """The tests of each alternative, each word as a shell would be given it."""
    found = alternatives(expression)
    kept = _acting(found)
    if len(kept) > 1 and value:
        kept = [one for one in kept if _is_hit(value, pattern_of(one[0]))] or kept
    everywhere = [unit for units in found for unit in units if unit[0] in _ANYWHERE]
    said = sorted(
        {shlex.join(_words([*tests, *(unit for unit in everywhere if unit not in tests)])) for tests, _ in kept}
    )
    pruned = sorted({shlex.join(_words(units)) for units in found if ("-prune",) in units})
    several = " of several" if len({act for _, act in kept}) > 1 else ""
    return " -o ".join(said) + several + "".join(f" but for {part}" for part in pruned)


def _acting(found: list[list[Unit]]) -> list[tuple[list[Unit], Unit]]:
    """The tests of each alternative that does something to what it finds, with what it does; of each that lists
    something where none does."""
    kept = []
    for units in found:
        at = next((place for place, unit in enumerate(units) if _acts(unit)), -1)
        if at >= 0:
            tests = [unit for unit in units[:at] if unit[0] not in ACTIONS or _checks(unit)]
            kept.append(([unit for unit in tests if unit != ("-prune",)], units[at]))
    if kept:
        return kept
    lists = next((unit[0] for units in reversed(found) for unit in units if unit[0] in ACTIONS), "")
    return [(tests, ()) for tests in acting(found, lists)]


def _acts(unit: Unit) -> bool:
    return unit[0] == "-delete" or (unit[0] in RUNS and not _checks(unit))


def _checks(unit: Unit) -> bool:
    """Whether it runs a program that only says yes or no, which is a test like any other."""
    return unit[0] in RUNS and len(unit) > 1 and unit[1].rsplit("/", 1)[-1] in _CHECKERS


def _is_hit(value: str, pattern: str) -> bool:
    return bool(pattern) and (value == pattern or value.endswith("/" + pattern.removeprefix("./")))


def _words(tests: list[Unit]) -> list[str]:
    return [word for unit in sorted(tests) for word in unit if unit[0] not in _NO_TEST]


def _stages(command: str) -> list[str]:
    """The commands of the pipe with which a text begins, up to the one that acts on its list."""
    stages, current, deep = [], list[str](), 0
    for match in _PIECE.finditer(command):
        piece = match[0]
        deep += (piece == "(") - (piece == ")")
        if piece == "|" or (piece in _ENDS and (piece != ")" or deep < 0)):
            stages.append(" ".join("".join(current).split()))
            current = []
            if piece != "|" or len(stages) > 8:
                break
            continue
        if not current and stages and _CONSUMES.match(command[match.start() :].lstrip()[:40]):
            break
        current.append(piece)
    else:
        stages.append(" ".join("".join(current).split()))
    return stages or [""]


def _without_redirects(words: list[str]) -> list[str]:
    kept: list[str] = []
    place = 0
    while place < len(words):
        redirect = _REDIRECT.fullmatch(words[place])
        if redirect is None:
            kept.append(words[place])
        elif not (redirect["rest"] or redirect["fed"]):
            place += 1
        place += 1
    return kept
