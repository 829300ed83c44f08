"""Where a copy or a link lands: ``cp a.txt /srv/data/`` makes ``/srv/data/a.txt`` and leaves the folder as it is."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence

from explorer.analysis.effects.rules.args import Args
from explorer.analysis.effects.shared.making import words

LANDS = words("cp install rsync ln ln.force")
"""Rules of commands that make something at the place that they name last."""
_PROGRAMS = words("cp gcp ditto install ginstall rsync scp ln gln link")
_FOLDERS = words(
    "/ /bin /boot /dev /dev/shm /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr "
    "/var /etc/cron.d /etc/cron.daily /etc/cron.hourly /etc/init.d /etc/profile.d /etc/systemd/system /usr/bin "
    "/usr/lib /usr/libexec /usr/local /usr/local/bin /usr/local/lib /usr/local/sbin /usr/local/share /usr/sbin "
    "/usr/share /var/lib /var/log /var/tmp /var/www /var/www/html . .. ~ $HOME ${HOME}"
)
"""Places that are folders on every machine that has them."""
_INTO = ("-t", "--target-directory")
_ONTO = ("-T", "--no-target-directory")


def landings(name: str, rule: str, args: Args, is_folder: Callable[[str], bool]) -> list[str] | None:
    """The paths that a copy or a link by program ``name`` makes, where its last operand is a folder; None where that
    is not so, or not known. What is copied without its own folder (``a/.``, ``a/`` of rsync) is ``{}``
    below the place."""
    if rule not in LANDS or name not in _PROGRAMS:
        return None
    operands = args.bare
    into = args.value(*_INTO)
    if rule.startswith("ln") and into is None and len(operands) == 1:
        return [_name(operands[0]) or operands[0]]
    if into is not None:
        return _below(rule, into, operands)
    if len(operands) < 2 or args.has_any(_ONTO, abbrev=True) or ":" in operands[-1]:
        return None
    place = operands[-1]
    plain = place.rstrip("/") or "/"
    several = len(operands) > 2
    if not (several or place.endswith(("/", "/.", "/..")) or plain in _FOLDERS or is_folder(plain)):
        return None
    if rule.startswith("ln") and args.has_any(("-n", "--no-dereference")) and not several and not place.endswith("/"):
        return None
    return _below(rule, place, operands[:-1])


def _below(rule: str, place: str, sources: Sequence[str]) -> list[str]:
    folder = place.rstrip("/")
    return [
        f"{folder}/{{}}" if rule == "rsync" and source.endswith("/") else f"{folder}/{_name(source) or '{}'}"
        for source in sources
    ]


def _name(source: str) -> str:
    """The last part of a path, "" where it has none of its own."""
    if "://" in source or "`" in source or "$(" in source:
        return ""
    name = posixpath.basename(source.rstrip("/"))
    return "" if name in ("", ".", "..", "~") else name
