"""Programs that run a command over a list: xargs, parallel, find -exec, fd -x."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from explorer.analysis.effects.rules.find_places import find_places
from explorer.analysis.effects.shell.listing import FED
from explorer.analysis.effects.shell.literal import Listing, Output
from explorer.analysis.effects.shell.run import Frame, Run, emit
from explorer.analysis.effects.shell.types import OPAQUE, SimpleCommand
from explorer.model.effect import EffectKind

Lister = Callable[[Run, Frame, SimpleCommand, Output | None], None]

_XARGS_VALUED = frozenset(
    [
        "-I",
        "-i?",
        "-n",
        "-P",
        "-L",
        "-s",
        "-d",
        "-E",
        "-a",
        "-J",
        "-R",
        "-S",
        "--arg-file",
        "--delimiter",
        "--max-args",
        "--max-procs",
        "--max-lines?",
        "--max-chars",
        "--process-slot-var",
    ]
)
_PARALLEL_VALUED = frozenset(
    [
        "-j",
        "--jobs",
        "-P",
        "-I",
        "--max-procs",
        "-a",
        "--arg-file",
        "--colsep",
        "-C",
        "-d",
        "--delimiter",
        "-N",
        "-n",
        "--max-args",
        "-L",
        "-S",
        "--sshlogin",
        "--joblog",
        "--tmpdir",
        "--results",
        "--timeout",
        "--retries",
        "--delay",
        "--load",
        "--memfree",
        "--nice",
        "--halt",
        "--tagstring",
        "--wd",
        "--workdir",
        "--env",
        "--basefile",
        "--return",
        "--block",
        "--recstart",
        "--recend",
        "--shellquote",
        "-s",
    ]
)
_FIND_EXEC = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
MAX_ITEMS = 32
MAX_RUNS = 8
"""Patterns of a find for which what it runs is looked at."""


def _xargs(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> None:
    argv = command.argv
    place, placeholder = 1, ""
    while place < len(argv):
        word = argv[place]
        if word == "--":
            place += 1
            break
        if not word.startswith("-") or word == "-":
            break
        place += 1
        if word in ("--replace", "-i") or word.startswith(("--replace=", "-i")):
            placeholder = word.removeprefix("--replace").removeprefix("=").removeprefix("-i") or "{}"
        elif word in ("-I", "-J") and place < len(argv):
            placeholder = argv[place]
            place += 1
        elif word.startswith(("-I", "-J")):
            placeholder = word[2:]
        elif word in _XARGS_VALUED:
            place += 1
    items, opaque = _items(stdin)
    if place >= len(argv):
        emit(run, frame, EffectKind.READ, command.span, rule="xargs.echo")
        return
    _each(run, frame, command, argv[place:], items, opaque, placeholder, "xargs", stdin)


def _items(stdin: Output | None) -> tuple[list[str], bool]:
    """The words that are fed in; [] and True where they are not visible."""
    if stdin is None or stdin.text is None:
        return [], True
    return stdin.text.split()[:MAX_ITEMS], False


def _each(
    run: Run,
    frame: Frame,
    command: SimpleCommand,
    words: Sequence[str],
    items: Sequence[str],
    opaque: bool,
    placeholder: str,
    label: str,
    stdin: Output | None,
) -> None:
    fed = stdin.listing if stdin is not None and opaque else None
    if fed is not None and not _ends_with_code(words):
        _fed(run, frame, command, words, fed, placeholder, label)
        return
    inner = frame.inside(label, glob_driven=True)
    if placeholder and any(placeholder in word for word in words):
        if opaque:
            variants = [[word if placeholder == "{}" else word.replace(placeholder, "{}") for word in words]]
        else:
            lines = [line for line in (stdin.text or "").split("\n") if line.strip()] if stdin is not None else []
            variants = [[word.replace(placeholder, line) for word in words] for line in (lines or items)[:4]]
        for argv in variants:
            marks = tuple(OPAQUE if opaque and "{}" in word else 0 for word in argv)
            run.run_command(run, inner, _made(command, argv, marks), None)
        return
    added = ["{}"] if opaque else list(items)
    if _is_shell(run, words) and not opaque and stdin is not None and stdin.text:
        added = [stdin.text.strip()] if _ends_with_code(words) else added
    elif _is_shell(run, words) and opaque and _ends_with_code(words):
        added = []
    argv = [*words, *added]
    marks = tuple([0] * len(words) + [OPAQUE if opaque else 0] * len(added))
    run.run_command(run, inner, _made(command, argv, marks), None)


def _fed(
    run: Run,
    frame: Frame,
    command: SimpleCommand,
    words: Sequence[str],
    fed: Listing,
    placeholder: str,
    label: str,
) -> None:
    """What is run over a list of which a pattern is visible."""
    inner = (frame if fed.exact else frame.inside(FED)).inside(label, glob_driven=True)
    if not placeholder or not any(placeholder in word for word in words):
        run.run_command(run, inner, _made(command, [*map(_unclosed, words), *fed.places], ()), None)
        return
    marks = tuple(OPAQUE if placeholder in word else 0 for word in words)
    for place in fed.places[:MAX_RUNS]:
        run.run_command(run, inner, _made(command, [word.replace(placeholder, place) for word in words], marks), None)


def _is_shell(run: Run, words: Sequence[str]) -> bool:
    found = run.rules.interpreters.get(words[0].rsplit("/", 1)[-1])
    return found is not None and found.language == "shell"


def _ends_with_code(words: Sequence[str]) -> bool:
    return len(words) > 1 and words[-1].startswith("-") and "c" in words[-1]


def _made(command: SimpleCommand, argv: Sequence[str], marks: tuple[int, ...]) -> SimpleCommand:
    return command._replace(argv=tuple(argv), marks=marks, places=(), assigns=(), redirects=(), stdin=None, piped=False)


def _parallel(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> None:
    argv = command.argv
    place = 1
    while place < len(argv) and argv[place].startswith("-") and argv[place] != "--":
        place += 2 if argv[place] in _PARALLEL_VALUED else 1
    if argv[place : place + 1] == ("--",):
        place += 1
    cut = next((at for at in range(place, len(argv)) if re.fullmatch(r":::+\+?", argv[at])), len(argv))
    words = list(argv[place:cut])
    given = [word for word in argv[cut + 1 :] if not re.fullmatch(r":::+\+?", word)][:MAX_ITEMS]
    opaque = cut == len(argv) and (stdin is None or stdin.text is None)
    if cut == len(argv) and not opaque and stdin is not None:
        given = [line for line in (stdin.text or "").split("\n") if line.strip()][:MAX_ITEMS]
    inner = frame.inside("parallel", glob_driven=True)
    if not words:
        if opaque and stdin is not None:
            emit(run, inner, EffectKind.EXEC_OPAQUE, command.span, rule="code-from-input", target=("code", "parallel"))
        for item in given[:8]:
            run.run_text(run, inner.within(item, None, command.span), None)
        return
    if _is_shell(run, words):
        if opaque:
            run.run_command(run, inner, _made(command, words, tuple(OPAQUE if "{}" in w else 0 for w in words)), None)
            return
        for item in given[:4]:
            replaced = [word.replace("{}", item) for word in words]
            if replaced == words and _ends_with_code(words):
                replaced = [*words, item]
            run.run_command(run, inner, _made(command, replaced, ()), None)
        return
    fed = stdin.listing if stdin is not None and opaque else None
    if fed is not None and not fed.exact:
        inner = frame.inside(FED).inside("parallel", glob_driven=True)
    items = list(fed.places) if fed is not None else ["{}"] if opaque else given or [""]
    for item in items[:4]:
        text = " ".join(word.replace("{}", item) if "{}" in word else word for word in words)
        if not any("{}" in word for word in words):
            text = f"{text} {item}"
        run.run_text(run, inner.within(text, None, command.span), None)


_UNCLOSED = re.compile(r"(\{\}['\"]?)[ \t]+\+(?=[ \t]*(?:$|[;&|>\n]))")


def _unclosed(word: str) -> str:
    """Shell text without a ``+`` behind ``{}``: the end of a find's own command, no name of a file."""
    return _UNCLOSED.sub(r"\1", word) if "{}" in word and "+" in word else word


def _find(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> None:
    argv = command.argv
    if _FIND_EXEC.isdisjoint(argv):
        return
    places, named = find_places(argv[1:], "-exec")
    hit = (
        places[:MAX_RUNS]
        if named
        else [place if place.endswith("/{}") else f"{place.rstrip('/')}/{{}}" for place in places[:1]]
    )
    place = 1
    while place < len(argv):
        if argv[place] not in _FIND_EXEC:
            place += 1
            continue
        end = place + 1
        while end < len(argv) and argv[end] not in (";", "\\;") and not (argv[end] == "+" and argv[end - 1] == "{}"):
            end += 1
        words = argv[place + 1 : end]
        inner = frame.inside(f"find {argv[place]}", glob_driven=True)
        for one in hit if words else ():
            handed = [_unclosed(word).replace("{}", one) for word in words]
            run.run_command(run, inner, _made(command, handed, ()), None)
        place = end + 1


def _fd(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> None:
    argv = command.argv
    for place, word in enumerate(argv):
        if word in ("-x", "-X", "--exec", "--exec-batch") or (
            word.startswith("-") and word[1:2] != "-" and word[-1] in "xX"
        ):
            words = list(argv[place + 1 :])
            if ";" in words:
                words = words[: words.index(";")]
            if words:
                if not any("{" in item for item in words):
                    words.append("{}")
                marks = tuple(OPAQUE if "{" in item else 0 for item in words)
                run.run_command(run, frame.inside(f"fd {word}", glob_driven=True), _made(command, words, marks), None)
            return
        if word.startswith(("--exec=", "--exec-batch=")):
            text = word.partition("=")[2]
            run.run_text(run, frame.within(text + " {}", None, command.span, "fd --exec", glob_driven=True), None)
            return


LISTS: dict[str, Lister] = {
    "xargs": _xargs,
    "parallel": _parallel,
    "find": _find,
    "fd": _fd,
    "fdfind": _fd,
    "gfind": _find,
    "gxargs": _xargs,
}
"""Programs that run a command once or often with words from elsewhere."""
