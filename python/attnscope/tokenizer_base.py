# SPDX-License-Identifier: Apache-2.0
"""What all tokenizers are: their vocabulary, special tokens and limits."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from . import _core
from .added_token import AddedToken
from .errors import usage_error
from .padding import as_lists
from .tokenizer_settings import NO_LIMIT, SPECIAL_NAMES, Settings
from .word_piece_text import clean_spaces, join_tokens


class TokenizerBase:
    """Vocabulary and special tokens of a tokenizer that is loaded.

    `cls_token`, `cls_token_id` and their like are attributes; one that the tokenizer does not have is None.
    """

    model_input_names: list[str] = ["input_ids", "attention_mask"]  # noqa: RUF012
    is_fast = True
    pad_token_type_id = 0
    # Where the pipelines of transformers look to tell pieces of words from words.
    _tokenizer = SimpleNamespace(model=SimpleNamespace(continuing_subword_prefix="##"))

    def __init__(self, core: _core.Tokenizer, settings: Settings) -> None:
        self._core = core
        self._settings = settings
        self._special: dict[str, str | AddedToken | None] = {**settings.special}
        self._warned = False
        option = settings.option
        limit = option("model_max_length", option("max_len", None))
        self.name_or_path = settings.label
        self.model_max_length = NO_LIMIT if limit is None else limit
        self.padding_side = option("padding_side", "right")
        self.truncation_side = option("truncation_side", "right")
        self.model_input_names = list(option("model_input_names", self.model_input_names))
        self.clean_up_tokenization_spaces = bool(option("clean_up_tokenization_spaces", False))
        self.do_lower_case = bool(option("do_lower_case", True))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_core"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._core = _core.Tokenizer.from_memory(self._settings.texts, self._settings.label)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("padding_side", "truncation_side") and value not in ("right", "left"):
            raise usage_error("TOK_OPTION", name, f"found {value!r}, expected 'right' or 'left'")
        if name in SPECIAL_NAMES:
            if value is not None and not isinstance(value, (str, AddedToken)):
                raise usage_error("TOK_OPTION", name, f"found {type(value).__name__}, expected str")
            self._special[name] = value
            return
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """cls_token, cls_token_id and their like."""
        token_name = name.removesuffix("_id")
        special = self.__dict__.get("_special", {})
        if token_name not in SPECIAL_NAMES and token_name not in special:
            raise AttributeError(f"{type(self).__name__} has no attribute '{name}'")
        token = special.get(token_name)
        if token is None:
            return None
        return str(token) if token_name == name else self.convert_tokens_to_ids(str(token))

    def __len__(self) -> int:
        """Tokens, the added ones included."""
        return self._core.vocab_size()

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        tokens = "".join(f"\n\t{index}: {token!r}," for index, token in self.added_tokens_decoder.items())
        added = f"{tokens}\n" if tokens else ""
        return (
            f"{type(self).__name__}(name_or_path='{self.name_or_path}', vocab_size={self.vocab_size}, "
            f"model_max_length={self.model_max_length}, padding_side='{self.padding_side}', "
            f"truncation_side='{self.truncation_side}', special_tokens={self.special_tokens_map}, "
            f"added_tokens_decoder={{{added}}})"
        )

    @property
    def vocab_size(self) -> int:
        """Tokens without the added ones."""
        return self._settings.base_size

    def get_vocab(self) -> dict[str, int]:
        """Ids by token, the added ones included."""
        return self._core.vocabulary()

    vocab = property(get_vocab)

    @property
    def added_tokens_decoder(self) -> dict[int, AddedToken]:
        return dict(self._settings.added)

    @property
    def added_tokens_encoder(self) -> dict[str, int]:
        return {token.content: index for index, token in self._settings.added.items()}

    def get_added_vocab(self) -> dict[str, int]:
        return self.added_tokens_encoder

    @property
    def extra_special_tokens(self) -> list[str]:
        return list(self._settings.extra)

    @property
    def special_tokens_map(self) -> dict[str, str]:
        return {name: str(token) for name, token in self._special.items() if token is not None}

    @property
    def all_special_tokens(self) -> list[str]:
        return list(dict.fromkeys([*self.special_tokens_map.values(), *self._settings.extra]))

    @property
    def all_special_ids(self) -> list[int]:
        return self.convert_tokens_to_ids(self.all_special_tokens)

    def convert_tokens_to_ids(self, tokens: str | Iterable[str]) -> Any:
        """The id of a token, or a list of those of several; that of unk_token for one that is not there."""
        if not isinstance(tokens, str):
            return [self.convert_tokens_to_ids(token) for token in tokens]
        index = self._core.token_to_id(tokens)
        unknown = self._special.get("unk_token")
        return index if index is not None or unknown is None else self._core.token_to_id(str(unknown))

    def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
        """The token of an id, or a list of those of several; None for an id that is not there."""
        if isinstance(ids, int):
            return self._core.id_to_token(_checked_id(ids))
        skipped = set(self.all_special_ids) if skip_special_tokens else set()
        numbers = [_checked_id(int(index)) for index in ids]
        return [self._core.id_to_token(index) for index in numbers if index not in skipped]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """The tokens as one text: ["Pa", "##ris", "!"] is "Paris!"."""
        return self._join(tokens)

    def decode(
        self,
        token_ids: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
    ) -> Any:
        """The text of ids (a list, an array or a tensor), or a list of texts for a batch of them."""
        ids = as_lists(token_ids["input_ids"] if isinstance(token_ids, dict) else token_ids)
        if isinstance(ids, list) and ids and isinstance(ids[0], list):
            return [self.decode(row, skip_special_tokens, clean_up_tokenization_spaces) for row in ids]
        tokens = self.convert_ids_to_tokens([ids] if isinstance(ids, int) else ids)
        skipped = self._unwritten_tokens() if skip_special_tokens else set()
        text = self._join(token for token in tokens if token is not None and token not in skipped)
        clean = clean_up_tokenization_spaces
        if clean is None:
            clean = self.clean_up_tokenization_spaces
        return clean_spaces(text) if clean else text

    def batch_decode(
        self,
        sequences: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
    ) -> list[str]:
        """decode(), with a list also for a single text."""
        texts = self.decode(sequences, skip_special_tokens, clean_up_tokenization_spaces)
        return [texts] if isinstance(texts, str) else texts

    def _join(self, tokens: Iterable[str]) -> str:
        decoder = self._settings.decoder
        return " ".join(tokens) if decoder is None else join_tokens(tokens, **decoder)

    def _unwritten_tokens(self) -> set[str]:
        return {token.content for token in self._settings.added.values() if token.special}


def _checked_id(index: int) -> int:
    if index < 0:
        raise OverflowError(f"token id {index}: expected 0 or more")
    return index
