# SPDX-License-Identifier: Apache-2.0
"""Tokens that are found in the text itself, before it falls into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class AddedToken:
    """As in the `tokenizers` package; `normalized` left open means "unless special"."""

    content: str
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool | None = None
    special: bool = False

    def __post_init__(self) -> None:
        if self.normalized is None:
            object.__setattr__(self, "normalized", not self.special)

    def __str__(self) -> str:
        return self.content

    def __repr__(self) -> str:
        flags = ", ".join(f"{name}={getattr(self, name)}" for name in _FLAGS)
        return f'AddedToken("{self.content}", {flags})'

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_FLAGS = ("rstrip", "lstrip", "single_word", "normalized", "special")
_FIELDS = ("content", "single_word", "lstrip", "rstrip", "normalized", "special")


def added_token(value: Any, **defaults: Any) -> AddedToken:
    """A token as a file or a caller says it: str, object of JSON, AddedToken of either package."""
    if isinstance(value, str):
        return AddedToken(value, **defaults)
    if isinstance(value, Mapping):
        fields = {name: value[name] for name in _FIELDS if name in value}
    else:
        fields = {name: getattr(value, name) for name in _FIELDS}
    return AddedToken(**{**defaults, **fields})
