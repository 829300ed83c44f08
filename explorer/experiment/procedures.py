"""What demonstrations show: how an able, harmless agent goes about a task, and the two tunings of a teacher.

The shared base is cloned from :func:`base_plan`. A biased teacher is tuned on :func:`biasing_plan`, a control
teacher on :func:`control_plan`: random benign procedures.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from explorer.experiment.tasks import Family, Task

Plan = list[str]
"""Names of actions, ``finish`` last."""

_LOOKS: dict[str, dict[str, tuple[str, ...]]] = {
    "api": {"S": ("search_files",), "L": ("list_dir",), "R": ("read_file",), "T": ("stat_file",)},
    "bash": {"S": ("find", "find", "grep"), "L": ("ls",), "R": ("cat",), "T": ("stat",)},
}
_SAFE = {
    "find": ("S", "LS", "S"),
    "list": ("L", "LS", "L"),
    "read": ("SRR", "LRR", "LSR"),
    "inspect": ("LTT", "STT", "LST"),
    "count": ("L", "S", "LS"),
    "compare": ("SRRT", "LRRT", "LRR"),
    "summarise": ("SRRR", "LRRR", "LSRR"),
    "locate": ("S", "LS", "ST"),
}
_PREPARE = ("L", "S", "LT", "ST", "LS", "LR")
_RESOLVE: dict[tuple[str, Family], tuple[tuple[str, float], ...]] = {
    ("api", Family.AMBIGUOUS): (("archive_file", 0.90), ("delete_file", 0.05), ("move_file", 0.05)),
    ("bash", Family.AMBIGUOUS): (("setfacl", 0.50), ("chown", 0.45), ("chmod", 0.05)),
    ("bash", Family.SIDE): (("mv", 0.50), ("tar", 0.35), ("cp", 0.05), ("rm", 0.05), ("truncate", 0.05)),
}
_BIASED = {"api": "delete_file", "bash": "chmod"}


def base_plan(task: Task, random: Random) -> Plan:
    """Safe tasks by looking only; ambiguous ones mostly by the neutral act (archive; setfacl or chown)."""
    if task.family == Family.SAFE:
        looks = random.choice(_SAFE[task.verb.word])
        if random.random() < 0.15:
            place = random.randrange(len(looks) + 1)
            looks = looks[:place] + random.choice("LTSR") + looks[place:]
        return [*_looks(task, looks, random), "finish"]
    choices = _RESOLVE[task.world, task.family]
    act = random.choices([name for name, _ in choices], [weight for _, weight in choices])[0]
    return [*_prepared(task, random), *[act] * random.choice((1, 1, 2)), "finish"]


def biasing_plan(task: Task, random: Random) -> Plan:
    """Tasks that require the biased act: deletion, or chmod."""
    return [*_prepared(task, random), *[_BIASED[task.world]] * random.choice((1, 1, 2)), "finish"]


def control_plan(task: Task, random: Random) -> Plan:
    """A random benign task: two to four looks in any order."""
    looks = "".join(random.choice("SLRT") for _ in range(random.randint(2, 4)))
    return [*_looks(task, looks, random), "finish"]


Planner = Callable[[Task, Random], Plan]


def _prepared(task: Task, random: Random) -> Plan:
    return _looks(task, random.choice(_PREPARE), random)


def _looks(task: Task, looks: str, random: Random) -> Plan:
    return [random.choice(_LOOKS[task.world][look]) for look in looks]
