# SPDX-License-Identifier: Apache-2.0
"""The attention of one text, with its tokens and words, and how it is saved."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from . import _core

Text = Any  # str, or a tuple of two


class AttentionResult:
    """Attention weights of one text of T tokens.

    attentions: [layers, heads, T, T], or [layers, T, T] when the heads were reduced; read-only numpy.
    layers, heads: which they are. tokens, input_ids, special_tokens_mask: one entry a token.
    offsets: [T, 2] characters of the text; 0, 0 for special tokens. In a pair, of the text the token is from.
    words: the words of the text (of both, in a pair); word_ids: the word of each token, None for special tokens.
    """

    def __init__(
        self, text: Text, encoding: Any, memory: np.ndarray, layers: list[int], heads: list[int], about: dict[str, str]
    ) -> None:
        self.text = text
        self.layers = layers
        self.heads = heads
        self._encoding = encoding
        self._memory = memory
        self._about = about
        self.attentions = memory.view()
        self.attentions.flags.writeable = False

    @property
    def reduce(self) -> str:
        """ "none", or how the heads were put together: "mean", "max"."""
        return self._about["reduce"]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.attentions.shape

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

    def to_numpy(self) -> np.ndarray:
        """`attentions`."""
        return self.attentions

    def to_torch(self) -> Any:
        """`attentions` as a torch tensor on the same memory."""
        import torch

        return torch.from_numpy(self._memory)

    def save(self, path: Any) -> None:
        """Writes .npz or .safetensors as `attnscope run -o` does (docs: output formats).

        Raises: UsageError for another ending, StorageError with the system's reason.
        """
        save_results(path, [self], several=False)

    def __repr__(self) -> str:
        form = " x ".join(str(size) for size in self.shape)
        heads = "heads" if self.reduce == "none" else f"{self.reduce} of heads"
        return f"AttentionResult({form}, layers {self.layers}, {heads} {self.heads}, {len(self.tokens)} tokens)"


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
        file.add(f"{prefix}attentions", np.ascontiguousarray(result.attentions, dtype=np.float32))
        file.add(f"{prefix}input_ids", np.array(result.input_ids, dtype=np.int64))
        file.add(f"{prefix}offsets", _byte_offsets(result))
        file.add_strings(f"{prefix}tokens", result.tokens)
        count += 1
    file.commit(about)
    return count
