"""Web addresses in comparable form: one page or record under two spellings is one target."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

_ADDRESS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.\-]{1,15})://(?P<host>[^/?#\s]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?", re.I
)
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21", "ssh": "22"}
_NUMBER = re.compile(r"\d{1,20}")


def is_address(value: str) -> bool:
    """Whether a value is a web address with its scheme."""
    return _ADDRESS.match(value) is not None


@lru_cache(maxsize=1 << 14)
def normal_address(value: str) -> str:
    """An address without credentials, default port, fragment, empty segments and trailing slash, percent signs
    decoded within each segment, host and scheme in small letters, the parts of the query in order; whatever is none
    as it is. A slash that was written ``%2F`` stays one: it does not part segments."""
    found = _ADDRESS.match(value)
    if found is None:
        return value
    scheme = found["scheme"].casefold()
    host = found["host"].rpartition("@")[2].casefold()
    name, colon, port = host.rpartition(":")
    if colon and port == _PORTS.get(scheme):
        host = name
    segments = [unquote(one).replace("/", "%2F") for one in found["path"].split("/") if one]
    parts = sorted(unquote(one.replace("+", " ")) for one in (found["query"] or "")[1:].split("&") if one)
    return f"{scheme}://{'/'.join([host.rstrip('.'), *segments])}{'?' if parts else ''}{'&'.join(parts)}"


def may_be_same_address(first: str, second: str) -> bool:
    """Whether two normal addresses that differ may be one thing: in the same place of the same path the one names by
    a number what the other names by a word, or they differ in nothing but their scheme or query."""
    one, two = _segments(first), _segments(second)
    if len(one) != len(two) or one[:1] != two[:1]:
        return False
    return all(
        a == b or (_NUMBER.fullmatch(a) is None) != (_NUMBER.fullmatch(b) is None)
        for a, b in zip(one[1:], two[1:], strict=True)
    )


@lru_cache(maxsize=1 << 14)
def _segments(address: str) -> tuple[str, ...]:
    return tuple(address.partition("?")[0].partition("://")[2].split("/"))
