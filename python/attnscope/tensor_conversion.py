# SPDX-License-Identifier: Apache-2.0
"""Lists of numbers as tensors of torch or numpy; neither is imported before it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import UsageError, usage_error

_KINDS = ("pt", "np")


def tensor_kind(tensor_type: Any) -> str | None:
    """ "pt", "np" or None; takes transformers' TensorType too. Raises: ValueError for anything else."""
    kind = getattr(tensor_type, "value", tensor_type)
    if kind is None or kind in _KINDS:
        return kind
    raise usage_error("TOK_OPTION", "return_tensors", f"found {tensor_type!r}, expected 'pt' or 'np'")


def make_converter(tensor_type: Any) -> Callable[[str, Any], Any]:
    """A function of a name and its value; values that are tensors already stay as they are."""
    make = _torch_tensor if tensor_kind(tensor_type) == "pt" else _numpy_array

    def convert(name: str, value: Any) -> Any:
        try:
            return make(value)
        except (ValueError, TypeError, RuntimeError, OverflowError) as error:
            raise ragged_error(name) from error

    return convert


def ragged_error(name: str) -> UsageError:
    return usage_error(
        "TOK_TENSOR",
        name,
        "the rows make no tensor, perhaps because they differ in length",
        "use padding=True, and truncation=True for texts that are too long",
    )


def from_numpy(array: Any) -> Any:
    """A torch tensor on the array's memory."""
    import torch

    return torch.from_numpy(array)


def _torch_tensor(value: Any) -> Any:
    import numpy
    import torch

    if torch.is_tensor(value):
        return value
    if isinstance(value, list) and value and isinstance(value[0], numpy.ndarray):
        return torch.from_numpy(numpy.array(value))
    return torch.tensor(value, dtype=None if _has_numbers(value) else torch.int64)


def _numpy_array(value: Any) -> Any:
    """Rows of different lengths become an array of arrays."""
    import numpy

    if isinstance(value, numpy.ndarray):
        return value
    rows = isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple, numpy.ndarray))
    if rows and len({len(row) for row in value}) > 1:
        return numpy.asarray([numpy.asarray(row) for row in value], dtype=object)
    return numpy.asarray(value, dtype=None if _has_numbers(value) else numpy.int64)


def _has_numbers(value: Any) -> bool:
    """Whether there is anything in the lists of lists."""
    if isinstance(value, (list, tuple)):
        return any(_has_numbers(item) for item in value)
    return True
