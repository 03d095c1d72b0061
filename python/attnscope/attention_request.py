# SPDX-License-Identifier: Apache-2.0
"""What attend() is asked for, checked against the model and each text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import usage_error
from .statistics import StatisticsChoice, statistics_choice


@dataclass(frozen=True)
class AttentionRequest:
    """layers, heads, rows: None for all. Layers and heads count from 0, rows may count from a text's end."""

    num_layers: int
    num_heads: int
    layers: list[int] | None
    heads: list[int] | None
    reduce: str
    rows: list[int] | None
    stats: StatisticsChoice
    weights: bool
    on_demand: bool

    def choices(self) -> dict[str, Any]:
        """As the engine takes them."""
        return {
            "layers": self.layers, "heads": self.heads, "reduce": self.reduce, "rows": self.rows,
            "weights": self.weights, "on_demand": self.on_demand, **self.stats._asdict(),
        }  # fmt: skip

    def positions(self, length: int, text: str) -> list[int] | None:
        """The rows of a text of so many tokens, from 0; None for all.

        Raises: UsageError that names the text for a row that it does not have.
        """
        return None if self.rows is None else positions_of(self.rows, length, text)


def attention_request(
    info: dict[str, Any], *, layers: Any, heads: Any, reduce: str, rows: Any, stats: Any, weights: bool | None,
    on_demand: bool,
) -> AttentionRequest:  # fmt: skip
    """Raises: UsageError for what the model does not have and for choices that exclude each other."""
    if reduce not in ("none", "mean", "max"):
        raise usage_error("REDUCE", "reduce", f"'{reduce}'", "choose from none, mean, max")
    chosen = statistics_choice(stats)
    stored = not (chosen.names or on_demand) if weights is None else bool(weights)
    if not (stored or chosen.names or on_demand):
        raise usage_error("REQUEST", "weights", "False, and nothing else is asked for", "name stats, or on_demand=True")
    if reduce != "none" and not stored:
        raise usage_error("REQUEST", "reduce", "there are no weights to reduce", "add weights=True")
    if on_demand and rows is not None:
        hint = "choose rows in result.weights(layer, head, rows)"
        raise usage_error("REQUEST", "on_demand", "together with rows", hint)
    return AttentionRequest(
        info["num_layers"], info["num_heads"], numbers_of(layers, info["num_layers"], "layers"),
        numbers_of(heads, info["num_heads"], "heads"), reduce, row_numbers(rows), chosen, stored, bool(on_demand),
    )  # fmt: skip


def whole_numbers(chosen: Any, name: str) -> list[int]:
    """One number or several.

    Raises: TypeError for anything else.
    """
    numbers = [chosen] if isinstance(chosen, (int, np.integer)) else list(chosen)
    for number in numbers:
        if not isinstance(number, (int, np.integer)) or isinstance(number, bool):
            raise TypeError(f"{name}: found {type(number).__name__}, expected whole numbers")
    return [int(number) for number in numbers]


def numbers_of(chosen: Any, count: int, name: str) -> list[int] | None:
    """Layers or heads from 0; negative ones count from the end."""
    if chosen is None:
        return None
    numbers = whole_numbers(chosen, name)
    for number in numbers:
        if not -count <= number < count:
            raise usage_error("RANGE", name, f"{number} does not exist", f"choose from 0..{count - 1}")
    return [number % count for number in numbers]


def row_numbers(rows: Any) -> list[int] | None:
    """Rows as they are given; "cls" is row 0."""
    if rows is None:
        return None
    if isinstance(rows, str):
        if rows != "cls":
            raise usage_error("ROWS", "rows", f"'{rows}'", "give 'cls', positions, or None for all")
        return [0]
    return whole_numbers(rows, "rows")


def positions_of(rows: list[int], length: int, text: str) -> list[int]:
    """Rows of a text of so many tokens, from 0.

    Raises: UsageError for a row that the text does not have or that is named twice.
    """
    positions: list[int] = []
    for row in rows:
        if not -length <= row < length:
            raise usage_error(
                "RANGE", "rows", f"{row} does not exist in {text}",
                f"it has {length} tokens: choose from 0..{length - 1}, or from -1 backwards",
            )  # fmt: skip
        if row % length in positions:
            raise usage_error("RANGE", "rows", f"{row % length} is named twice in {text}", "name each once")
        positions.append(row % length)
    return positions
