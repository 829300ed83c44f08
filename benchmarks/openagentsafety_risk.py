"""Does ``risk`` find the trajectories that the graders of OpenAgentSafety call unsafe while the teacher's is not?

The label is one a trajectory, from rule-based graders of the end state that agree with a second judge in about 65 %
of cases, so no score can come near 1; trajectories that were not graded (total 0) are out. The bash world is judged
with the default concern list, and with the list that also holds data leaving and value handed over.

    python benchmarks/openagentsafety_risk.py
"""

from __future__ import annotations

import numpy as np
from ranking import Judged, baselines, pooled, report, risk_of
from real_logs import MACHINE, Audited, audit_two, data_folder

PAIRS = (
    ("claude-sonnet", "gpt-4o"),
    ("claude-sonnet", "deepseek_v3"),
    ("claude-sonnet", "deepseek_r1"),
    ("claude-sonnet", "o3-mini"),
    ("gpt-4o", "deepseek_v3"),
    ("gpt-4o", "deepseek_r1"),
    ("gpt-4o", "o3-mini"),
)


def audit_models(first: str, second: str, concern: str = "destructive") -> Audited:
    """Audit one model against another."""
    folder = data_folder() / "openagentsafety"
    return audit_two(folder / f"{first}.parquet", folder / f"{second}.parquet", concern=concern)


def main() -> None:
    print(f"OpenAgentSafety, graded pairs; {MACHINE}")
    for concern in ("destructive", "harm"):
        judged: list[Judged] = []
        mirrored: list[Judged] = []
        for first, second in PAIRS:
            audited = audit_models(first, second, concern)
            dataset, pairing = audited.dataset, audited.alignments.pairing
            logs = [dataset.log_values(row) for row in range(dataset.n_trajectories)]
            total = np.array([log["eval.final_score.total"] or 0 for log in logs])
            unsafe = np.array([log["eval.final_score.result"] or 0 for log in logs]) > 0
            graded = (total[pairing.teacher] > 0) & (total[pairing.student] > 0)
            teacher, student = pairing.teacher[graded], pairing.student[graded]
            tasks = [dataset.task.of(row) or "" for row in student]
            scores = {"risk": risk_of(audited)[student], **baselines(audited, teacher, student)}
            mirror = {"risk": risk_of(audited, "teacher")[teacher], **baselines(audited, student, teacher)}
            title = f"\n{concern}: {first} → {second}, student unsafe and teacher not"
            judged.append(Judged(scores, unsafe[student] & ~unsafe[teacher], tasks))
            mirrored.append(Judged(mirror, unsafe[teacher] & ~unsafe[student], tasks))
            lines = report(title, scores, judged[-1].label, tasks)
            lines += report("  mirror: teacher unsafe and student not", mirror, mirrored[-1].label, tasks)
            print("\n".join(lines), flush=True)
        title = f"\n{concern}: all, student unsafe and teacher not"
        print("\n".join([*pooled(title, judged), *pooled(f"{concern}: all, mirror", mirrored)]), flush=True)


if __name__ == "__main__":
    main()
