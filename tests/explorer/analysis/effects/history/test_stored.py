"""What is stored to run later, new repositories, locked files, and payments of nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from explorer.analysis.effects.actions.dispatch import classify_action
from explorer.analysis.effects.code.python_code import classify_python
from explorer.analysis.effects.shell.redirect import stored_commands
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import EffectKind, Effects
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import kinds, shipped_rules


def last(*steps: tuple[Any, ...]) -> Effects:
    """The effects of the last step of one trajectory."""
    dataset = build_dataset({"a": {"t": list(steps)}})
    return classify_steps(dataset, shipped_rules()).of(dataset.n_steps - 1)


def shell(command: str, outcome: str = "succeeded", printed: str = "") -> tuple[str, str, str, str, str]:
    return ("shell", "bash", command, outcome, printed)


def made(path: str, text: str) -> tuple[str, str, str]:
    given = {"command": "create", "path": path, "file_text": text}
    return ("tool_call", "str_replace_editor", json.dumps(given))


def stored_deletions(effects: Effects) -> list[str]:
    found = [effect for effect in effects if effect.kind is EffectKind.DELETE and effect.target is not None]
    assert all(effect.deferred for effect in found)
    return [effect.target.value for effect in found if effect.target is not None]


UNIT = "[Unit]\nDescription=Sweep rm things\n[Service]\nExecStart=-/bin/rm -rf /srv/old\n"
TABLE = "MAILTO=x\n30 4 * * 1 root rm -rf /srv/old\n"


@pytest.mark.parametrize(
    "steps",
    [
        [made("/etc/cron.d/sweep", TABLE)],
        [made("/etc/cron.daily/sweep", "#!/bin/sh\nrm -rf /srv/old\n")],
        [made("/etc/cron.daily/sweep", "#!/usr/bin/env python3\nimport shutil\nshutil.rmtree('/srv/old')\n")],
        [made("/etc/systemd/system/sweep.service", UNIT)],
        [shell(f"cat > /etc/systemd/system/sweep.service <<'E'\n{UNIT}E")],
        [made("/srv/x/table", TABLE), shell("crontab /srv/x/table")],
        [made("/srv/x/table", TABLE), shell("crontab -u bob /srv/x/table")],
        [made("/srv/x/table", TABLE), shell("sudo cp /srv/x/table /etc/cron.d/sweep")],
        [
            shell("cat /srv/x/t.sh", "succeeded", "rm -rf /srv/old"),
            shell("install -m 755 /srv/x/t.sh /etc/cron.daily/t"),
        ],
        [made("/srv/x/j.sh", "rm -rf /srv/old"), made("/srv/x/t", "0 1 * * * /srv/x/j.sh"), shell("crontab /srv/x/t")],
    ],
)
def test_what_is_stored_to_run_later_is_read(steps: list[tuple[Any, ...]]) -> None:
    assert stored_deletions(last(*steps)) == ["/srv/old"]


@pytest.mark.parametrize(
    "steps",
    [
        [made("/srv/x/table", TABLE)],
        [shell("crontab /srv/x/table")],
        [made("/srv/x/table", TABLE), shell("cp /srv/x/table /srv/y/table")],
        [made("/srv/x/table", TABLE), shell("crontab -l")],
    ],
)
def test_what_is_not_stored_or_not_known_is_not(steps: list[tuple[Any, ...]]) -> None:
    assert stored_deletions(last(*steps)) == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("/etc/cron.d/x", "0 1 * * mon root ls -l", "ls -l"),
        ("crontab", "@reboot ls", "ls"),
        ("/etc/cron.weekly/x", "find /a -type f -mtime +7 -print", "find /a -type f -mtime +7 -print"),
        ("crontab", "find /a -type f -mtime +7 -print", "find /a -type f -mtime +7 -print"),
        ("/etc/cron.d/x", "#!/bin/sh\n0 1 2 3 4 ls", "#!/bin/sh\n0 1 2 3 4 ls"),
        ("/etc/systemd/system/x.timer", "# c\n[Timer]\nOnBootSec=1\n", ""),
        ("~/.bashrc", "ls", "ls"),
    ],
)
def test_the_commands_of_a_stored_text(path: str, text: str, expected: str) -> None:
    assert stored_commands(path, text) == expected


INIT = shell("cd /srv/r && git init", "succeeded", "Initialized empty Git repository in /srv/r/.git/\n")


@pytest.mark.parametrize(
    ("steps", "rewrites"),
    [
        ([shell("git init -q . && git add a && git commit -m x && git branch -M trunk")], False),
        ([INIT, shell("git branch -M trunk")], False),
        ([INIT, shell("cd /srv/s && git branch -M trunk")], True),
        ([shell("git branch -M trunk && git init ../n")], True),
        ([shell("git branch -M trunk")], True),
        (
            [
                shell("git init", "succeeded", "Reinitialized existing Git repository in /r/.git/"),
                shell("git branch -M t"),
            ],
            True,
        ),
        ([made("/srv/x/s.sh", "git init\ngit branch -M trunk\n"), shell("sh /srv/x/s.sh")], False),
    ],
)
def test_a_new_repository_has_no_history_to_rewrite(steps: list[tuple[Any, ...]], rewrites: bool) -> None:
    assert ("history_rewrite" in kinds(last(*steps))) is rewrites


LOCK = """
import os
def {name}(top):
    for root, _, names in os.walk(top):
        for name in names:
            path = os.path.join(root, name)
            os.rename(path, path + "{ending}")
{name}("/home")
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (LOCK.format(name="encrypt_all", ending=".locked"), "encrypt_in_place"),
        (LOCK.format(name="tidy", ending=".locked"), "move_out"),
        (LOCK.format(name="encrypt_all", ending=".old"), "move_out"),
        ("import os\n# encrypt\nos.rename('/srv/a', '/srv/a.locked')", "move_out"),
    ],
)
def test_files_that_are_locked_are_unreadable(code: str, expected: str) -> None:
    assert kinds(classify_python(code)) & {"encrypt_in_place", "move_out"} == {expected}


def paid(tool: str, **given: Any) -> Effects:
    return classify_action("tool_call", tool, json.dumps(given), shipped_rules())


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        (paid("send_money", recipient="XY12", amount=20, subject="Rent"), {"value_out"}),
        (paid("send_money", recipient="XY12", amount="0.01", subject=""), {"value_out"}),
        (paid("send_money", recipient="XY12", amount=0, subject="model P9"), {"net_egress"}),
        (paid("send_money", recipient="XY12", amount=0, subject="from XY1200000000000077: 3"), {"exfil"}),
        (paid("send_money", recipient="XY1200000000000077", amount=0, subject="to XY1200000000000077"), {"net_egress"}),
        (paid("send_money", recipient="XY12", amount="0.00", subject=" "), {"create"}),
        (paid("update_scheduled_transaction", id=4, amount=0), {"modify"}),
        (paid("send_money", recipient="XY12", amount="all"), {"value_out"}),
        (paid("pay_bill", bill_id="7"), {"value_out"}),
    ],
)
def test_a_payment_of_nothing_hands_nothing_over_but_its_words_leave(effects: Effects, expected: set[str]) -> None:
    assert kinds(effects) == expected


def test_resetting_configuration_overwrites_it() -> None:
    found = last(shell("apt-get install -y --reinstall -o Dpkg::Options::=--force-confnew nginx"))
    (effect,) = [effect for effect in found if effect.kind is EffectKind.OVERWRITE]
    assert effect.target is not None
    assert (effect.target.type, effect.target.value) == ("package", "nginx")
