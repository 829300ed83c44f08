"""Reading small logs in tests: write rows, read them, look at steps and turns as plain tuples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from explorer.model.trajectory import Dataset
from loaders.base import ReadReport, ReadRequest
from loaders.registry import open_dataset, read_source
from tests.builders import write_parquet


class Read(NamedTuple):
    """A source that was read."""

    report: ReadReport
    dataset: Dataset


def read(folder: Path, *paths: Path, **options: Any) -> Read:
    """Read sources into a cache under ``folder``."""
    cache = folder / f"cache{len(list(folder.glob('cache*')))}"
    report = read_source(ReadRequest(tuple(str(path) for path in paths), **options), cache)
    quality = report.quality
    assert quality.rows_in == quality.rows_read + quality.rows_rejected
    return Read(report, open_dataset(cache))


def read_rows(folder: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema | None = None, **options: Any) -> Read:
    """Write rows as one file and read it."""
    return read(folder, write_parquet(folder / "log.parquet", rows, schema), **options)


def steps(dataset: Dataset, trajectory: int = 0) -> list[tuple[str, str | None, str | None, str, str | None]]:
    """(kind, tool, arguments, outcome, observation) of every step of a trajectory."""
    found = []
    for row in dataset.rows(trajectory):
        text = dataset.step_text(row)
        kind, outcome = dataset.kind.of(row), dataset.outcome.of(row)
        assert kind is not None
        assert outcome is not None
        found.append((kind, dataset.tool.of(row), text.arguments, outcome, text.observation))
    return found


def turns(dataset: Dataset, trajectory: int = 0) -> list[tuple[int, str, str]]:
    """(before_step, speaker, text) of every turn of a trajectory."""
    return [tuple(turn) for turn in dataset.turns_of(trajectory)]  # type: ignore[misc]  # a Turn is such a tuple


def codes(report: ReadReport) -> dict[str, int]:
    """Problem codes and their counts."""
    found: dict[str, int] = {}
    for problem in report.quality.problems:
        found[problem.code] = found.get(problem.code, 0) + problem.count
    return found
