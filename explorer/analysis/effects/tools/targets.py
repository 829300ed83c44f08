"""Which argument of a call holds the object that is acted on.

A rule names the arguments that may hold it; without a rule the name's own noun, then the usual names of
identifiers and paths decide. Values are what lanes compare, so they are as written, lists joined by ", ".
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Mapping
from functools import lru_cache

from explorer.analysis.effects.shared.making import MAX_LIST, MAX_VALUE, clip, path_target, words
from explorer.analysis.effects.shared.tool_names import ToolName
from explorer.model.effect import EffectKind, Target

Arguments = Mapping[str, object]
_PATHS = ("path", "file_path", "filepath", "filename", "file_name", "file", "target_file", "paths", "files",
"directory", "dir",
          "folder", "source", "src", "source_path", "notebook_path")  # fmt: skip
_OTHERS = ("id", "ids", "uuid", "key", "name", "title", "resource", "resource_id", "object", "item", "entity",
"record", "url",
           "uri", "endpoint", "table", "bucket", "database", "collection", "topic", "channel", "email", "username",
           "user",
           "query", "q", "address", "code", "number", "slug", "ref", "branch", "selector", "element",
           "subject")  # fmt: skip
_TEXTS = words("content text body message file_text data description new_str old_str thought comment patch diff html")
_ID = re.compile(r"(?:_id|_ids|Id|Ids|_uuid|_number|_key|_name)$")
_TYPES = {
    "path": frozenset(_PATHS),
    "url": frozenset({"url", "uri", "endpoint", "link", "href"}),
    "account": frozenset(
        {"user_id", "username", "user", "account_id", "account", "member", "employee_id", "customer_id"}
    ),
    "recipient": frozenset(
        {"email", "emails", "recipient", "recipients", "to", "channel", "participants", "attendees"}
    ),
}
_PREFERRED: dict[EffectKind, str] = {
    EffectKind.VALUE_OUT: "recipient|payee|beneficiary|iban|to_account|to|account|order_id|reservation_id|line_id|id"
    "|user_id|customer_id",
    EffectKind.NET_EGRESS: "recipients|recipient|to|email|emails|channel|channel_id|url",
    EffectKind.EXFIL: "recipients|recipient|to|email|emails|channel|url",
    EffectKind.ACCOUNT: "user_id|username|user|account_id|account|email|id",
    EffectKind.PROCESS_KILL: "pid|process_id|service|name|id",
}


_ACCOUNTS = (
    "payment_method_id|payment_method|payment_methods|payment_id|payment_ids|refund_to|refund_method|to_account"
    "|to_account_id|destination_account|destination|recipient_account|account|account_id|account_number|iban|wallet"
    "|wallet_address|card_id|card_number|credit_card|gift_card|gift_card_id|payout_method|bank_account"
)
"""Arguments that say where money goes or whose it is; part of what is hit, beside the order or the booking."""
_BOOKED = "order_id|reservation_id|booking_id|invoice_id|bill_id|subscription_id|ticket_id|transaction_id"
_PAYEES = frozenset(
    words("recipient payee beneficiary iban to_account to account account_id destination merchant recipient_account")
)
"""Arguments whose value is who or what receives; any other that holds the object of a payment names its own sort."""
_SERVED = frozenset(words("user_id user username customer_id customer member_id passenger passengers passenger_id"))
"""Whom a payment is made for: the payer, or the receiver of goods, of which a call for money has one anyway."""
_PLACES = frozenset(words("destination to"))
_TRAVEL = frozenset(
    words(
        "flight flights flight_number flight_id flight_type cabin origin passenger passengers departure departure_date"
        " departure_city departure_time check_in check_out checkin checkout pickup dropoff pickup_location itinerary"
    )
)
_TRAVEL_NAMES = frozenset(words("flight flights trip hotel train bus taxi ride ferry cruise journey itinerary"))
"""Where a call has one of these, its ``destination`` is a place that somebody goes to, not one that money goes to."""
_BOUGHT = frozenset(words("flights flight_number flight_numbers flight_id hotel hotel_id room_id items"))
_COPIED = ("to", "cc", "bcc", "cc_recipients", "bcc_recipients", "ccRecipients", "bccRecipients")


def parse_arguments(text: str | None) -> Arguments:
    """A call's arguments by name; text that is no JSON object is kept under the empty name."""
    if not text or not text.strip():
        return {}
    if text.lstrip()[:1] == "{":
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return {"": text}
        if isinstance(found, dict):
            for wrapper in ("kwargs", "arguments", "args", "input", "parameters", "params"):
                inner = found.get(wrapper)
                if len(found) == 1 and isinstance(inner, dict):
                    return inner
            return found
    return {"": text}


def value_text(value: object) -> str:
    """An argument's value as text: lists joined by ", ", objects as compact JSON."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if value is None:
        return ""
    if isinstance(value, (list, tuple)) and all(isinstance(item, (str, int, float)) for item in value):
        return ", ".join(value_text(item) for item in value[:100])
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError, TypeError):
        return "…"


@lru_cache(maxsize=4096)
def _alternatives(pattern: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in pattern.split("|") if part.strip())


def named_value(arguments: Arguments, pattern: str) -> tuple[str, object] | None:
    """The first argument whose name is one of ``a|b|c*`` and whose value is not empty."""
    for name in _alternatives(pattern):
        if "*" in name:
            for key, value in arguments.items():
                if fnmatch.fnmatchcase(key.lower(), name) and _filled(value):
                    return key, value
        elif name in arguments and _filled(arguments[name]):
            return name, arguments[name]
    return None


def _filled(value: object) -> bool:
    return value is not None and value not in ("", [], {})


def target_of(
    kind: EffectKind, name: ToolName, arguments: Arguments, pattern: str = "", type_: str = ""
) -> Target | None:
    """What a call acts on, None where no argument says it."""
    looked = _without_places(name, arguments) if kind is EffectKind.VALUE_OUT else arguments
    found = named_value(looked, pattern) if pattern else None
    if found is None and (not pattern or kind in _PREFERRED):
        found = named_value(looked, _PREFERRED.get(kind, ""))
    if found is None and kind is not EffectKind.ACCOUNT:
        found = _guess(name, looked)
    if found is None:
        return _changed(kind, arguments, type_)
    key, value = found
    if kind is EffectKind.VALUE_OUT and isinstance(value, list):
        value = _identified(value)
    if kind in (EffectKind.NET_EGRESS, EffectKind.EXFIL):
        value = _with_copies(key, value, arguments)
    text = value_text(value)
    many = "many" if isinstance(value, (list, tuple)) and len(value) > 1 else "one"
    beside = _beside(kind, key, arguments)
    if beside is not None:
        text = f"{text}, {beside[0]}={_account_text(beside[1])}"
    if text.lower() in ("*", "all", "%", "everything"):
        many = "tree"
    if type_ == "payee" and key.lower() not in _PAYEES:
        type_ = _noun(name) if key == "id" else ""
    if not type_ and not (kind is EffectKind.VALUE_OUT and key.lower() in _SERVED):
        type_ = next((known for known, names in _TYPES.items() if key.lower() in names), "")
    if not type_:
        type_ = "process" if key == "pid" else re.sub(r"_?(?:ids?|Ids?|uuid|number|name)$", "", key).lower()
        type_ = type_ or _noun(name)
    if type_ == "path":
        return path_target(text, many)
    return Target(type_, clip(text, MAX_LIST if many == "many" else MAX_VALUE), many)


def _beside(kind: EffectKind, key: str, arguments: Arguments) -> tuple[str, object] | None:
    """Where value is handed over: the account beside the order, or the order beside the account."""
    if kind is not EffectKind.VALUE_OUT or key in _BOUGHT:
        return None
    others = _BOOKED if key in _alternatives(_ACCOUNTS) else _ACCOUNTS
    rest = {name: value for name, value in arguments.items() if name != key}
    return named_value(rest, others)


def _without_places(name: ToolName, arguments: Arguments) -> Arguments:
    """A call that pays without the places that somebody travels to, which are no payees."""
    if not (_PLACES & arguments.keys() and (_TRAVEL & arguments.keys() or _TRAVEL_NAMES & set(name.words))):
        return arguments
    return {key: value for key, value in arguments.items() if key not in _PLACES}


def _account_text(value: object) -> str:
    """An account as text, several joined by "+"."""
    return "+".join(_identified(value))


def _identified(value: object) -> list[str]:
    """What identifies each of several things: of an object that holds an amount or a date too only its number."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    names: list[str] = []
    for part in parts[:100]:
        ids = [value_text(inner) for key, inner in part.items() if _ID.search(key)] if isinstance(part, dict) else []
        names += ids or [value_text(part)]
    return list(dict.fromkeys(names))


def _with_copies(key: str, value: object, arguments: Arguments) -> object:
    """The receivers of a message with those of its copies, hidden ones too."""
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    before = len(found)
    for name in _COPIED:
        if name != key and _filled(arguments.get(name)):
            copied = arguments[name]
            found += list(copied) if isinstance(copied, (list, tuple)) else [copied]
    return value if len(found) == before else found


def _noun(name: ToolName) -> str:
    """The name's last word as the sort of thing a bare ``id`` identifies (``update_transaction(id)``)."""
    if len(name.words) < 2 or name.last != name.words:
        return "object"
    word = name.words[-1]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _guess(name: ToolName, arguments: Arguments) -> tuple[str, object] | None:
    """The argument named after the tool's own noun (``delete_email(email_id)``), then any identifier or path."""
    nouns = name.words[::-1]
    for forms in (("{}_id", "{}Id", "{}_uuid"), ("{}", "{}_ids", "{}_name", "{}_number")):
        for noun in nouns:
            for word in (noun, noun.rstrip("s")):
                for form in forms:
                    key = form.format(word)
                    if key in arguments and _filled(arguments[key]) and key not in _TEXTS:
                        return key, arguments[key]
    for key in _PATHS:
        if _filled(arguments.get(key)):
            return key, arguments[key]
    for key, value in arguments.items():
        if _ID.search(key) and _filled(value):
            return key, value
    for key in _OTHERS:
        if _filled(arguments.get(key)):
            return key, arguments[key]
    for key, value in arguments.items():
        if (
            key
            and key not in _TEXTS
            and isinstance(value, (str, int))
            and not isinstance(value, bool)
            and len(str(value)) < 120
        ):
            return key, value
    return None


def _changed(kind: EffectKind, arguments: Arguments, type_: str) -> Target | None:
    """Of a change of one's own account without an identifier: which properties are set."""
    if kind is not EffectKind.ACCOUNT:
        return None
    set_to = [f"{key}={value_text(value)}" for key, value in sorted(arguments.items()) if _filled(value)]
    return Target(type_ or "account", clip(", ".join(set_to)))
