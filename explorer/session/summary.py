"""An audit in plain sentences: what the first page, the command line and the report say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.model.visible_text import one_line
from explorer.session.own_trials import own_trials_sentences
from explorer.session.sides import listed, sides

MOST_GROUPS = 5
"""Groups whose gaps are told one by one."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the summary. ``facets`` are the choices (facet → value) that show the rows it counts."""

    text: str
    facets: Mapping[str, str] = field(default_factory=dict)
    weight: str = "plain"
    """"key" for the key cell, "warning" for data problems, else "plain"."""
    opens: str = "queue"
    """Where its rows are: "queue" (with ``facets``), "pairing", "unpaired", "filter", "statistics" or "data"."""


def sentences(summary: Mapping[str, Any]) -> tuple[Sentence, ...]:
    """The summary of an audit, the key cell first."""
    counts = summary["counts"]
    name = summary["filter"]["name"]
    concern = summary["settings"]["concern_name"]
    said: list[Sentence] = []
    if counts["pairs"]:
        said += _compared(summary)
    else:
        said.append(
            Sentence(
                f"{_n(counts['entries'], 'entry', 'entries')} of concern ({concern}); "
                f"{counts['entries_pass']} would pass the filter “{name}”.",
                {"token filter": "passes"},
                "key",
            )
        )
        if counts["unpaired"]:
            first, others = sides(summary["roles"])
            second = listed(others)
            said.append(
                Sentence(f"No task of the {first} and the {second} pairs: nothing is compared.", weight="warning",
                         opens="pairing")
            )  # fmt: skip
        said += _not_paired(summary)
    steps = counts["steps_of_concern"]
    low, high = pass_range(summary)
    said.append(
        Sentence(
            f"Of {_n(steps, 'step')} of concern {counts['steps_of_concern_pass']} pass “{name}”; "
            f"between {low} and {high} over all lists and units; "
            f"{counts['steps_of_concern_escape_all']} escape every filter.",
            {"token filter": "escapes every filter"},
        )
    )
    said.append(
        Sentence(
            f"The filter would drop {counts['filter_drops']} of "
            f"{_n(counts['trajectories'], 'trajectory', 'trajectories')}.",
            opens="filter",
        )
    )
    unsure = counts["steps_cannot_tell"]
    said.append(Sentence(f"At {_n(unsure, 'step')} one cannot tell what happens; that is never counted as safe."))
    if counts["dead"]:
        dead = counts["dead"]
        said.append(
            Sentence(f"{_n(dead, 'trajectory', 'trajectories')} ended in an error or {_is(dead)} empty: kept "
                     "apart from rates and pairs.", weight="warning", opens="data")
        )  # fmt: skip
    return tuple(said)


def _compared(summary: Mapping[str, Any]) -> list[Sentence]:
    """What stands on which side, the key cell first; what pairs; how far the comparison can be relied on."""
    counts, lanes = summary["counts"], summary["counts"]["lanes"]
    first, others = sides(summary["roles"])
    key = counts["key_cell"]
    whose = _each(summary, others, "{}'s", "pass")
    problem = " (the dataset itself would be the problem)" if first == "teacher" else ""
    said = [
        Sentence(
            f"{_n(key, 'divergence')} {_is(key)} on the {whose} side only and would pass the filter "
            f"“{summary['filter']['name']}”.",
            {"lane": "student_only", "token filter": "passes"},
            "key",
        )
    ]
    words = {
        "student_only": f"by the {_each(summary, others, '{}', 'entries')} only",
        "teacher_only": f"by the {first} only{problem}",
        "both": "by both, on the same target",
        "cannot_tell": "where one cannot tell, because a side is missing, cut off or opaque",
    }
    for lane, text in words.items():
        entries = lanes[lane]["entries"]
        said.append(
            Sentence(f"{_n(entries, 'entry', 'entries')}{acts(lanes[lane])} of concern {text}; "
                     f"{lanes[lane]['pass']} pass the filter.", {"lane": lane})
        )  # fmt: skip
    paired = counts["paired_tasks"]
    said.append(
        Sentence(f"{paired} of {_n(counts['tasks'], 'task')} pair ({_n(counts['pairs'], 'pair')}).", opens="pairing")
    )
    said += _not_paired(summary)
    said += _approximate(summary)
    said += [Sentence(text, opens="statistics") for text in own_trials_sentences(summary)]
    after = counts["after_input_difference"]
    if after:
        said.append(
            Sentence(f"{_n(after, 'entry', 'entries')} {'stands' if after == 1 else 'stand'} after a difference "
                     "of input: what follows may be the environment's doing.")
        )  # fmt: skip
    return said


def acts(row: Mapping[str, int]) -> str:
    """How many different acts and attempts entries are, in brackets, where they are fewer: what the first side does is
    listed once for each group that lacks it."""
    done, tried = row.get("acts", row["entries"]), row.get("attempts", 0)
    if done + tried == row["entries"]:
        return ""
    parts = [_n(done, "act")] if done or not tried else []
    return f" ({' and '.join([*parts, *([_n(tried, 'attempt')] if tried else [])])})"


def _each(summary: Mapping[str, Any], roles: tuple[str, ...], form: str, count: str) -> str:
    """The roles of the second side; with several of them how many entries on their side only each has."""
    if len(roles) < 2:
        return form.format(roles[0])
    groups = summary["counts"].get("second_sides", {}).values()
    have = {role: sum(g["student_only"][count] for g in groups if g["role"] == role) for role in roles}
    return listed(tuple(f"{form.format(role)} ({have[role]:,})" for role in roles))


def _approximate(summary: Mapping[str, Any]) -> list[Sentence]:
    """That pairs were too long to be aligned exactly."""
    counts = summary["counts"]
    n = counts.get("approximate_pairs", 0)
    if not n:
        return []
    entries = counts["approximate_entries"]
    above = summary["settings"].get("costs", {}).get("band_above", 0)
    return [
        Sentence(
            f"{n:,} of {_n(counts['pairs'], 'pair')} {'was' if n == 1 else 'were'} aligned approximately: longer than "
            f"{above:,} steps on both sides, or too long together. {_n(entries, 'entry', 'entries')} "
            f"{'comes' if entries == 1 else 'come'} from {'it' if n == 1 else 'them'}.",
            {"alignment": "approximate"} if entries else {},
            "warning",
        )
    ]


def _not_paired(summary: Mapping[str, Any]) -> list[Sentence]:
    """What has no partner, and which keys may mean the same task."""
    said = []
    unpaired = summary["counts"]["unpaired"]
    if unpaired:
        reasons = "; ".join(f"{n} × {reason}" for reason, n in sorted(unpaired.items()))
        said.append(Sentence(f"Not paired: {reasons}.", weight="warning", opens="unpaired"))
    said += _gaps(summary.get("pairing", ()))
    alike = len(summary.get("key_suggestions", ()))
    if alike:
        said.append(
            Sentence(
                f"{_n(alike, 'task key')} of one side {'looks' if alike == 1 else 'look'} like one of the other side "
                "and may be the same task.", weight="warning", opens="unpaired",
            )
        )  # fmt: skip
    return said


def _gaps(pairing: Sequence[Mapping[str, Any]]) -> list[Sentence]:
    """Where several groups are compared with the first side: what each lacks, the largest gaps first."""
    found = [group for group in pairing if group["n_unpaired_tasks"]] if len(pairing) > 1 else []
    found.sort(key=lambda group: (-group["n_unpaired_tasks"], group["group"]))
    said = []
    for group in found[:MOST_GROUPS]:
        alone = "; ".join(
            f"{n:,} of {'its own' if side == 'own' else f'the {side}'} ({reason})"
            for side, reasons in group["unpaired"].items()
            for reason, n in reasons.items()
        )
        said.append(
            Sentence(
                f"With {one_line(group['group'], 60)} ({group['role']}) {group['paired_tasks']:,} of "
                f"{_n(group['tasks'], 'task')} pair ({_n(group['pairs'], 'pair')}). Without a partner there: {alone}.",
                weight="warning", opens="unpaired",
            )
        )  # fmt: skip
    if len(found) > MOST_GROUPS:
        more = len(found) - MOST_GROUPS
        said.append(
            Sentence(f"{_n(more, 'more group')} {'lacks' if more == 1 else 'lack'} partners for some tasks; all are in "
                     "audit.json.", weight="warning", opens="unpaired")
        )  # fmt: skip
    return said


def pass_range(summary: Mapping[str, Any]) -> tuple[int, int]:
    """Fewest and most steps of concern that pass, over every list and unit."""
    passes = [row["passes"] for row in summary["filter_range"]]
    return (min(passes), max(passes)) if passes else (0, 0)


def _n(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
