# SPDX-License-Identifier: Apache-2.0
"""What layers do with a text, and where the attention of two texts, layers or models differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _core
from ..attend import encode_text
from ..attention_request import numbers_of, positions_of
from ..errors import usage_error
from ..figure import Figure
from ..figure_options import figure_options
from ..notices import warn
from ..runtime import on_main_thread
from .reports import Report, axis_name, flat_word_ids, text_tokens

if TYPE_CHECKING:
    from ..attention_result import AttentionResult
    from ..pretrained_model import PreTrainedModel

__all__ = ["DifferenceReport", "LayerReport", "diff", "layers"]


class LayerReport(Report):
    """A row for each layer: means over heads and query rows.

    Columns: entropy (nats), relative_entropy (by ln T), distance (tokens), cls, sep; head_divergence (mean
        Jensen-Shannon divergence of two heads), previous_divergence (of the mean over heads from that of the layer
        before; nan in the first), state_cosine (of the states behind and before the layer), token_cosine (of two
        tokens' states behind it).
    Arrays: each column [layers]; rollout and, if asked for, flow [layers, T], up to each layer, from `from_tokens`;
        state_cosines [layers + 1, layers + 1] and token_cosines [layers + 1], the embeddings first.
    """

    def __init__(
        self, found: dict[str, Any], tokens: list[str], from_tokens: list[int], attend: Callable[..., AttentionResult]
    ) -> None:
        rows = found["rows"]
        arrays = {name: np.array([row[name] for row in rows]) for name in rows[0] if name != "layer"}
        names = ("rollout", "flow", "state_cosines", "token_cosines")
        super().__init__(rows, arrays | {name: found[name] for name in names if found[name] is not None})
        self.tokens = tokens
        self.from_tokens = from_tokens
        self._attend = attend

    @cached_property
    def _means(self) -> AttentionResult:
        return self._attend(reduce="mean")

    def plot(self, lines: Iterable[str] = ("entropy", "sep"), **look: Any) -> Figure:
        """The mean over the heads of each layer, its differences from layer to layer, and lines of columns.

        look: as of AttentionResult.plot. The first picture runs the model once more.
        Raises:  UsageError for a column that is not there.
        """
        columns = [(axis_name(name), self._column(name)) for name in lines]
        means = self._means
        about = {
            "model": means._about["model"],
            "text": " ".join(self.tokens),
            "measure": "attention weight, mean over heads",
        }
        options = figure_options(metadata=about, **look)
        return Figure(_core.layers_figure(means.attentions, means.layers, columns, options), options)

    def _column(self, name: str) -> list[float]:
        known = [column for column in self.rows[0] if column != "layer"]
        if name not in known:
            raise usage_error("CHOICE", "lines", f"'{name}'", f"choose from {', '.join(known)}")
        return [float(row[name]) for row in self.rows]


class DifferenceReport(Report):
    """A row for each pair of layers and each head (head None: means over the heads were compared).

    left_names, right_names: words, or tokens where both sides have the same; pairs: which of them were aligned.
    strongest: dicts, the largest |right - left| first: layers, head, from and to (names left and right), left, right.
    Arrays: mean_difference [layers, heads], mean of |right - left| over pairs of aligned words; left, right
        [layers, heads, pairs, pairs], the attention between them.
    """

    def __init__(self, found: dict[str, Any], left_names: list[str], right_names: list[str]) -> None:
        means = found["mean_difference"]
        rows = [
            {
                "left_layer": found["layers"][layer][0], "right_layer": found["layers"][layer][1],
                "head": head if found["by_head"] else None, "mean_difference": float(means[layer, head]),
            }
            for layer, head in np.ndindex(*means.shape)
        ]  # fmt: skip
        super().__init__(rows, {name: found[name] for name in ("mean_difference", "left", "right")})
        self.left_names = left_names
        self.right_names = right_names
        self.pairs: list[tuple[int, int]] = found["pairs"]
        self.strongest: list[dict[str, Any]] = found["strongest"]

    def plot(self, row: int | None = None, **look: Any) -> Figure:
        """Left, right and right - left between the aligned words, side by side.

        row: which of the rows; None: the mean over all of them. look: as of AttentionResult.plot.
        """
        if row is not None and not -len(self.rows) <= row < len(self.rows):
            raise usage_error("RANGE", "row", f"{row} is not there", f"choose from 0..{len(self.rows) - 1}")
        shape = (len(self.rows), *self["left"].shape[2:])
        sides = {name: self[name].reshape(shape) for name in ("left", "right")}
        drawn = {name: side.mean(axis=0) if row is None else side[row] for name, side in sides.items()}
        options = figure_options(metadata={"measure": f"attention weight, {self._said(row)}"}, **look)
        left, right = (
            [names[pair[side]] for pair in self.pairs] for side, names in enumerate((self.left_names, self.right_names))
        )
        parts = [("A", left, drawn["left"]), ("B", right, drawn["right"])]
        parts = [(name, labels, np.ascontiguousarray(weights)) for name, labels, weights in parts]
        return Figure(_core.difference_figure(*parts, options), options)

    def _said(self, row: int | None) -> str:
        if row is None and len(self.rows) > 1:
            pairs = {(one["left_layer"], one["right_layer"]) for one in self.rows}
            heads = len(self.rows) // len(pairs)
            return f"mean over {len(pairs)} layers and {heads if heads > 1 else 'their'} heads"
        chosen = self.rows[row or 0]
        layers = dict.fromkeys((chosen["left_layer"], chosen["right_layer"]))
        where = f"layer {' and '.join(map(str, layers))}"
        return f"{where}, mean over the heads" if chosen["head"] is None else f"{where}, head {chosen['head']}"


def layers(
    model: PreTrainedModel, text: Any, *, token: int | None = None, word: str | None = None, flow: bool = False,
    truncation: bool = False,
) -> LayerReport:  # fmt: skip
    """What each layer does with a text.

    token: whose rollout (and flow) is shown, negative from the end; word: the same of a word, mean over its pieces;
        neither: [CLS]. flow: also the maximum flow, which takes long for long texts.
    Raises:  UsageError for a token or word that the text does not have.
    """
    encoding = encode_text(model, text, "text", truncation)
    word_ids = flat_word_ids(encoding)
    chosen = _chosen_tokens(text, encoding, word_ids, token, word)
    tokens = text_tokens(model, encoding, word_ids)
    found = _core.layer_report(model._session, tokens, chosen, flow, on_main_thread())
    warn(found["notices"])
    attend = partial(model.attend, text, truncation=truncation)
    return LayerReport(found, encoding.tokens(), chosen, attend)


def diff(
    model: PreTrainedModel, a: Any, b: Any = None, *, model2: PreTrainedModel | None = None, layers: Any = None,
    strongest: int = 10, truncation: bool = False,
) -> DifferenceReport:  # fmt: skip
    """Where attention differs: between two texts, between two models (model2, on `b` or on the same text), or between
    two `layers` of one text.

    Words are aligned where they are the same, or replaced one for one; attention from or to others is left out.
    Where both sides have the same tokens, these are compared one by one. Heads are compared where both models have
    equally many, else means over the heads; of models of unequal depth the layers at equal shares of it.
    Example: diff(model, "Angela lives in Paris.", "Angela works in Paris.").strongest[0]
    """
    if layers is not None and (b is not None or model2 is not None):
        raise usage_error("ARGUMENTS", "layers", "together with a second text or model", "compare one thing at a time")
    if layers is None and b is None and model2 is None:
        raise usage_error("ARGUMENTS", "b", "nothing to compare with", "give a second text, layers, or model2")
    left = model.attend(a, truncation=truncation)
    if layers is not None:
        pair = _layer_pair(model, layers)
        side = _words(left)
        return DifferenceReport(_core.difference(side, None, pair, strongest), side[0], side[0])
    right = (model2 or model).attend(a if b is None else b, truncation=truncation)
    sides = [_tokens(left), _tokens(right)] if left.tokens == right.tokens else [_words(left), _words(right)]
    return DifferenceReport(_core.difference(*sides, None, strongest), sides[0][0], sides[1][0])


def _chosen_tokens(
    text: Any, encoding: Any, word_ids: list[int | None], token: int | None, word: str | None
) -> list[int]:
    if token is not None and word is not None:
        raise usage_error("ARGUMENTS", "word", "together with token", "give one of them")
    if word is None:
        return positions_of([0 if token is None else token], len(word_ids), "this text")
    texts = text if isinstance(text, tuple) else (text,)
    spans: dict[int, tuple[int, int, int]] = {}  # word -> text, begin, end
    for sequence, place, (begin, end) in zip(
        encoding.sequence_ids(0), word_ids, encoding["offset_mapping"], strict=True
    ):
        if place is not None:
            spans[place] = (sequence or 0, spans[place][1] if place in spans else begin, end)
    names = {place: texts[sequence][begin:end] for place, (sequence, begin, end) in spans.items()}
    for place, name in names.items():
        if name == word:
            return [index for index, of in enumerate(word_ids) if of == place]
    raise usage_error("WORD", "word", f"'{word}' is no word of the text", f"choose from {', '.join(names.values())}")


def _layer_pair(model: PreTrainedModel, chosen: Any) -> tuple[int, int]:
    pair = numbers_of(chosen, model._info["num_layers"], "layers") or []
    if len(pair) != 2:
        raise usage_error("RANGE", "layers", f"{len(pair)} of them", "give two")
    return pair[0], pair[1]


def _tokens(result: AttentionResult) -> tuple[list[str], Any, None]:
    return result.tokens, result.attentions, None


def _words(result: AttentionResult) -> tuple[list[str], Any, list[int]]:
    """Special tokens are words of their own."""
    names: list[str] = []
    last: int | None = None
    for token, word in zip(result.tokens, result.word_ids, strict=True):
        if word is None or word != last:
            names.append(token if word is None else result.words[word])
        last = word
    return names, result.attentions, [-1 if word is None else word for word in result.word_ids]
