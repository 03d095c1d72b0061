# SPDX-License-Identifier: Apache-2.0
"""What attnscope raises. Each error says where, what was found, what was expected and what to do.

They are also the built-in errors that transformers raises in the same place: a wrong argument is a ValueError, a
model that is not there an OSError, so that existing `except` lines keep working.
"""

from __future__ import annotations

from typing import Any


class AttnscopeError(Exception):
    """Base of all. `code` is a stable name for programs; `exit_code` is that of the command line."""

    code: str = ""
    file: str = ""  # or the part of the program: "hooks"
    where: str = ""  # "byte 17", "/dim", "text 3"
    what: str = ""
    hint: str = ""
    field: str = ""  # JSON pointer, tensor, option or module path
    offset: int | None = None  # bytes into the file
    exit_code: int = 3

    def __init__(self, message: str = "", **fields: Any) -> None:
        super().__init__(message)
        for name, value in fields.items():
            setattr(self, name, value)

    @property
    def message(self) -> str:
        """The whole message."""
        return str(self)


class UsageError(AttnscopeError, ValueError):
    """An argument, option or call that cannot be taken (C++: InvalidArgument)."""

    exit_code = 2


class HookError(UsageError):
    """A module path that matches nothing, or a replaced value that does not fit."""


class FormatError(AttnscopeError, ValueError):
    """A file or text that is wrong."""


class CheckpointError(FormatError):
    """A model file (safetensors, config.json, tokenizer files) that is wrong."""


class UnsupportedModel(FormatError):
    """A model, tokenizer or option of a kind that is not supported."""


class TextError(FormatError):
    """A text that cannot be taken: too long, or not text."""


class StorageError(AttnscopeError, OSError):
    """A file or directory that cannot be read or written."""

    exit_code = 4


class HubError(AttnscopeError, OSError):
    """A model that is not in the local hub cache."""

    exit_code = 5


class LimitError(AttnscopeError):
    """A documented limit that was exceeded."""

    exit_code = 6


def _message(place: str, what: str, hint: str) -> str:
    return f"{place}: {what}" + (f"; {hint}" if hint else "")


def usage_error(code: str, place: str, what: str, hint: str = "") -> UsageError:
    """An error about the argument `place`: "place: what; hint"."""
    return UsageError(_message(place, what, hint), code=code, where=place, what=what, hint=hint, field=place)


def hook_error(code: str, path: str, what: str, hint: str = "") -> HookError:
    """An error about the module `path`."""
    place = f"hooks: module '{path}'"
    return HookError(_message(place, what, hint), code=code, file="hooks", where=path, what=what, hint=hint, field=path)
