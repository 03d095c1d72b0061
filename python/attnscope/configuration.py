# SPDX-License-Identifier: Apache-2.0
"""config.json as an object, with the names and defaults that transformers gives it."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from .errors import CheckpointError, UnsupportedModel, usage_error
from .sources import model_file, source_name


class PreTrainedConfig:
    """The values of config.json as attributes; what the file leaves out has the class's default."""

    model_type: ClassVar[str] = ""
    attribute_map: ClassVar[dict[str, str]] = {}
    defaults: ClassVar[dict[str, Any]] = {}
    common_defaults: ClassVar[dict[str, Any]] = {
        "architectures": None,
        "output_attentions": False,
        "output_hidden_states": False,
        "return_dict": True,
        "dtype": None,
        "chunk_size_feed_forward": 0,
        "is_encoder_decoder": False,
        "problem_type": None,
        "pad_token_id": 0,
        "bos_token_id": None,
        "eos_token_id": None,
        "tie_word_embeddings": True,
        "name_or_path": "",
    }

    id2label: dict[int, str]
    label2id: dict[str, int]

    def __init__(self, **values: Any) -> None:
        num_labels = values.pop("num_labels", None)
        labels = values.pop("id2label", None)
        names = values.pop("label2id", None)
        for name, value in {**self.common_defaults, **self.defaults, **values}.items():
            setattr(self, name, value)
        self._name_labels(labels, names, num_labels)

    def _name_labels(self, labels: Any, names: Any, num_labels: int | None) -> None:
        if labels is None or (num_labels is not None and len(labels) != num_labels):
            labels = {index: f"LABEL_{index}" for index in range(2 if num_labels is None else num_labels)}
            names = None
        self.id2label = {int(index): label for index, label in dict(labels).items()}
        self.label2id = dict(names) if names else {label: index for index, label in self.id2label.items()}

    def __getattr__(self, name: str) -> Any:
        target = type(self).attribute_map.get(name)
        if target is None:
            raise AttributeError(f"'{type(self).__name__}' has no attribute '{name}'")
        return getattr(self, target)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(type(self).attribute_map.get(name, name), value)

    @property
    def num_labels(self) -> int:
        return len(self.id2label)

    @num_labels.setter
    def num_labels(self, number: int) -> None:
        if number != len(self.id2label):
            self._name_labels(None, None, number)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PreTrainedConfig:
        """Of the class that `model_type` names.

        Raises: UnsupportedModel for another model type, UsageError if it is not that of this class.
        """
        kind = _config_class(values.get("model_type"))
        if cls.model_type and kind is not cls:
            hint = f"use {kind.__name__} or AutoConfig"
            raise usage_error("MODEL_TYPE", cls.__name__, f"the model is of type '{kind.model_type}'", hint)
        return kind(**{name: value for name, value in values.items() if name != "model_type"})

    @classmethod
    def from_pretrained(cls, source: Any = "builtin:demo", **overrides: Any) -> PreTrainedConfig:
        """Reads config.json of a directory, `builtin:demo`, or a hub id in the local cache."""
        name = source_name(source)
        text = model_file(name, "config.json")
        if text is None:
            raise CheckpointError(f"{name}: no config.json; give the directory of a model", code="FILE_OPEN")
        return cls.from_dict({**json.loads(text), "name_or_path": name, **overrides})

    def to_dict(self) -> dict[str, Any]:
        """All values, those of the defaults too, as config.json has them."""
        values = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return {**values, "model_type": self.model_type}

    def to_json_string(self) -> str:
        values = self.to_dict()
        return json.dumps(values, indent=2, sort_keys=True) + "\n"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


class DistilBertConfig(PreTrainedConfig):
    """Sizes of a DistilBERT; `hidden_size`, `num_attention_heads`, `num_hidden_layers` are other names of three."""

    model_type = "distilbert"
    attribute_map: ClassVar[dict[str, str]] = {
        "hidden_size": "dim",
        "num_attention_heads": "n_heads",
        "num_hidden_layers": "n_layers",
    }
    defaults: ClassVar[dict[str, Any]] = {
        "vocab_size": 30522,
        "max_position_embeddings": 512,
        "sinusoidal_pos_embds": False,
        "n_layers": 6,
        "n_heads": 12,
        "dim": 768,
        "hidden_dim": 3072,
        "dropout": 0.1,
        "attention_dropout": 0.1,
        "activation": "gelu",
        "initializer_range": 0.02,
        "qa_dropout": 0.1,
        "seq_classif_dropout": 0.2,
    }


class BertConfig(PreTrainedConfig):
    """Sizes of a BERT."""

    model_type = "bert"
    defaults: ClassVar[dict[str, Any]] = {
        "vocab_size": 30522,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "use_cache": True,
        "classifier_dropout": None,
        "is_decoder": False,
        "add_cross_attention": False,
    }


CONFIGS: dict[str, type[PreTrainedConfig]] = {kind.model_type: kind for kind in (DistilBertConfig, BertConfig)}


def _config_class(model_type: Any) -> type[PreTrainedConfig]:
    if model_type not in CONFIGS:
        raise UnsupportedModel(
            f"config.json: /model_type: '{model_type}', expected one of {', '.join(CONFIGS)}",
            code="CFG_MODEL_TYPE", file="config.json", field="/model_type",
        )  # fmt: skip
    return CONFIGS[model_type]


class AutoConfig(PreTrainedConfig):
    """AutoConfig.from_pretrained(source): the config of whatever model type the source is."""

    def __init__(self, **_: Any) -> None:
        raise TypeError("AutoConfig is not made itself: call AutoConfig.from_pretrained(source)")
