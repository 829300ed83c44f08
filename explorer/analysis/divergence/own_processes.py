"""Which processes a trajectory started itself: what it puts in the background, and what says that a number is that.

Having started *something* says nothing of process 555. Evidence is the job's number that the shell printed, ``$!`` and
``%1``, a variable or file that was given ``$!``, the started program's own name, and a listing (ps, pgrep, lsof) in
which a line shows the number beside the started program. A port is none: who holds it may be somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from explorer.analysis.divergence.mentions import Said

_BACKGROUND = re.compile(r"(?:^|[^&])&(?![&>\d])|\bnohup\b|\bsetsid\b|\bdisown\b|--daemon|\bdocker run\b[^\n]* -d\b")
_SIGNS = ("&", "nohup", "setsid", "disown", "--daemon", " -d")
_COMMAND_LIMIT = 20_000
_SHOWN_LIMIT = 200_000
_STARTS = 1_000
_LOOK_UPS = 1_000
_JOB = re.compile(r"^\[(\d{1,4})\][+-]?\s+(\d{1,10})\s*$", re.MULTILINE)
_PID_SAID = re.compile(r"\bpid\b\W{0,4}(\d{1,10})\b")
_ALONE = re.compile(r"^[^\d\n]{0,40}?\b(\d{1,10})[^\w\n]{0,9}$", re.MULTILINE)
_CONTAINER = re.compile(r"^[0-9a-f]{12,64}$", re.MULTILINE)
_NAME_OPTION = re.compile(r"--name[ =]([\w.\-]+)")
_LISTS = re.compile(r"(;|\n|(?<![&>])&(?![&>]))")
_BETWEEN = re.compile(r"&&|[|(){}]")
_SELF_PUT = re.compile(r"\bnohup\b|\bsetsid\b|--daemon|\bdocker run\b.* -d\b")
_SCRIPT = re.compile(r"(.{4,})\.(?:py|sh|js|ts|rb|pl|php|jar)$")
_ASSIGNS = re.compile(r"^\w+=")
_RUNNERS = frozenset({"nohup", "setsid", "sudo", "env", "exec", "time", "nice", "stdbuf", "do", "then", "command"})
_INTERPRETER = re.compile(
    r"(?:python|perl|ruby|node|java|bash|sh|zsh|dash|php|npm|npx|yarn|pnpm|uv|poetry|deno|bun|go|cargo|make|dotnet)"
    r"[\d.]*$"
)
_SAYS_NOTHING = frozenset({"docker", "echo", "sleep", "cat", "tail", "printf"})
_WORD = re.compile(r"[\w./:@\-]+")
_NUMBER = re.compile(r"-?\d+")
_JOB_NAMED = re.compile(r"%(\d*)[+\-%]?")


class _Start(NamedTuple):
    step: int
    command: str
    programs: frozenset[str]
    numbers: frozenset[str]
    jobs: frozenset[str]


class OwnProcesses:
    """What one trajectory started in the background, and whether a process that it stops is one of that.

    ``commands`` and ``observations`` are those of its steps, ``shown`` all that tools showed. At most 1,000 starts are
    kept and 1,000 processes looked up; beyond that nothing counts as its own.
    """

    def __init__(self, commands: Sequence[str | None], observations: Sequence[str | None], shown: Said) -> None:
        self._shown = shown
        self._looked = 0
        self._starts: list[_Start] = []
        for step, command in enumerate(commands):
            if len(self._starts) >= _STARTS:
                break
            if command and any(sign in command for sign in _SIGNS) and _BACKGROUND.search(command[:_COMMAND_LIMIT]):
                seen = (observations[step] or "")[:_SHOWN_LIMIT].casefold()
                self._starts.append(_start(step, command[:_COMMAND_LIMIT].casefold(), seen))

    def started_in(self, step: int, value: str) -> int | None:
        """The step that started the process ``value`` (case-folded: numbers, a job, a name, a variable) stopped in
        ``step``; None without evidence. Of several, all must be its own."""
        self._looked += 1
        if not value or self._looked > _LOOK_UPS:
            return None
        before = [start for start in self._starts if start.step <= step]
        parts = re.split(r"[\s,]+", value.strip())
        if not all(_NUMBER.fullmatch(part) or _JOB_NAMED.fullmatch(part) or part == "$!" for part in parts):
            return self._named(before, step, value)
        found = [self._numbered(before, step, part) for part in parts]
        own = [at for at in found if at is not None]
        return min(own) if len(own) == len(found) else None

    def _numbered(self, before: list[_Start], step: int, part: str) -> int | None:
        earlier = [start for start in before if start.step < step]
        if part == "$!":
            here = before[-1] if len(before) > len(earlier) else None
            if here is not None and _LISTS.split(here.command.partition("$!")[0])[1::2].count("&"):
                return step
            return earlier[-1].step if earlier else None
        job = _JOB_NAMED.fullmatch(part)
        if job is not None:
            return self._job(earlier, step, job[1])
        number = part.lstrip("-")
        printed = [start.step for start in earlier if number in start.numbers]
        return printed[-1] if printed else self._listed(earlier, step, number)

    def _job(self, earlier: list[_Start], step: int, job: str) -> int | None:
        """A job of the trajectory's own shell: where the shell printed its number, else what was started last."""
        named = [start.step for start in earlier if job in start.jobs]
        if named:
            return named[-1]
        if not job:
            return earlier[-1].step if earlier else None
        # Stopped by Ctrl+Z: no sign in a command, but the shell says so.
        for place, line in self._shown.lines_with(f"[{job}]", 0, self._shown.end_before(step)):
            if line.lstrip().startswith(f"[{job}]"):
                return self._shown.step_at(place)
        return earlier[-1].step if earlier else None

    def _named(self, before: list[_Start], step: int, value: str) -> int | None:
        words = {word.rsplit("/", 1)[-1] for word in _WORD.findall(value)}
        telling = {word for word in words if not _INTERPRETER.match(word) and not word.isdigit()}
        for start in before:
            # In its own step only what the command itself kept of the process is known to be started before.
            if start.step < step and (_names(start, telling, value)):
                return start.step
            if "$!" in start.command and _kept(start.command, value):
                return start.step
        return None

    def _listed(self, earlier: list[_Start], step: int, number: str) -> int | None:
        """The start whose program something shown since then has in one line with the number."""
        stop = self._shown.end_before(step)
        for place, line in self._shown.lines_with(number, 0, stop):
            words = {word.rsplit("/", 1)[-1] for word in _WORD.findall(line)}
            at = self._shown.step_at(place)
            for start in reversed(earlier):
                if start.step <= at and start.programs & words:
                    return start.step
        return None


def _start(step: int, command: str, seen: str) -> _Start:
    jobs = _JOB.findall(seen)
    numbers = {number for _, number in jobs} | set(_PID_SAID.findall(seen))
    if "$!" in command:
        numbers.update(_ALONE.findall(seen))
    if "docker run" in command:
        numbers.update(_CONTAINER.findall(seen))
    return _Start(step, command, frozenset(_programs(command)), frozenset(numbers), frozenset(job for job, _ in jobs))


def _programs(command: str) -> set[str]:
    """The names of the programs that a command leaves running; of an interpreter the script."""
    found = set(_NAME_OPTION.findall(command))
    lists = _LISTS.split(command)
    for part, follows in zip(lists[::2], [*lists[1::2], ""], strict=True):
        if follows == "&" or _SELF_PUT.search(part):
            found.update(name for one in _BETWEEN.split(part) if (name := _program(one)))
    return found


def _program(command: str) -> str | None:
    words = [word.strip("\"'") for word in command.split()]
    first = 0
    while first < len(words) and (
        words[first] in _RUNNERS or _ASSIGNS.match(words[first]) or words[first].startswith("-")
    ):
        first += 1
    words = words[first:]
    if words and _INTERPRETER.fullmatch(words[0].rsplit("/", 1)[-1]):
        words = [word for word in words[1:] if not word.startswith("-")]
    name = words[0].rsplit("/", 1)[-1] if words else ""
    return name if len(name) > 2 and not name.isdigit() and name not in _SAYS_NOTHING else None


def _names(start: _Start, telling: set[str], value: str) -> bool:
    """Whether the value names the program that was started, or that container."""
    stems = {found[1] for program in start.programs if (found := _SCRIPT.match(program))}
    if telling & (start.programs | stems):
        return True
    return any(len(number) >= 12 and number.startswith(value) and len(value) >= 4 for number in start.numbers)


def _kept(command: str, value: str) -> bool:
    """Whether the command gave ``$!`` to the variable or the file that the value reads."""
    variable = re.match(r"\$\{?(\w+)\}?$", value)
    if variable is not None:
        return re.search(rf"\b{re.escape(variable[1])}=\"?\$!", command) is not None
    files = [word for word in _WORD.findall(value) if "." in word or "/" in word]
    return any(re.search(rf"\$!\"?\s*>\s*\"?{re.escape(word)}(?![\w.])", command) for word in files)
