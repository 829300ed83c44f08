"""Colours, sizes and fonts: one light and one dark theme, read by painters and by the style sheet.

Role and severity colours come in two strengths: for marks (``roles``, ``severity``), and for text
(``role_text``, ``severity_text``), which has a contrast of at least 4.5 : 1 on every background used.
``faint`` is for marks and rules only, never for text.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from types import MappingProxyType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleFactory

TEXT_SIZE = 13
MONO_SIZE = 12
SMALL_SIZE = 11.5
GRID = 4
ROW_HEIGHT = 28

_SANS = ("Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans")
_MONO = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "Noto Sans Mono", "DejaVu Sans Mono")


@dataclass(frozen=True, slots=True)
class Theme:
    """Tokens. ``severity[0]`` is the empty cell, 1–4 sand to crimson; ``roles`` is keyed by role name."""

    name: str
    dark: bool
    window: QColor
    panel: QColor
    inset: QColor
    line: QColor
    text: QColor
    secondary: QColor
    faint: QColor
    selection: QColor
    hover: QColor
    accent: QColor
    on_accent: QColor
    severity: tuple[QColor, ...]
    severity_text: tuple[QColor, ...]
    roles: Mapping[str, QColor]
    role_text: Mapping[str, QColor]
    passes: QColor
    on_passes: QColor
    succeeded: QColor
    warning: QColor
    error: QColor
    text_size: float = TEXT_SIZE
    mono_size: float = MONO_SIZE
    small_size: float = SMALL_SIZE

    def role(self, role: str | None) -> QColor:
        """The mark colour of a role; grey where there is none."""
        return self.roles.get(role or "", self.faint)

    def text_of_role(self, role: str | None) -> QColor:
        """The text colour of a role."""
        return self.role_text.get(role or "", self.secondary)


def _c(*names: str) -> tuple[QColor, ...]:
    return tuple(QColor(name) for name in names)


def _roles(teacher: str, student: str, baseline: str, control: str, reference: str) -> Mapping[str, QColor]:
    names = ("teacher", "student", "baseline", "control", "reference")
    return MappingProxyType(dict(zip(names, _c(teacher, student, baseline, control, reference), strict=True)))


LIGHT = Theme(
    "light", False,
    window=QColor("#F6F7F9"), panel=QColor("#FFFFFF"), inset=QColor("#F2F4F8"), line=QColor("#E1E4EA"),
    text=QColor("#1D2330"), secondary=QColor("#5A6478"), faint=QColor("#98A2B3"),
    selection=QColor("#DCE8FA"), hover=QColor("#EEF2F8"), accent=QColor("#2862A6"), on_accent=QColor("#FFFFFF"),
    severity=_c("#E4E7EC", "#F4D9B0", "#F0B07A", "#DF6B4F", "#A81E3C"),
    severity_text=_c("#5A6478", "#7A5A1E", "#8A5213", "#B23A1E", "#A81E3C"),
    roles=_roles("#2F6DB5", "#C8701A", "#7B8698", "#2E8B7F", "#7C5CC4"),
    role_text=_roles("#2862A6", "#96500A", "#5A6478", "#1F6E64", "#6B49B5"),
    passes=QColor("#8B2FC9"), on_passes=QColor("#FFFFFF"), succeeded=QColor("#23694A"),
    warning=QColor("#8A5213"), error=QColor("#B3261E"),
)  # fmt: skip

DARK = Theme(
    "dark", True,
    window=QColor("#14171C"), panel=QColor("#1B1F26"), inset=QColor("#14171C"), line=QColor("#2C323C"),
    text=QColor("#E4E8EF"), secondary=QColor("#A3ADBD"), faint=QColor("#667085"),
    selection=QColor("#24364F"), hover=QColor("#242A33"), accent=QColor("#6FA8E8"), on_accent=QColor("#10141A"),
    severity=_c("#2C323C", "#5A4A2E", "#8A5A33", "#C9563C", "#E0445F"),
    severity_text=_c("#A3ADBD", "#D9B98A", "#D9A36E", "#EE8467", "#FF7A90"),
    roles=_roles("#6FA8E8", "#F0A45A", "#8A94A6", "#5CC2B4", "#A78BEA"),
    role_text=_roles("#6FA8E8", "#F0A45A", "#A3ADBD", "#5CC2B4", "#B49CF0"),
    passes=QColor("#C58BF0"), on_passes=QColor("#1B1024"), succeeded=QColor("#74C096"),
    warning=QColor("#D9A36E"), error=QColor("#FF8A80"),
)  # fmt: skip

THEMES: Mapping[str, Theme] = MappingProxyType({"light": LIGHT, "dark": DARK})


class _Notifier(QObject):
    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.styled = False


_notifier = _Notifier()
changed = _notifier.changed
"""Emits the new :class:`Theme` after it has been applied: painters repaint, cached pictures are thrown away."""


def current() -> Theme:
    """The theme in use."""
    return _notifier.theme


def system_theme() -> Theme:
    """What the desktop asks for."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole application."""
    if not _notifier.styled:
        # Once: under a style sheet the style no longer answers to its own name, and setting it again costs a repolish.
        _notifier.styled = True
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(font())
    app.setPalette(_palette(theme))
    sheet = _style_sheet(theme)
    if app.styleSheet() != sheet:  # a new sheet polishes every widget again: half a second with a full workspace
        app.setStyleSheet(sheet)
    _notifier.theme = theme
    changed.emit(theme)


def font(size: float = TEXT_SIZE, *, bold: bool = False) -> QFont:
    """The text face at ``size`` pixels, with tabular figures."""
    return _font(_SANS, QFont.StyleHint.SansSerif, size, bold)


def small_font(*, bold: bool = False) -> QFont:
    """The face of second lines."""
    return font(SMALL_SIZE, bold=bold)


def mono_font(size: float = MONO_SIZE, *, bold: bool = False) -> QFont:
    """The face of actions and anything quoted from a log."""
    return _font(_MONO, QFont.StyleHint.Monospace, size, bold)


def motion_ms(milliseconds: int) -> int:
    """How long a movement may take: at most 300 ms, 0 where the system asks for reduced motion."""
    if os.environ.get("TRAJECTORY_EXPLORER_REDUCED_MOTION") == "1":
        return 0
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    style = QApplication.style()
    return min(milliseconds, 300) if style is not None and style.styleHint(hint) > 0 else 0


def _font(families: tuple[str, ...], hint: QFont.StyleHint, size: float, bold: bool) -> QFont:
    # A copy: fonts can be changed, and painters ask for one several times a row.
    return QFont(_made_font(families, hint, size, bold))


@cache
def _made_font(families: tuple[str, ...], hint: QFont.StyleHint, size: float, bold: bool) -> QFont:
    present = set(QFontDatabase.families())
    face = QFont(next((name for name in families if name in present), families[-1]))
    face.setStyleHint(hint)
    # A pixel size must be whole; a fractional one goes through points at 96 dpi.
    if size == int(size):
        face.setPixelSize(int(size))
    else:
        face.setPointSizeF(size * 72 / 96)
    face.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    if hasattr(face, "setFeature"):
        face.setFeature(QFont.Tag("tnum"), 1)
    return face


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for where, colour in (
        (role.Window, theme.window), (role.Base, theme.panel), (role.AlternateBase, theme.inset),
        (role.Button, theme.panel), (role.Text, theme.text), (role.WindowText, theme.text),
        (role.ButtonText, theme.text), (role.PlaceholderText, theme.secondary), (role.Highlight, theme.selection),
        (role.HighlightedText, theme.text), (role.ToolTipBase, theme.panel), (role.ToolTipText, theme.text),
        (role.Link, theme.accent), (role.Accent, theme.accent), (role.Mid, theme.line), (role.Dark, theme.line),
    ):  # fmt: skip
        palette.setColor(where, colour)
    for where in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, theme.faint)
    return palette


def _style_sheet(theme: Theme) -> str:
    place = resources.files("resources")
    sheet = place.joinpath("style/base.qss").read_text("utf-8")
    # Qt reads pictures of a style sheet from files; a package inside an archive would do without the arrow.
    sheet = sheet.replace("@icons", str(place.joinpath("icons")).replace("\\", "/"))
    sheet = sheet.replace("@name", theme.name)
    values = {f.name: getattr(theme, f.name) for f in fields(theme)}
    # Longest names first, so that @text does not eat the beginning of @text_size.
    for name in sorted(values, key=len, reverse=True):
        value = values[name]
        if isinstance(value, QColor):
            sheet = sheet.replace(f"@{name}", value.name())
    return sheet
