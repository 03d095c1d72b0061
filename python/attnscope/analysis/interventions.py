# SPDX-License-Identifier: Apache-2.0
"""Changes to a forward pass, named and kept: heads switched off, pairs of tokens cut, values put in their place.

    edits = Interventions().zero_heads(2, [5]).knock_out(3, [(4, 1)])
    with edits.applied(model):
        outputs = model(**inputs)

They can be saved as JSON and are the same when they are read back.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _core
from ..arrays import as_numpy
from ..errors import usage_error
from ..runtime import on_main_thread
from .model_inputs import model_text

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

Pairs = Iterable[tuple[int, int]]


class Interventions:
    """Edits that are made together, whatever the order in which they are added.

    layer, head: numbers from 0; heads: one, several, or None for every head. Positions are tokens of the text that
    are attended to, negative ones count from its end. text: the edit is for this text of each batch only.
    Two edits that write the same thing are a UsageError (EDIT_CONFLICT) that names both.
    """

    def __init__(self) -> None:
        self._edits = _core.Interventions()

    def zero_heads(self, layer: int, heads: Any = None, *, text: int | None = None) -> Interventions:
        """The heads' contexts become 0: the same as pruning them."""
        return self._add("zero_heads", text, layer=layer, heads=_numbers(heads, "heads"))

    def mean_heads(self, layer: int, value: Any, heads: Any = None, *, text: int | None = None) -> Interventions:
        """The heads' contexts become `value` [heads, head_dim] for every token, as from mean_contexts()[layer]."""
        return self._add("mean_heads", text, layer=layer, heads=_numbers(heads, "heads"), value=_floats(value))

    def uniform_heads(self, layer: int, heads: Any = None, *, text: int | None = None) -> Interventions:
        """The heads attend to all tokens alike."""
        return self._add("uniform_heads", text, layer=layer, heads=_numbers(heads, "heads"))

    def knock_out(self, layer: int, pairs: Pairs, heads: Any = None, *, text: int | None = None) -> Interventions:
        """Scores of (query, key) become -inf before the softmax: the rest of a row is scaled up. A row of which no
        key is left has weights 0."""
        return self._add("knock_out", text, layer=layer, heads=_numbers(heads, "heads"), pairs=_pairs(pairs))

    def zero_weights(self, layer: int, pairs: Pairs, heads: Any = None, *, text: int | None = None) -> Interventions:
        """Weights of (query, key) become 0 after the softmax: the rest stays as it is."""
        return self._add("zero_weights", text, layer=layer, heads=_numbers(heads, "heads"), pairs=_pairs(pairs))

    def patch(
        self, path: str, value: Any, rows: Any = None, *, output: int = 0, text: int | None = None
    ) -> Interventions:
        """An output of a module becomes `value`, as activations() gives it: whole, or in some rows of tokens.

        path: as in named_modules(). value: [T, width] or [rows, width] of one text; of weights [heads, rows, T].
        """
        return self._add("patch", text, path=path, output=output, rows=_numbers(rows, "rows"), value=_floats(value))

    def _add(self, kind: str, text: int | None, **fields: Any) -> Interventions:
        given = {name: value for name, value in {**fields, "text": text}.items() if value is not None}
        self._edits.add(kind, given)
        return self

    @contextlib.contextmanager
    def applied(self, model: PreTrainedModel) -> Iterator[PreTrainedModel]:
        """The edits are made in every call of the model, attend() and the methods of analysis included, until the
        `with` block ends. Edits that are added in it have no effect on it.

        Raises:  UsageError for a layer or head that the model does not have; HookError for a path, and from the call
            for positions that a text does not have.
        """
        handles = self._edits.apply(model._session)
        try:
            yield model
        finally:
            handles.remove()

    def to_json(self) -> str:
        """A JSON array of objects; from_json() gives the same edits, bit for bit."""
        return self._edits.to_json()

    @classmethod
    def from_json(cls, json: str) -> Interventions:
        """Raises: UsageError (EDIT_JSON) that names the place by a JSON pointer."""
        edits = cls()
        edits._edits = _core.Interventions.from_json(json)
        return edits

    def save(self, path: str | os.PathLike[str]) -> None:
        """to_json() as a file."""
        Path(path).write_text(self.to_json() + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Interventions:
        return cls.from_json(Path(path).read_text(encoding="utf-8"))

    def __len__(self) -> int:
        return len(self._edits)

    def __repr__(self) -> str:
        return f"Interventions of {len(self)} edits"


def activations(model: PreTrainedModel, text: Any, paths: Iterable[str]) -> dict[str, np.ndarray]:
    """The first output of modules in a run of one text, by path: what patch() takes.

    text: a str, a pair, or ids. Nothing after the last of the modules is computed.
    Raises:  HookError for a path that does not exist.
    """
    names = list(paths)
    arrays = _core.activations(model._session, model_text(model, text).sequence, names, on_main_thread())
    return dict(zip(names, arrays, strict=True))


def _numbers(values: Any, name: str) -> list[int] | None:
    """One number or several; None stands for all, so that an empty list cannot mean it."""
    if values is None:
        return None
    numbers = [int(values)] if isinstance(values, (int, np.integer)) else [int(value) for value in values]
    if not numbers:
        raise usage_error("EDIT", name, "an empty list", "leave it out for all of them")
    return numbers


def _pairs(pairs: Pairs) -> list[tuple[int, int]]:
    return [(int(query), int(key)) for query, key in pairs]


def _floats(value: Any) -> np.ndarray:
    return np.ascontiguousarray(as_numpy(value, "value"), dtype=np.float32)
