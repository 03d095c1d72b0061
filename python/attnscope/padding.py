# SPDX-License-Identifier: Apache-2.0
"""Padding of inputs that are tokenized already, as data collators do it: lists, arrays or tensors by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import usage_error
from .tokenizer_call import Strategies


@dataclass(slots=True)
class Padder:
    """How rows are made longer."""

    strategies: Strategies
    multiple: int | None
    left: bool
    pad_id: int
    pad_type_id: int
    attention_mask: bool  # add or lengthen it

    def pad_row(self, row: dict[str, Any]) -> dict[str, Any]:
        """The inputs of one text."""
        length = self._length(row["input_ids"])
        if self.attention_mask:
            row.setdefault("attention_mask", [1] * len(row["input_ids"]))
        missing = 0 if length is None else length - len(row["input_ids"])
        fillers = {"input_ids": self.pad_id, "token_type_ids": self.pad_type_id, "special_tokens_mask": 1}
        if self.attention_mask:
            fillers["attention_mask"] = 0
        for name, value in fillers.items():
            if name in row and missing > 0:
                filling = [value] * missing
                row[name] = filling + list(row[name]) if self.left else list(row[name]) + filling
        return row

    def pad_batch(self, inputs: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Inputs by name, each a list with one entry a text."""
        if self.strategies.padding == "longest":
            longest = max(len(row) for row in inputs["input_ids"])
            self.strategies = Strategies("max_length", self.strategies.truncation, longest)
        rows = [
            self.pad_row({name: values[index] for name, values in inputs.items()})
            for index in range(len(inputs["input_ids"]))
        ]
        return {name: [row[name] for row in rows] for name in rows[0]}

    def _length(self, ids: list[int]) -> int | None:
        if not self.strategies.pads:
            return None
        length = len(ids) if self.strategies.padding == "longest" else self.strategies.max_length
        if length is not None and self.multiple and length % self.multiple:
            length += self.multiple - length % self.multiple
        return length


def gather_inputs(inputs: Any) -> dict[str, Any]:
    """Inputs by name, of one dict or of a list of them.

    Raises: ValueError if there are no input_ids.
    """
    if isinstance(inputs, (list, tuple)) and inputs and isinstance(inputs[0], Mapping):
        inputs = {name: [example[name] for example in inputs] for name in inputs[0]}
    if not isinstance(inputs, Mapping) or "input_ids" not in inputs:
        found = list(inputs) if isinstance(inputs, Mapping) else type(inputs).__name__
        raise usage_error("TOK_PAD", "pad", f"found {found}", "expected inputs with input_ids, or a list of them")
    return dict(inputs)


def check_sizes(inputs: Mapping[str, Any]) -> None:
    size = len(inputs["input_ids"])
    for name, values in inputs.items():
        if len(values) != size:
            raise usage_error("TOK_PAD", name, f"has {len(values)} items, expected {size}, as many as input_ids")


def kind_of(ids: Any) -> str | None:
    """ "pt" or "np" if the ids are tensors.

    Raises: ValueError for what is neither a number, a list nor a tensor.
    """
    first = next((row[0] for row in ids if len(row)), 0) if isinstance(ids[0], (list, tuple)) else ids[0]
    module = type(first).__module__
    if isinstance(first, (int, list, tuple)):
        return None
    if module.startswith("torch"):
        return "pt"
    if type(first).__name__ == "ndarray":
        return "np"
    raise usage_error("TOK_PAD", "input_ids", f"hold {type(first).__name__}", "expected numbers, lists or tensors")


def as_lists(value: Any) -> Any:
    """Tensors, also inside lists, as lists of numbers."""
    if isinstance(value, (list, tuple)):
        return [as_lists(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value
