# SPDX-License-Identifier: Apache-2.0
"""The attention of one text, with its tokens and words, and how it is saved."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from . import _core
from .attention_request import AttentionRequest, numbers_of, positions_of, row_numbers
from .attention_source import source_of_result
from .errors import usage_error
from .figure import PAGES, PICTURES, Figure, Pictured

Text = Any  # str, or a tuple of two


class AttentionResult(Pictured):
    """Attention of one text of T tokens: what was asked for, the rest None or empty. Arrays are read-only numpy.

    attentions: weights [layers, heads, rows, T], or [layers, rows, T] when the heads were reduced.
    stats: {name: float32 [layers, heads, rows]}. received: float32 [layers, heads, T], summed over the rows.
    top_weights, top_keys: [layers, heads, rows, k], largest first; k is at most T.
    layers, heads: which they are. rows: the tokens that the rows belong to.
    tokens, input_ids, special_tokens_mask: one entry a token.
    offsets: [T, 2] characters of the text; 0, 0 for special tokens. In a pair, of the text the token is from.
    words: the words of the text (of both, in a pair); word_ids: the word of each token, None for special tokens.
    """

    attentions: Any  # a numpy array, but None if it was not stored

    def __init__(
        self, text: Text, encoding: Any, capture: dict[str, Any], request: AttentionRequest, about: dict[str, str],
        model: Any = None,
    ) -> None:  # fmt: skip
        self.text = text
        self.layers: list[int] = capture["layers"]
        self.heads: list[int] = capture["heads"]
        self.received: np.ndarray | None = capture.get("received")
        self.top_weights: np.ndarray | None = capture.get("top_weights")
        self.top_keys: np.ndarray | None = capture.get("top_keys")
        statistics = capture.get("statistics", ())
        self.stats: dict[str, np.ndarray] = dict(zip(request.stats.statistics, statistics, strict=True))
        self._encoding = encoding
        self._request = request
        self._about = about
        self._model = model  # for the pictures that say more than the weights
        self._rows: list[int] | None = capture["rows"]
        self._dtype = capture["dtype"]
        self._on_demand = capture.get("on_demand")
        self._memory: np.ndarray | None = None
        self.attentions = None
        if "attentions" in capture:
            self._memory = capture["attentions"].astype(self._dtype, copy=False)
            self.attentions = self._memory.view()
            self.attentions.flags.writeable = False

    @property
    def rows(self) -> list[int]:
        return list(range(len(self.input_ids))) if self._rows is None else self._rows

    @property
    def reduce(self) -> str:
        """ "none", or how the heads were put together: "mean", "max"."""
        return self._about["reduce"]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of `attentions`."""
        return self._stored("shape").shape

    @cached_property
    def tokens(self) -> list[str]:
        return self._encoding.tokens()

    @property
    def input_ids(self) -> list[int]:
        return self._encoding["input_ids"]

    @property
    def special_tokens_mask(self) -> list[int]:
        return self._encoding["special_tokens_mask"]

    @property
    def offsets(self) -> list[tuple[int, int]]:
        return self._encoding["offset_mapping"]

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return self.text if isinstance(self.text, tuple) else (self.text,)

    @cached_property
    def _spans(self) -> dict[tuple[int, int], tuple[int, int]]:
        """(text, word) -> the characters of the word, in the order of the tokens."""
        spans: dict[tuple[int, int], tuple[int, int]] = {}
        for key, (begin, end) in zip(self._word_keys, self.offsets, strict=True):
            if key is not None:
                spans[key] = (spans[key][0], end) if key in spans else (begin, end)
        return spans

    @cached_property
    def _word_keys(self) -> list[tuple[int, int] | None]:
        pairs = zip(self._encoding.sequence_ids(0), self._encoding.word_ids(0), strict=True)
        return [None if word is None else (sequence or 0, word) for sequence, word in pairs]

    @cached_property
    def words(self) -> list[str]:
        return [self._texts[sequence][begin:end] for (sequence, _), (begin, end) in self._spans.items()]

    @cached_property
    def word_ids(self) -> list[int | None]:
        place = {key: index for index, key in enumerate(self._spans)}
        return [None if key is None else place[key] for key in self._word_keys]

    def weights(self, layer: int, head: int, rows: Any = None) -> np.ndarray:
        """[rows, T] of one layer and head, made now from what attend(..., on_demand=True) kept.

        layer, head: numbers of the model, negative ones from the end. rows: as in attend(); None: all.
        The bits are those that the run would have stored; weights that a hook replaced are not in it.
        Raises:  UsageError for what was not kept and for a row that the text does not have.
        """
        if self._on_demand is None:
            raise usage_error(
                "NOT_KEPT", "weights", "no queries and keys were kept", "call attend(..., on_demand=True)"
            )
        request, chosen = self._request, row_numbers(rows)
        if chosen is not None:
            chosen = positions_of(chosen, len(self.input_ids), "this text")
        made = self._on_demand.weights(
            _kept(layer, request.num_layers, self.layers, "layer"), _kept(head, request.num_heads, self.heads, "head"),
            chosen,
        )  # fmt: skip
        return made.astype(self._dtype, copy=False)

    def to_numpy(self) -> np.ndarray:
        """`attentions`."""
        return self._stored("to_numpy")

    def to_torch(self) -> Any:
        """`attentions` as a torch tensor on the same memory."""
        self._stored("to_torch")
        import torch

        return torch.from_numpy(self._memory)

    def plot(
        self, view: str | None = None, *, layer: Any = None, head: Any = None, token: int | None = None,
        word: Any = None, mass: float = 0.7, top: int = 10, **look: Any,
    ) -> Figure:  # fmt: skip
        """A picture for a paper.

        view: "matrix" (or "head"); "links" between two columns of tokens; "grid" (or "model") of all layers and heads;
            "words", the text with words shaded; "layers" side by side with their differences. None: what the other
            arguments ask for.
        layer, head: numbers, one or several, negative ones from the end; None: all. What is not drawn one by one
            (up to 4 heads of links, the grid) is a mean, and the picture says so.
        token: links of this token only. mass: of each token the largest links are drawn until they sum to this.
        word: what is explained: a number, a word or phrase of the text, or numbers; None: what all words receive.
            top: bars of so many words below the text.
        look: width="84mm", font_size="7pt", theme "light", "dark" or "paper", palette "cividis", "viridis" or
            "paper", scale "sqrt", "linear" or "log", range (top of the scale) "max", "unit" or "p99" (99th
            percentile), title, caption.
        Raises:  UsageError for what was not stored, and for options.

        Example: result.plot(layer=3, head=7, theme="paper").save("head.pdf")
        """
        from .attention_figures import attention_figure

        source = source_of_result(self, "plot")
        return attention_figure(
            source, view, layer=layer, head=head, token=token, word=word, mass=mass, top=top, **look
        )  # fmt: skip

    def to_html(self, **options: Any) -> str:
        """view(result, ...).to_html(): the viewer with this text in one file."""
        from .viewer import view

        return view(self, **options).to_html()

    def save(self, path: Any, **options: Any) -> None:
        """Writes .npz or .safetensors as `attnscope run -o` does (docs: output formats), .html (options as of
        view), or .svg, .png, .pdf, .tex (options as of plot, and dpi).

        Raises: UsageError for another ending and if there are neither weights nor stats, StorageError with the
            system's reason.
        """
        ending = Path(os.fsdecode(path)).suffix.lower()
        if ending in (*PAGES, *PICTURES):
            super().save(path, **options)
        elif options:
            raise usage_error("ARGUMENTS", next(iter(options)), f"together with '{ending}'", "it is of pictures")
        else:
            save_results(path, [self], several=False)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """The viewer with the attention alone: nothing is computed again."""
        if self.attentions is None or self._rows is not None:
            return {"text/plain": repr(self)}
        from .viewer import view_of_result

        return view_of_result(self)._repr_mimebundle_(include, exclude)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_model": None}

    def _stored(self, place: str) -> np.ndarray:
        if self.attentions is None:
            raise usage_error("NOT_STORED", place, "the weights were not stored", "call attend(..., weights=True)")
        return self.attentions

    def __repr__(self) -> str:
        parts = [*self._request.stats.names, *(["weights on demand"] if self._on_demand is not None else [])]
        if self.attentions is not None:
            parts.insert(0, " x ".join(str(size) for size in self.shape))
        heads = "heads" if self.reduce == "none" else f"{self.reduce} of heads"
        rows = "" if self._rows is None else f"rows {self._rows}, "
        return (
            f"AttentionResult({', '.join(parts)}, layers {self.layers}, {heads} {self.heads}, {rows}"
            f"{len(self.tokens)} tokens)"
        )


def _kept(number: Any, count: int, kept: list[int], name: str) -> int:
    [chosen] = numbers_of([number], count, name) or []
    if chosen not in kept:
        raise usage_error("RANGE", name, f"{chosen} was not kept", f"kept: {', '.join(map(str, kept))}")
    return chosen


def _byte_offsets(result: AttentionResult) -> np.ndarray:
    """int64 [T, 2]: the offsets in bytes of UTF-8, as files have them."""
    places = []
    for sequence, (begin, end) in zip(result._encoding.sequence_ids(0), result.offsets, strict=True):
        text = result._texts[sequence or 0]
        if text.isascii():
            places.append((begin, end))
        else:
            start = len(text[:begin].encode())
            places.append((start, start + len(text[begin:end].encode())))
    return np.array(places, dtype=np.int64).reshape(-1, 2)


def _attention_arrays(result: AttentionResult) -> Iterator[tuple[str, np.ndarray]]:
    """In the order in which `attnscope run` writes them."""
    if result.attentions is None and not result._request.stats.names:
        raise usage_error("NOT_STORED", "save", "weights on demand are not written", "call attend(..., weights=True)")
    if result._rows is not None:
        yield "rows", np.array(result._rows, dtype=np.int64)
    if result.attentions is not None:
        yield "attentions", np.ascontiguousarray(result.attentions, dtype=np.float32)
    yield from result.stats.items()
    for name in ("received", "top_weights", "top_keys"):
        if getattr(result, name) is not None:
            yield name, getattr(result, name)


def save_results(path: Any, results: Iterable[AttentionResult], several: bool) -> int:
    """Writes results as they come; the file appears under its name when all are there. Returns how many."""
    file = _core.ArrayFile(os.fsencode(path))
    about: dict[str, str] = {}
    count = 0
    for result in results:
        if count == 0:
            about = result._about
            file.add("layers", np.array(result.layers, dtype=np.int64))
            file.add("heads", np.array(result.heads, dtype=np.int64))
        prefix = f"{count}." if several else ""
        for name, array in _attention_arrays(result):
            file.add(prefix + name, array)
        file.add(f"{prefix}input_ids", np.array(result.input_ids, dtype=np.int64))
        file.add(f"{prefix}offsets", _byte_offsets(result))
        file.add_strings(f"{prefix}tokens", result.tokens)
        count += 1
    file.commit(about)
    return count
