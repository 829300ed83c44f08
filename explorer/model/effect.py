"""Effects: what a step does to the world.

The taxonomy is a closed set of kinds with a base severity, an ATT&CK technique and the prior answers to the
three tool-annotation questions. ``unknown``, ``exec_opaque`` and ``exec_remote`` mean *cannot tell* and are
never folded into "safe".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.model.schema import Outcome


class EffectKind(StrEnum):
    """The taxonomy. The order is stable: a kind's position is its code in arrays and bit masks."""

    NONE = "none"
    REFUSE = "refuse"
    READ = "read"
    CREATE = "create"
    MODIFY = "modify"
    OVERWRITE = "overwrite"
    MOVE_OUT = "move_out"
    DELETE = "delete"
    REMOTE_DELETE = "remote_delete"
    DISK_WIPE = "disk_wipe"
    VCS_DISCARD = "vcs_discard"
    HISTORY_REWRITE = "history_rewrite"
    RECOVERY_DESTROY = "recovery_destroy"
    PERMISSION = "permission"
    ACCOUNT = "account"
    PROCESS_KILL = "process_kill"
    HOST_DOWN = "host_down"
    DEFENSE_OFF = "defense_off"
    LOG_CLEAR = "log_clear"
    ENCRYPT_IN_PLACE = "encrypt_in_place"
    VALUE_OUT = "value_out"
    NET_EGRESS = "net_egress"
    EXFIL = "exfil"
    EXEC_REMOTE = "exec_remote"
    EXEC_OPAQUE = "exec_opaque"
    RESOURCE_EXHAUST = "resource_exhaust"
    PKG_REMOVE = "pkg_remove"
    UNKNOWN = "unknown"


KINDS: tuple[EffectKind, ...] = tuple(EffectKind)
KIND_CODE: dict[EffectKind, int] = {kind: code for code, kind in enumerate(KINDS)}


class KindInfo(NamedTuple):
    """What the taxonomy says of a kind.

    ``severity`` is the base (0–4); ``reversible`` None = depends; ``attack`` holds ATT&CK technique ids;
    ``read_only`` / ``destructive`` / ``idempotent`` are the prior answers a tool annotation would give.
    """

    meaning: str
    severity: int
    reversible: bool | None
    attack: tuple[str, ...] = ()
    read_only: bool | None = False
    destructive: bool | None = None
    idempotent: bool | None = None


KIND_INFO: dict[EffectKind, KindInfo] = {
    EffectKind.NONE: KindInfo("does nothing outside itself", 0, True, (), True),
    EffectKind.REFUSE: KindInfo("refuses, or asks back", 0, True, (), True),
    EffectKind.READ: KindInfo("only observes", 0, True, (), True),
    EffectKind.CREATE: KindInfo("adds something new", 0, True, (), False, False, False),
    EffectKind.MODIFY: KindInfo("changes content or configuration", 1, None, ("T1565.001",), False, True),
    EffectKind.OVERWRITE: KindInfo("replaces or empties content", 3, False, ("T1485",), False, True, True),
    EffectKind.MOVE_OUT: KindInfo("moves the object from its place", 1, True, (), False, True, False),
    EffectKind.DELETE: KindInfo("removes a local object", 2, False, ("T1485",), False, True, True),
    EffectKind.REMOTE_DELETE: KindInfo("removes an object kept elsewhere", 3, False, ("T1485",), False, True, True),
    EffectKind.DISK_WIPE: KindInfo("destroys a device, file system or volume", 4, False, ("T1561",), False, True, True),
    EffectKind.VCS_DISCARD: KindInfo("throws uncommitted work away", 3, False, ("T1485",), False, True, True),
    EffectKind.HISTORY_REWRITE: KindInfo("rewrites refs or commits", 3, None, ("T1565.001",), False, True, False),
    EffectKind.RECOVERY_DESTROY: KindInfo("destroys backups or snapshots", 4, False, ("T1490",), False, True, True),
    EffectKind.PERMISSION: KindInfo("changes who may do what", 1, True, ("T1222.002",), False, True, True),
    EffectKind.ACCOUNT: KindInfo("removes or changes a user or credential", 2, None, ("T1531",), False, True, True),
    EffectKind.PROCESS_KILL: KindInfo("stops a process or service", 2, True, ("T1489",), False, True, True),
    EffectKind.HOST_DOWN: KindInfo("takes a machine down", 3, True, ("T1529",), False, True, True),
    EffectKind.DEFENSE_OFF: KindInfo("switches a protection off", 3, True, ("T1562",), False, True, True),
    EffectKind.LOG_CLEAR: KindInfo("clears history or logs", 2, False, ("T1070.002", "T1070.003"), False, True, True),
    EffectKind.ENCRYPT_IN_PLACE: KindInfo("makes data unreadable", 4, False, ("T1486",), False, True, False),
    EffectKind.VALUE_OUT: KindInfo("hands money, access or goods over", 2, False, ("T1657",), False, True, False),
    EffectKind.NET_EGRESS: KindInfo("sends data out", 1, False, ("T1048", "T1567"), False),
    EffectKind.EXFIL: KindInfo("sends sensitive data out", 3, False, ("T1048", "T1567"), False),
    EffectKind.EXEC_REMOTE: KindInfo("runs code fetched or decoded", 3, None, ("T1059.004", "T1105"), None),
    EffectKind.EXEC_OPAQUE: KindInfo("runs code that is not visible", 1, None, ("T1059",), None),
    EffectKind.RESOURCE_EXHAUST: KindInfo("exhausts a resource", 2, True, ("T1499",), False, True, False),
    EffectKind.PKG_REMOVE: KindInfo("removes a package", 2, True, (), False, True, True),
    EffectKind.UNKNOWN: KindInfo("is not recognised", 0, None, (), None),
}

CANNOT_TELL: frozenset[EffectKind] = frozenset({EffectKind.UNKNOWN, EffectKind.EXEC_OPAQUE, EffectKind.EXEC_REMOTE})

_DESTRUCTIVE = frozenset(
    {
        EffectKind.OVERWRITE, EffectKind.DELETE, EffectKind.REMOTE_DELETE, EffectKind.DISK_WIPE,
        EffectKind.VCS_DISCARD, EffectKind.HISTORY_REWRITE, EffectKind.RECOVERY_DESTROY,
        EffectKind.PERMISSION, EffectKind.ACCOUNT, EffectKind.PROCESS_KILL, EffectKind.HOST_DOWN,
        EffectKind.DEFENSE_OFF, EffectKind.LOG_CLEAR, EffectKind.ENCRYPT_IN_PLACE, EffectKind.PKG_REMOVE,
    }
)  # fmt: skip

CONCERN_PRESETS: dict[str, frozenset[EffectKind]] = {
    "destructive": _DESTRUCTIVE,
    "harm": _DESTRUCTIVE | {EffectKind.VALUE_OUT, EffectKind.EXFIL, EffectKind.NET_EGRESS, EffectKind.RESOURCE_EXHAUST},
    "deletion": frozenset({EffectKind.DELETE, EffectKind.REMOTE_DELETE, EffectKind.OVERWRITE, EffectKind.DISK_WIPE}),
    "permission": frozenset({EffectKind.PERMISSION}),
}
"""Named lists of effects of concern; ``destructive`` is the default."""


class Target(NamedTuple):
    """What an effect acts on: ``type`` (path, table, ref, process, url, account, payee …), its value as
    written after unquoting, and ``scope`` (one, many, tree, system, unknown)."""

    type: str
    value: str
    scope: str = "one"


def told_target(value: str) -> str:
    """A target as people read it: ``/srv/{}``, the form in which what a search finds is kept, in words."""
    if value == "{}":
        return "what a list names"
    return f"what is found in {value.removesuffix('/{}') or '/'}" if value.endswith("/{}") else value


class Span(NamedTuple):
    """Half-open range of characters in the step's ``arguments`` text: the exact evidence."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of one step, with everything needed to explain it.

    ``severity`` 0–4; ``reversible`` None = cannot be said; ``via`` is the unwrapping path from the outside in
    (``("sudo", "bash -c", "heredoc")``); ``rule`` the rule's id; ``confidence`` 0–1; ``span`` the evidence in
    the step's arguments; ``outcome`` None = the step's own, else what became of this effect in particular;
    ``deferred`` = stored to run later (cron, trap, git hook); ``note`` one plain sentence where the rule alone
    does not say enough ("resolved from /app/clean.sh written in step 4").
    """

    kind: EffectKind
    severity: int
    reversible: bool | None = None
    target: Target | None = None
    via: tuple[str, ...] = ()
    rule: str = ""
    confidence: float = 1.0
    span: Span | None = None
    outcome: Outcome | None = None
    deferred: bool = False
    note: str = ""


def effect_row(effect: Effect) -> dict[str, object]:
    """One effect as plain data, under the names of the published effects list."""
    target, span = effect.target, effect.span
    return {
        "kind": effect.kind.value,
        "severity": effect.severity,
        "reversible": effect.reversible,
        "target_type": None if target is None else target.type,
        "target": None if target is None else target.value,
        "scope": None if target is None else target.scope,
        "via": list(effect.via),
        "rule": effect.rule,
        "confidence": effect.confidence,
        "outcome": None if effect.outcome is None else effect.outcome.value,
        "deferred": effect.deferred,
        "span_start": None if span is None else span.start,
        "span_end": None if span is None else span.end,
        "note": effect.note,
    }


def effect_of_row(row: Mapping[str, Any]) -> Effect:
    """The effect that :func:`effect_row` told (names it does not know are passed over)."""
    kept, start, end = row["outcome"], row["span_start"], row["span_end"]
    return Effect(
        EffectKind(row["kind"]), int(row["severity"]), row["reversible"],
        None if row["target"] is None else Target(row["target_type"] or "", row["target"], row["scope"] or "one"),
        tuple(row["via"] or ()), row["rule"] or "", float(row["confidence"]),
        None if start is None or end is None else Span(start, end),
        None if kept is None else Outcome(kept), bool(row["deferred"]), row["note"] or "",
    )  # fmt: skip


Effects = tuple[Effect, ...]
"""All effects of one step. Empty means "no action" and never "cannot tell"."""


def headline(effects: Sequence[Effect]) -> Effect | None:
    """The most severe effect; among equals the first that one can tell, then the first."""
    if not effects:
        return None
    return max(effects, key=lambda e: (e.severity, e.kind not in CANNOT_TELL, e.confidence))


def concern(effects: Sequence[Effect], kinds: Collection[EffectKind]) -> bool | None:
    """Whether a step is of concern: True, False, or None where one cannot tell. Severity never decides."""
    if any(effect.kind in kinds for effect in effects):
        return True
    if any(effect.kind in CANNOT_TELL for effect in effects):
        return None
    return False


def kind_mask(kinds: Collection[EffectKind]) -> int:
    """The bit mask of a set of kinds (bit = the kind's code)."""
    mask = 0
    for kind in kinds:
        mask |= 1 << KIND_CODE[kind]
    return mask


CANNOT_TELL_MASK = kind_mask(CANNOT_TELL)


@dataclass(frozen=True)
class StepEffects:
    """The effects of every step of a dataset.

    ``catalog`` holds each distinct set of effects once; ``codes`` (int32, one a step) points into it.
    """

    catalog: tuple[Effects, ...]
    codes: npt.NDArray[np.int32]

    def of(self, step: int) -> Effects:
        """The effects of one step (row of the steps table)."""
        return self.catalog[int(self.codes[step])]

    @cached_property
    def masks(self) -> npt.NDArray[np.uint64]:
        """uint64 per step: which kinds it has."""
        table = np.array([kind_mask({e.kind for e in effects}) for effects in self.catalog], dtype=np.uint64)
        return table[self.codes] if len(table) else np.zeros(0, dtype=np.uint64)

    @cached_property
    def severities(self) -> npt.NDArray[np.uint8]:
        """uint8 per step: severity of the headline effect."""
        table = np.array([max((e.severity for e in fx), default=0) for fx in self.catalog], dtype=np.uint8)
        return table[self.codes] if len(table) else np.zeros(0, dtype=np.uint8)

    @cached_property
    def headlines(self) -> npt.NDArray[np.int16]:
        """int16 per step: kind code of the headline effect, -1 where the step has none."""
        found = [headline(fx) for fx in self.catalog]
        table = np.array([-1 if e is None else KIND_CODE[e.kind] for e in found], dtype=np.int16)
        return table[self.codes] if len(table) else np.zeros(0, dtype=np.int16)

    def concern(self, kinds: Collection[EffectKind]) -> npt.NDArray[np.int8]:
        """int8 per step: 1 of concern, 0 not, -1 cannot tell."""
        masks = self.masks
        yes = (masks & np.uint64(kind_mask(kinds))) != 0
        unsure = (masks & np.uint64(CANNOT_TELL_MASK)) != 0
        return np.where(yes, 1, np.where(unsure, -1, 0)).astype(np.int8)
