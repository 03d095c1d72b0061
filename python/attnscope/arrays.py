# SPDX-License-Identifier: Apache-2.0
"""numpy and torch alike: what comes in as torch goes out as torch, everything else as numpy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import usage_error

if TYPE_CHECKING:
    Array = Any  # numpy.ndarray or torch.Tensor


def loaded_torch() -> Any:
    """The module torch if the program has imported it, else None."""
    return sys.modules.get("torch")


def is_torch(value: object) -> bool:
    """Whether `value` is a torch tensor; torch is not imported for the question."""
    torch = loaded_torch()
    return torch is not None and isinstance(value, torch.Tensor)


def as_numpy(value: Any, place: str) -> np.ndarray:
    """The array of a torch tensor or of whatever numpy takes, without a copy where there need be none.

    Raises: UsageError for a tensor that is not on the CPU and for lists of uneven length.
    """
    if is_torch(value):
        if value.device.type != "cpu":
            raise usage_error("DEVICE", place, f"is on {value.device}, expected cpu", f"call {place}.cpu()")
        return value.detach().numpy()
    try:
        return np.asarray(value)
    except ValueError as error:
        hint = "pad them to one length: tokenizer(texts, padding=True)"
        raise usage_error("SHAPE", place, "its rows differ in length", hint) from error


def as_ids(value: Any, place: str) -> np.ndarray:
    """int64 [rows, columns], contiguous.

    Raises: UsageError for other shapes and for values that are no whole numbers.
    """
    array = as_numpy(value, place)
    if array.ndim == 2 and array.dtype.kind == "f" and array.size == 0:
        array = array.astype(np.int64)
    if array.dtype.kind not in "iub":
        raise usage_error("DTYPE", place, f"is {array.dtype}, expected whole numbers", "give int64")
    if array.ndim != 2:
        raise usage_error(
            "SHAPE", place, f"has shape {list(array.shape)}, expected [batch, seq]",
            "add a batch dimension: one text is [1, seq]",
        )  # fmt: skip
    return np.ascontiguousarray(array, dtype=np.int64)


def as_mask(value: Any, place: str = "attention_mask") -> np.ndarray:
    """1 where tokens are attended to (any value but 0), 0 elsewhere: int64 [batch, seq]."""
    array = as_numpy(value, place)
    return as_ids(array != 0 if array.dtype.kind == "f" else array, place)


def as_floats(value: Any, place: str) -> np.ndarray:
    """float32 [batch, seq, width], contiguous."""
    array = as_numpy(value, place)
    if array.dtype.kind != "f":
        raise usage_error("DTYPE", place, f"is {array.dtype}, expected float32", "convert it first")
    if array.ndim != 3:
        raise usage_error("SHAPE", place, f"has shape {list(array.shape)}, expected [batch, seq, hidden_size]")
    return np.ascontiguousarray(array, dtype=np.float32)


def like(array: np.ndarray, torch: bool) -> Array:
    """The array itself, or a torch tensor on the same memory."""
    if not torch:
        return array
    import torch as torch_module

    return torch_module.from_numpy(array if array.flags.writeable else array.copy())
