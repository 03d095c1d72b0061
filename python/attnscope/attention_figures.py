# SPDX-License-Identifier: Apache-2.0
"""Figures of attention: a matrix, links, a grid of all heads, shaded words, layers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _core
from .attention_source import AttentionSource, describe, describe_heads, describe_layers, positions_in
from .errors import usage_error
from .figure import Figure
from .figure_options import figure_options
from .word_picture import PictureWord, word_picture

VIEWS = ("matrix", "links", "grid", "words", "layers")
_OTHER_NAMES = {"head": "matrix", "model": "grid"}


def attention_figure(
    source: AttentionSource, view: str | None = None, *, layer: Any = None, head: Any = None, token: int | None = None,
    word: Any = None, mass: float = 0.7, top: int = 10, **look: Any,
) -> Figure:  # fmt: skip
    """See AttentionResult.plot."""
    chosen = _OTHER_NAMES.get(view, view) if view else _fitting_view(source, layer, head, token, word)
    if chosen not in VIEWS:
        raise usage_error("CHOICE", "view", f"'{chosen}'", f"choose from {', '.join(VIEWS)}")
    given = {"token": (token, ("links",)), "word": (word, ("words",))}
    for name, (value, views) in given.items():
        if value is not None and chosen not in views:
            raise usage_error("ARGUMENTS", name, f"together with view='{chosen}'", f"it is of {', '.join(views)}")
    layers = positions_in(layer, source.layers, "layer")
    heads = positions_in(head, source.heads, "head")
    said = _said(source, chosen, layers, heads, one_by_one=head is not None)
    options = figure_options(metadata=_about(source, said, layers, heads), **look)
    if chosen == "matrix":
        return _matrix(source, layers, heads, options)
    if chosen == "links":
        return _links(source, layers, heads, head, token, mass, options)
    if chosen == "grid":
        return _grid(source, layers, heads, options)
    if chosen == "words":
        return _words(source, layers, heads, word, top, options)
    return _layers(source, layers, heads, options)


def _fitting_view(source: AttentionSource, layer: Any, head: Any, token: Any, word: Any) -> str:
    if word is not None:
        return "words"
    if token is not None:
        return "links"
    several = source.weights.shape[:2] != (1, 1) and layer is None and head is None
    return "grid" if several and len(source.rows) == len(source.tokens) else "matrix"


def _said(source: AttentionSource, view: str, layers: Sequence[int], heads: Sequence[int], one_by_one: bool) -> str:
    """What the weights drawn are, for the legend; nothing for single heads that are named in the picture."""
    if view == "grid":
        return ""
    if view == "layers":
        return f"attention weight, {describe_heads(source, heads)}"
    if view == "links" and one_by_one and len(heads) > 1:
        return f"attention weight, {describe_layers(source, layers)}"  # the legend names the heads
    return f"attention weight, {describe(source, layers, heads)}"


def _about(source: AttentionSource, said: str, layers: Sequence[int], heads: Sequence[int]) -> dict[str, str]:
    def listed(positions: Sequence[int], numbers: Sequence[int]) -> str:
        return ",".join(str(numbers[position]) for position in positions)

    return {
        "model": source.model, "text": source.text or " ".join(source.tokens), "layer": listed(layers, source.layers),
        "head": source.reduced or listed(heads, source.heads), "measure": said,
    }  # fmt: skip


def _mean(source: AttentionSource, layers: Sequence[int], heads: Sequence[int]) -> np.ndarray:
    """[rows, n], over layers and heads; that of one is its very weights."""
    chosen = source.weights[np.ix_(layers, heads)]
    if chosen.shape[:2] == (1, 1):
        return np.ascontiguousarray(chosen[0, 0])
    return np.ascontiguousarray(chosen.mean(axis=(0, 1), dtype=np.float64), dtype=np.float32)


def _matrix(source: AttentionSource, layers: Sequence[int], heads: Sequence[int], options: dict[str, Any]) -> Figure:
    drawn = (_mean(source, layers, heads), [source.tokens[row] for row in source.rows], source.tokens, options)
    return Figure(_core.matrix_figure(*drawn), options, tikz=lambda: _core.tikz_matrix(*drawn))


def _links(
    source: AttentionSource, layers: Sequence[int], heads: Sequence[int], head: Any, token: int | None, mass: float,
    options: dict[str, Any],
) -> Figure:  # fmt: skip
    """Without a head the mean over all of them."""
    source.square("links")
    groups = [list(heads)] if head is None else [[position] for position in heads]
    weights = np.stack([_mean(source, layers, group) for group in groups])
    names = [describe(source, layers, group) for group in groups]
    if token is not None:
        token = _token(token, len(source.tokens))
    return Figure(_core.links_figure(weights, source.tokens, names, mass, token, options), options)


def _token(token: int, n: int) -> int:
    if not -n <= token < n:
        raise usage_error("RANGE", "token", f"{token} does not exist in this text", f"choose from 0..{n - 1}")
    return token % n


def _grid(source: AttentionSource, layers: Sequence[int], heads: Sequence[int], options: dict[str, Any]) -> Figure:
    weights = np.ascontiguousarray(source.square("grid")[np.ix_(layers, heads)])
    numbers = [source.layers[layer] for layer in layers], [source.heads[head] for head in heads]
    return Figure(_core.grid_figure(weights, *numbers, options), options)


def _layers(source: AttentionSource, layers: Sequence[int], heads: Sequence[int], options: dict[str, Any]) -> Figure:
    from .analysis import entropy

    source.square("layers")
    means = np.stack([_mean(source, [layer], heads) for layer in layers])
    numbers = [source.layers[layer] for layer in layers]
    # Of a maximum over heads rows do not sum to 1, and have no entropy.
    chosen = source.weights[np.ix_(layers, heads)]
    lines = [] if source.reduced.startswith("max") else [("entropy (nats)", entropy(chosen).mean(axis=1).tolist())]
    return Figure(_core.layers_figure(means, numbers, lines, options), options)


# ---- words


def _words(
    source: AttentionSource, layers: Sequence[int], heads: Sequence[int], word: Any, top: int, options: dict[str, Any]
) -> Figure:
    source.square("words")
    if not source.word_ids or not source.text:
        hint = "plot a result of attend(), or choose view='matrix'"
        raise usage_error("WORD_IDS", "words", "the text and its words are not known", hint)
    spans, places, special = _word_spans(source)
    ids = [-1 if index is None else index for index in source.word_ids]
    weights = _core.word_attention(_mean(source, layers, heads)[None, None], ids, "mean")[0, 0]
    focus = _focus(source, spans, word)
    scores = weights[[places[index] for index in (focus or spans)]].mean(axis=0, dtype=np.float64).tolist()
    words = [
        PictureWord(source.text[begin:end], begin, end, scores[places[index]], False, index in focus)
        for index, (begin, end) in spans.items()
    ] + [PictureWord(token, 0, 0, scores[place], True, False) for token, place in special]
    subject = f"From \u201c{_named(source, spans, focus)}\u201d" if focus else "Received, mean over all words"
    said = f"{subject}: attention weights, {describe(source, layers, heads)}"
    drawn = word_picture(source.text, words, adds_up=True)
    return Figure(_core.words_figure(source.text, *drawn, said, top, _core.describe_rule("mean"), options), options)


def _named(source: AttentionSource, spans: dict[int, tuple[int, int]], focus: list[int]) -> str:
    return " ".join(source.text[slice(*spans[index])] for index in focus)


def _word_spans(
    source: AttentionSource,
) -> tuple[dict[int, tuple[int, int]], dict[int, int], list[tuple[str, int]]]:
    """Characters of each word; its place among words and special tokens; special tokens and their places."""
    spans: dict[int, tuple[int, int]] = {}
    places: dict[int, int] = {}
    special: list[tuple[str, int]] = []
    place = -1
    last: int | None = None
    for token, index, (begin, end) in zip(source.tokens, source.word_ids, source.offsets, strict=True):
        if index is None or index != last:
            place += 1
        last = index
        if index is None:
            special.append((token, place))
        else:
            places.setdefault(index, place)
            spans[index] = (spans[index][0] if index in spans else begin, end)
    return spans, places, special


def _focus(source: AttentionSource, spans: dict[int, tuple[int, int]], word: Any) -> list[int]:
    """Numbers of words: of a number, a word or a phrase as it stands in the text, or several numbers."""
    if word is None:
        return []
    if isinstance(word, str):
        begin = source.text.find(word)
        end = begin + len(word)
        found = [index for index, span in spans.items() if begin <= span[0] and span[1] <= end and begin >= 0]
        if not found:
            known = ", ".join(source.text[start:stop] for start, stop in spans.values())
            raise usage_error("WORD", "word", f"'{word}' is no word of the text", f"choose from {known}")
        return found
    numbers = [word] if isinstance(word, (int, np.integer)) else list(word)
    return [list(spans)[position] for position in positions_in(numbers, list(spans), "word")]
