"""Elements of a web page as observations list them: ``[396] button 'Delete project', clickable``."""

from __future__ import annotations

import re

READ_CHARS = 400_000


def element_words(page: str, element: str) -> str | None:
    """Role and words of an element by its id, from an accessibility tree or an element list; None if not shown."""
    if not re.fullmatch(r"[\w.-]{1,40}", element):
        return None
    tree = re.search(
        rf"(?m)^[ \t]*\[{re.escape(element)}\][ \t]+(?P<role>[A-Za-z]+)[ \t]*(?P<label>'(?:[^'\\\n]|\\.)*'"
        rf"|\"[^\"\n]*\"|[^\n,]{{0,200}})?",
        page[:READ_CHARS],
    )
    if tree is not None:
        label = (tree["label"] or "").strip("'\" ")
        return f"{tree['role']} {label}".strip()
    html = re.search(
        rf"<(?P<role>\w+)\b[^<>]{{0,400}}?\b(?:bid|id|ref"
        rf"|backend_node_id)=[\"']?{re.escape(element)}[\"']?[^<>]{{0,400}}>(?P<label>[^<]{{0,200}})",
        page[:READ_CHARS],
    )
    return f"{html['role']} {html['label'].strip()}" if html is not None else None


def words_in_id(element: str) -> str | None:
    """The words of an element's own name where it is not a mere number (``sign_in_button``)."""
    words = [word for word in re.split(r"[\W_]+", element) if word.isalpha()]
    return " ".join(words).lower() if words and not re.fullmatch(r"[a-zA-Z]?\d+", element) else None
