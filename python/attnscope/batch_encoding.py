# SPDX-License-Identifier: Apache-2.0
"""What a tokenizer returns: the inputs of a model by name, and the way back to words and characters."""

from __future__ import annotations

import logging
from collections import UserDict
from collections.abc import Sequence
from typing import Any, NamedTuple

from .errors import usage_error
from .tensor_conversion import make_converter
from .token_encoding import Encoding


class CharSpan(NamedTuple):
    """Characters from `start` to before `end`."""

    start: int
    end: int


class TokenSpan(NamedTuple):
    """Tokens from `start` to before `end`."""

    start: int
    end: int


class BatchEncoding(UserDict):
    """Lists or tensors by name, also as attributes; `model(**encoding)` takes it as it is.

    The methods take (index) for a single text and (batch_index, index) for a batch; negative batch and token
    indices count from the end.

    Example:
        encoding = tokenizer("Angela lives in Paris.", return_tensors="pt")
        encoding.input_ids.shape, encoding.tokens(), encoding.word_ids()
    """

    def __init__(
        self,
        data: dict[str, Any] | None = None,
        encoding: Encoding | Sequence[Encoding] | None = None,
        tensor_type: str | None = None,
        prepend_batch_axis: bool = False,
        n_sequences: int | None = None,
    ) -> None:
        super().__init__(data)
        self._encodings = [encoding] if isinstance(encoding, Encoding) else encoding
        self._n_sequences = n_sequences
        self.convert_to_tensors(tensor_type, prepend_batch_axis)

    def __getitem__(self, item: Any) -> Any:
        """Values by name; an int or a slice gives encodings, or slices of all values where there are none."""
        if isinstance(item, str):
            return self.data[item]
        if self._encodings is not None:
            return self._encodings[item]
        if isinstance(item, slice):
            return {key: value[item] for key, value in self.data.items()}
        raise KeyError(f"{item!r}: expected a name or a slice")

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(f"BatchEncoding has no '{name}'") from None

    def __getstate__(self) -> dict[str, Any]:
        return {"data": self.data, "encodings": self.encodings, "n_sequences": self._n_sequences}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.data = state["data"]
        self._encodings = state["encodings"]
        self._n_sequences = state["n_sequences"]

    @property
    def n_sequences(self) -> int | None:
        """1 for single texts, 2 for pairs."""
        if self._n_sequences is None and self._encodings:
            self._n_sequences = self._encodings[0].n_sequences
        return self._n_sequences

    @property
    def is_fast(self) -> bool:
        """Whether there are encodings: they are lost by pad()."""
        return self._encodings is not None

    @property
    def encodings(self) -> list[Encoding] | None:
        return None if self._encodings is None else list(self._encodings)

    def tokens(self, batch_index: int = 0) -> list[str]:
        return self._encoding(batch_index).tokens

    def sequence_ids(self, batch_index: int = 0) -> list[int | None]:
        """0 first text, 1 second, None for tokens that are in neither."""
        return self._encoding(batch_index).sequence_ids

    def word_ids(self, batch_index: int = 0) -> list[int | None]:
        """Index of each token's word, None for tokens that are in no text."""
        return self._encoding(batch_index).word_ids

    def token_to_sequence(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        encoding, token = self._token(batch_or_token_index, token_index)
        return encoding.token_to_sequence(token)

    def token_to_word(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        encoding, token = self._token(batch_or_token_index, token_index)
        return encoding.token_to_word(token)

    def token_to_chars(self, batch_or_token_index: int, token_index: int | None = None) -> CharSpan | None:
        encoding, token = self._token(batch_or_token_index, token_index)
        span = encoding.token_to_chars(token)
        return None if span is None else CharSpan(*span)

    def word_to_tokens(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> TokenSpan | None:
        encoding, word = self._place(batch_or_word_index, word_index)
        span = encoding.word_to_tokens(word, sequence_index)
        return None if span is None else TokenSpan(*span)

    def word_to_chars(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> CharSpan:
        """Raises: TypeError if the word has no tokens, as transformers."""
        encoding, word = self._place(batch_or_word_index, word_index)
        span = encoding.word_to_chars(word, sequence_index)
        if span is None:
            raise TypeError(f"word {word} of sequence {sequence_index} has no tokens")
        return CharSpan(*span)

    def char_to_token(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        encoding, char = self._place(batch_or_char_index, char_index)
        return encoding.char_to_token(char, sequence_index)

    def char_to_word(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        encoding, char = self._place(batch_or_char_index, char_index)
        return encoding.char_to_word(char, sequence_index)

    def convert_to_tensors(self, tensor_type: str | None = None, prepend_batch_axis: bool = False) -> BatchEncoding:
        """Makes tensors of all values that are none yet: "pt" or "np".

        Raises: ValueError for another type and for rows of different lengths ("pt").
        """
        if tensor_type is None:
            return self
        convert = make_converter(tensor_type)
        for key, value in self.items():
            self.data[key] = convert(key, [value] if prepend_batch_axis else value)
        return self

    def to(self, device: Any, *, non_blocking: bool = False) -> BatchEncoding:
        """Moves torch tensors; attnscope runs on the CPU, so there is little to move."""
        if not (isinstance(device, (str, int)) or type(device).__module__ == "torch"):
            logging.getLogger("attnscope").warning("to(%s): no device; nothing is moved", device)
            return self
        for key, value in self.data.items():
            if callable(getattr(value, "to", None)):
                self.data[key] = value.to(device=device, non_blocking=non_blocking)
        return self

    def _encoding(self, batch_index: int) -> Encoding:
        if not self._encodings:
            raise usage_error("TOK_ENCODING", "encodings", "these inputs have none", "make them with tokenizer(...)")
        return self._encodings[batch_index]

    def _place(self, first: int, second: int | None) -> tuple[Encoding, int]:
        """(index) or (batch index, index) of a word or character."""
        batch_index, index = (0, first) if second is None else (first, second)
        if index < 0:
            raise usage_error("TOK_RANGE", "index", f"{index}", "words and characters count from 0")
        return self._encoding(batch_index), index

    def _token(self, first: int, second: int | None) -> tuple[Encoding, int]:
        batch_index, index = (0, first) if second is None else (first, second)
        encoding = self._encoding(batch_index)
        return encoding, index + len(encoding) if index < 0 else index
