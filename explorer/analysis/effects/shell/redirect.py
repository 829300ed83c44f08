"""Redirects: what is written where, and what it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.analysis.effects.rules.predicates import harmless_sink, is_device, is_process_input
from explorer.analysis.effects.shared.severity import is_deferred_path, is_system_path
from explorer.analysis.effects.shell.literal import Output
from explorer.analysis.effects.shell.run import Frame, Run, emit
from explorer.analysis.effects.shell.types import OPAQUE, Redirect, WrittenFile
from explorer.model.effect import EffectKind, Span

_WRITES = frozenset({">", ">>", ">|", "&>", "&>>", ">&", "<>"})
MAX_KEPT = 4_000_000


def redirect_effects(run: Run, frame: Frame, redirects: Sequence[Redirect], output: Output, span: Span) -> bool:
    """Record what the redirects of one command write; whether its output still goes on to a pipe."""
    kept = True
    for redirect in redirects:
        if redirect.operator not in _WRITES:
            continue
        target = redirect.target
        if redirect.operator == ">&" and (target.isdigit() or target == "-" or not target):
            continue
        to_output = redirect.descriptor in ("", "1") and redirect.operator != "<>"
        if to_output and target not in ("/dev/stdout", "/dev/stderr", "/dev/tty", "-"):
            kept = False
        write_effect(
            run,
            frame,
            target,
            span,
            output if to_output else Output(None),
            append=redirect.operator in (">>", "&>>"),
            forced=redirect.operator == ">|",
            opaque=bool(redirect.marks & OPAQUE),
            rule="shell.redirect",
        )
    return kept


def write_effect(
    run: Run,
    frame: Frame,
    path: str,
    span: Span,
    content: Output,
    *,
    append: bool = False,
    forced: bool = False,
    opaque: bool = False,
    rule: str = "shell.redirect",
) -> None:
    """Record the writing of a file: create, unless it is known to exist, belongs to the system, is a device, or
    nothing is written into it."""
    if harmless_sink(path) or path.startswith((">(", "<(")):
        return
    if is_process_input(path):
        note = "text for the input of a running process"
        emit(run, frame, EffectKind.UNKNOWN, span, rule="shell.process-input", target=("input", path), note=note)
        return
    if path.startswith(("/dev/tcp/", "/dev/udp/")):
        emit(run, frame, EffectKind.NET_EGRESS, span, rule="shell.dev-tcp", target=("url", path))
        return
    if is_device(path):
        emit(run, frame, EffectKind.DISK_WIPE, span, rule=f"{rule}-device", target=("device", path))
        return
    if path in ("/proc/sysrq-trigger",):
        emit(run, frame, EffectKind.HOST_DOWN, span, rule="shell.sysrq", target=("host", path))
        return
    if _is_log(path) and not append:
        emit(run, frame, EffectKind.LOG_CLEAR, span, rule=f"{rule}-log", target=("path", path))
    empty = content.text == ""
    known = run.state.knows_path(path) or is_system_path(path)
    if append:
        kind = EffectKind.MODIFY if known else EffectKind.CREATE
    elif empty or known or forced:
        kind = EffectKind.OVERWRITE
    else:
        kind = EffectKind.CREATE
    confidence = 0.8 if forced and not (empty or known) else 1.0
    emit(run, frame, kind, span, rule=rule, target=("path", path), opaque=opaque, confidence=confidence)
    if content.text is not None and content.text and not opaque:
        _keep(run, frame, path, content, span, append)


def _is_log(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name.endswith("_history") or (path.startswith("/var/log/") and not path.endswith("/"))


def _keep(run: Run, frame: Frame, path: str, content: Output, span: Span, append: bool) -> None:
    text = content.text or ""
    if not run.spend(0) or len(text) > MAX_KEPT:
        return
    plain = path.removeprefix("./")
    run.state.written.append(WrittenFile(path, text, append, span))
    run.state.files[plain] = run.state.files.get(plain, "") + text if append else text
    if is_deferred_path(path):
        scheduled = stored_commands(path, text)
        base = content.base if scheduled is text else None
        run.run_text(run, frame.within(scheduled, base, span, path, deferred=True), None)


_CRON = re.compile(
    r"(?m)^[ \t]*(?:@\w+|(?:[\d*/,-]+[ \t]+){3}[\d*/,A-Za-z-]+[ \t]+[\d*/,A-Za-z-]+)[ \t]+(?:root[ \t]+)?"
)
_UNIT = re.compile(r"\s*(?:[#;][^\n]*\n\s*)*\[(?:Unit|Service|Timer|Install|Socket|Path)\]")
_EXECUTED = re.compile(r"(?m)^[ \t]*Exec\w+[ \t]*=[ \t]*[-@+!:]*(?P<command>[^\n]*)")
_SCRIPTS = re.compile(r"/cron\.(?:hourly|daily|weekly|monthly)/")


def stored_commands(path: str, text: str) -> str:
    """What is run later of a text that is stored at ``path``: a crontab's commands, those of a unit of systemd, or
    the text itself."""
    if _UNIT.match(text):
        return "\n".join(match["command"] for match in _EXECUTED.finditer(text))
    return cron_commands(text) if "cron" in path and not text.startswith("#!") and not _SCRIPTS.search(path) else text


def cron_commands(text: str) -> str:
    """The commands of a crontab, without their times."""
    return _CRON.sub("", text)
