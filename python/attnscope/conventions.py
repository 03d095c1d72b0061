# SPDX-License-Identifier: Apache-2.0
"""How Hugging Face's modules call each other: what a hook of each class sees as args, kwargs and output.

Source: transformers 5.23, models/distilbert and models/bert. The engine hands over the tensors; here they get the
places that they have there. Of keyword arguments those that carry a value for the computation are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import model_outputs
from .arrays import like


class CallValues(NamedTuple):
    """What was given to the model in the call that a hook belongs to; None where nothing was."""

    input_ids: Any = None
    attention_mask: Any = None
    token_type_ids: Any = None
    position_ids: Any = None
    inputs_embeds: Any = None
    torch: bool = False
    model: str = ""  # class of the model

    def additive_mask(self) -> Any:
        """[batch, 1, query, key]: 0 where attended to, the lowest float elsewhere; None if nothing is masked."""
        mask = None if self.attention_mask is None else np.asarray(self.attention_mask) != 0
        if mask is None or mask.all():
            return None
        batch, seq = mask.shape
        lowest = np.finfo(np.float32).min
        values = np.where(mask[:, None, None, :], np.float32(0), lowest).astype(np.float32)
        return like(np.broadcast_to(values, (batch, 1, seq, seq)).copy(), self.torch)


Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class Convention(NamedTuple):
    """How a class is called, and what it returns. `inputs` and `outputs` are the engine's values."""

    arguments: Callable[[Sequence[Any], CallValues], Arguments]
    output: Callable[[Sequence[Any]], Any]


def _positional(inputs: Sequence[Any], _: CallValues) -> Arguments:
    return tuple(inputs), {}


def _words_or_embeds(inputs: Sequence[Any], call: CallValues) -> tuple[Any, Any]:
    """(input_ids, inputs_embeds) of a call that was given one of them."""
    return (inputs[0], None) if call.inputs_embeds is None else (None, inputs[0])


def _distilbert_embeddings(inputs: Sequence[Any], call: CallValues) -> Arguments:
    words, embeds = _words_or_embeds(inputs, call)
    return (words, embeds, call.position_ids), {}


def _bert_embeddings(inputs: Sequence[Any], call: CallValues) -> Arguments:
    words, embeds = _words_or_embeds(inputs, call)
    return (), {
        "input_ids": words, "position_ids": call.position_ids, "token_type_ids": call.token_type_ids,
        "inputs_embeds": embeds, "past_key_values_length": 0,
    }  # fmt: skip


def _base_model(inputs: Sequence[Any], call: CallValues) -> Arguments:
    words, embeds = _words_or_embeds(inputs, call)
    kwargs = {"attention_mask": call.attention_mask, "inputs_embeds": embeds, "position_ids": call.position_ids}
    if call.model.startswith("Bert"):
        kwargs["token_type_ids"] = call.token_type_ids
    if call.model in ("DistilBertForMaskedLM", "DistilBertForSequenceClassification"):
        return (), {"input_ids": words, **kwargs}
    return (words,), kwargs


def _hidden_by_name(inputs: Sequence[Any], call: CallValues) -> Arguments:
    return (), {"hidden_states": inputs[0], "attention_mask": call.additive_mask()}


def _hidden_and_mask_by_name(inputs: Sequence[Any], call: CallValues) -> Arguments:
    return (inputs[0],), {"attention_mask": call.additive_mask()}


def _hidden_and_mask(inputs: Sequence[Any], call: CallValues) -> Arguments:
    return (inputs[0], call.additive_mask()), {}


def _hidden_mask_and_nothing(inputs: Sequence[Any], call: CallValues) -> Arguments:
    return (inputs[0], call.additive_mask(), None), {}


def _only(outputs: Sequence[Any]) -> Any:
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def _pair(outputs: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(outputs)


def _base_output(outputs: Sequence[Any]) -> Any:
    return model_outputs.BaseModelOutput(last_hidden_state=outputs[0])


def _encoder_output(outputs: Sequence[Any]) -> Any:
    return model_outputs.BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=outputs[0])


def _pooled_output(outputs: Sequence[Any]) -> Any:
    names = ("last_hidden_state", "pooler_output")
    return model_outputs.BaseModelOutputWithPoolingAndCrossAttentions(**dict(zip(names, outputs, strict=False)))


_DEFAULT = Convention(_positional, _only)
_CONVENTIONS = {
    "Attention": Convention(_positional, _pair),
    "Embeddings": Convention(_distilbert_embeddings, _only),
    "BertEmbeddings": Convention(_bert_embeddings, _only),
    "DistilBertModel": Convention(_base_model, _base_output),
    "BertModel": Convention(_base_model, _pooled_output),
    "Transformer": Convention(_hidden_by_name, _base_output),
    "BertEncoder": Convention(_hidden_and_mask_by_name, _encoder_output),
    "TransformerBlock": Convention(_hidden_and_mask, _only),
    "BertLayer": Convention(_hidden_mask_and_nothing, _only),
    "DistilBertSelfAttention": Convention(_hidden_and_mask_by_name, _pair),
    "BertAttention": Convention(_hidden_and_mask, _pair),
    "BertSelfAttention": Convention(_hidden_and_mask_by_name, _pair),
}


def convention_of(module_type: str) -> Convention:
    """That of a class of Hugging Face's; most take tensors by position and return one."""
    return _CONVENTIONS.get(module_type, _DEFAULT)


def tensors_in(value: Any) -> list[Any]:
    """The parts of a module's output in the engine's order."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (tuple, list)) else [value]
