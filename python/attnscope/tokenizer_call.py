# SPDX-License-Identifier: Apache-2.0
"""The options of one call of a tokenizer: which strategies they mean, and which texts they hold."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .errors import usage_error

_LARGE = int(1e20)  # a model_max_length above it is no limit
_PADDING = ("longest", "max_length", "do_not_pad")
_TRUNCATION = ("longest_first", "only_first", "only_second", "do_not_truncate")


@dataclass(slots=True)
class Strategies:
    """Padding and truncation by name, with the length that goes with them."""

    padding: str
    truncation: str
    max_length: int | None

    @property
    def truncates(self) -> bool:
        return self.truncation != "do_not_truncate"

    @property
    def pads(self) -> bool:
        return self.padding != "do_not_pad"


def choose_strategies(
    padding: Any, truncation: Any, max_length: int | None, multiple: int | None, limit: int, verbose: bool
) -> Strategies:
    """limit: model_max_length. Raises: ValueError for names and lengths that cannot be."""
    if max_length is not None and padding is False and truncation is None:
        truncation = "longest_first"
    chosen = Strategies(_padding_name(padding), _truncation_name(truncation), max_length)
    if padding is True and max_length is not None and not chosen.truncates and verbose:
        warnings.warn(
            "max_length plays no part with padding=True and no truncation; padding='max_length' pads to it",
            stacklevel=4,
        )
    if max_length is None:
        _take_limit(chosen, limit)
    elif max_length < 0:
        raise usage_error("TOK_OPTION", "max_length", f"found {max_length}, expected 0 or more")
    if chosen.pads and chosen.truncates and multiple and chosen.max_length and chosen.max_length % multiple:
        found = f"{chosen.max_length} is no multiple of pad_to_multiple_of, {multiple}"
        raise usage_error("TOK_OPTION", "max_length", found, "make it one")
    return chosen


def _padding_name(padding: Any) -> str:
    name = padding
    if isinstance(padding, bool):
        name = "longest" if padding else "do_not_pad"
    return _known(getattr(name, "value", name), _PADDING, "padding")


def _truncation_name(truncation: Any) -> str:
    if truncation is None or truncation is False:
        return "do_not_truncate"
    name = "longest_first" if truncation is True else truncation
    return _known(getattr(name, "value", name), _TRUNCATION, "truncation")


def _known(name: Any, names: tuple[str, ...], option: str) -> str:
    if name in names:
        return name
    raise usage_error("TOK_OPTION", option, f"found {name!r}, expected True, False or one of {', '.join(names)}")


def _take_limit(chosen: Strategies, limit: int) -> None:
    """Without a max_length that of the model counts; if it has none, what needs one is off."""
    unlimited = limit > _LARGE
    needed = chosen.padding == "max_length" or chosen.truncates
    if needed and not unlimited:
        chosen.max_length = limit
    if unlimited and chosen.padding == "max_length":
        chosen.padding = "do_not_pad"
    if unlimited:
        chosen.truncation = "do_not_truncate"


@dataclass(slots=True)
class Texts:
    """The texts of a call, as one batch."""

    texts: Any
    pairs: Any
    single: bool  # not a batch: the outputs have no batch dimension


def arrange_texts(text: Any, pair: Any, in_words: bool) -> Texts:
    """Raises: TypeError, ValueError if text and pair do not go together; texts themselves are read later."""
    text, pair = _whole(text), _whole(pair)
    batched = isinstance(text, (list, tuple))
    if in_words and batched:
        batched = bool(text) and isinstance(text[0], (list, tuple))
    if not batched:
        return Texts((text,), (pair,) if pair else None, True)
    if not text:
        raise usage_error("TOK_TEXTS", "text", "an empty list, expected at least one text")
    if isinstance(pair, str):
        raise TypeError("text_pair: found str, expected a list as long as text, which is a list")
    if pair is not None and len(pair) != len(text):
        raise usage_error("TOK_TEXTS", "text_pair", f"has {len(pair)} items, expected {len(text)}, as many as text")
    return Texts(text, pair, False)


def _whole(value: Any) -> Any:
    """Generators are read to their end; an exception of theirs passes."""
    return list(value) if isinstance(value, Iterator) else value
