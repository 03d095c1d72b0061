# SPDX-License-Identifier: Apache-2.0
"""A text and a number a word, as a figure draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from .encoded_text import byte_starts


class PictureWord(NamedTuple):
    """start, end: characters of the text. special: stands in no text. own: part of what is explained.

    label: of the entity that begins here. entity: its number, -1 for none.
    """

    name: str
    start: int
    end: int
    score: float
    special: bool
    own: bool
    label: str = ""
    entity: int = -1


def word_picture(
    text: str, words: list[PictureWord], adds_up: bool
) -> tuple[list[tuple[int, int, float, bool, str, int]], list[tuple[str, float]]]:
    """(words, rest) as the engine takes them: its own words are framed.

    adds_up: the scores are shares of a whole, of which the rest is told; its own words are part of that, not shaded.
    """
    starts = byte_starts(text)
    shaded = [
        (starts[word.start], starts[word.end], _shade(word, adds_up), word.own, word.label, word.entity)
        for word in words
        if not word.special
    ]
    return shaded, _rest(words) if adds_up else []


def _shade(word: PictureWord, adds_up: bool) -> float:
    return math.nan if word.own and adds_up else word.score


def _rest(words: list[PictureWord]) -> list[tuple[str, float]]:
    scored = [word for word in words if not math.isnan(word.score)]
    special = [word for word in scored if word.special]
    rest = [(" ".join(word.name for word in special), _sum(special))] if special else []
    own = [word for word in scored if word.own]
    if own:
        rest.append(("itself", _sum(own)))
    others = [word for word in scored if not (word.special or word.own)]
    if others:
        rest.append(("other words" if own else "words", _sum(others)))
    return rest


def _sum(words: Iterable[PictureWord]) -> float:
    return sum((word.score for word in words), 0.0)
