# SPDX-License-Identifier: Apache-2.0
"""What models return: fields by attribute, by name and by position, as with transformers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, ClassVar


class ModelOutput(OrderedDict):
    """Named results; those that are None are left out of iteration, indices and to_tuple().

    Example: outputs.attentions[0], outputs["attentions"], outputs[1], outputs[:2], outputs.to_tuple()
    """

    FIELDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **values: Any) -> None:
        super().__init__()
        for name in self.FIELDS:
            super().__setattr__(name, None)
        for name in (*self.FIELDS, *(name for name in values if name not in self.FIELDS)):
            if values.get(name) is not None:
                self[name] = values[name]

    def __getitem__(self, key: str | int | slice) -> Any:
        return super().__getitem__(key) if isinstance(key, str) else self.to_tuple()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        super().__setattr__(key, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.FIELDS and value is not None:
            super().__setitem__(name, value)
        super().__setattr__(name, value)

    def to_tuple(self) -> tuple[Any, ...]:
        """The values that are not None, in order."""
        return tuple(self.values())

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError(f"a {type(self).__name__} has the fields that it has: none can be removed")

    __delitem__ = pop = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), dict(self))


def _restore(kind: type[ModelOutput], values: dict[str, Any]) -> ModelOutput:
    return kind(**values)


class BaseModelOutput(ModelOutput):
    """last_hidden_state [batch, seq, hidden_size]; hidden_states, attentions: a tuple of one a layer."""

    FIELDS = ("last_hidden_state", "hidden_states", "attentions")


class BaseModelOutputWithPoolingAndCrossAttentions(ModelOutput):
    """BaseModelOutput and pooler_output [batch, hidden_size]."""

    FIELDS = (
        "last_hidden_state", "pooler_output", "hidden_states", "past_key_values", "attentions", "cross_attentions",
    )  # fmt: skip


class BaseModelOutputWithPastAndCrossAttentions(ModelOutput):
    """What BERT's encoder returns: last_hidden_state."""

    FIELDS = ("last_hidden_state", "past_key_values", "hidden_states", "attentions", "cross_attentions")


class MaskedLMOutput(ModelOutput):
    """logits [batch, seq, vocab_size]; loss if labels were given."""

    FIELDS = ("loss", "logits", "hidden_states", "attentions")


class TokenClassifierOutput(ModelOutput):
    """logits [batch, seq, labels]; loss if labels were given."""

    FIELDS = ("loss", "logits", "hidden_states", "attentions")


class SequenceClassifierOutput(ModelOutput):
    """logits [batch, labels]; loss if labels were given."""

    FIELDS = ("loss", "logits", "hidden_states", "attentions")


class QuestionAnsweringModelOutput(ModelOutput):
    """start_logits and end_logits [batch, seq]; loss if positions were given."""

    FIELDS = ("loss", "start_logits", "end_logits", "hidden_states", "attentions")
