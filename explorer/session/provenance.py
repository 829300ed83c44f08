"""What ``audit.json`` and exports say of the sources, from the report that reading them left beside the dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reading_summary(report: Mapping[str, Any]) -> dict[str, Any]:
    """Hashes, mapping, key and quality of the sources; ``report`` is the content of ``report.json``."""
    reports = report["reports"]
    files = [file for one in reports for file in one["files"]]
    quality = report["quality"]
    return {
        "input_hashes": {file["path"]: file["sha256"] for file in files},
        "column_mapping": {**reports[0]["mapping"], "task": list(report["task_columns"])},
        "loaders": {file["path"]: file["loader"] for file in files},
        "task_columns": list(report["task_columns"]),
        "rows": {"in": quality["rows_in"], "read": quality["rows_read"], "rejected": quality["rows_rejected"]},
        "problems": list(quality["problems"]),
        "rejected": list(quality["rejected"]),
    }
