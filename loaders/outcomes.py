"""What became of an action, from what the log shows: flags first, then exit codes, then the result's own words.

A result without any sign of failure counts as success; no result at all is unknown, never success.
Only the first and last characters of a result are looked at, so that the time is bounded.
"""

from __future__ import annotations

import json
import re
from typing import Any

from explorer.model.schema import Outcome

_HEAD, _TAIL = 1500, 1500

_NOT_EXECUTED = re.compile(
    r"(?:error:\s*)?(?:the (?:action|command|tool call) (?:has not been|was not|is not) executed"
    r"|cannot execute multiple commands"
    r"|\[?(?:request|tool use|execution) (?:was )?(?:interrupted|rejected|cancelled|denied) by (?:the )?user"
    r"|(?:the )?user (?:rejected|denied|declined|refused)"
    r"|action (?:blocked|not executed|skipped)|not executed\b)",
    re.IGNORECASE,
)
_FAILED_START = re.compile(
    r"(?:<error>|\[error\]|error\b\s*[:\-]|error executing|fatal:|failed(?: to)?\b\s*[: ]|failure:|exception\b\s*:"
    r"|[A-Za-z_.]{0,60}(?:Error|Exception)\s*:|traceback \(most recent call last\)|unknown (?:tool|function)\b"
    r"|tool not found|invalid (?:tool|function|argument)|syntax error\b|permission denied\b|command not found\b)",
    re.IGNORECASE,
)
_TRACEBACK = re.compile(
    r"^.{0,40}Traceback \(most recent call last\)|^[A-Za-z_]{1,40}(?:Error|Exception): ", re.MULTILINE
)
_EXIT_CODE = re.compile(
    r"(?:exit(?:ed with)?[ _]?(?:code|status)|returncode|return code)\D{0,4}(-?\d{1,3})\b", re.IGNORECASE
)
_SHELL_FAILED = re.compile(
    r"^[^\n:]{1,80}: (?:[^\n]{0,200}: )?(?:command not found|No such file or directory|Permission denied"
    r"|Operation not permitted|cannot execute binary file|not a directory|Is a directory|Read-only file system"
    r"|No such process|unrecognized option|invalid option|syntax error|unexpected EOF)",
    re.MULTILINE | re.IGNORECASE,
)

SUSPICIOUS = (
    r"not (?:been )?executed|cannot execute|interrupted|rejected|declined|denied|refused|blocked|skipped|error|fatal"
    r"|fail|exception|traceback|unknown|not found|invalid|exit|return ?code|no such|not permitted|a directory|read-only"
    r'|unrecognized|unexpected|"success|"ok"'
)
"""Linear expression that holds of the head or tail of every text whose outcome is not plain success."""


def from_exit_code(code: Any) -> Outcome:
    """0 succeeded; -1 is what harnesses write for "still running" (unknown); anything else failed."""
    try:
        number = int(code)
    except (TypeError, ValueError, OverflowError):
        return Outcome.UNKNOWN
    if number == 0:
        return Outcome.SUCCEEDED
    return Outcome.UNKNOWN if number == -1 else Outcome.FAILED


def from_error_field(error: Any) -> Outcome | None:
    """Of an error field: a text, a number or a truth value. None = it says nothing."""
    if error is None or error == "" or error == [] or error == {}:
        return None
    if isinstance(error, bool):
        return Outcome.FAILED if error else Outcome.SUCCEEDED
    if isinstance(error, str):
        word = error.strip().lower()
        if word in ("false", "none", "null", "no", "0", ""):
            return None
        return Outcome.NOT_EXECUTED if _NOT_EXECUTED.match(word) else Outcome.FAILED
    return Outcome.FAILED if error else None


def from_status(value: Any) -> Outcome | None:
    """Of a status word or success flag. None = it says nothing."""
    if isinstance(value, bool):
        return Outcome.SUCCEEDED if value else Outcome.FAILED
    if not isinstance(value, str):
        return None
    return _STATUS.get(value.strip().lower().replace(" ", "_").replace("-", "_"))


_STATUS: dict[str, Outcome] = {
    **dict.fromkeys(("succeeded", "success", "successful", "ok", "true", "passed"), Outcome.SUCCEEDED),
    **dict.fromkeys(("failed", "failure", "error", "false", "fail", "exception"), Outcome.FAILED),
    **dict.fromkeys(
        ("not_executed", "rejected", "blocked", "denied", "skipped", "cancelled", "canceled"), Outcome.NOT_EXECUTED
    ),
    "unknown": Outcome.UNKNOWN,
}


def from_text(text: str | None, shell: bool = False) -> Outcome:
    """Of a result's own words. None = there is no result: unknown."""
    if text is None:
        return Outcome.UNKNOWN
    head = text[:_HEAD].lstrip()
    if _NOT_EXECUTED.match(head):
        return Outcome.NOT_EXECUTED
    code = _exit_code(text[-200:]) or _exit_code(head[:200])
    if code is not None and (shell or code.start() < 60):
        found = from_exit_code(code.group(1))
        if found != Outcome.UNKNOWN:
            return found
    if _FAILED_START.match(head):
        return Outcome.FAILED
    if head.startswith("{"):
        found_json = _from_json(text)
        if found_json is not None:
            return found_json
    if shell:
        tail = text[-_TAIL:]
        if _SHELL_FAILED.search(head) or _SHELL_FAILED.search(tail) or _TRACEBACK.search(tail):
            return Outcome.FAILED
    return Outcome.SUCCEEDED


def _exit_code(text: str) -> re.Match[str] | None:
    # Most results hold neither word; looking for them first is much cheaper than the expression.
    lower = text.lower()
    return _EXIT_CODE.search(text) if "exit" in lower or "return" in lower else None


def from_code_text(text: str | None) -> Outcome:
    """Of what an interpreter printed: a traceback is a failure."""
    if text is None:
        return Outcome.UNKNOWN
    if _TRACEBACK.search(text[:_HEAD]) or _TRACEBACK.search(text[-_TAIL:]):
        return Outcome.FAILED
    if "Traceback (most recent call last)" in text[:_HEAD] or "Traceback (most recent call last)" in text[-_TAIL:]:
        return Outcome.FAILED
    return from_text(text)


def _from_json(text: str) -> Outcome | None:
    """Of a JSON object with an error, success or status field (only small ones are parsed)."""
    if len(text) > 20_000:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    for key in ("error", "is_error", "exception"):
        found = from_error_field(value.get(key))
        if found == Outcome.FAILED:
            return found
    for key in ("success", "succeeded", "ok"):
        if isinstance(value.get(key), bool):
            return from_status(value[key])
    for key in ("exit_code", "exitCode", "returncode", "return_code"):
        if isinstance(value.get(key), int) and not isinstance(value.get(key), bool):
            return from_exit_code(value[key])
    if str(value.get("status", "")).lower() in ("error", "failed", "failure"):
        return Outcome.FAILED
    return None
