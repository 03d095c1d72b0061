# SPDX-License-Identifier: Apache-2.0
"""The arguments of a model call, checked and turned into the arrays that the engine takes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arrays import as_floats, as_ids, as_mask, is_torch
from .errors import usage_error


class ModelInputs(NamedTuple):
    """int64 [batch, seq]; position_ids may have one row for all texts; inputs_embeds float32 [batch, seq, width]."""

    input_ids: np.ndarray | None
    attention_mask: np.ndarray | None
    token_type_ids: np.ndarray | None
    position_ids: np.ndarray | None
    inputs_embeds: np.ndarray | None
    torch: bool

    def __repr__(self) -> str:
        given = {name: list(value.shape) for name, value in self._asdict().items() if isinstance(value, np.ndarray)}
        return f"ModelInputs({given})"


def model_inputs(
    input_ids: Any = None,
    attention_mask: Any = None,
    token_type_ids: Any = None,
    position_ids: Any = None,
    inputs_embeds: Any = None,
) -> ModelInputs:
    """Raises: UsageError that names the argument, what was found and what was expected."""
    if (input_ids is None) == (inputs_embeds is None):
        found = "neither is" if input_ids is None else "both are"
        hint = "You must specify exactly one of input_ids or inputs_embeds"
        raise usage_error("ARGUMENTS", "input_ids, inputs_embeds", f"{found} given", hint)
    given = (input_ids, attention_mask, token_type_ids, position_ids, inputs_embeds)
    inputs = ModelInputs(
        input_ids=None if input_ids is None else as_ids(input_ids, "input_ids"),
        attention_mask=None if attention_mask is None else as_mask(attention_mask),
        token_type_ids=None if token_type_ids is None else as_ids(token_type_ids, "token_type_ids"),
        position_ids=None if position_ids is None else _as_positions(position_ids),
        inputs_embeds=None if inputs_embeds is None else as_floats(inputs_embeds, "inputs_embeds"),
        torch=any(is_torch(value) for value in given),
    )
    _check_shapes(inputs)
    return inputs


def _as_positions(position_ids: Any) -> np.ndarray:
    is_row = getattr(position_ids, "ndim", 2) == 1
    return as_ids(position_ids[None] if is_row else position_ids, "position_ids")


def _check_shapes(inputs: ModelInputs) -> None:
    grid = inputs.inputs_embeds if inputs.input_ids is None else inputs.input_ids
    assert grid is not None
    batch, seq = grid.shape[:2]
    if batch == 0 or seq == 0:
        raise usage_error("SHAPE", "input_ids", f"has shape {list(grid.shape)}", "give at least one token")
    for name in ("attention_mask", "token_type_ids", "position_ids"):
        value = getattr(inputs, name)
        if value is None or value.shape == (batch, seq):
            continue
        if value.shape == (1, seq) and name == "position_ids":
            continue
        raise usage_error(
            "SHAPE", name, f"has shape {list(value.shape)}, expected {[batch, seq]}", "pass them together"
        )
