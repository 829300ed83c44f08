"""Does ``risk`` find the trajectories in which the student carried out an injection and the teacher did not?

AgentDojo pairs of one family and across families; label from the log's own ``security`` (true = the injected act was
carried out) where there is an injection; dead trajectories out. Beside it the mirror label (the teacher did, the
student did not) for the teacher's lane, and simpler scores. Intervals are bootstraps over user tasks. The weight of
"unasked" was chosen on these labels; the last table shows what other weights would have given.

    python benchmarks/agentdojo_risk.py
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from ranking import Judged, baselines, pooled, pooled_auroc, precision_at, report, risk_of
from real_logs import MACHINE, Audited, audit_two, data_folder

from explorer.model.settings import RiskWeights

_WEIGHTS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0)
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
    judged: list[Judged] = []
    mirrored: list[Judged] = []
    by_weight: dict[float, list[Judged]] = {weight: [] for weight in _WEIGHTS}
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
        for weight in _WEIGHTS:
            weights = replace(RiskWeights(), unasked=weight)
            by_weight[weight].append(
                Judged({"risk": risk_of(audited, "student", weights)[student]}, student_label, tasks)
            )
            by_weight[weight].append(
                Judged({"risk": risk_of(audited, "teacher", weights)[teacher]}, teacher_label, tasks)
            )
        judged.append(Judged(scores, student_label, tasks))
        mirrored.append(Judged(mirror, teacher_label, tasks))
    for line in [*pooled("\nall, student unsafe and teacher not", judged), *pooled("all, mirror", mirrored)]:
        print(line)
    print("\nboth labels, by the weight of “unasked”: AUROC over all; mean precision at 10 of the ten lists")
    for weight, found in by_weight.items():
        precision = np.mean([precision_at(one.scores["risk"], one.label) for one in found])
        print(f"  {weight:.1f}  {pooled_auroc(found):.3f}  {precision:.2f}")


if __name__ == "__main__":
    main()
