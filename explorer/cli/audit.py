"""``audit``: one dataset, or teacher against student, from Parquet to the published files."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.terminal import TerminalProgress, note
from explorer.errors import InputError, SettingsError
from explorer.model.schema import Role
from explorer.model.visible_text import one_line

if TYPE_CHECKING:
    from explorer.session.unpaired import UnpairedTask

_SUGGESTED, _LISTED = 3, 5
NAME = "audit"
HELP = "audit one dataset, or compare a student with its teacher, and write the results to a folder"
EXAMPLES = """\
examples:
  one dataset:
    trajectory-explorer audit runs.parquet --out audit/
  teacher and student in two files:
    trajectory-explorer audit --teacher big.parquet --student small.parquet --out audit/
  several groups in one file:
    trajectory-explorer audit all.parquet --group-by model --teacher-group big --student-group small --out audit/
  payments and mails count too, with another word list:
    trajectory-explorer audit --teacher a.parquet --student b.parquet --concern harm --filter extended --out audit/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="one dataset: file, folder (hive) or glob")
    for role in Role:
        parser.add_argument(f"--{role}", nargs="+", metavar="PATH", default=[], help=f"trajectories of the {role}")
    parser.add_argument("--group-by", metavar="COLUMN", help="column that holds the group (model, checkpoint)")
    for role in Role:
        parser.add_argument(f"--{role}-group", nargs="+", metavar="V", default=[], help=f"group(s) with role {role}")
    add_reading_arguments(parser)
    parser.add_argument(
        "--concern",
        default="destructive",
        metavar="PRESET|KIND,…",
        help="what counts: destructive, harm, deletion, permission, or kinds (default: %(default)s)",
    )
    parser.add_argument(
        "--filter",
        default="paper",
        metavar="NAME|FILE.toml",
        help="token filter that sanitation would use (default: %(default)s)",
    )
    parser.add_argument(
        "--weights",
        metavar="FILE.toml",
        help="risk weights and alignment costs (default: your own audit.toml, else the program's)",
    )
    parser.add_argument("--no-map", action="store_true", help="leave the map out (faster)")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="seed of map and shuffles (default: %(default)s)"
    )
    parser.add_argument("--strict", action="store_true", help="any rejected row ends with exit code 2")
    parser.add_argument("--json", action="store_true", help="print the content of audit.json on stdout")
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="folder for the results (new, empty or an earlier one)"
    )


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command that reads trajectories takes."""
    parser.add_argument("--task", metavar="COLUMN[,COLUMN…]", default="", help="the pairing key; nested by dots")
    parser.add_argument("--mapping", metavar="FILE.toml", help="columns by name, as saved from the reading sheet")


def run(args: argparse.Namespace) -> int:
    from explorer.analysis.audit import make_map, run_audit
    from explorer.analysis.audit_tables import with_map
    from explorer.session.export import MARKER, write_audit
    from explorer.session.files import claim_folder
    from explorer.session.provenance import reading_summary
    from explorer.session.report import report_html
    from explorer.session.settings import make_settings, read_text
    from explorer.session.summary import sentences
    from explorer.session.unpaired import unpaired_tasks
    from explorer.session.weights import parse_weights
    from loaders.combine import read_sources
    from loaders.registry import open_dataset

    requests, named = requests_of(args)
    out = Path(args.out)
    claim_folder(out, MARKER)
    # The settings are checked before anything long begins.
    weights = parse_weights(read_text(Path(args.weights)), args.weights) if args.weights else None
    make_settings({}, concern=args.concern, token_filter=args.filter, weights=weights)
    display = TerminalProgress()
    progress = display.progress()
    try:
        with tempfile.TemporaryDirectory(prefix="trajectory-explorer-") as temporary:
            read = read_sources(requests, Path(temporary), progress)
            roles = roles_of(args, named, read.groups_by_request)
            rejected = read.quality.rows_rejected
            if args.strict and rejected:
                first = read.quality.rejected[0]
                raise InputError(
                    f"{rejected} row(s) were rejected; the first: {first.reason}",
                    where=f"{first.file}, row {first.row}",
                    todo="Mend the source, or leave --strict out to audit the rest.",
                )
            dataset = open_dataset(Path(temporary))
            settings = make_settings(
                roles, concern=args.concern, token_filter=args.filter, seed=args.seed,
                with_map=not args.no_map, task_columns=read.task_columns, weights=weights,
            )  # fmt: skip
            check_pairs(dataset, settings, read)
            result = run_audit(dataset, settings, progress)
            summary: dict[str, Any] = dict(result.summary)
            if settings.with_map:
                embedding = make_map(dataset, settings, "umap", progress)
                tables = dict(result.tables)
                tables["trajectories"] = with_map(tables["trajectories"], embedding.xy)
                result = type(result)(tables, summary)
                summary["map"] = {
                    "method": embedding.method,
                    "seed": embedding.seed,
                    "trustworthiness": _number(embedding.quality),
                }
            summary.update(reading_summary(json.loads((Path(temporary) / "report.json").read_text("utf-8"))))
            html = report_html(result, summary, dataset)
            paths = write_audit(result, summary, out, html)
    finally:
        display.close()
    for problem in summary["rule_problems"]:
        note(f"rule left out: {problem}")
    for problem in read.quality.problems[:20]:
        note(
            f"{problem.file}: {problem.message} ({problem.count:,} ×)"
            if problem.count > 1
            else f"{problem.file}: {problem.message}"
        )
    if len(read.quality.problems) > 20:
        note(f"… {len(read.quality.problems) - 20} more kinds of problems are in audit.json")
    for sentence in sentences(summary):
        note(("→ " if sentence.weight == "key" else "  ") + sentence.text)
    for line in (*unpaired_lines(unpaired_tasks(result)), *alike_lines(summary["key_suggestions"])):
        note(line)
    note(f"{len(paths)} files in {out}")
    if args.json:
        print(json.dumps(summary, ensure_ascii=False, default=str))
    return 0


def requests_of(args: argparse.Namespace) -> tuple[tuple[Any, ...], tuple[Role | None, ...]]:
    """One reading request per source, and the role the command line gives each (None = by group)."""
    from loaders.base import ReadRequest
    from loaders.column_mapping import read_mapping

    mapping = read_mapping(Path(args.mapping)) if args.mapping else None
    task = tuple(part.strip() for part in args.task.split(",") if part.strip())
    by_role = {role: list(getattr(args, role.value)) for role in Role}
    if args.paths and any(by_role.values()):
        raise SettingsError(
            "paths were given both with and without a role",
            todo="Name every source with --teacher, --student …, or none and say --group-by COLUMN.",
        )
    if not args.paths and not any(by_role.values()):
        raise SettingsError("nothing to audit", todo="Name a file, folder or glob, or --teacher PATH --student PATH.")
    if args.paths:
        request = ReadRequest(tuple(args.paths), mapping=mapping, group_by=args.group_by, task=task)
        return (request,), (None,)
    if any(getattr(args, f"{role.value}_group") for role in Role):
        raise SettingsError(
            "--…-group needs paths without a role", todo="Give PATH… --group-by COLUMN --teacher-group V …"
        )
    roles = [role for role in Role if by_role[role]]
    requests = tuple(ReadRequest(tuple(by_role[r]), mapping=mapping, group_by=args.group_by, task=task) for r in roles)
    return requests, tuple(roles)


def roles_of(
    args: argparse.Namespace, named: tuple[Role | None, ...], groups: tuple[tuple[str, ...], ...]
) -> dict[str, Role]:
    """The role of every group that was read; raises SettingsError for a group that is not there."""
    roles: dict[str, Role] = {}
    for role, found in zip(named, groups, strict=True):
        if role is not None:
            roles.update(dict.fromkeys(found, role))
    if named == (None,):
        present = groups[0]
        for role in Role:
            for group in getattr(args, f"{role.value}_group"):
                if group not in present:
                    raise SettingsError(
                        f"there is no group {group!r}",
                        where=f"--{role.value}-group",
                        todo="Groups found: " + ", ".join(one_line(name, 60) for name in present[:20]),
                    )
                roles[group] = role
        if not roles:
            # One dataset: everything in it is what a student would be trained on.
            roles = dict.fromkeys(present, Role.TEACHER)
    return roles


def unpaired_lines(tasks: Sequence[UnpairedTask]) -> list[str]:
    """The tasks with most trajectories that have no partner, each with the reason, and where the rest is."""
    shown = sorted(tasks, key=lambda one: (-one.trajectories, one.task, one.reason))[:_LISTED]
    lines = [
        f"  not paired: {one_line(one.task, 60)!r} ({one_line(', '.join(one.groups), 60)}, {one.trajectories:,} "
        f"{'trajectory' if one.trajectories == 1 else 'trajectories'}): {one.reason}"
        for one in shown
    ]
    more = len(tasks) - len(shown)
    if more:
        lines.append(
            f"  … {more:,} more; see unpaired_reason in trajectories.parquet, and pairing in audit.json by group"
        )
    return lines


def alike_lines(suggestions: Sequence[Mapping[str, Any]]) -> list[str]:
    """The most alike keys of tasks that did not pair, and a mapping that says that they are one task."""
    from loaders.base import ColumnMapping
    from loaders.column_mapping import escaped, to_toml

    if not suggestions:
        return []
    best = suggestions[:_SUGGESTED]
    lines = []
    for one in best:
        first, second = (one_line(one[side], 60) for side in ("first", "second"))
        lines.append(
            f"  may be the same task: {first!r} ({one['first_role']}) and {second!r} ({one['second_role']}): "
            f"{one['more_pairs']:,} more {'pair' if one['more_pairs'] == 1 else 'pairs'}"
        )
    more = len(suggestions) - len(best)
    if more:
        lines.append(f"  … {more:,} more under key_suggestions in audit.json")
    said = to_toml(ColumnMapping(task_aliases={one["second"]: one["first"] for one in best})).strip()
    lines.append("  To pair those that are, save a mapping file and give it with --mapping:")
    # Escaped rather than marked: what is printed can be copied, and is then the very key.
    lines += ["    " + "".join(c if " " <= c <= "~" else escaped(c) for c in line) for line in said.split("\n")]
    return lines


def check_pairs(dataset: Any, settings: Any, read: Any) -> None:
    """Refuse a comparison in which no task is common to the groups, with the keys that would pair."""
    from explorer.analysis.pairing.unpaired import key_suggestions

    for first, second in settings.comparisons:
        one = _tasks(dataset, settings.groups_of(first))
        two = _tasks(dataset, settings.groups_of(second))
        if not one & two:
            alike = key_suggestions(dataset, settings)
            offers = [f"{','.join(key.columns)} ({key.sentence})" for key in read.candidate_keys if key.paired]
            raise InputError(
                f"no task is common to {first} and {second}: {len(one)} and {len(two)} tasks by the key "
                f"{','.join(read.task_columns) or 'task_id'}, for example {_example(one)} and {_example(two)}",
                todo="Name the pairing key with --task COLUMN[,COLUMN…]"
                + (f"; these pair: {'; '.join(offers[:5])}" if offers else "; no column of the logs pairs them.")
                + "".join(f"\n{line}" for line in alike_lines(alike)),
            )


def _tasks(dataset: Any, groups: tuple[str, ...]) -> set[str]:
    codes = [dataset.group.code(name) for name in groups]
    return {dataset.task.of(row) for row in range(dataset.n_trajectories) if dataset.group.codes[row] in codes}


def _example(tasks: set[str]) -> str:
    return repr(one_line(min(tasks), 60)) if tasks else "none"


def _number(value: float) -> float | None:
    return None if value != value else round(float(value), 4)
