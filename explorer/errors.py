"""Errors that a person can act on.

Whatever derives from :class:`UserError` says what is wrong, where, and what to do; the window shows it in a
quiet panel and the command line prints it and ends with exit code 2. Any other exception is a defect and is
shown with a trace that can be copied.
"""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend: *what* happened, *where*, and the *way out*."""

    def __init__(self, what: str, *, where: str | None = None, todo: str | None = None) -> None:
        super().__init__(what, where, todo)
        self.what = what
        self.where = where
        self.todo = todo

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        # Keyword-only arguments do not survive the default reduction, and errors cross process borders.
        return _rebuild, (type(self), self.what, self.where, self.todo)

    def __str__(self) -> str:
        parts = [self.what if self.where is None else f"{self.where}: {self.what}"]
        if self.todo:
            parts.append(self.todo)
        return "\n".join(parts)


class InputError(UserError):
    """A source cannot be read, or is not what it was taken for."""


class SettingsError(UserError):
    """Settings that contradict each other or the data (an unknown group, an empty role …)."""


class RulesError(UserError):
    """A rule pack, filter list or behaviour file with a mistake; *where* names file and line."""


class StorageError(UserError):
    """A place cannot be written: read-only, full, or occupied."""


def _rebuild(kind: type[UserError], what: str, where: str | None, todo: str | None) -> UserError:
    return kind(what, where=where, todo=todo)
