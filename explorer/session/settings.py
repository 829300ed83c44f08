"""What an auditor can choose, and the sensible defaults: presets of the program, the user's own files, and the
settings of an audit made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from explorer.errors import InputError, SettingsError
from explorer.model.behaviour import Behaviour
from explorer.model.effect import CONCERN_PRESETS, EffectKind
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings, RulePack
from explorer.model.token_filter import FilterSpec
from explorer.session.places import config_folder
from explorer.session.weights import Weights, saved_weights

DEFAULT_FILTER = "paper"


def _packaged(folder: str, suffix: str = ".toml") -> list[tuple[str, str]]:
    """(name, text) of the program's own data files of a folder, by name."""
    place = resources.files("resources").joinpath(folder)
    found = [item for item in place.iterdir() if item.name.endswith(suffix)]
    return [(item.name, item.read_text("utf-8")) for item in sorted(found, key=lambda item: item.name)]


def _own(folder: str) -> list[tuple[str, str]]:
    """(path, text) of the user's own files of a folder."""
    place = config_folder() / folder
    if not place.is_dir():
        return []
    return [(str(path), read_text(path)) for path in sorted(place.glob("*.toml"))]


def read_text(path: Path) -> str:
    """A small text file of the user's; raises InputError where it cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read: {error}", where=str(path), todo="Name an existing UTF-8 text file."
        ) from error


@cache
def rule_packs() -> tuple[RulePack, ...]:
    """The program's rule packs, then the user's (``effects/*.toml`` in the settings folder)."""
    return tuple(RulePack(name, text) for name, text in [*_packaged("effects"), *_own("effects")])


@cache
def filter_presets() -> tuple[FilterSpec, ...]:
    """The program's filter lists, then the user's, the default first."""
    from explorer.analysis.filters.presets import parse_filter

    specs = [parse_filter(text, name) for name, text in [*_packaged("filters"), *_own("filters")]]
    return tuple(sorted(specs, key=lambda spec: spec.name != DEFAULT_FILTER))


@cache
def behaviours() -> tuple[Behaviour, ...]:
    """The behaviours whose rates are reported."""
    from explorer.analysis.statistics.behaviours import parse_behaviours

    found = [parse_behaviours(text, name) for name, text in [*_packaged("behaviours"), *_own("behaviours")]]
    return tuple(behaviour for group in found for behaviour in group)


def filter_named(name: str) -> FilterSpec:
    """A filter preset by name, or a list of the user's by path; raises SettingsError or RulesError."""
    for spec in filter_presets():
        if spec.name == name:
            return spec
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        from explorer.analysis.filters.presets import parse_filter

        return parse_filter(read_text(path), str(path))
    known = ", ".join(spec.name for spec in filter_presets())
    raise SettingsError(f"there is no filter {name!r}", todo=f"Known are {known}; or name a .toml file.")


def concern_named(text: str) -> tuple[str, tuple[EffectKind, ...]]:
    """A preset of effects of concern, or kinds separated by commas; raises SettingsError."""
    if text in CONCERN_PRESETS:
        return text, tuple(sorted(CONCERN_PRESETS[text]))
    names = [part.strip() for part in text.split(",") if part.strip()]
    known = {kind.value for kind in EffectKind}
    wrong = [name for name in names if name not in known and name not in CONCERN_PRESETS]
    if wrong or not names:
        raise SettingsError(
            f"there is no effect kind or preset {', '.join(wrong) or text!r}",
            todo=f"Presets: {', '.join(CONCERN_PRESETS)}. Kinds: {', '.join(sorted(known))}.",
        )
    kinds: set[EffectKind] = set()
    for name in names:
        kinds |= CONCERN_PRESETS[name] if name in CONCERN_PRESETS else {EffectKind(name)}
    return "custom", tuple(sorted(kinds))


def make_settings(
    roles: Mapping[str, Role] | Iterable[tuple[str, Role]],
    *,
    concern: str = "destructive",
    token_filter: FilterSpec | str = DEFAULT_FILTER,
    seed: int = 1,
    with_map: bool = True,
    task_columns: Sequence[str] = (),
    weights: Weights | None = None,
) -> AuditSettings:
    """The settings of an audit with the program's presets and the user's files taken in. ``weights`` None = the
    user's own, else the defaults."""
    risk, costs = saved_weights() if weights is None else weights
    pairs = tuple(roles.items()) if isinstance(roles, Mapping) else tuple(roles)
    name, kinds = concern_named(concern)
    return AuditSettings(
        roles=pairs,
        concern=kinds,
        concern_name=name,
        token_filter=filter_named(token_filter) if isinstance(token_filter, str) else token_filter,
        filter_presets=filter_presets(),
        rule_packs=rule_packs(),
        behaviours=behaviours(),
        risk=risk,
        costs=costs,
        seed=seed,
        with_map=with_map,
        task_columns=tuple(task_columns),
    )


def default_roles(groups: Sequence[str], sizes: Mapping[str, int] | None = None) -> dict[str, Role]:
    """A first guess for the groups of a dataset by their names (``teacher``, ``student_3``, ``baseline`` …); where
    nothing is said, the first is the teacher and the others are students; a single group is a teacher."""
    guessed: dict[str, Role] = {}
    for group in groups:
        words = group.lower().replace("-", "_").split("_")
        named = [role for role in Role if role.value in words or f"{role.value}s" in words]
        if named:
            # "student_of_control_teacher" is a student: the first role word says what it is.
            guessed[group] = min(named, key=lambda role: group.lower().index(role.value))
    rest = [group for group in groups if group not in guessed]
    if rest and Role.TEACHER not in guessed.values():
        guessed[rest[0]] = Role.TEACHER
        rest = rest[1:]
    for group in rest:
        guessed[group] = Role.STUDENT
    return {group: guessed[group] for group in groups}
