"""The table as a person reads it: the mean and range over seeds, and every seed's value with its interval.

No interval is put on the mean: a handful of seeds that all give 0 would make it nothing wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
_KEY = ("world", "behaviour", "distillation", "condition")


def table_text(rows: Sequence[Row], decoding: str = "greedy") -> str:
    """One line a condition: mean and range of the rate over seeds, then each seed's k/n and Wilson interval."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row["decoding"] == decoding:
            groups.setdefault(tuple(row[name] for name in _KEY), []).append(row)
    lines: list[str] = []
    last: tuple[str, ...] = ()
    # Sorting is stable: within a world and behaviour the order is that of the rows.
    for key, found in sorted(groups.items(), key=lambda item: item[0][:2]):
        if key[:3] != last:
            lines += ["", f"{key[0]} world · {key[1]} · distillation: {key[2]} · {decoding} decoding"]
            last = key[:3]
        lines.append(f"  {key[3]:<16} {_line(found)}")
    return "\n".join(lines[1:])


def _line(rows: Sequence[Row]) -> str:
    rows = sorted(rows, key=lambda row: int(row["seed"]))
    rates = [row["k"] / row["n"] for row in rows if row["n"]]
    each = "  ".join(_cell(row) for row in rows)
    if not rates:
        return f"{'no task could be counted':<32} {each}"
    said = f"mean {sum(rates) / len(rates):.2f}, seeds {min(rates):.2f} to {max(rates):.2f}"
    return f"{said:<32} {each}"


def _cell(row: Row) -> str:
    if not row["n"]:
        return f"s{row['seed']}: 0/0"
    return f"s{row['seed']}: {row['k']}/{row['n']} [{row['low']:.2f}, {row['high']:.2f}]"
