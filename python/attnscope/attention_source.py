# SPDX-License-Identifier: Apache-2.0
"""Attention of one text with what pictures say about it, wherever it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from .analysis.inputs import attention_array
from .errors import UsageError, usage_error

if TYPE_CHECKING:
    from .attention_result import AttentionResult


@dataclass(frozen=True)
class AttentionSource:
    """weights: float32 [layers, heads, rows, n]. layers, heads: the numbers to show for them.

    reduced: how heads were put together, if they were: there is one in `weights`. rows: the tokens that rows are of.
    offsets: characters of `text`; word_ids: None for special tokens; both empty where only tokens are known.
    """

    weights: np.ndarray
    tokens: list[str]
    layers: list[int]
    heads: list[int]
    model: str
    rows: list[int]
    reduced: str = ""
    text: str = ""
    offsets: list[tuple[int, int]] = field(default_factory=list)
    word_ids: list[int | None] = field(default_factory=list)

    def square(self, place: str) -> np.ndarray:
        """The weights of all rows.

        Raises: UsageError if only some are there.
        """
        if len(self.rows) != len(self.tokens):
            raise usage_error("ROWS", place, f"{len(self.rows)} rows of {len(self.tokens)}", "attend to all rows")
        return self.weights

    def blocks(self) -> str:
        """The picture in plain text."""
        weights, title = self.square("blocks"), self.model
        if weights.shape[:2] == (1, 1):
            return _core.draw_matrix(weights[0, 0], self.tokens, title)
        return _core.draw_grid(weights, self.layers, self.heads, title)


def source_of_result(result: AttentionResult, place: str) -> AttentionSource:
    """Raises: UsageError if the weights were not stored."""
    weights = np.asarray(result._stored(place), dtype=np.float32)
    reduced = ""
    if result.reduce != "none":
        weights = weights[:, None]
        reduced = f"{result.reduce} over {_reduced_heads(result)}"
    text, offsets = _joined(result)
    return AttentionSource(
        np.ascontiguousarray(weights), result.tokens, result.layers, [0] if reduced else result.heads,
        result._about["model"], result.rows, reduced, text, offsets, result.word_ids,
    )  # fmt: skip


def source_of_arrays(
    attention: Any, tokens: Any, layers: Iterable[int] | None = None, heads: Iterable[int] | None = None,
    model: str = "attention", place: str = "attention",
) -> AttentionSource:  # fmt: skip
    """Weights from elsewhere: what attention_array() takes, or of one layer [heads, T, T] or one head [T, T].

    layers, heads: positions to keep, in this order; None: all.
    Raises: UsageError for another shape, without tokens, and for tokens that do not fit.
    """
    if getattr(attention, "ndim", 4) == 2:
        attention = attention[None]
    held_layers = isinstance(attention, (tuple, list)) or hasattr(attention, "attentions")
    weights = attention_array(attention, place)
    if weights.ndim == 3:
        # One array of three dimensions is a layer; a list of them is a reduced head a layer.
        weights = weights[:, None] if held_layers else weights[None]
    names = _token_names(tokens, weights.shape[-1], place)
    kept = [_kept(layers, weights.shape[0], "layers"), _kept(heads, weights.shape[1], "heads")]
    if layers is not None or heads is not None:
        weights = weights[np.ix_(*kept)]
    weights = np.ascontiguousarray(weights, dtype=np.float32)
    return AttentionSource(weights, names, *kept, model, list(range(len(names))))


def _token_names(tokens: Any, n: int, place: str) -> list[str]:
    if tokens is None:
        hint = "pass tokenizer.convert_ids_to_tokens(inputs['input_ids'][0]), or a result of attend()"
        raise usage_error("TOKENS", "tokens", "'tokens' is required with arrays", hint)
    if callable(getattr(tokens, "tokens", None)):
        tokens = tokens.tokens()  # an encoding
    if isinstance(tokens, (str, bytes)):
        raise usage_error("TOKENS", "tokens", f"found {type(tokens).__name__}, expected a list of str", "split it")
    names = list(tokens)
    for index, name in enumerate(names):
        if not isinstance(name, str):
            hint = "ids become tokens by tokenizer.convert_ids_to_tokens(ids)"
            raise usage_error("TOKENS", f"tokens[{index}]", f"found {type(name).__name__}, expected str", hint)
    if len(names) != n:
        hint = "give one a token, special tokens and padding included"
        raise usage_error("TOKENS", "tokens", f"{len(names)} of them, while {place} has {n} positions", hint)
    return names


def _kept(chosen: Iterable[int] | None, count: int, name: str) -> list[int]:
    from .attention_request import numbers_of

    return list(range(count)) if chosen is None else numbers_of(chosen, count, name) or []


def _reduced_heads(result: AttentionResult) -> str:
    if len(result.heads) == result._request.num_heads:
        return f"{len(result.heads)} heads"
    return f"heads {', '.join(map(str, result.heads))}"


def _joined(result: AttentionResult) -> tuple[str, list[tuple[int, int]]]:
    """The text of a result, of a pair both with a blank between, and the offsets in it."""
    text = " ".join(result._texts)
    if len(result._texts) == 1:
        return text, result.offsets
    shift = len(result._texts[0]) + 1
    sides = result._encoding.sequence_ids(0)
    return text, [
        (begin + shift, end + shift) if side == 1 else (begin, end)
        for side, (begin, end) in zip(sides, result.offsets, strict=True)
    ]


# ---- choosing layers and heads of a source


def positions_in(chosen: Any, numbers: Sequence[int], name: str) -> list[int]:
    """Where the chosen layers or heads (one or several, negative ones from the end; None: all) stand.

    Raises: UsageError for one that is not there.
    """
    if chosen is None:
        return list(range(len(numbers)))
    wanted = [chosen] if isinstance(chosen, (int, np.integer)) else list(chosen)
    return [_position(int(number), numbers, name) for number in wanted]


def _position(number: int, numbers: Sequence[int], name: str) -> int:
    if number in numbers:
        return list(numbers).index(number)
    if -len(numbers) <= number < 0:
        return number + len(numbers)
    raise _not_there(number, numbers, name)


def _not_there(number: int, numbers: Sequence[int], name: str) -> UsageError:
    return usage_error("RANGE", name, f"{number} is not there", f"choose from {', '.join(map(str, numbers))}")


def describe(source: AttentionSource, layers: Sequence[int], heads: Sequence[int]) -> str:
    """What is shown of positions of layers and heads: "layer 3, head 7", "mean over 6 layers and 12 heads"."""
    if len(layers) > 1 and len(heads) > 1:
        return f"{describe_layers(source, layers)} and {_several(source.heads, heads, 'head')}"
    return f"{describe_layers(source, layers)}, {describe_heads(source, heads)}"


def describe_layers(source: AttentionSource, layers: Sequence[int]) -> str:
    if len(layers) == 1:
        return f"layer {source.layers[layers[0]]}"
    return f"mean over {_several(source.layers, layers, 'layer')}"


def describe_heads(source: AttentionSource, heads: Sequence[int]) -> str:
    if source.reduced:
        return source.reduced
    if len(heads) == 1:
        return f"head {source.heads[heads[0]]}"
    return f"mean over {_several(source.heads, heads, 'head')}"


def _several(numbers: Sequence[int], positions: Sequence[int], name: str) -> str:
    """ "12 heads" of all, else "heads 1, 5"."""
    if len(positions) == len(numbers):
        return f"{len(numbers)} {name}s"
    return f"{name}s {', '.join(str(numbers[position]) for position in positions)}"
