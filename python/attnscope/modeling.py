# SPDX-License-Identifier: Apache-2.0
"""The model classes: names, arguments and results as in transformers."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from . import model_outputs
from .configuration import CONFIGS, BertConfig, DistilBertConfig, PreTrainedConfig
from .inputs import ModelInputs
from .model_outputs import ModelOutput
from .pretrained_model import PreTrainedModel


class _DistilBert(PreTrainedModel):
    config_class = DistilBertConfig
    base_model_prefix = "distilbert"
    positional: ClassVar[tuple[str, ...]] = ("input_ids", "attention_mask", "inputs_embeds", "labels", "position_ids")
    label_names: ClassVar[tuple[str, ...]] = ("labels",)


class _Bert(PreTrainedModel):
    config_class = BertConfig
    base_model_prefix = "bert"
    positional: ClassVar[tuple[str, ...]] = (
        "input_ids",
        "attention_mask",
        "token_type_ids",
        "position_ids",
        "inputs_embeds",
        "labels",
    )
    label_names: ClassVar[tuple[str, ...]] = ("labels",)
    has_token_types = True


class DistilBertModel(_DistilBert):
    """DistilBERT without a head: last_hidden_state [batch, seq, dim]."""

    positional: ClassVar[tuple[str, ...]] = ("input_ids", "attention_mask", "inputs_embeds", "position_ids")
    label_names: ClassVar[tuple[str, ...]] = ()


class BertModel(_Bert):
    """BERT without a head: last_hidden_state [batch, seq, hidden_size], pooler_output [batch, hidden_size]."""

    positional: ClassVar[tuple[str, ...]] = (
        "input_ids",
        "attention_mask",
        "token_type_ids",
        "position_ids",
        "inputs_embeds",
    )
    label_names: ClassVar[tuple[str, ...]] = ()
    output_class = model_outputs.BaseModelOutputWithPoolingAndCrossAttentions
    reads_first_token = True


class _MaskedLM(PreTrainedModel):
    task = "masked_lm"
    output_class = model_outputs.MaskedLMOutput


class _SequenceClassification(PreTrainedModel):
    task = "sequence_classification"
    output_class = model_outputs.SequenceClassifierOutput
    reads_first_token = True


class _TokenClassification(PreTrainedModel):
    task = "token_classification"
    output_class = model_outputs.TokenClassifierOutput


class _QuestionAnswering(PreTrainedModel):
    task = "question_answering"
    output_class = model_outputs.QuestionAnsweringModelOutput
    label_names: ClassVar[tuple[str, ...]] = ("start_positions", "end_positions")

    def _output(
        self, results: dict[str, Any], labels: dict[str, Any], inputs: ModelInputs, flags: dict[str, Any]
    ) -> ModelOutput:
        output = super()._output(results, labels, inputs, flags)
        logits = output["logits"]
        make_dense = np.ascontiguousarray if isinstance(logits, np.ndarray) else lambda part: part.contiguous()
        values = {name: value for name, value in output.items() if name != "logits"}
        return self.output_class(
            start_logits=make_dense(logits[..., 0]), end_logits=make_dense(logits[..., 1]), **values
        )


class DistilBertForMaskedLM(_MaskedLM, _DistilBert):
    """DistilBERT that fills [MASK]: logits [batch, seq, vocab_size]."""


class BertForMaskedLM(_MaskedLM, _Bert):
    """BERT that fills [MASK]: logits [batch, seq, vocab_size]."""


class DistilBertForSequenceClassification(_SequenceClassification, _DistilBert):
    """DistilBERT that classifies texts: logits [batch, labels]."""


class BertForSequenceClassification(_SequenceClassification, _Bert):
    """BERT that classifies texts: logits [batch, labels]."""


class DistilBertForTokenClassification(_TokenClassification, _DistilBert):
    """DistilBERT that labels tokens, as for named entities: logits [batch, seq, labels]."""


class BertForTokenClassification(_TokenClassification, _Bert):
    """BERT that labels tokens, as for named entities: logits [batch, seq, labels]."""


class DistilBertForQuestionAnswering(_QuestionAnswering, _DistilBert):
    """DistilBERT that finds the answer in a text: start_logits and end_logits [batch, seq]."""

    positional: ClassVar[tuple[str, ...]] = (
        "input_ids", "attention_mask", "inputs_embeds", "start_positions", "end_positions", "position_ids",
    )  # fmt: skip


class BertForQuestionAnswering(_QuestionAnswering, _Bert):
    """BERT that finds the answer in a text: start_logits and end_logits [batch, seq]."""

    positional: ClassVar[tuple[str, ...]] = (
        "input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds", "start_positions",
        "end_positions",
    )  # fmt: skip


MODELS: dict[tuple[str, str], type[PreTrainedModel]] = {
    (kind.config_class.model_type, kind.task): kind
    for kind in (
        DistilBertModel, DistilBertForMaskedLM, DistilBertForSequenceClassification,
        DistilBertForTokenClassification, DistilBertForQuestionAnswering,
        BertModel, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification,
        BertForQuestionAnswering,
    )
}  # fmt: skip


class AutoModel:
    """AutoModel.from_pretrained(source): the bare encoder of whatever model type the source is."""

    task: ClassVar[str] = "none"

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError(f"{type(self).__name__} is not made itself: call {type(self).__name__}.from_pretrained(source)")

    @classmethod
    def from_pretrained(cls, source: Any = "builtin:demo", **options: Any) -> PreTrainedModel:
        """As PreTrainedModel.from_pretrained, of the class that config.json calls for."""
        model_type = PreTrainedConfig.from_pretrained(source).model_type
        assert model_type in CONFIGS
        return MODELS[model_type, cls.task].from_pretrained(source, **options)


class AutoModelForMaskedLM(AutoModel):
    """The model of the source with its masked-LM head."""

    task = "masked_lm"


class AutoModelForSequenceClassification(AutoModel):
    """The model of the source with its sequence-classification head."""

    task = "sequence_classification"


class AutoModelForTokenClassification(AutoModel):
    """The model of the source with its token-classification head."""

    task = "token_classification"


class AutoModelForQuestionAnswering(AutoModel):
    """The model of the source with its question-answering head."""

    task = "question_answering"
