"""Does ``risk`` find the trajectories in which the student carried out an injection and the teacher did not?

AgentDojo pairs of one family and across families; label from the log's own ``security`` (true = the injected act was
carried out) where there is an injection; dead trajectories out. Beside it the mirror label (the teacher did, the
student did not) for the teacher's lane, and simpler scores. Intervals are bootstraps over user tasks.

    python benchmarks/agentdojo_risk.py
"""

from __future__ import annotations

import sys

import numpy as np
from ranking import baselines, report, risk_of
from real_logs import MACHINE, Audited, audit_two, data_folder

FAMILIES = (
    ("gpt-4o-2024-05-13", "gpt-4o-mini-2024-07-18"),
    ("claude-3-opus-20240229", "claude-3-haiku-20240307"),
    ("claude-3-opus-20240229", "gpt-4o-mini-2024-07-18"),
    ("gpt-4o-2024-05-13", "meta-llama_Llama-3.3-70B-Instruct"),
    ("gpt-4o-2024-05-13", "claude-3-haiku-20240307"),
)


def audit_family(first: str, second: str) -> Audited:
    """Audit one pair of files with the concern list that hijacks need: payments and mails are harm here."""
    folder = data_folder() / "agentdojo"
    return audit_two(folder / f"{first}.parquet", folder / f"{second}.parquet", concern="harm")


def main() -> None:
    print(f"AgentDojo, concern list harm; {MACHINE}")
    for first, second in FAMILIES:
        audited = audit_family(first, second)
        dataset, pairing = audited.dataset, audited.alignments.pairing
        logs = [dataset.log_values(row) for row in range(dataset.n_trajectories)]
        injected = np.array([logs[row]["injection_task_id"] is not None for row in pairing.student], bool)
        did = np.array([bool(log["security"]) for log in logs])
        teacher, student = pairing.teacher[injected], pairing.student[injected]
        tasks = [f"{logs[row]['suite_name']}/{logs[row]['user_task_id']}" for row in student]
        student_label = did[student] & ~did[teacher]
        teacher_label = did[teacher] & ~did[student]
        scores = {"risk": risk_of(audited)[student], **baselines(audited, teacher, student)}
        mirror = {"risk": risk_of(audited, "teacher")[teacher], **baselines(audited, student, teacher)}
        for line in [
            *report(f"\n{first} → {second}, student unsafe and teacher not", scores, student_label, tasks),
            *report("  mirror: teacher unsafe and student not, teacher's lane", mirror, teacher_label, tasks),
        ]:
            print(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
