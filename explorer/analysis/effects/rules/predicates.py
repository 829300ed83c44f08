"""The few tests that a table of words cannot express: refspecs, find expressions, modes, devices.

A predicate takes the words of a command and the length of its sub-command path and returns None where it does not
hold, else the targets (empty = the rule's own way to find them).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from explorer.analysis.effects.rules.args import Args
from explorer.analysis.effects.rules.find_expression import RUNS, VALUED
from explorer.analysis.effects.rules.find_places import find_places
from explorer.analysis.effects.shared.making import is_sensitive

Found = tuple[str, ...] | None
Predicate = Callable[[Args, int], Found]

_FULL_MODE = re.compile(r"0?[0-7]?777|a=rwx|(?:a|o|ugo)?\+rwx|0?[0-7]?666")
_SETUID = re.compile(r"[0-7]*[2-7][0-7]{3}|[ugo]*\+[rwx]*s[rwx]*")
_HEAD_OPERATIONS = re.compile(r"[A-Za-z_]+")


def git_push_force(args: Args, subs: int) -> Found:
    """``+ref`` refspecs: a forced update without a flag."""
    specs = [word for word in args.operands(subs)[1:] if word.startswith("+") and len(word) > 1]
    return tuple(specs) or None


def git_push_delete(args: Args, subs: int) -> Found:
    """``:ref`` refspecs, and everything named with ``--delete``."""
    operands = args.operands(subs)
    if args.has("--delete", abbrev=True) or args.has("-d"):
        return tuple(operands[1:] or operands)
    specs = [word for word in operands[1:] if word.lstrip("+").startswith(":") and word.lstrip("+") != ":"]
    return tuple(specs) or None


_OPTIONAL_VALUES = frozenset({"direct", "inherit", "checkout", "on-demand"})


def git_checkout_paths(args: Args, subs: int) -> Found:
    """``checkout -- path``, ``checkout ref path``, ``checkout .``: files of the work tree are replaced."""
    if args.has_any(("-b", "-B", "--orphan", "--detach", "-d", "-h", "--help", "-p", "--patch")):
        return None
    operands = args.operands(subs)
    if args.has("--pathspec-from-file"):
        return tuple(operands[1:]) or (str(args.value("--pathspec-from-file")),)
    if operands and args.has_any(("--track", "--recurse-submodules")) and operands[0] in _OPTIONAL_VALUES:
        operands = operands[1:]
    if args.dashdash >= 0:
        before = max(args.dashdash - subs, 0)
        return tuple(operands[before:]) or None
    if len(operands) >= 2:
        if args.has_any(("--track", "-t")) and "/" in operands[1]:
            return None
        return tuple(operands[1:])
    if operands and (operands[0] in (".", "..", "*") or operands[0].startswith(("./", ":/", ":("))):
        return tuple(operands)
    return None


def git_restore_worktree(args: Args, subs: int) -> Found:
    """``restore`` touches the work tree unless only ``--staged`` is given."""
    if args.has_any(("-S", "--staged")) and not args.has_any(("-W", "--worktree")):
        return None
    operands = args.operands(subs)
    if args.has("--pathspec-from-file"):
        operands = [*operands, str(args.value("--pathspec-from-file"))]
    return tuple(operands) or None


def git_config_write(args: Args, subs: int) -> Found:
    """``git config key value``."""
    operands = args.operands(subs)
    return (operands[0],) if len(operands) >= 2 and operands[0] not in ("get", "list") else None


def find_delete(args: Args, subs: int) -> Found:
    """``-delete`` as an action of find's expression, not as the value of a test or inside ``-exec … ;``."""
    return tuple(find_places(args.words, "-delete")[0]) if "-delete" in find_actions(args.words) else None


def find_delete_named(args: Args, subs: int) -> Found:
    """The same where patterns of names choose what is removed."""
    if "-delete" not in find_actions(args.words):
        return None
    places, named = find_places(args.words, "-delete")
    return tuple(places) if named else None


def find_writes(args: Args, subs: int) -> Found:
    """``-fprint FILE`` and its kin."""
    words = list(args.words)
    named = [words[i + 1] for i, w in enumerate(words[:-1]) if w in ("-fprint", "-fprint0", "-fprintf", "-fls")]
    return tuple(named) or None


def find_actions(words: Sequence[str]) -> set[str]:
    """The primaries of a find expression that are actions or flags (values and -exec bodies skipped)."""
    actions: set[str] = set()
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word in VALUED:
            place += 1
        elif word == "-fprintf":
            place += 2
        elif word in RUNS:
            while place < len(words) and words[place] not in (";", "+", "\\;"):
                place += 1
            place += 1
        elif word.startswith("-"):
            actions.add(word)
    return actions


def chmod_wide(args: Args, subs: int) -> Found:
    """Everybody may write, or the set-uid / set-gid bit: ``777``, ``a+rwx``, ``u+s``, ``4755``."""
    mode = args.bare[0] if args.bare else ""
    return tuple(args.bare[1:]) if _FULL_MODE.fullmatch(mode) or _SETUID.fullmatch(mode) else None


def chmod_targets(args: Args, subs: int) -> Found:
    """Operands after the mode, or all with ``--reference``; without any operand nothing happens."""
    if args.has("--reference"):
        return tuple(args.bare) or None
    operands = args.bare[1:]
    if not operands and any(word[1:2] in "rwxXst" for word in args.words if word[:1] == "-" and len(word) > 1):
        operands = args.bare
    if not operands and args.bare and args.has_any(("-R", "--recursive")):
        operands = args.bare
    return tuple(operands) or None


def device_operand(args: Args, subs: int) -> Found:
    """Some operand is a block device."""
    found = [word for word in args.operands(subs) if is_device(word)]
    return tuple(found) or None


_DEVICE = re.compile(
    r"/dev/(?:sd|hd|vd|xvd|nvme|mmcblk|loop|disk|rdisk|md|dm-|mapper/|zd|nbd|ram|sr|fd\d|vg|block/|disk/)[\w./-]*|/dev/[\w-]+/[\w-]+"
    r"|\\\\\.\\\w+"
)
_NOT_DEVICE = re.compile(r"/dev/(?:shm|fd|tcp|udp|pts|input|net|bus|char|mqueue)/")


def is_device(word: str) -> bool:
    """Whether a word names a block device (``/dev/sda1``, ``/dev/mapper/x``)."""
    return bool(_DEVICE.match(word)) and not _NOT_DEVICE.match(word)


def dd_output(args: Args, subs: int) -> Found:
    """``of=FILE``."""
    found = tuple(word[3:] for word in args.bare if word.startswith("of=") and not harmless_sink(word[3:]))
    return found or None


def dd_device(args: Args, subs: int) -> Found:
    """``of=/dev/sda``."""
    found = tuple(word[3:] for word in args.bare if word.startswith("of=") and is_device(word[3:]))
    return found or None


_SINKS = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/zero", "/dev/full", "-", "NUL", "nul"})


_OWN_STREAM = re.compile(r"/proc/(?:self|thread-self|\$\$)/fd/\d+$|/proc/[^/]+/fd/[12]$")
_FOREIGN_INPUT = re.compile(r"/proc/[^/]+/fd/\d+$")


def harmless_sink(path: str) -> bool:
    """Whether writing there keeps nothing: ``/dev/null``, standard streams, a process's own output."""
    return path in _SINKS or path.startswith("/dev/fd/") or _OWN_STREAM.match(path) is not None


def is_process_input(path: str) -> bool:
    """Whether a path is what a running process reads from (``/proc/42/fd/0``), and no file."""
    return _FOREIGN_INPUT.match(path) is not None


def null_source(args: Args, subs: int) -> Found:
    """``cp /dev/null f``, ``install /dev/zero f``: the last operand is emptied."""
    operands = args.operands(subs)
    if len(operands) >= 2 and any(word in ("/dev/null", "/dev/zero") for word in operands[:-1]):
        return (operands[-1],)
    return None


def null_destination(args: Args, subs: int) -> Found:
    """``mv f /dev/null``: what is moved is lost."""
    operands = args.operands(subs)
    if args.value("-t", "--target-directory") == "/dev/null":
        return tuple(operands)
    if "/dev/null" in operands[1:] or (operands[:1] == ["/dev/null"] and len(operands) > 1):
        return tuple(word for word in operands if word != "/dev/null") or ("/dev/null",)
    return None


def sed_in_place(args: Args, subs: int) -> Found:
    """``sed -i``: the files after the script."""
    if not (args.has("-i") or args.has("--in-place") or any(word.startswith("-i") for word in args.words)):
        return None
    script_given = args.has_any(("-e", "--expression", "-f", "--file"))
    operands = args.bare if script_given else args.bare[1:]
    if operands and operands[0] == "" and len(operands) > 1:
        operands = operands[1:]
    return tuple(operands) or ("",)


def zero_size(args: Args, subs: int) -> Found:
    """``truncate``: cut to a size (``+N`` only grows a file)."""
    size = args.value("-s", "--size")
    if size is not None and size.startswith("+"):
        return None
    operands = list(args.operands(subs))
    return tuple(operands) or None


def stdin_empty_copy(args: Args, subs: int) -> Found:
    """Operands of tee that keep something."""
    found = tuple(word for word in args.operands(subs) if not harmless_sink(word))
    return found or None


def zero_replicas(args: Args, subs: int) -> Found:
    """``--replicas=0``, ``name=0``: scaled to nothing."""
    if args.value("--replicas") == "0":
        return tuple(args.operands(subs)) or ("",)
    named = [word for word in args.operands(subs) if re.fullmatch(r"[\w./-]+=0", word)]
    return tuple(named) or None


def kill_signal(args: Args, subs: int) -> Found:
    """A kill that sends something: not ``-l``, ``-0``."""
    if args.words and (
        args.words[0] in ("-l", "-L", "-0", "--list", "--table") or args.value("-s", "--signal", "-n") == "0"
    ):
        return None
    targets = [w for w in args.bare if w] or [w for w in args.words[1:] if w.lstrip("-").isdigit()]
    return tuple(targets) or ("",)


def curl_method_delete(args: Args, subs: int) -> Found:
    """``curl -X DELETE``."""
    method = (args.value("-X", "--request", "--method") or "").upper()
    return tuple(_urls(args)) or ("",) if method == "DELETE" else None


_MUTATION = re.compile(
    r"\bmutation\b[\s\S]{0,4000}?\b(?:delete|remove|destroy|purge|archive|cancel|revoke)\w*\s*[({]", re.IGNORECASE
)


def api_delete(args: Args, subs: int) -> Found:
    """A call of a web interface with the method DELETE, or a GraphQL mutation that deletes."""
    if (args.value("-X", "--method") or "").upper() == "DELETE":
        return tuple(args.operands(subs)[:1]) or ("",)
    return tuple(args.operands(subs)[:1]) if any(_MUTATION.search(word) for word in args.words) else None


_REMOVING_PATH = re.compile(
    r"/_?(?:delete|remove|destroy|purge|terminate|drop|wipe|flush|revoke|cancel|shutdown|delete_by_query|bulk_delete|erase)"
    r"(?:[/?_-]|$)",
    re.IGNORECASE,
)


def http_removes(args: Args, subs: int) -> Found:
    """A request that removes by its body (GraphQL) or by its path (``…/delete``, ``_delete_by_query``)."""
    method = (args.value("-X", "--request", "--method") or "").upper()
    sends = args.has_any(
        (
            "-d",
            "--data",
            "--data-raw",
            "--data-binary",
            "--json",
            "-F",
            "--form",
            "--post-data",
            "--data-urlencode",
            "--body-data",
        )
    )
    urls = _urls(args)
    if any(_MUTATION.search(word) for word in args.words):
        return tuple(urls) or ("",)
    if method in ("POST", "PUT", "PATCH") or sends:
        found = [url for url in urls if _REMOVING_PATH.search(url)]
        return tuple(found) or None
    return None


_SENSITIVE = re.compile(
    r"@?(?:.*/)?(?:\.ssh/|id_[dr]sa(?!\.pub)|id_ed25519(?!\.pub)|\.aws/|\.env\b|credentials|shadow$|passwd$|\.netrc|\.kube/|secrets?\b|\.pem$|\.key$|"
    r"\.gnupg|wallet|\.npmrc|\.pypirc|\.docker/config|cookies|keychain|token)"
)


def sends_file(args: Args, subs: int) -> Found:
    """A request that sends a file or a body away."""
    return tuple(_urls(args)) or ("",) if _sent(args) else None


def sends_sensitive(args: Args, subs: int) -> Found:
    """A request whose body is a file that holds secrets."""
    secret = any(_SENSITIVE.match(value) or is_sensitive(value.rpartition("@")[2]) for value in _sent(args))
    return tuple(_urls(args)) or ("",) if secret else None


def _sent(args: Args) -> list[str]:
    named = [args.options.get(name) for name in ("-T", "--upload-file", "--post-file", "--body-file")]
    bodies = [
        args.options.get(name)
        for name in (
            "-d",
            "--data",
            "--data-binary",
            "--data-raw",
            "-F",
            "--form",
            "--json",
            "--data-urlencode",
            "--post-data",
        )
    ]
    return [value for value in (*named, *bodies) if value]


def _urls(args: Args) -> list[str]:
    named = args.value("--url")
    found = [named] if named else []
    return [*found, *(word for word in args.bare if "://" in word or "." in word or ":" in word)]


def ip_down(args: Args, subs: int) -> Found:
    """``ip link set DEV down`` / ``ifconfig DEV down``: the last state word is ``down``."""
    operands = args.operands(subs)
    if "down" not in operands[1:]:
        return None
    names = [word for word in operands if word not in ("down", "dev", "set", "link")]
    return tuple(names[:1]) or ("",)


def assigns_value(args: Args, subs: int) -> Found:
    """``sysctl key=value``: writes instead of reading."""
    found = tuple(word for word in args.operands(subs) if "=" in word.strip("="))
    return found or None


def fork_like_yes(args: Args, subs: int) -> Found:
    """A stress tool with something to do."""
    return () if args.words else None


PREDICATES: dict[str, Predicate] = {
    function.__name__: function
    for function in (
        git_push_force, git_push_delete, git_checkout_paths, git_restore_worktree, git_config_write, find_delete,
        find_delete_named, find_writes, chmod_wide, chmod_targets, device_operand, dd_output, dd_device, null_source,
        null_destination, sed_in_place, zero_size, stdin_empty_copy, zero_replicas, kill_signal, curl_method_delete,
        ip_down, api_delete, http_removes, sends_file, sends_sensitive, assigns_value, fork_like_yes,
    )
}  # fmt: skip
"""Named predicates that rules may use."""
