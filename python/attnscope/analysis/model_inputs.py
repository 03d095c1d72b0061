# SPDX-License-Identifier: Apache-2.0
"""Texts for methods that run a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..attend import encode_text
from ..errors import usage_error

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel


class ModelText(NamedTuple):
    """One text as the engine takes it. token_types is empty for models without."""

    text: Any
    encoding: Any
    ids: list[int]
    token_types: list[int]

    @property
    def sequence(self) -> tuple[list[int], list[int]]:
        return self.ids, self.token_types


def model_text(model: PreTrainedModel, text: Any) -> ModelText:
    """A str or a pair of them, tokenized; or the ids of one text: a list of int, or a dict with "input_ids" (and
    "token_type_ids"), [T] or [1, T].

    Raises:  TextError for a text that is too long, UsageError for ids of more than one text.
    """
    if isinstance(text, (str, tuple)):
        encoding = encode_text(model, text)
        types = encoding.get("token_type_ids", []) if model.has_token_types else []
        return ModelText(text, encoding, encoding["input_ids"], types)
    given = text if hasattr(text, "keys") else {"input_ids": text}
    types = given["token_type_ids"] if model.has_token_types and "token_type_ids" in given else []
    return ModelText(None, None, _ids_of_one(given["input_ids"], "input_ids"), _ids_of_one(types, "token_type_ids"))


def _ids_of_one(values: Any, name: str) -> list[int]:
    import numpy as np

    ids = np.asarray(values, dtype=np.int64)
    if ids.ndim == 2 and ids.shape[0] == 1:
        ids = ids[0]
    if ids.ndim != 1:
        raise usage_error("SHAPE", name, f"shape {list(ids.shape)}, expected [T] or [1, T]", "give one text at a time")
    return ids.tolist()
