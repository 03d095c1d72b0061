# SPDX-License-Identifier: Apache-2.0
"""The words of a report as a figure draws them."""

from __future__ import annotations

import math
from typing import Any

from ..encoded_text import byte_starts

Shaded = tuple[int, int, float, bool, str, int]


def word_picture(
    text: str, entities: list[dict[str, Any]], rows: list[dict[str, Any]], measure: str
) -> tuple[list[Shaded], list[tuple[str, float]]]:
    """(words, rest) of what one thing is explained by: words with their bytes, and what special tokens take."""
    starts = byte_starts(text)
    words = [row for row in rows if not row["special"]]
    shaded = [
        (starts[row["start"]], starts[row["end"]], row[measure], row["own"], *_entity(row, entities)) for row in words
    ]
    special = [row for row in rows if row["special"] and not math.isnan(row[measure])]
    if not special:
        return shaded, []
    name = f"special tokens {' '.join(row['word'] for row in special)}"
    return shaded, [(name, sum(row[measure] for row in special))]


def _entity(row: dict[str, Any], entities: list[dict[str, Any]]) -> tuple[str, int]:
    """Label and number of the entity that the word belongs to; the label stands where it begins."""
    for number, entity in enumerate(entities):
        if entity["start"] <= row["start"] and row["end"] <= entity["end"]:
            return entity["entity_group"] if row["start"] == entity["start"] else "", number
    return "", -1
