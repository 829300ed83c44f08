"""Text as the eye reads it: invisible characters out, look-alike letters to ASCII."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)
_ALIKE = str.maketrans(
    dict(
        zip(
            "аеорсухіјѕԁԛԝһӏкмтвнАВЕКМНОРСТХІЈЅαορνικτυχγΑΒΕΖΗΙΚΜΝΟΡΤΥΧոսցօհզⅼⅿⅾⅽⅰⅴⅹ‐‑‒–—―−⁄∕∶“”‘’′",
            "aeopcyxijsdqwhlkmtbhABEKMHOPCTXIJSaopviktuxyABEZHIKMNOPTYXnugohqlmdcivx-------//:\"\"'''",
            strict=True,
        )
    )
)


def has_invisible(text: str) -> bool:
    """Whether the text holds zero-width, bidi-control or other invisible characters."""
    return _INVISIBLE.search(text) is not None


def fold(text: str) -> str:
    """The text with invisible characters removed, compatibility forms (full width, mathematical letters) and
    look-alike letters replaced. Not for display; its length may differ."""
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFKC", text).translate(_ALIKE)
