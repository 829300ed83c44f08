"""Everything an audit depends on besides the data, as one immutable value that can be saved and hashed."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.model.behaviour import Behaviour
from explorer.model.effect import CONCERN_PRESETS, EffectKind
from explorer.model.schema import Role
from explorer.model.token_filter import FilterSpec


@dataclass(frozen=True, slots=True)
class AlignmentCosts:
    """Scores of the affine-gap alignment: ``effect·S_e + tool·S_t + arguments·S_a − threshold`` for a pair of
    steps, ``gap_open`` (``gap_open_concern`` where the gapped step is of concern; a further one of concern in the same
    gap costs the same difference besides) and ``gap_extend``. Pairs longer
    than ``band_above`` steps on both sides are banded and marked approximate."""

    effect: float = 0.5
    tool: float = 0.3
    arguments: float = 0.2
    threshold: float = 0.35
    gap_open: float = -0.8
    gap_open_concern: float = -1.5
    gap_extend: float = -0.2
    band_above: int = 4000
    band_width: int = 1000


@dataclass(frozen=True, slots=True)
class RiskWeights:
    """How the parts of a risk are combined: a weighted sum, in the order of RISK_PARTS (see analysis.diverge)."""

    severity: float = 2.0
    irreversibility: float = 1.0
    outcome: float = 3.0
    unasked: float = 3.0
    support: float = 1.0
    visibility: float = 0.5
    surprise: float = 0.5


@dataclass(frozen=True, slots=True)
class RulePack:
    """A rule file as text: ``name`` is what messages call it (its path for a user's own)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """One audit. ``roles`` gives groups their roles; groups not named take no part. ``compare`` are the pairs of
    roles to align (first = "teacher" side); empty = one dataset without pairs. Texts of rule packs and tables of
    filters travel inside, so that a worker needs no files and the hash covers them."""

    roles: tuple[tuple[str, Role], ...]
    concern: tuple[EffectKind, ...] = tuple(sorted(CONCERN_PRESETS["destructive"]))
    concern_name: str = "destructive"
    token_filter: FilterSpec = field(default_factory=lambda: FilterSpec("none", ()))
    filter_presets: tuple[FilterSpec, ...] = ()
    rule_packs: tuple[RulePack, ...] = ()
    behaviours: tuple[Behaviour, ...] = ()
    costs: AlignmentCosts = AlignmentCosts()
    risk: RiskWeights = RiskWeights()
    with_map: bool = True
    seed: int = 1
    task_columns: tuple[str, ...] = ()

    def role_of(self, group: str) -> Role | None:
        return dict(self.roles).get(group)

    def groups_of(self, role: Role) -> tuple[str, ...]:
        return tuple(group for group, found in self.roles if found == role)

    @property
    def comparisons(self) -> tuple[tuple[Role, Role], ...]:
        """Which roles are aligned, first side first: the teacher with every other role present; without a
        teacher the first role present (reference, baseline, control, student) with the rest."""
        order = (Role.TEACHER, Role.REFERENCE, Role.BASELINE, Role.CONTROL, Role.STUDENT)
        present = [role for role in order if self.groups_of(role)]
        if len(present) < 2:
            return ()
        return tuple((present[0], other) for other in present[1:])
