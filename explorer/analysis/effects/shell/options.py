"""Shell commands hidden in the options and scripts of other programs: tar, rsync, git -c, vim -c, awk, sed …"""

from __future__ import annotations

import re

from explorer.analysis.effects.rules.args import Args
from explorer.analysis.effects.shell.run import Frame, Run, emit
from explorer.analysis.effects.shell.types import SimpleCommand
from explorer.model.effect import EffectKind

ENVIRONMENT_COMMANDS = frozenset(
    [
        "GIT_SSH_COMMAND",
        "GIT_SSH",
        "GIT_EDITOR",
        "GIT_SEQUENCE_EDITOR",
        "GIT_PAGER",
        "GIT_EXTERNAL_DIFF",
        "GIT_ASKPASS",
        "GIT_PROXY_COMMAND",
        "EDITOR",
        "VISUAL",
        "PAGER",
        "MANPAGER",
        "BROWSER",
        "PROMPT_COMMAND",
        "RSYNC_RSH",
        "LESSOPEN",
        "SUDO_ASKPASS",
    ]
)
"""Variables whose value a program runs as a command."""

_OPTIONS: dict[str, tuple[str, ...]] = {
    "tar": ("--to-command", "--checkpoint-action", "-I", "--use-compress-program", "--rsh-command", "-F",
            "--info-script"),
    "rsync": ("-e", "--rsh", "--rsync-path"),
    "zip": ("-TT", "--unzip-command"),
    "man": ("-P", "--pager"),
    "fzf": ("--preview",),
    "sort": ("--compress-program",),
    "wget": ("--use-askpass",),
    "ncat": ("-e", "--exec", "-c", "--sh-exec"),
    "nc": ("-e", "-c"),
    "git": ("--upload-pack", "--receive-pack", "-x", "--exec", "--tree-filter", "--index-filter",
            "--msg-filter", "--env-filter"),
    "split": ("--filter",),
    "vim": (), "vi": (), "nvim": (), "ex": (), "view": (),
    "logrotate": (), "flock": (),
    "entr": (), "lftp": ("-c", "-e"),
}  # fmt: skip
_EDITORS = frozenset({"vim", "vi", "nvim", "ex", "view", "gvim", "rvim"})
_AWK = frozenset({"awk", "gawk", "mawk", "nawk"})
_AWK_RUNS = re.compile(
    r"""system\s*\(\s*"((?:\\.|[^"\\])*)"|"((?:\\.|[^"\\])*)"\s*\|&?\s*getline|\|\s*"((?:\\.|[^"\\])*)\""""
)
_AWK_WRITES = re.compile(r"""print[^;{}|\n"]*(?:"[^"]*"[^;{}|\n"]*)*>{1,2}\s*"([^"]+)\"""")
_EDITOR_RUNS = re.compile(r"(?:^|\|)\s*:?(?:silent!?\s+)?!(.+)|:?call\s+(?:system|delete)\((.*)\)")
_SED_RUNS = re.compile(r"(?:^|[;{}\n\d/$])\s*e\s+(.+)")


def option_commands(run: Run, frame: Frame, command: SimpleCommand, name: str, args: Args) -> None:
    """Classify the commands that options and scripts of a known program hold."""
    if name in _AWK:
        _awk(run, frame, command, args)
    elif name in ("sed", "gsed"):
        _sed(run, frame, command, args)
    elif name in _EDITORS:
        _editor(run, frame, command)
    elif name == "git":
        _git(run, frame, command, args)
    elif name in ("ssh", "scp", "sftp"):
        _ssh(run, frame, command)
    elif name == "socat":
        for word in args.bare:
            kind, colon, text = word.partition(":")
            if colon and kind.upper() in ("EXEC", "SYSTEM"):
                _text(run, frame, command, text.split(",")[0], "socat")
    for option in _OPTIONS.get(name, ()):
        value = args.options.get(option)
        if value and not value.startswith(("ssh", "/usr/bin/ssh")) and not (name == "git" and option == "-x"):
            _text(run, frame, command, value.removeprefix("exec="), f"{name} {option}")


def _text(run: Run, frame: Frame, command: SimpleCommand, text: str, label: str) -> None:
    if text.strip():
        run.run_text(run, frame.within(text, None, command.span, label), None)


def _awk(run: Run, frame: Frame, command: SimpleCommand, args: Args) -> None:
    first = args.bare[0] if args.bare else ""
    for script in (first, *(value for key in ("-e", "--source") if (value := args.options.get(key)))):
        for match in _AWK_RUNS.finditer(script):
            text = next(group for group in match.groups() if group is not None)
            _text(run, frame, command, text.replace('\\"', '"'), "awk system")
        if "system(" in script and not _AWK_RUNS.search(script):
            emit(run, frame, EffectKind.EXEC_OPAQUE, command.span, rule="awk.system", target=("code", "awk"))
        for match in _AWK_WRITES.finditer(script):
            if not match.group(1).startswith("/dev/"):
                emit(run, frame, EffectKind.CREATE, command.span, rule="awk.print", target=("path", match.group(1)))


def _sed(run: Run, frame: Frame, command: SimpleCommand, args: Args) -> None:
    scripts = [value for key in ("-e", "--expression") if (value := args.options.get(key))]
    for script in scripts or args.bare[:1]:
        match = _SED_RUNS.search(script)
        if match:
            _text(run, frame, command, match.group(1), "sed e")
        elif re.search(r"^s(.).*\1.*\1[gpiI\d]*e[gpiI\d]*$", script[:2000]):
            emit(run, frame, EffectKind.EXEC_OPAQUE, command.span, rule="sed.execute", target=("code", "sed"))


def _editor(run: Run, frame: Frame, command: SimpleCommand) -> None:
    words = command.argv
    for place, word in enumerate(words[1:], 1):
        script = (
            words[place + 1]
            if word in ("-c", "--cmd") and place + 1 < len(words)
            else word[1:]
            if word[:1] == "+"
            else ""
        )
        match = _EDITOR_RUNS.search(script)
        if match and match.group(1):
            _text(run, frame, command, match.group(1), f"{words[0]} {word[:2]}")
        elif match:
            emit(run, frame, EffectKind.EXEC_OPAQUE, command.span, rule="editor.call", target=("code", words[0]))


def _git(run: Run, frame: Frame, command: SimpleCommand, args: Args) -> None:
    words = command.argv
    for place, word in enumerate(words[1:-1], 1):
        if not word.startswith("-"):
            break
        setting = words[place + 1] if word == "-c" else word[2:] if word.startswith("-c") else ""
        key, equals, value = setting.partition("=")
        if not equals:
            continue
        if key.startswith("alias."):
            alias = key[6:]
            if args.bare[:1] == [alias]:
                rest = " ".join(args.bare[1:])
                text = f"{value[1:]} {rest}" if value.startswith("!") else f"git {value} {rest}"
                _text(run, frame, command, text, f"git alias {alias}")
        elif key.lower() in (
            "core.pager",
            "core.editor",
            "core.sshcommand",
            "core.fsmonitor",
            "sequence.editor",
            "diff.external",
        ) or key.startswith("pager."):
            _text(run, frame, command, value, f"git -c {key}")
    if args.bare[:1] == ["config"]:
        settings = [word for word in args.bare[1:] if word not in ("set", "add")]
        if len(settings) >= 2 and settings[0].startswith("alias.") and settings[1].startswith("!"):
            label = f"git {settings[0]}"
            run.run_text(run, frame.within(settings[1][1:], None, command.span, label, deferred=True), None)


def _ssh(run: Run, frame: Frame, command: SimpleCommand) -> None:
    words = command.argv
    for place, word in enumerate(words[1:], 1):
        setting = (
            words[place + 1] if word == "-o" and place + 1 < len(words) else word[2:] if word.startswith("-o") else ""
        )
        key, _, value = setting.partition("=")
        if key.lower() in ("proxycommand", "localcommand", "knownhostscommand"):
            _text(run, frame, command, value, f"{words[0]} -o {key}")
