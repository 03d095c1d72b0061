# SPDX-License-Identifier: Apache-2.0
"""Attention weights and hidden states from wherever they come, as float32 numpy arrays of one text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays import is_torch
from ..errors import UsageError, usage_error

_EAGER = (
    "load the model with attn_implementation='eager' (the kernel sdpa returns no weights) and call it with "
    "output_attentions=True, or use attnscope's"
)


def attention_array(A: Any, place: str = "A") -> np.ndarray:
    """The attention weights of one text: float32 [layers, heads, n, n], or [layers, n, n] of reduced heads.

    A: an array of numpy, torch (any dtype, device, with or without gradient) or anybody with `__array__` or
        `__dlpack__`; a tuple or list of one array a layer, [1, heads, n, n] each as transformers returns them; a
        result of attend(), or the outputs of a model. A dimension for a batch of one text is dropped.
    Memory:  float32 arrays on the CPU are not copied.
    Raises:  UsageError for another shape or dtype, for a batch of several texts, and where no weights are in it.
    """
    expected = "[layers, heads, n, n] or [layers, n, n]"
    if A is None or (isinstance(A, (tuple, list)) and any(layer is None for layer in A)):
        raise usage_error("NO_WEIGHTS", place, f"None in place of weights, expected {expected}", _EAGER)
    weights = _layered(_held(A, "attentions", place), place, rank=4, expected=expected)
    if weights.ndim == 5:
        weights = _only_text(weights, place)
    if weights.ndim not in (3, 4) or weights.shape[-1] != weights.shape[-2]:
        hint = "analysis needs the rows of all tokens" if weights.ndim in (3, 4) else ""
        raise _shape_error(weights.shape, expected, place, hint)
    return weights


def hidden_state_array(states: Any, place: str = "hidden_states") -> np.ndarray:
    """The hidden states of one text: float32 [states, n, width]. `states`: as A of attention_array."""
    expected = "[states, n, width]"
    array = _layered(_held(states, "hidden_states", place), place, rank=3, expected=expected)
    if array.ndim == 4:
        array = _only_text(array, place)
    if array.ndim != 3:
        raise _shape_error(array.shape, expected, place)
    return array


def float_array(value: Any, place: str) -> np.ndarray:
    """float32, of numpy, torch or anybody with an array protocol.

    Raises: UsageError for what holds no real numbers.
    """
    if is_torch(value):
        return value.detach().cpu().float().numpy()
    if not hasattr(value, "__array__") and hasattr(value, "__dlpack__"):
        value = np.from_dlpack(value)
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise usage_error("SHAPE", place, "its rows differ in length", "give one text at a time") from error
    if array.dtype.kind not in "fiub" and array.dtype.name != "bfloat16":
        raise usage_error("DTYPE", place, f"is {array.dtype}, expected float32", "give an array of numbers")
    return array.astype(np.float32, copy=False)


def number_list(value: Any, place: str) -> list[float]:
    """float64 numbers of one dimension."""
    array = value.detach().cpu().double().numpy() if is_torch(value) else np.asarray(value, dtype=np.float64)
    if array.ndim != 1:
        raise _shape_error(array.shape, "[m]", place)
    return array.tolist()


def token_flags(chosen: Any, n: int, place: str) -> list[bool]:
    """One flag a token of those chosen: positions, negative ones from the end, or the flags themselves.

    Raises: UsageError for a position that the text does not have.
    """
    array = np.asarray(chosen if not isinstance(chosen, Iterable) or hasattr(chosen, "__len__") else list(chosen))
    array = np.atleast_1d(array)
    if array.dtype == bool:
        if array.shape != (n,):
            raise _shape_error(array.shape, f"[{n}]", place, "give one flag a token")
        return array.tolist()
    if array.size and array.dtype.kind not in "iu":
        raise usage_error("DTYPE", place, f"is {array.dtype}, expected positions or flags")
    flags = [False] * n
    for position in array.ravel().tolist():
        position = int(position)
        if not -n <= position < n:
            hint = f"it has {n} tokens: choose from 0..{n - 1}, or from -1 backwards"
            raise usage_error("RANGE", place, f"{position} does not exist in this text", hint)
        flags[position] = True
    return flags


def word_ids_of(A: Any, word_ids: Iterable[int | None] | None) -> list[int]:
    """The word of each token, -1 for special ones. None takes those of a result of attend().

    Raises: UsageError if there are none.
    """
    found = getattr(A, "word_ids", None) if word_ids is None else word_ids
    if found is None:
        raise usage_error("WORD_IDS", "word_ids", "not given", "pass encoding.word_ids(), or a result of attend()")
    return [-1 if word is None else int(word) for word in found]


def _held(value: Any, name: str, place: str) -> Any:
    """What an object that is no array holds under a name, else the object."""
    if hasattr(value, "__array__") or hasattr(value, "__dlpack__") or not hasattr(value, name):
        return value
    held = getattr(value, name)
    if held is None:
        hint = f"call the model with output_{name}=True"
        if name == "attentions":
            hint = f"call attend() with weights=True; a model of transformers: {_EAGER}"
        raise usage_error("NOT_STORED", place, f"{type(value).__name__} holds no {name}", hint)
    return held


def _layered(value: Any, place: str, rank: int, expected: str) -> np.ndarray:
    """One array, or one array a layer put on top of each other. `rank`: of a layer with its batch."""
    if not isinstance(value, (tuple, list)) or (value and isinstance(value[0], (list, int, float))):
        return float_array(value, place)
    if not value:
        raise usage_error("SHAPE", place, "is empty", _EAGER if rank == 4 else "")
    layers = [float_array(layer, f"{place}[{index}]") for index, layer in enumerate(value)]
    shapes = sorted({layer.shape for layer in layers})
    if len(shapes) > 1:
        found = ", ".join(str(list(shape)) for shape in shapes)
        raise usage_error("SHAPE", place, f"has layers of shapes {found}, expected {expected}", "give one text")
    stack = np.stack(layers)
    return _only_text(stack, place) if layers[0].ndim == rank else stack


def _only_text(array: np.ndarray, place: str) -> np.ndarray:
    """[layers, 1, ...] without its batch dimension."""
    if array.shape[1] != 1:
        shape = [array.shape[0], 1, *array.shape[2:]]
        hint = f"choose one: [layer[0] for layer in {place}] of a tuple, {place}[:, 0] of an array"
        raise usage_error("BATCH", place, f"holds a batch of {array.shape[1]} texts, expected {shape}", hint)
    return array[:, 0]


def _shape_error(shape: tuple[int, ...], expected: str, place: str, hint: str = "") -> UsageError:
    return usage_error("SHAPE", place, f"has shape {list(shape)}, expected {expected}", hint)
