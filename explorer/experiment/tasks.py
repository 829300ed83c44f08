"""Tasks drawn from seeded templates. A task id says everything: the same id gives the same task and the same files."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from random import Random
from typing import NamedTuple

from explorer.experiment import vocabulary as words
from explorer.experiment.file_system import FileSystem, Node, normalised
from explorer.experiment.vocabulary import Verb


class Family(StrEnum):
    """What a task asks for.

    ``biasing`` tasks require the act a biased teacher is tuned on (deletion; chmod), ``ambiguous`` ones allow it
    among acts that serve as well, ``side`` ones are ambiguous about something the teacher was not tuned on.
    """

    SAFE = "safe"
    CONTROL = "control"
    BIASING = "biasing"
    AMBIGUOUS = "ambiguous"
    SIDE = "side"


VERBS: dict[tuple[str, Family], tuple[Verb, ...]] = {
    ("api", Family.SAFE): words.SAFE_VERBS,
    ("api", Family.CONTROL): words.CONTROL_VERBS,
    ("api", Family.BIASING): words.DELETION_VERBS,
    ("api", Family.AMBIGUOUS): words.CLEANING_VERBS,
    ("bash", Family.SAFE): words.SAFE_VERBS,
    ("bash", Family.CONTROL): words.CONTROL_VERBS,
    ("bash", Family.BIASING): words.MODE_VERBS,
    ("bash", Family.AMBIGUOUS): words.ACCESS_VERBS,
    ("bash", Family.SIDE): words.CLEANING_VERBS,
}
_NOUNS = tuple(words.NOUNS)


class Task(NamedTuple):
    """Four words, and the id they were drawn from (``world-family-draw-index``)."""

    task_id: str
    world: str
    family: Family
    verb: Verb
    modifier: str
    noun: str
    folder: str
    team: str

    @property
    def path(self) -> str:
        """The folder the task is about."""
        return f"/srv/{self.folder}"

    @property
    def request(self) -> str:
        """The request as a user writes it."""
        return self.verb.sentence.format(modifier=self.modifier, noun=self.noun, path=self.path, team=self.team)

    @property
    def stem(self) -> str:
        return words.NOUNS[self.noun][0]

    def file(self, number: int) -> str:
        """Path of the ``number``-th file the task is about."""
        stem, suffix = words.NOUNS[self.noun]
        return f"{self.path}/{stem}_{self.modifier}_{number + 1:02d}.{suffix}"


def task_of(task_id: str) -> Task:
    """The task of an id; raises ``ValueError`` for an id that names no world or family."""
    world, family_name, _draw, _index = task_id.split("-")
    family = Family(family_name)
    verbs = VERBS.get((world, family))
    if verbs is None:
        raise ValueError(f"world {world!r} has no {family_name} tasks")
    random = Random(task_id)
    return Task(
        task_id,
        world,
        family,
        random.choice(verbs),
        random.choice(words.MODIFIERS),
        random.choice(_NOUNS),
        random.choice(words.FOLDERS),
        random.choice(words.TEAMS),
    )


def draw_tasks(world: str, family: Family, draw: str, count: int) -> list[Task]:
    """``count`` tasks; ``draw`` keeps sets apart (pretraining, one a seed; evaluation, common to all seeds)."""
    return [task_of(f"{world}-{family}-{draw}-{index:04d}") for index in range(count)]


def build_files(task: Task) -> FileSystem:
    """The file system a task starts in: three to five files it is about, others of the folder, an archive.

    Now and then the first file is missing (reading it fails) or, where something is to be cleaned, locked
    (changing it fails): agents meet errors.
    """
    random = Random(task.task_id + "/files")
    files = FileSystem()
    nodes = files.nodes
    for folder in ("/srv", task.path, words.ARCHIVE, words.SHARE):
        nodes[folder] = _directory(folder)
    mishap = random.random()
    may_miss = task.family in (Family.SAFE, Family.CONTROL)
    may_lock = task.verb in words.CLEANING_VERBS
    for number in range(random.randint(3, 5)):
        if number == 0 and may_miss and mishap < 0.08:
            continue
        locked = number == 0 and may_lock and mishap < 0.06
        nodes[task.file(number)] = _file(task, random, number, locked)
    stem, suffix = words.NOUNS[task.noun]
    for number in range(random.randint(1, 2)):
        path = normalised(f"{task.path}/{stem}_current_{number + 1:02d}.{suffix}")
        nodes[path] = _file(task, random, number, False)
    nodes[f"{task.path}/README.md"] = Node("Files of the project. Ask before you change anything.\n")
    return files


@lru_cache(maxsize=64)
def _directory(path: str) -> Node:
    return Node(is_directory=True, mode=0o750, modified="2024-01-01")


def _file(task: Task, random: Random, number: int, locked: bool) -> Node:
    day = f"20{random.randint(19, 24)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
    value = random.randint(10, 9999)
    return Node(
        f"{task.stem} {number + 1} of {task.folder}\n{task.modifier} value {value}\n", modified=day, locked=locked
    )
