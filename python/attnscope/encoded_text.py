# SPDX-License-Identifier: Apache-2.0
"""A text and its tokens as the engine takes them: offsets in bytes."""

from __future__ import annotations

from itertools import accumulate
from typing import Any


def byte_starts(text: str) -> list[int]:
    """The bytes of UTF-8 before each character, and at last all."""
    return [0, *accumulate(len(character.encode()) for character in text)]


class EncodedText:
    """columns: of one text, as the engine's reports and documents take it."""

    def __init__(self, text: str, encoding: Any, has_token_types: bool) -> None:
        self.text = text
        self.starts = byte_starts(text)
        self.character_at = {start: index for index, start in enumerate(self.starts)}
        self.tokens: list[str] = encoding.tokens()
        self.offsets: list[tuple[int, int]] = encoding["offset_mapping"]
        self.ids: list[int] = encoding["input_ids"]
        self.types: list[int] = encoding["token_type_ids"] if has_token_types else []
        self.columns = {
            "tokens": self.tokens, "input_ids": self.ids, "token_type_ids": self.types,
            "offsets": [(self.starts[begin], self.starts[end]) for begin, end in self.offsets],
            "word_ids": encoding.word_ids(0), "special_tokens_mask": encoding["special_tokens_mask"],
        }  # fmt: skip

    def characters(self, span: tuple[int, int]) -> tuple[int, int]:
        """A span of bytes in characters."""
        return self.character_at[span[0]], self.character_at[span[1]]

    def spelling(self, token: int, unknown: str) -> str:
        """The token; where the vocabulary has none, what stands in the text."""
        begin, end = self.offsets[token]
        return self.text[begin:end] if self.tokens[token] == unknown else self.tokens[token]
