# SPDX-License-Identifier: Apache-2.0
"""One tokenized text or pair, with the ways between its tokens, words and characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from . import _core


@dataclass(slots=True)
class Encoding:
    """Columns with one entry a token, padding included.

    Offsets count characters of the token's own text, or of its word if the text came in words.
    sequence_index: 0 first text, 1 second; one that is not there stands for all tokens, as in `tokenizers`.
    """

    ids: list[int]
    type_ids: list[int]
    tokens: list[str]
    offsets: list[tuple[int, int]]
    word_ids: list[int | None]
    sequence_ids: list[int | None]
    special_tokens_mask: list[int]
    attention_mask: list[int]
    n_sequences: int = 1

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def words(self) -> list[int | None]:
        """Another name of word_ids."""
        return self.word_ids

    def token_to_sequence(self, token_index: int) -> int | None:
        return self.sequence_ids[token_index] if token_index < len(self) else None

    def token_to_word(self, token_index: int) -> int | None:
        return self.word_ids[token_index] if token_index < len(self) else None

    def token_to_chars(self, token_index: int) -> tuple[int, int] | None:
        """None for tokens that are in no text."""
        return self.offsets[token_index] if self.token_to_sequence(token_index) is not None else None

    def char_to_token(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The first token that covers the character; None for blanks between words."""
        for index in self._tokens_of(sequence_index):
            begin, end = self.offsets[index]
            if begin <= char_pos < end:
                return index
        return None

    def char_to_word(self, char_pos: int, sequence_index: int = 0) -> int | None:
        token = self.char_to_token(char_pos, sequence_index)
        return None if token is None else self.token_to_word(token)

    def word_to_tokens(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """First token and the one after the last."""
        found = [index for index in self._tokens_of(sequence_index) if self.word_ids[index] == word_index]
        return (found[0], found[-1] + 1) if found else None

    def word_to_chars(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        span = self.word_to_tokens(word_index, sequence_index)
        return None if span is None else (self.offsets[span[0]][0], self.offsets[span[1] - 1][1])

    def _tokens_of(self, sequence: int) -> Sequence[int]:
        if sequence >= self.n_sequences:
            return range(len(self))
        return [index for index, own in enumerate(self.sequence_ids) if own == sequence]


class Encodings(Sequence[Encoding]):
    """The encodings of a batch; each is made when it is asked for."""

    def __init__(self, batch: _core.TokenBatch) -> None:
        self._batch = batch
        self._made: dict[int, Encoding] = {}

    def __len__(self) -> int:
        return len(self._batch)

    @overload
    def __getitem__(self, item: int) -> Encoding: ...

    @overload
    def __getitem__(self, item: slice) -> list[Encoding]: ...

    def __getitem__(self, item: Any) -> Encoding | list[Encoding]:
        if isinstance(item, slice):
            return [self[index] for index in range(*item.indices(len(self)))]
        index = item + len(self) if item < 0 else item
        if not 0 <= index < len(self):
            raise IndexError(f"encoding {item}: the batch has {len(self)}")
        if index not in self._made:
            self._made[index] = Encoding(*self._batch.row(index))
        return self._made[index]

    def __iter__(self) -> Iterator[Encoding]:
        return (self[index] for index in range(len(self)))
