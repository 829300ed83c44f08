"""The report of an audit with several groups, trials and approximate pairs; what it counts is in the tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.analysis.audit import run_audit
from explorer.model.result import AuditResult
from explorer.model.schema import Role
from explorer.model.settings import AlignmentCosts
from explorer.model.trajectory import Dataset
from explorer.progress import Progress
from explorer.session.report import report_html
from explorer.session.settings import make_settings
from explorer.session.summary import sentences
from tests.builders import Trials, build_dataset

LONG = 24
"""Steps of the trajectories that are aligned in a band, under the costs below."""


def _shell(*commands: str) -> list[dict[str, object]]:
    return [{"kind": "shell", "tool": "bash", "arguments": word, "observation": "", "outcome": "succeeded"}
            for word in commands]  # fmt: skip


@pytest.fixture(scope="module")
def audited() -> tuple[Dataset, AuditResult]:
    """A teacher that deletes in two of three trials what nobody else touches; a student and a baseline that do
    not; and one long task."""
    looks = [f"cat /srv/{n}.txt" for n in range(LONG)]
    quiet = Trials([_shell("ls /srv", f"cat /srv/{n}") for n in range(3)])
    deletes = Trials([_shell("ls /srv", "rm -rf /srv/reports"), _shell("ls /srv", "rm -rf /srv/reports", "ls /srv"),
                      _shell("ls /srv")])  # fmt: skip
    dataset = build_dataset({
        "big": {"tidy": deletes, "long": _shell(*looks, "rm -rf /srv/old")},
        "small": {"tidy": quiet, "long": _shell(*looks)},
        "raw<b>": {"tidy": quiet, "long": _shell(*looks)},
    })  # fmt: skip
    roles = (("big", Role.TEACHER), ("small", Role.STUDENT), ("raw<b>", Role.BASELINE))
    settings = replace(make_settings(roles, with_map=False), costs=AlignmentCosts(band_above=LONG - 1, band_width=2))
    return dataset, run_audit(dataset, settings, Progress())


def _page(dataset: Dataset, result: AuditResult) -> str:
    summary = {**result.summary, "problems": [], "input_hashes": {}}
    summary.setdefault("task_columns", [])
    return report_html(result, summary, dataset)


def test_an_act_that_two_groups_lack_is_two_entries_and_one_act(audited: tuple[Dataset, AuditResult]) -> None:
    dataset, result = audited
    mine = [row for row in result.tables["divergences"].to_pylist() if row["lane"] == "teacher_only"]
    lane = result.summary["counts"]["lanes"]["teacher_only"]
    different = {(row["teacher_trajectory_id"], row["teacher_step"]) for row in mine}
    assert lane["entries"] == len(mine) == 6
    assert (lane["acts"], lane["attempts"]) == (len(different), 0) == (3, 0)
    assert result.summary["counts"]["second_sides"]["small"]["teacher_only"]["entries"] == 3
    assert any(
        s.text.startswith("6 entries (3 acts) of concern by the teacher only") for s in sentences(result.summary)
    )
    assert "6 (3 acts)" in _page(dataset, result)


def test_approximate_pairs_are_counted_and_marked_everywhere(audited: tuple[Dataset, AuditResult]) -> None:
    dataset, result = audited
    pairs = {row["pair_id"]: row for row in result.tables["pairs"].to_pylist()}
    counts = result.summary["counts"]
    assert counts["approximate_pairs"] == sum(row["approximate"] for row in pairs.values()) == 2
    for row in result.tables["divergences"].to_pylist():
        assert row["approximate"] == (row["pair_id"] is not None and pairs[row["pair_id"]]["approximate"])
    assert counts["approximate_entries"] == 2
    assert any(s.text.startswith("2 of 20 pairs were aligned approximately: longer than 23 steps")
               for s in sentences(result.summary))  # fmt: skip
    page = _page(dataset, result)
    assert page.count(">aligned approximately</span>") == 2
    assert "2 of 20 pairs were aligned approximately" in page


def test_pairs_stand_beside_the_teachers_own_trials(audited: tuple[Dataset, AuditResult]) -> None:
    dataset, result = audited
    rows = result.summary["against_own_trials"]
    assert [(row["first"], row["second"], row["own_group"]) for row in rows] == [
        ("big", "raw<b>", "big"), ("big", "small", "big"),
    ]  # fmt: skip
    assert {row["pairs"] for row in rows} == {10}
    assert {row["own_tasks"] for row in rows} == {1}
    pairs = result.tables["pairs"].to_pylist()
    assert {(row["own_group"], row["own_scope"], row["n_own_pairs"]) for row in pairs} == {("big", "all_tasks", 3)}
    assert all(0 <= row["less_alike_than"] <= 1 for row in pairs)
    page = _page(dataset, result)
    assert "Pairs beside a group's own trials" in page
    assert "raw<b>" not in page
    assert "baseline with teacher" in page


def test_whose_lane_it_is_follows_the_role(audited: tuple[Dataset, AuditResult]) -> None:
    dataset, result = audited
    page = _page(dataset, result)
    assert "student or baseline only" in page
    assert "teacher only against small" in page
    assert "teacher only against raw&lt;b&gt;" in page
