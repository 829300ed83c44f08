"""What the summary page says, from the session's result and the jobs under way."""

from __future__ import annotations

from explorer.model.result import AuditResult
from explorer.model.schema import Role
from explorer.session.audit_session import AuditSession
from explorer.session.summary import Sentence, sentences
from views.jobs import JobRunner
from views.start.audit_work import AUDIT, READ
from views.start.plan import AuditPlan
from views.start.summary_page import SummaryPage


def fill_summary(page: SummaryPage, session: AuditSession, plan: AuditPlan) -> None:
    """Show the session's result on the page."""
    result = session.result
    if result is not None:
        measured = plan.story.sentences if plan.story is not None else ()
        page.show_sentences(session.title, summary_sentences(session, result), group_words(result), measured)


def follow_jobs(page: SummaryPage, runner: JobRunner) -> None:
    """Show how far reading or auditing is."""
    job = next((job for job in runner.jobs() if job.slot in (READ, AUDIT)), None)
    if job is not None:
        stage, done, total = job.sample
        count = f": {done:,} of {total:,}" if total else ""
        page.show_working(f"{job.title}" + (f" · {stage}{count}" if stage else " …"), done, total)


def summary_sentences(session: AuditSession, result: AuditResult) -> tuple[Sentence, ...]:
    """The audit's sentences and one about the data."""
    quality = session.load_report.get("quality", {})
    problems, rejected = len(quality.get("problems", ())), quality.get("rows_rejected", 0)
    kinds = "kind of data problem" if problems == 1 else "kinds of data problems"
    words = f"{quality.get('rows_in', 0):,} rows were read, {rejected:,} rejected; {problems:,} {kinds}."
    weight = "warning" if problems or rejected else "plain"
    return (*sentences(result.summary), Sentence(words, weight=weight, opens="data"))


def group_words(result: AuditResult) -> tuple[tuple[str | None, str], ...]:
    """Role and words of the groups that take part, one line a role."""
    groups = result.summary["counts"]["groups"]
    said: list[tuple[str | None, str]] = []
    for role in Role:
        mine = {name: counts["trajectories"] for name, counts in groups.items() if counts["role"] == role.value}
        if len(mine) > 2:
            said.append((role.value, f"{role.value}: {len(mine)} groups, {sum(mine.values()):,} trajectories"))
        elif mine:
            names = " and ".join(f"{name} ({count:,})" for name, count in mine.items())
            said.append((role.value, f"{role.value}: {names}"))
    return tuple(said)
