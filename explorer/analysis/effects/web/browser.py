"""Actions in a web page: ``goto('…')``, ``click('12')``, ``fill('7', '…')``, playwright and web-arena calls.

What a click does is in the page, not in the call: unless the call itself names the element, it is *unknown*
here and resolved from the page that was shown before (:mod:`explorer.analysis.effects.history.across_steps`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from explorer.analysis.effects.shared.making import clip, distinct, is_sensitive, make, words
from explorer.analysis.effects.shared.tool_names import ToolName, tool_name
from explorer.model.effect import Effect, EffectKind, Effects, Span, Target

CLICK_RULE = "browser.click"
_K = EffectKind
_ACTION = re.compile(
    r"(?P<name>goto|go_back|go_forward|click|dblclick|fill|press|select_option|hover|focus|clear|scroll|noop"
    r"|drag_and_drop|upload_file"
    r"|tab_focus|new_tab|tab_close|send_msg_to_user|report_infeasible|mouse_click|keyboard_press|keyboard_type|type"
    r"|stop|wait)"
    r"\s*(?:\(\s*(?P<arguments>(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^()'\"])*)\)|\s(?P<rest>\[[^\n]*))"
)
_VALUE = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|\[([^\]]*)\]|([\w.-]+)")
# What the words on a control mean; the first that matches.
_CONTROLS: tuple[tuple[re.Pattern[str], EffectKind, int | None], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), kind, severity)
    for words, kind, severity in (
        (r"cancel|close|dismiss|no thanks|back|skip|go back|discard draft", _K.NONE, None),
        (r"empty trash|delete all|remove all|delete (?:this )?(?:project|repository|group|account|workspace"
         r"|database)", _K.REMOTE_DELETE, 4),
        (r"delete|remove|destroy|erase|purge|trash|wipe|discard|cancel (?:order|booking|subscription"
         r"|reservation)", _K.REMOTE_DELETE, None),
        (r"deactivate|block user|ban|revoke|reset password|change password", _K.ACCOUNT, None),
        (r"pay|buy|purchase|checkout|place (?:your )?order|transfer|refund|withdraw|donate|book now|confirm (?:order"
         r"|payment)", _K.VALUE_OUT, None),
        (r"change visibility|make public|share|invite|grant|add member|permissions?|make (?:admin|owner)|change "
         r"role", _K.PERMISSION, None),
        (r"send|post|publish|tweet|submit comment|reply|upload", _K.NET_EGRESS, None),
        (r"merge|save|update|apply|edit|rename|close (?:issue|merge request)|reopen|assign|archive|enable|disable"
         r"|commit|approve|set", _K.MODIFY, None),
        (r"create|add|new|submit|confirm|ok|yes|register|fork|star|follow|like", _K.CREATE, None),
        (r"sign in|log in|login|sign out|log out|search|next|previous|more|view|show|expand|menu|open|details"
         r"|download|home"
         r"|settings|filter|sort|tab|continue|accept cookies|got it", _K.READ, None),
    )
)  # fmt: skip
_INPUTS = re.compile(
    r"^(?:textbox|searchbox|combobox|input|checkbox|radio|spinbutton|option|slider|switch|textarea|listbox)\b",
    re.IGNORECASE,
)
_ROLES = re.compile(
    r"^(?:button|link|a|tab|menuitem|heading|img|image|rootwebarea|cell|row|listitem|statictext|generic|dialog)$",
    re.IGNORECASE,
)
_LINKS = re.compile(r"^(?:link|a|tab|menuitem|heading|img|image|rootwebarea|cell|row|listitem)\b", re.IGNORECASE)


class Move:
    """One action found in the code of a browser step."""

    __slots__ = ("name", "span", "values")

    def __init__(self, name: str, values: tuple[str, ...], span: Span) -> None:
        self.name = name
        self.values = values
        self.span = span


def moves(code: str) -> Iterator[Move]:
    """The browser actions of a step's code, in order."""
    for number, match in enumerate(_ACTION.finditer(code[:50_000])):
        if number > 500:
            return
        inside = match["arguments"] if match["arguments"] is not None else match["rest"] or ""
        values = tuple(next((part for part in found if part), "") for found in _VALUE.findall(inside))
        yield Move(match["name"], values, Span(*match.span()))


def classify_browser(code: str) -> Effects:
    """The effects of a browser step as far as the step itself shows them."""
    found = [effect for move in moves(code) for effect in _move(move)]
    if not found:
        return (make(_K.UNKNOWN, "browser.unrecognised", confidence=0.5),)
    return distinct(found)


def _move(move: Move) -> Iterator[Effect]:
    value = move.values[0] if move.values else ""
    if move.name in ("goto", "new_tab"):
        yield make(_K.READ, "browser.goto", target=Target("url", clip(value)), span=move.span)
    elif move.name in ("click", "dblclick", "mouse_click", "keyboard_press", "press", "drag_and_drop"):
        key = move.values[-1] if move.name in ("press", "keyboard_press") and move.values else ""
        if key and key.lower() not in ("enter", "delete", "backspace") and "+" not in key:
            yield make(_K.NONE, "browser.key", span=move.span)
            return
        yield make(_K.UNKNOWN, CLICK_RULE, target=Target("element", clip(value)), span=move.span,
                   note="what it does is told by the page, not by the call")  # fmt: skip
    elif move.name == "upload_file":
        file = move.values[1] if len(move.values) > 1 else value
        kind = _K.EXFIL if is_sensitive(file) else _K.NET_EGRESS
        yield make(kind, "browser.upload", target=Target("path", clip(file)), span=move.span)
    else:
        yield make(_K.NONE, f"browser.{move.name}", span=move.span)


def classify_element(words: str, span: Span | None = None, note: str = "") -> Effect:
    """What acting on an element does, by its role and its words (``button 'Delete project'``). Unknown where the
    words say nothing."""
    role, _, label = words.strip().partition(" ")
    target = Target("element", clip(words.strip()))
    if _INPUTS.match(role):
        return make(_K.NONE, "browser.input", target=target, span=span, note=note)
    if not label or not _ROLES.match(role):
        label = words.strip()
    for pattern, kind, severity in _CONTROLS:
        if pattern.search(label[:300]):
            if _LINKS.match(role) and kind not in (_K.REMOTE_DELETE, _K.VALUE_OUT):
                break
            return make(kind, "browser.element", severity=severity, target=target, span=span, note=note, confidence=0.7)
    if _LINKS.match(role):
        return make(_K.READ, "browser.link", target=target, span=span, note=note, confidence=0.8)
    return make(
        _K.UNKNOWN, CLICK_RULE, target=target, span=span, note=note or "the element's words do not say what it does"
    )


_BROWSING = words("browser browse playwright puppeteer selenium webpage chrome")


def is_browser(tool: str) -> bool:
    """Whether a tool drives a web page."""
    name: ToolName = tool_name(tool)
    return any(word in _BROWSING for word in name.words)
