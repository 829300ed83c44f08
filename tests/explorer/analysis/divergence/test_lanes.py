"""Lanes of shell and tool calls as they are logged: folders, values that are not known, lists, folders that hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.divergence.diverge import find_divergences
from explorer.analysis.divergence.fold import fold_repeats
from explorer.analysis.divergence.lanes import LaneEntry, LaneFinder, pair_rows
from explorer.analysis.divergence.occurrences import find_occurrences
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.model.divergence import Lane
from explorer.model.effect import CONCERN_PRESETS, StepEffects
from explorer.model.schema import Outcome, Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from tests.builders import build_dataset
from tests.explorer.analysis.acts import act
from tests.explorer.analysis.effects.packs import shipped_rules

HARM = AuditSettings(
    roles=(("T", Role.TEACHER), ("S", Role.STUDENT)),
    concern=tuple(sorted(CONCERN_PRESETS["harm"])),
    concern_name="harm",
)


_DONE_AND_TRIED = (Outcome.SUCCEEDED, Outcome.FAILED)


def sh(command: str, printed: str = "") -> dict[str, Any]:
    return {"kind": "shell", "tool": "bash", "arguments": command, "observation": printed}


def call(tool: str, arguments: str | None = None, **given: Any) -> dict[str, Any]:
    return {"kind": "tool_call", "tool": tool, "arguments": json.dumps(given) if given else arguments}


Step = dict[str, Any] | str
Side = Step | list[Step]


def pair_of(teacher: Side, student: Side) -> Dataset:
    def steps(side: Side) -> list[dict[str, Any]]:
        listed = side if isinstance(side, list) else [side]
        return [sh(step) if isinstance(step, str) else step for step in listed]

    return build_dataset({"T": {"t": steps(teacher)}, "S": {"t": steps(student)}})


def lanes(teacher: Side, student: Side) -> set[tuple[str, str, str]]:
    """(side, lane, target) of every effect of concern of one pair; each effect is in exactly one lane."""
    return {(side, lane, target) for side, lane, target, _ in told(teacher, student)}


def told(teacher: Side, student: Side) -> list[tuple[str, str, str, str]]:
    dataset = pair_of(teacher, student)
    _, occurrences, entries = lane_entries(dataset)
    assert len(entries) == len(occurrences) == len({entry.occurrence for entry in entries})
    found = []
    for entry in entries:
        target = occurrences.effects[occurrences.effect[entry.occurrence]].target
        side = "T" if entry.teacher_side else "S"
        found.append((side, str(entry.lane), "" if target is None else target.value, entry.reason))
    return found


def lane_entries(dataset: Dataset) -> tuple[StepEffects, Any, Any]:
    effects = classify_steps(dataset, shipped_rules())
    features = step_features(dataset, effects, HARM.concern)
    alignments = align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]), HARM.costs)
    occurrences = find_occurrences(dataset, effects, frozenset(HARM.concern))
    finder = LaneFinder(dataset, effects, occurrences)
    return effects, occurrences, finder.of_pair(alignments, 0, pair_rows(alignments, 0))


def only_lane(teacher: Side, student: Side) -> str:
    """The lane in which every effect of the pair stands; "alone" where each side's stand on their own."""
    found = {lane for _, lane, _ in lanes(teacher, student)}
    if found == {Lane.STUDENT_ONLY, Lane.TEACHER_ONLY}:
        return "alone"
    (lane,) = found
    return lane


NO_FOLDER = "bash: cd: /mnt/chroot: No such file or directory"


@pytest.mark.parametrize(
    ("teacher", "student", "lane"),
    [
        ("cd /srv/a && rm -rf ./*", "cd /srv/b && rm -rf ./*", "alone"),
        ("cd /srv/a && rm notes.txt", "cd /srv/b; rm notes.txt", "alone"),
        (["cd /srv/a", "rm -rf *"], ["cd /srv/b", "rm -rf *"], "alone"),
        ("cd /srv && rm a.log", "rm /srv/a.log", "both"),
        (["cd /srv", "rm a.log"], "rm /srv/a.log", "both"),
        ("cd build && rm x", "rm build/x", "both"),
        ("rm -rf data", "rm -rf data", "both"),
        ("rm -rf data", "rm -rf /backup/prod/data", "cannot_tell"),
        ("rm a.txt", "rm /etc/a.txt", "cannot_tell"),
        ("rm a.txt", "cd /srv && rm a.txt", "cannot_tell"),
        ("rm a.txt", "rm /etc/b.txt", "alone"),
        (["ls", "cat x", "rm a.txt"], ["rm /etc/a.txt", "ls", "cat x"], "cannot_tell"),
        ("cd /a; git reset --hard", "cd /b; git reset --hard", "alone"),
        ("cd /a && git push --force origin main", "cd /b && git push --force origin main", "cannot_tell"),
        ("cd /a && git push origin main", "cd /b && git push origin main", "both"),
        (["cd /a", "ls", "git stash drop"], ["cd /", "cd a && git stash drop"], "both"),
        (["cd /a", "terraform destroy -auto-approve"], ["cd /b", "terraform destroy -auto-approve"], "cannot_tell"),
        ("docker-compose down -v", "docker-compose down -v", "both"),
        ("cd /a; shutdown now", "shutdown -h now", "both"),
        ("cd /mnt/chroot && rm -rf ./*", sh("cd /mnt/chroot; rm -rf ./*", NO_FOLDER), "cannot_tell"),
        (
            ["cd /srv", "cd /mnt/chroot && rm -rf ./*"],
            ["cd /srv", sh("cd /mnt/chroot; rm -rf ./*", NO_FOLDER)],
            "alone",
        ),
        ("rm /srv/x/../a.log", "rm /srv/a.log", "both"),
        ("rm -rf ~/build", "rm -rf $HOME/build", "both"),
        ("rm -rf ~/build", "rm -rf /home/me/build", "cannot_tell"),
    ],
)
def test_the_folder_is_part_of_what_is_compared(teacher: Side, student: Side, lane: str) -> None:
    assert only_lane(teacher, student) == lane
    assert only_lane(student, teacher) == lane


@pytest.mark.parametrize(
    ("teacher", "student", "lane"),
    [
        (call("delete_file"), call("delete_file"), "cannot_tell"),
        (call("delete_file", "{file: a.txt"), call("delete_file", "{file: b.txt"), "cannot_tell"),
        (call("delete_file", "{file: a.txt"), call("delete_file", "{file:  a.txt"), "both"),
        (call("delete_all_files", "{}"), call("delete_all_files", "{}"), "both"),
        (call("delete_all_files", "{}"), call("delete_files", "{}"), "cannot_tell"),
        ("rm $TARGET", "rm $TARGET", "cannot_tell"),
        (["TARGET=a", "rm $TARGET"], ["TARGET=b", "rm $TARGET"], "cannot_tell"),
        ("T=$(cat list); rm $T", "T=$(cat list);  rm $T", "both"),
        ("T=$(cat list); rm $T", "T=$(cat other); rm $T", "cannot_tell"),
        ("kill $(cat server.pid)", "kill $(cat server.pid)", "both"),
        (["cd /a", "kill $(cat server.pid)"], ["cd /b", "kill $(cat server.pid)"], "cannot_tell"),
        ("kill $(cat server.pid)", "kill $(cat other.pid)", "cannot_tell"),
        ('find /s -name "*junk*" -exec rm {} \\;', "find /s -mtime +31 -exec rm {} \\;", "cannot_tell"),
        ('find /s -name "*junk*" -exec rm {} \\;', 'find /s -name "*junk*" -exec rm {} \\;', "both"),
        ("find /s -type f -name x -exec rm {} \\; | wc -l", "find /s -name x -type f -delete", "both"),
        ("cd /s && find . -name x -delete", "find /s -name x -delete", "both"),
        ("find /s -mtime +3 -delete", "find /t -mtime +3 -delete", "alone"),
        ("find /s -name '*.t' -mtime +5 -exec rm {} +", "find /s -mtime +5 -name '*.t' -delete", "both"),
        ("find /s -name '*.log' -delete", "find /s -name '*.tmp' -delete", "alone"),
        ("find /s -name '*.log' -delete", "rm /s/*.log", "cannot_tell"),
        ("find /s -type f -delete", "find /s -type d -delete", "alone"),
        ("find /s -type f -delete", "find /s -type d -exec rm -r {} +", "cannot_tell"),
        ("ls | xargs rm", "ls | xargs rm", "both"),
        (["cd /a", "ls | xargs rm"], ["cd /b", "ls | xargs rm"], "alone"),
        (["cd /a", "ls | head -n 3 | xargs rm"], ["cd /a", "ls | tail -n 3 | xargs rm"], "cannot_tell"),
        ("crontab -r", "crontab -r; echo gone", "both"),
        (
            [sh("cat /x.sh", "for f in $(cat list); do rm $f; done\n"), "bash /x.sh"],
            [sh("cat /x.sh", "for f in $(cat list); do rm $f; done\n"), "cd / && sh /x.sh"],
            "both",
        ),
        (
            ["cat > /x.sh <<'E'\nrm $1\nE", "bash /x.sh a"],
            ["cat > /x.sh <<'E'\necho; rm $1\nE", "bash /x.sh a"],
            "cannot_tell",
        ),
    ],
)
def test_what_is_not_known_is_both_only_where_the_text_that_decides_it_is(
    teacher: Side, student: Side, lane: str
) -> None:
    assert only_lane(teacher, student) == lane


def test_of_overlapping_lists_only_what_the_other_side_leaves_out_stands_alone() -> None:
    teacher = call("send_email", recipients=["anna@x.org", "mark@x.org"], body="hi")
    student = call("send_email", recipients=["mark@x.org", "eve@bad.org"], body="hi")
    assert lanes(teacher, student) == {
        ("T", "teacher_only", "anna@x.org"),
        ("T", "both", "mark@x.org"),
        ("S", "both", "mark@x.org"),
        ("S", "student_only", "eve@bad.org"),
    }
    assert only_lane(teacher, call("send_email", recipients=["mark@x.org", "anna@x.org"], body="hi")) == "both"
    assert only_lane(teacher, call("send_email", recipients="mark@x.org, anna@x.org", body="hi")) == "both"


def test_files_of_a_list_are_compared_one_by_one_with_files_named_singly() -> None:
    found = lanes(call("delete_files", paths=["/a", "/b"]), ["rm /a", "rm /c"])
    assert {("S", "both", "/a"), ("S", "student_only", "/c"), ("T", "teacher_only", "/b")} <= found


def test_a_hidden_recipient_is_a_recipient() -> None:
    plain = call("send_email", recipients=["anna@x.org"], body="hi")
    copied = call("send_email", recipients=["anna@x.org"], bcc=["eve@bad.org"], body="hi")
    assert ("S", "student_only", "eve@bad.org") in lanes(plain, copied)


def test_what_is_kept_from_a_list_that_is_cut_off_is_not_taken_for_the_same() -> None:
    many = [f"person{number}@a-rather-long-name-of-a-place.example.org" for number in range(90)]
    found = told(call("send_email", recipients=[*many, "a@x"]), call("send_email", recipients=[*many, "b@y"]))
    assert {lane for _, lane, value, _ in found if value.endswith("…")} == {"cannot_tell"}
    assert {lane for _, lane, value, _ in found if not value.endswith("…")} == {"both"}


@pytest.mark.parametrize("tool", ["refund_order", "return_delivered_order_items"])
def test_a_refund_to_another_account_is_not_the_same(tool: str) -> None:
    def refund(order: str, **account: str) -> dict[str, Any]:
        return call(tool, order_id=order, **account)

    card, voucher = {"payment_method_id": "credit_card_111"}, {"payment_method_id": "gift_card_999"}
    assert only_lane(refund("#W1", **card), refund("#W1", **card)) == "both"
    assert only_lane(refund("#W1", **card), refund("#W1", **voucher)) == "alone"
    assert only_lane(refund("#W1", **card), refund("#W2", **card)) == "alone"
    assert only_lane(refund("#W1"), refund("#W1")) == "both"


def test_a_charge_for_another_reservation_is_not_the_same() -> None:
    def charge(reservation: str, card: str) -> dict[str, Any]:
        return call("update_reservation_flights", reservation_id=reservation, payment_id=card)

    paid = {("S", "student_only"), ("T", "teacher_only")}
    assert {(s, lane) for s, lane, value in lanes(charge("R1", "c1"), charge("R2", "c1")) if "c1" in value} == paid
    assert {(s, lane) for s, lane, value in lanes(charge("R1", "c1"), charge("R1", "c2")) if "c" in value} == paid


def test_who_removes_a_folder_removes_what_is_in_it_and_more() -> None:
    whole, part = "rm -rf /srv/build", "rm -rf /srv/build/cache"
    assert sorted(told(whole, part)) == [
        ("S", "both", "/srv/build/cache", "the other side removes /srv/build, which holds it"),
        ("T", "teacher_only", "/srv/build", "the other side removes only /srv/build/cache inside it"),
    ]
    assert lanes(part, whole) == {("S", "student_only", "/srv/build"), ("T", "both", "/srv/build/cache")}


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("rm /srv/*.log", "rm /srv/a.log"),
        ("rm -rf /srv/*", "rm -rf /srv/a/b"),
        ("rm -rf /srv", "rm -rf /srv/*"),
        ("rm -rf /", "rm /srv/a"),
        ("cd /srv && rm -rf .", "rm /srv/a"),
        ("rm -rf ~", "rm ~/a"),
        ("rm -rf build", "rm build/x"),
        ("rm -rf .", "rm build/x"),
        ("rm -rf /srv/*", "find /srv -mtime +3 -delete"),
        ("rm -rf /srv", "rm /srv/$(cat list)"),
        ("rm -rf /srv/*", "rm /srv/*.log"),
    ],
)
def test_folders_and_patterns_hold_what_is_below_them(whole: str, part: str) -> None:
    assert {lane for side, lane, _ in lanes(whole, part) if side == "S"} == {"both"}
    assert {lane for side, lane, _ in lanes(part, whole) if side == "S"} == {"student_only"}


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("rm -rf /srv/build", "rm -rf /srv/builder"),
        ("rmdir /srv/build", "rm /srv/build/x"),
        ("rm /srv/*.log", "rm /srv/a.txt"),
        ("rm -rf /srv/*", "rm /srv/.env"),
        ("rm -rf ../a", "rm b"),
        ("rm /srv/*.log", "rm /srv/*.txt"),
        ("find /srv -name '*.log' -delete", "rm /etc/x"),
    ],
)
def test_what_lies_beside_is_not_held(whole: str, part: str) -> None:
    assert only_lane(whole, part) == "alone"


def test_a_queue_of_overlapping_lists_stays_quiet() -> None:
    dataset = pair_of(
        call("send_email", recipients=["a@x.org", "b@x.org"]), call("send_email", recipients=["a@x.org", "c@x.org"])
    )
    effects = classify_steps(dataset, shipped_rules())
    features = step_features(dataset, effects, HARM.concern)
    aligned = align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]), HARM.costs)
    flags = np.zeros(dataset.n_steps, bool)
    found = find_divergences(dataset, effects, aligned, HARM, flags, ~flags).table.to_pylist()
    assert sorted((row["lane"], row["target"]) for row in found) == [
        ("both", "a@x.org"), ("student_only", "c@x.org"), ("teacher_only", "b@x.org"),
    ]  # fmt: skip


def test_targets_that_were_only_tried_are_not_hidden_behind_those_that_were_hit() -> None:
    dataset = pair_of("pwd", sh("rm /srv/a /srv/b", "rm: cannot remove '/srv/b': Operation not permitted"))
    effects = classify_steps(dataset, shipped_rules())
    occurrences = find_occurrences(dataset, effects, frozenset(HARM.concern))
    entries = [LaneEntry(index, False, 0, Lane.STUDENT_ONLY, -1, -1, "") for index in range(len(occurrences))]
    # One step that did the one and tried the other, as its effects' own outcomes say.
    one, two = (replace(effect, outcome=so) for effect, so in zip(occurrences.effects, _DONE_AND_TRIED, strict=True))
    folded = fold_repeats(dataset, replace(occurrences, effects=(one, two)), entries, lambda entry: False)
    assert {(one.outcome, one.n_targets, one.n_tried) for one in folded} == {
        (Outcome.SUCCEEDED, 1, 0), (Outcome.FAILED, 1, 0),
    }  # fmt: skip


def test_what_was_done_at_once_stands_for_what_was_stored_to_happen_later() -> None:
    dataset = pair_of("ls", ["echo '0 0 * * * rm -rf /srv/x' | crontab -", "pwd", "rm -rf /srv/x"])
    effects = classify_steps(dataset, shipped_rules())
    features = step_features(dataset, effects, HARM.concern)
    aligned = align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]), HARM.costs)
    flags = np.zeros(dataset.n_steps, bool)
    found = find_divergences(dataset, effects, aligned, HARM, flags, ~flags).table.to_pylist()
    (entry,) = [row for row in found if row["effect"] == "delete"]
    assert (entry["student_step"], entry["n_repeats"]) == (2, 2)
    assert "to happen later" in entry["explanation"].partition(" do the same, 1 of them by storing it")[2]


def test_ten_thousand_values_that_are_not_known_stay_affordable() -> None:
    side: list[Step] = [f"rm $(cat {number % 50})" for number in range(5_000)]
    assert {lane for _, lane, _ in lanes(side, list(side))} == {"both"}


def test_hostile_arguments_give_lanes() -> None:
    steps: list[Step] = [
        call("delete_file", text) for text in ("[1,2", "{" * 5_000, '{"path": NaN}', "\x00", "…", "{}")
    ]
    found = told(steps, [*steps, act("delete /a")])
    assert found
