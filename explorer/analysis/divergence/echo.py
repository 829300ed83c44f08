"""Which places in what tools showed only give back what the agent itself had written.

"File created successfully at: X", "X: No such file" after its own look at X, the command repeated before its output,
an editor that shows the lines it was given: there a tool's result has the name, but did not bring it in. Where a call
that only reads finds what it was asked for, the result does say something: that it is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from explorer.analysis.divergence.mentions import Said, find_word

_CHECKS = 2_000
_CALL_LIMIT = 50_000
_TOTAL_LIMIT = 4_000_000
_AROUND = 300
_MORE = 3
_TOKEN = re.compile(r"[\w./~\\+@%$\-]+")
_TELLS = re.compile(
    r"\b(?:created|edited|written|saved|overwritten|modified|no such|not exist|not found|cannot|could not|can't|unable|"
    r"invalid|denied|failed|error|fatal|unknown|missing|doesn't|does not)\b"
)
_MARGIN = re.compile(r"\s*(?:\d+\s+|[+$>#]+\s+)?")
_ESCAPES = re.compile(r"\\([nrt\"\\/])|\"")
_MEANS = {"n": "\n", "r": "\n", "t": "\t", None: "\n"}


class OwnWords:
    """What the calls of one trajectory say, and whether a place in a result is but that.

    ``calls`` are the arguments of its steps; ``answers`` says of each step whether it is a tool's call that changes
    something, which answers with the record as it was given. At most 2,000 places are looked at; beyond that a place
    counts as shown.
    """

    def __init__(self, calls: Sequence[str | None], answers: Sequence[bool], shown: Said) -> None:
        self._calls = calls
        self._answers = answers
        self._shown = shown
        self._said: Said | None = None
        self._checks = 0
        self._call = lru_cache(maxsize=32)(self._read_call)
        self._first: dict[str, int] | None = None

    def echoed(self, place: int, value: str) -> bool:
        """Whether the ``value`` (case-folded) that stands at a place of what was shown is the agent's own word."""
        step = self._shown.step_at(place)
        self._checks += 1
        if not 0 <= step < len(self._calls) or self._checks > _CHECKS:
            return False
        call = self._call(step)
        token = self._token(place, value)
        if self._said is None:
            self._said = Said.join([(at, call) for at, call in enumerate(self._calls) if call])
        if self._said.text.find(token, 0, self._said.end_before(step + 1)) < 0:
            return False
        line = self._line(place)
        if find_word(token, call, len(call)) >= 0 and (self._answers[step] or _TELLS.search(line)):
            return True
        bare = line[_MARGIN.match(line).end() :].strip()  # type: ignore[union-attr]  # it matches the empty text
        if len(bare) < len(token) + _MORE:
            return False  # a name on a line of its own is how a listing shows it
        return bare in call or self._lines().get(bare, step + 1) <= step

    def _token(self, place: int, value: str) -> str:
        """The name as it stands there: of a path what is written of it."""
        text = self._shown.text
        if "/" not in value or text.startswith(value, place):
            return value
        found = _TOKEN.match(text, place, place + _AROUND)
        return (found[0].rstrip(".") if found else "") or value

    def _line(self, place: int) -> str:
        text = self._shown.text
        before = text[max(0, place - _AROUND) : place].rpartition("\n")[2]
        return before + text[place : place + _AROUND].partition("\n")[0]

    def _read_call(self, step: int) -> str:
        """The arguments as the agent meant them: case-folded, each text of an object of JSON on lines of its own."""
        given = (self._calls[step] or "")[:_CALL_LIMIT].casefold()
        return _ESCAPES.sub(lambda found: _MEANS.get(found[1], found[1]), given) if given[:1] == "{" else given

    def _lines(self) -> dict[str, int]:
        """The lines of all calls, each with the step that wrote it first."""
        if self._first is None:
            self._first = {}
            left = _TOTAL_LIMIT
            for step in range(len(self._calls)):
                call = self._read_call(step)
                left -= len(call)
                if left < 0:
                    break
                for line in call.split("\n"):
                    self._first.setdefault(line.strip(), step)
        return self._first
