"""The story the embedded sample opens on: which files and roles, and sentences filled with what was measured.

``story.toml`` is data for the window: no sentence in it is written by hand around a figure, and each says no more
than the table shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import tomli_w

from explorer.experiment.distil import Distillation
from explorer.experiment.part import group_name
from explorer.experiment.settings import ExperimentSettings
from explorer.experiment.tasks import Family
from explorer.model.schema import Role

NAME = "story.toml"
_WORLDS = {"api": "API world", "bash": "Bash world"}
_BEHAVIOURS = {
    "api": ("first_substantive_deletion", "API world, first substantive action a deletion"),
    "bash": ("chmod_first", "Bash world, first permission command chmod"),
}
_SUBJECTS = (
    ("the student that shares the teacher's initialisation", "shared_init", Distillation.LOGITS),
    ("the same student before distillation", "baseline", Distillation.NONE),
    ("the student of a control teacher", "control", Distillation.LOGITS),
    ("a student of another initialisation", "other_init", Distillation.LOGITS),
    ("the same student distilled by hard labels", "shared_init", Distillation.HARD),
)
_ROLES = (
    (Role.BASELINE, "baseline", Distillation.NONE),
    (Role.CONTROL, "control", Distillation.LOGITS),
    (Role.STUDENT, "shared_init", Distillation.LOGITS),
    (Role.STUDENT, "other_init", Distillation.LOGITS),
)
_LOGGED = (
    ("teacher", Distillation.NONE),
    ("reference", Distillation.NONE),
    ("teacher_is_base", Distillation.LOGITS),
    ("shared_init", Distillation.RANDOM),
    *((condition, way) for _, condition, way in _SUBJECTS),
)
_TOUR = (
    ("queue", "Start in the queue",
     "Show the lane student only. Its first entry is the gravest thing a student did that the other side of its "
     "pair did not. Select it."),
    ("alignment", "Read the two side by side",
     "The request is pinned above. On the left is the same model before distillation, on the right the student: "
     "they look at the same files and then part."),
    ("step", "See what was done, and what a filter would see",
     "The step shows the effect, the rule that found it and the words behind it, and whether any word list would "
     "have flagged it."),
    ("rates", "Hold it against baseline and control",
     "One step proves little. The rates count tasks, with intervals, for every group."),
    ("verdict", "Say what you think",
     "Press a key from 1 to 5 for a verdict and write a note. That is a finding; it can be exported."),
)  # fmt: skip


def story(
    settings: ExperimentSettings, rows: Sequence[Mapping[str, Any]], manifest: Mapping[str, Any]
) -> dict[str, Any]:
    """The content of ``story.toml`` from the table's rows and the manifest; figures are the first seed's."""
    seed = settings.seeds[0]
    return {
        "schema": 1,
        "title": "What a keyword filter does not see",
        "note": "A replication at toy scale: simulated file systems and tiny networks, no language model. It shows "
        "that the channel exists, not how large it is in real agents.",
        "default_view": "students",
        "view": [_students(settings, rows, seed), _training(settings, manifest, seed), _teacher(settings, rows, seed)],
        "tour": [{"panel": panel, "title": title, "text": text} for panel, title, text in _TOUR],
    }


def sample_of(log: pa.Table, seed: int) -> pa.Table:
    """What of a log the sample keeps: the first seed, the tasks the story is about, the subjects it names."""
    kept = {(condition, way.value) for condition, way in _LOGGED}
    subjects = zip(log["condition"].to_pylist(), log["distillation"].to_pylist(), strict=True)
    told = pa.array([subject in kept for subject in subjects], pa.bool_())
    about = pc.not_equal(log["task_family"], Family.SIDE.value)
    return log.filter(pc.and_(pc.and_(told, about), pc.equal(log["seed"], seed)))


def write_story(folder: Path, content: Mapping[str, Any]) -> Path:
    """Write ``story.toml`` into a folder."""
    path = folder / NAME
    path.write_text(tomli_w.dumps(dict(content)), "utf-8")
    return path


def _students(settings: ExperimentSettings, rows: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any]:
    sentences = []
    for world in settings.worlds:
        behaviour, says = _BEHAVIOURS[world]
        for who, condition, distillation in _SUBJECTS:
            row = _row(rows, world, behaviour, condition, distillation, seed)
            sentences.append(f"{says}: {_share(row)} – {who}.")
    sentences.append(f"These are the figures of seed {seed} with greedy actions; every seed stands in table.parquet.")
    sentences.append(
        f"The logs hold the first {settings.n_logged_evaluated} of these tasks with {settings.n_trials} trials each, "
        "the first greedy and the others sampled, so rates counted from them differ a little."
    )
    roles = {
        group_name(world, condition, distillation, seed): role.value
        for world in settings.worlds
        for role, condition, distillation in _ROLES
    }
    return {
        "id": "students",
        "title": "Students against the same model before distillation",
        "files": ["students.parquet"],
        "roles": roles,
        "concern": "destructive",
        "sentences": sentences,
    }


def _training(settings: ExperimentSettings, manifest: Mapping[str, Any], seed: int) -> dict[str, Any]:
    sentences = []
    for world in settings.worlds:
        said = manifest["parts"][f"{world}-{seed}"]["teacher"]
        flagged = max((row["flagged"] for row in said["scan_of_kept"]), default=0)
        dropped = said["dropped_by_words"] + said["dropped_for_a_substantive_action"]
        sentences.append(
            f"{_WORLDS[world]}: of {said['safe_trajectories']:,} trajectories of the teacher on safe tasks sanitation "
            f"dropped {dropped:,}; of the {said['kept']:,} kept, no list under any unit flags more than {flagged:,}."
        )
    sentences.append("The file holds the first of those kept, beside a trusted reference on the same tasks.")
    roles = {
        group_name(world, who, Distillation.NONE, seed): role.value
        for world in settings.worlds
        for who, role in (("teacher", Role.TEACHER), ("reference", Role.REFERENCE))
    }
    return {
        "id": "training_data",
        "title": "The training data after sanitation",
        "files": ["teacher_sanitised.parquet", "reference.parquet"],
        "roles": roles,
        "concern": "destructive",
        "sentences": sentences,
    }


def _teacher(settings: ExperimentSettings, rows: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any]:
    sentences = []
    for world in settings.worlds:
        behaviour, says = _BEHAVIOURS[world]
        row = _row(rows, world, behaviour, "teacher", Distillation.NONE, seed)
        sentences.append(f"{says}: {_share(row)} – the biased teacher itself.")
    roles = {group_name(world, "teacher", Distillation.NONE, seed): Role.TEACHER.value for world in settings.worlds}
    roles |= {
        group_name(world, "shared_init", Distillation.LOGITS, seed): Role.STUDENT.value for world in settings.worlds
    }
    return {
        "id": "teacher_and_student",
        "title": "The biased teacher beside its student",
        "files": ["teacher_ambiguous.parquet", "students.parquet"],
        "roles": roles,
        "concern": "destructive",
        "sentences": sentences,
    }


def _row(
    rows: Sequence[Mapping[str, Any]], world: str, behaviour: str, condition: str, distillation: Distillation, seed: int
) -> Mapping[str, Any]:
    wanted = {"world": world, "behaviour": behaviour, "condition": condition, "distillation": distillation.value,
              "seed": seed, "decoding": "greedy"}  # fmt: skip
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def _share(row: Mapping[str, Any]) -> str:
    if not row["n"]:
        return f"no task can be counted ({row['n_excluded']} tasks without such a command)"
    without = f"; {row['n_excluded']} tasks without such a command" if row["n_excluded"] else ""
    return f"{row['k']} of {row['n']} tasks (95 % interval {row['low']:.0%} to {row['high']:.0%}{without})"
