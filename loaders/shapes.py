"""All loaders, and which of them a file belongs to: the best claim wins, a tie is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from explorer.errors import InputError
from loaders.action_observation import ActionObservation
from loaders.base import (
    Claim,
    ColumnMapping,
    Head,
    RowLoader,
)
from loaders.columns import leaves
from loaders.event_stream import EventStream
from loaders.messages import Messages, MessagesJson
from loaders.parallel_lists import ParallelLists
from loaders.reading import ParquetSource
from loaders.step_rows import StepRows
from loaders.text_calls import TextCalls

ROW_LOADERS: tuple[RowLoader, ...] = (
    EventStream(),
    ActionObservation(),
    ParallelLists(),
    TextCalls(),
    Messages(),
    MessagesJson(),
)
STEP_ROWS = StepRows()
_BY_NAME: Mapping[str, RowLoader] = {loader.name: loader for loader in ROW_LOADERS}
LOADER_NAMES = (STEP_ROWS.name, *_BY_NAME)


def claims(path: Path, mapping: ColumnMapping | None = None) -> list[Claim]:
    """Every loader's claim on a file, best first. Raises InputError where the file is no readable Parquet."""
    with ParquetSource(path) as source:
        return ranked_claims(head_of(source), mapping or ColumnMapping())


def loader_named(name: str) -> RowLoader:
    """The loader of one trajectory a row with this name."""
    return _BY_NAME[name]


def ranked_claims(head: Head, mapping: ColumnMapping) -> list[Claim]:
    """Every loader's claim, best first."""
    found = [loader.claim(head, mapping) for loader in (STEP_ROWS, *ROW_LOADERS)]
    return sorted(found, key=lambda claim: -claim.score)


def choose(path: str, head: Head, mapping: ColumnMapping) -> str:
    """The loader for a file: the mapping's, else the one with the best claim. Raises InputError where none fits,
    or two fit equally well."""
    if mapping.loader is not None:
        if mapping.loader not in LOADER_NAMES:
            raise InputError(
                f"there is no loader {mapping.loader!r}", where="mapping", todo=f"Loaders: {', '.join(LOADER_NAMES)}."
            )
        return mapping.loader
    ranked = ranked_claims(head, mapping)
    if ranked[0].score <= 0:
        columns = ", ".join(f"{name} ({kind})"[:80] for name, kind in leaves(head.schema)[:40])
        wanted = "; ".join(loader.looks_for for loader in (STEP_ROWS, *ROW_LOADERS))
        raise InputError(
            f"these are no trajectories. Columns found: {columns}. Looked for: {wanted}",
            where=path,
            todo="Choose another file, or say with a mapping which column is what (--mapping FILE.toml).",
        )
    best = [claim for claim in ranked if claim.score == ranked[0].score]
    if len(best) > 1:
        both = " and ".join(f"{claim.loader} ({claim.reason})" for claim in best)
        raise InputError(
            f"two shapes fit this file equally well: {both}",
            where=path,
            todo="Choose one in a mapping (--mapping FILE.toml): "
            + " or ".join(f'loader = "{claim.loader}"' for claim in best),
        )
    return best[0].loader


def head_of(source: ParquetSource) -> Head:
    """The schema and first rows of a file."""
    batch = source.head()
    if batch is None:
        schema = source.schema
        for name in source.partitions:
            schema = schema.append(pa.field(name, pa.string()))
        return Head(schema, ())
    return Head(batch.schema, tuple(batch.to_pylist()))
