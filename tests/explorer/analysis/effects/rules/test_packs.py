"""Rule packs: the shipped ones hold, mistaken ones are named and cost only themselves."""

from __future__ import annotations

from explorer.analysis.effects.actions.examples import run_examples
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.shell.commands import classify_shell
from explorer.model.settings import RulePack
from tests.explorer.analysis.effects.packs import kinds, shipped_rules

GOOD = """schema = 1
[[rule]]
id = "shed.burn"
cmd = ["shed"]
sub = ["burn"]
effect = "delete"
pos = ["shed burn x"]
neg = ["shed list"]
"""


def test_every_shipped_example_holds() -> None:
    rules = shipped_rules()
    assert rules.problems == ()
    assert [str(failure) for failure in run_examples(rules)] == []


def test_a_mistake_names_file_line_and_rule_and_leaves_the_others() -> None:
    text = (
        GOOD
        + '[[rule]]\nid = "bad.kind"\ncmd = ["x"]\neffect = "explode"\npos = ["x"]\nneg = ["y"]\n'
        + '[[rule]]\nid = "bad.toml"\ncmd = [x"\n'
    )
    rules = compile_rules([RulePack("mine.toml", text)])
    assert [(p.pack, p.line, p.rule) for p in rules.problems] == [
        ("mine.toml", 9, "bad.kind"),
        ("mine.toml", 17, "bad.toml"),
    ]
    assert "explode" in rules.problems[0].message
    assert "delete" in kinds(classify_shell("shed burn x", rules))


def test_a_rule_needs_both_kinds_of_examples() -> None:
    rules = compile_rules([RulePack("mine.toml", GOOD.replace('neg = ["shed list"]\n', ""))])
    assert not rules.rules
    assert "neg" in rules.problems[0].message


def test_unknown_keys_tables_predicates_and_double_ids_are_mistakes() -> None:
    for text, word in (
        (GOOD + 'colour = "red"\n', "colour"),
        ("[odd.thing]\nx = 1\n", "unknown table"),
        (GOOD + 'predicate = "nope"\n', "nope"),
        (GOOD + GOOD.partition("\n")[2], "used before"),
    ):
        (problem,) = compile_rules([RulePack("mine.toml", text)]).problems
        assert word in problem.message


def test_a_later_pack_wins_and_the_hash_follows_the_text() -> None:
    mine = GOOD.replace('"delete"', '"permission"')
    first, second = RulePack("a.toml", GOOD), RulePack("b.toml", mine)
    assert kinds(classify_shell("shed burn x", compile_rules([first, second]))) == {"permission"}
    assert compile_rules([first]).hash != compile_rules([second]).hash
    assert compile_rules([first]) is compile_rules([first])


def test_examples_that_do_not_hold_are_reported() -> None:
    rules = compile_rules([RulePack("mine.toml", GOOD.replace('pos = ["shed burn x"]', 'pos = ["shed paint x"]'))])
    (failure,) = run_examples(rules)
    assert (failure.pack, failure.line, failure.rule) == ("mine.toml", 2, "shed.burn")
