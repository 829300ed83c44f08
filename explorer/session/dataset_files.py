"""Datasets and results as Arrow files of our own, written by workers and memory-mapped by the session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.model.embedding import Embedding
from explorer.model.result import AuditResult
from explorer.model.trajectory import Dataset

DATASET_TABLES = ("steps", "turns", "trajectories")


def _read(path: Path) -> pa.Table:
    # Only files this program wrote itself are memory-mapped; sources never are.
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def write_table(table: pa.Table, path: Path) -> None:
    """Write one table uncompressed, so that it can be memory-mapped."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def open_dataset(folder: Path) -> Dataset:
    """The dataset a loader left in ``folder``."""
    report = json.loads((folder / "report.json").read_text("utf-8"))
    steps, turns, trajectories = (_read(folder / f"{name}.arrow") for name in DATASET_TABLES)
    return Dataset(steps, turns, trajectories, report["fingerprint"])


def write_result(result: AuditResult, folder: Path) -> None:
    """Write an audit's tables and summary."""
    for name, table in result.tables.items():
        write_table(table, folder / f"{name}.arrow")
    (folder / "summary.json").write_text(json.dumps(result.summary, ensure_ascii=False), "utf-8")


def open_result(folder: Path) -> AuditResult:
    """The audit result in ``folder``."""
    tables = {path.stem: _read(path) for path in sorted(folder.glob("*.arrow"))}
    summary: Mapping[str, Any] = json.loads((folder / "summary.json").read_text("utf-8"))
    return AuditResult(tables, summary)


def write_embedding(embedding: Embedding, folder: Path) -> None:
    np.savez(
        folder / "map.npz",
        xy=embedding.xy,
        quality=embedding.quality,
        seed=embedding.seed,
        method=embedding.method,
    )


def open_embedding(folder: Path) -> Embedding:
    with np.load(folder / "map.npz", allow_pickle=False) as file:
        return Embedding(file["xy"], str(file["method"]), int(file["seed"]), float(file["quality"]))
