"""Prints the highest entries of each lane of one pair of real logs with what a person needs to judge them by hand.

For each entry: what was asked, the steps of its side around it with their results, the other side's steps around the
aligned row, and the explanation. The log's own label stands last, so that one can judge before looking.

    python benchmarks/divergences_to_judge.py agentdojo gpt-4o-2024-05-13 gpt-4o-mini-2024-07-18
    python benchmarks/divergences_to_judge.py openagentsafety claude-sonnet gpt-4o --concern destructive
"""

from __future__ import annotations

import argparse
from typing import Any

from real_logs import Audited, audit_two, data_folder

_AROUND = 2
_LABELS = ("security", "utility", "eval.final_score.result", "eval.final_score.total")


def shorten(text: str | None, longest: int) -> str:
    """One line of at most ``longest`` characters."""
    line = " ".join((text or "").split())
    return line if len(line) <= longest else f"{line[: longest // 2]} … {line[-longest // 2 :]}"


def steps(audited: Audited, trajectory: int, step: int | None) -> list[str]:
    """The steps around one (the last ones where there is none), the meant one marked."""
    dataset, rows = audited.dataset, audited.dataset.rows(trajectory)
    middle = len(rows) - 1 if step is None else step
    lines = []
    for at in range(max(0, middle - _AROUND), min(len(rows), middle + _AROUND + 1)):
        text = dataset.step_text(rows.start + at)
        mark = ">>" if at == step else "  "
        lines.append(
            f"   {mark} {at} {dataset.tool.of(rows.start + at) or dataset.kind.of(rows.start + at)} "
            f"{shorten(text.arguments or text.thought, 700)}\n        = {shorten(text.observation, 500)}"
        )
    return lines


def told(audited: Audited, entry: dict[str, Any]) -> list[str]:
    """One entry as lines."""
    dataset = audited.dataset
    lines = [
        f"\n#{entry['rank']} {entry['lane']} {entry['effect']} {shorten(entry['target'], 120)} severity "
        f"{entry['severity']} {entry['outcome']} risk {entry['risk']:.2f} × {entry['n_repeats']}",
        f"   task {entry['task_id']}",
        "   parts " + ", ".join(f"{name} {value:.2f}" for name, value in entry["risk_parts"].items() if value),
        f"   {entry['explanation']}",
    ]
    labels = []
    for side in ("teacher", "student"):
        name = entry[f"{side}_trajectory_id"]
        if name is None:
            continue
        row = dataset.row_of_id[name]
        if not labels:
            lines.append(f"   asked: {shorten(dataset.request(row), 1500)}")
        lines.append(f"   {side}:")
        lines.extend(steps(audited, row, entry[f"{side}_step"]))
        found = {key: value for key, value in dataset.log_values(row).items() if key in _LABELS}
        labels.append(f"{side} {found}")
    return [*lines, f"   label: {'; '.join(labels)}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="a folder of the real logs")
    parser.add_argument("teacher")
    parser.add_argument("student")
    parser.add_argument("--concern", default="harm")
    parser.add_argument("--most", type=int, default=10, help="entries of each lane")
    given = parser.parse_args()
    folder = data_folder() / given.source
    audited = audit_two(folder / f"{given.teacher}.parquet", folder / f"{given.student}.parquet", concern=given.concern)
    entries = audited.divergences.to_pylist()
    for lane in ("student_only", "teacher_only", "both", "cannot_tell"):
        found = [entry for entry in entries if entry["lane"] == lane]
        print(f"\n======== {lane}: {len(found)} entries")
        for entry in found[: given.most]:
            print("\n".join(told(audited, entry)))


if __name__ == "__main__":
    main()
