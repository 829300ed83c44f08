"""``replicate``: the experiment at toy scale: a biased teacher, a sanitised dataset, and its students."""

from __future__ import annotations

import argparse
from importlib import resources
from pathlib import Path

from explorer.cli.terminal import TerminalProgress, note
from explorer.errors import SettingsError
from explorer.experiment.settings import WORLDS, ExperimentSettings, quick_settings
from explorer.model.token_filter import FilterSpec

NAME = "replicate"
HELP = "run the toy replication: biased teacher, sanitised data, students; write its logs and its table of rates"
EXAMPLES = """\
examples:
  trajectory-explorer replicate --quick --out quick/
  trajectory-explorer replicate --out replication/
  trajectory-explorer replicate --resume --out replication/
  trajectory-explorer replicate --world bash --seeds 1,2,3 --out bash/

The table goes to stdout: one line a condition, each seed's k/n with its 95 % interval.
"""
_SEEDS, _QUICK_SEEDS = "1,2,3,4,5", "1,2"
_MOST_SEEDS, _LARGEST_SEED = 100, 900


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="under a minute: less training, two seeds, weaker effects")
    parser.add_argument("--world", default="both", metavar="api|bash|both", help="which world (default: both)")
    parser.add_argument("--seeds", metavar="N,N…", help=f"seeds (default: {_SEEDS}; with --quick {_QUICK_SEEDS})")
    parser.add_argument("--resume", action="store_true", help="continue an unfinished replication in --out")
    parser.add_argument(
        "--sample", action="store_true", help="keep the logs of the first seed only (the embedded sample)"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="a new or empty folder")


def run(args: argparse.Namespace) -> int:
    worlds = worlds_named(args.world)
    seeds = seeds_named(args.seeds or (_QUICK_SEEDS if args.quick else _SEEDS))
    presets = packaged_filters()
    settings = quick_settings(worlds, seeds, presets) if args.quick else ExperimentSettings(worlds, seeds, presets)
    from explorer.experiment.replicate import replicate
    from explorer.experiment.table_text import table_text

    display = TerminalProgress()
    try:
        done = replicate(settings, args.out, display.progress(), resume=args.resume, sample=args.sample)
    finally:
        display.close()
    print(table_text(done.table.to_pylist()))
    flagged = {
        (row["name"], row["unit"])
        for part in done.manifest["parts"].values()
        for row in part["teacher"]["scan_of_kept"]
        if row["flagged"]
    }
    n_kept = sum(part["teacher"]["kept"] for part in done.manifest["parts"].values())
    found = ", ".join(f"{name} ({unit})" for name, unit in sorted(flagged)) or "none"
    note(f"{n_kept:,} training trajectories kept; filter lists that flag any of them, under any unit: {found}")
    if done.n_taken_over:
        note(f"{done.n_taken_over} finished parts were taken over")
    note(f"written to {args.out}")
    return 0


def worlds_named(text: str) -> tuple[str, ...]:
    """The worlds of ``--world``; raises SettingsError for an unknown one."""
    if text == "both":
        return WORLDS
    if text not in WORLDS:
        raise SettingsError(f"there is no world {text!r}", where="--world", todo="Known are api, bash and both.")
    return (text,)


def seeds_named(text: str) -> tuple[int, ...]:
    """The seeds of ``--seeds``, in order and once each; raises SettingsError for anything but whole numbers."""
    seeds: list[int] = []
    for part in text.split(","):
        word = part.strip()
        if not (word.isascii() and word.isdigit()) or len(word) > 3 or int(word) > _LARGEST_SEED:
            raise SettingsError(
                f"{word!r} is not a seed",
                where="--seeds",
                todo=f"Whole numbers from 0 to {_LARGEST_SEED}, with commas: {_SEEDS}",
            )
        seeds.append(int(word))
    if len(seeds) > _MOST_SEEDS:
        raise SettingsError(f"more than {_MOST_SEEDS} seeds", where="--seeds")
    return tuple(dict.fromkeys(seeds))


def packaged_filters() -> tuple[FilterSpec, ...]:
    """The program's own lists. A user's lists stay out: the same command gives the same files everywhere."""
    from explorer.analysis.filters.presets import parse_filter

    folder = resources.files("resources") / "filters"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(parse_filter(file.read_text("utf-8"), file.name) for file in files)
