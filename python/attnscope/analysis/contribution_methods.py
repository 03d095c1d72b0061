# SPDX-License-Identifier: Apache-2.0
"""How much of each token's state comes from each other token: methods that look at what the weights multiply.

Each takes a model and a text (a str, a pair, or ids) and gives its arrays for all layers; or the attention blocks
that attention_blocks() gave, one or several, so that a text is run once for all methods.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _core
from ..arrays import as_numpy
from ..errors import usage_error
from ..runtime import on_main_thread
from .model_inputs import model_text

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

_NORMS = ("head", "summed", "residual", "normalised")


@dataclass(frozen=True)
class AttentionBlock:
    """The attention half of one layer on one text of T tokens: outputs = LayerNorm(sum over heads and tokens of
    weight * value @ output_weight.T + output_bias + inputs). float32, of numpy or torch.

    weights [heads, T, T], values [T, heads, head_dim] with their bias in them, output_weight [width, heads * head_dim],
    output_bias [width], inputs [T, width], norm_weight and norm_bias [width], outputs [T, width].
    """

    weights: Any
    values: Any
    output_weight: Any
    output_bias: Any
    inputs: Any
    norm_weight: Any
    norm_bias: Any
    norm_eps: float
    outputs: Any

    def __repr__(self) -> str:
        heads, tokens, _ = self.weights.shape
        return f"AttentionBlock of {heads} heads and {tokens} tokens"

    def _arrays(self) -> dict[str, Any]:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value if name == "norm_eps" else np.ascontiguousarray(as_numpy(value, name), dtype=np.float32)
            for name, value in given.items()
        }


Blocks = AttentionBlock | Sequence[AttentionBlock]


def attention_blocks(model: PreTrainedModel, text: Any) -> list[AttentionBlock]:
    """The attention blocks of all layers. Interventions that are applied are in them, but for zero_heads and
    mean_heads, which change what the weights and values have become."""
    found = _core.attention_blocks(model._session, model_text(model, text).sequence, on_main_thread())
    return [AttentionBlock(**arrays) for arrays in found]


def vector_norms(source: PreTrainedModel | Blocks, text: Any = None, *, kind: str = "normalised") -> np.ndarray:
    """Norms of the weighted transformed vectors: [layers, T, T], or [layers, heads, T, T] of kind "head".

    kind: "head" of each head alone, "summed" over the heads (N), "residual" with the token's own state in it (N-Res),
        "normalised" after the layer norm (N-ResLN). Of one block without the layers.
    Source:  Kobayashi et al. 2020, 2021.
    """
    _check_kind(kind, _NORMS)
    return _each(source, text, lambda arrays: _core.vector_norms(arrays, kind))


def transformed_norms(source: PreTrainedModel | Blocks, text: Any = None) -> np.ndarray:
    """Norms of the transformed vectors before they are weighted: [layers, heads, T]."""
    return _each(source, text, _core.transformed_norms)


def mixing_ratio(source: PreTrainedModel | Blocks, text: Any = None, *, kind: str = "normalised") -> np.ndarray:
    """How much each token mixes in from others, between 0 (keeps itself) and 1: [layers, T].

    kind: "residual" or "normalised".  Source: Kobayashi et al. 2021.
    """
    _check_kind(kind, _NORMS[2:])
    return _each(source, text, lambda arrays: _core.mixing_ratio(arrays, kind))


def alti(source: PreTrainedModel | Blocks, text: Any = None) -> np.ndarray:
    """Contributions by how near each transformed vector comes to the output: [layers, T, T], rows sum to 1.

    Source:  ALTI, Ferrando et al. 2022.
    """
    return _each(source, text, _core.alti)


def value_zeroing(model: PreTrainedModel, text: Any) -> np.ndarray:
    """How far each token's output of a layer moves when a token's value is 0: [layers, T, T], rows sum to 1.

    Cost:    as many forwards as the text has tokens.  Source: Mohebbi et al. 2023.
    """
    return _core.value_zeroing(model._session, model_text(model, text).sequence, on_main_thread())


def _each(source: Any, text: Any, method: Callable[[dict[str, Any]], np.ndarray]) -> np.ndarray:
    """What a method makes of one block, or of all blocks of a model's run, stacked."""
    if isinstance(source, AttentionBlock):
        return method(source._arrays())
    is_model = hasattr(source, "_session")
    if is_model == (text is None):
        what = "no text" if is_model else "a text and blocks"
        raise usage_error("ARGUMENTS", "text", f"{what} given", "give a model and a text, or attention blocks alone")
    blocks = attention_blocks(source, text) if is_model else source
    return np.stack([method(block._arrays()) for block in blocks])


def _check_kind(kind: str, known: tuple[str, ...]) -> None:
    if kind not in known:
        raise usage_error("CHOICE", "kind", f"'{kind}'", f"choose from {', '.join(known)}")
