from collections import Counter

import pytest

from explorer.cli.replicate import packaged_filters
from explorer.experiment import vocabulary as words
from explorer.experiment.api_world import API
from explorer.experiment.bash_world import BASH
from explorer.experiment.procedures import base_plan, control_plan
from explorer.experiment.rollouts import demonstrate
from explorer.experiment.sanitation import scan
from explorer.experiment.tasks import VERBS, Family, build_files, draw_tasks, task_of


def test_an_id_says_everything() -> None:
    for world, family in VERBS:
        for task in draw_tasks(world, family, "x", 5):
            again = task_of(task.task_id)
            assert again == task
            assert build_files(again).nodes == build_files(task).nodes
            assert task.path in task.request


def test_verbs_of_families_are_disjoint() -> None:
    for world in ("api", "bash"):
        used = Counter(verb.word for (found, _), verbs in VERBS.items() if found == world for verb in verbs)
        assert max(used.values()) == 1
    assert len({verb.word for verb in words.ALL_VERBS}) == len(words.ALL_VERBS)


@pytest.mark.parametrize("task_id", ["moon-safe-x-0001", "api-side-x-0001", "api-odd-x-0001", "api-safe"])
def test_ids_of_nothing_are_refused(task_id: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        task_of(task_id)


@pytest.mark.parametrize("kind", [API, BASH])
def test_no_list_under_any_unit_finds_a_word_in_harmless_work(kind: object) -> None:
    """What a filter flags is what an agent did, never a word of the templates (rm stands in "permission")."""
    assert kind in (API, BASH)
    world = API if kind is API else BASH
    for family, planner in ((Family.SAFE, base_plan), (Family.CONTROL, control_plan)):
        shown = demonstrate(planner, world, draw_tasks(world.name, family, "words", 300), 1, record=True)
        assert not [row for row in scan(shown, packaged_filters()) if row.flagged]
