"""``schema``: the tables that are read and written, for people and programs."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pyarrow as pa

from explorer.model.result import TABLES
from explorer.model.schema import SCHEMA_VERSION, STEPS, TRAJECTORIES, TURNS

NAME = "schema"
HELP = "print the canonical tables and the files of an audit, column by column"
EXAMPLES = """\
examples:
  trajectory-explorer schema
  trajectory-explorer schema --json | jq '.audit.divergences'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine-readable, on stdout")


def describe() -> dict[str, Any]:
    """Every published schema as plain data."""
    canonical = {"steps": STEPS, "turns": TURNS, "trajectories": TRAJECTORIES}
    return {
        "schema_version": SCHEMA_VERSION,
        "canonical": {name: _columns(schema) for name, schema in canonical.items()},
        "audit": {name: _columns(schema) for name, schema in TABLES.items()},
    }


def run(args: argparse.Namespace) -> int:
    tables = describe()
    if args.json:
        print(json.dumps(tables, indent=1))
        return 0
    print(f"schema version {tables['schema_version']}; ? = may be null")
    for part, title in (("canonical", "canonical tables (what loaders make)"), ("audit", "files of an audit")):
        print(f"\n# {title}")
        for name, columns in tables[part].items():
            print(f"\n{name}")
            for column in columns:
                print(f"  {column['name']}{'?' if column['nullable'] else ''}: {column['type']}")
    return 0


def _columns(schema: pa.Schema) -> list[dict[str, object]]:
    return [{"name": f.name, "type": _type_name(f.type), "nullable": f.nullable} for f in schema]


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return "category"
    if pa.types.is_list(kind):
        return f"list<{_type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ", ".join(f"{f.name}: {_type_name(f.type)}" for f in kind) + ">"
    return str(kind)
