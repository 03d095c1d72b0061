# SPDX-License-Identifier: Apache-2.0
"""The tokenizers of the BERT line, with the calls of transformers."""

from __future__ import annotations

import json
import logging
from typing import Any, ClassVar

from . import _core
from .batch_encoding import BatchEncoding
from .errors import usage_error
from .padding import Padder, as_lists, check_sizes, gather_inputs, kind_of
from .sources import model_file, source_name
from .tensor_conversion import from_numpy, ragged_error, tensor_kind
from .token_encoding import Encodings
from .tokenizer_base import TokenizerBase
from .tokenizer_call import Strategies, arrange_texts, choose_strategies
from .tokenizer_settings import SPECIAL_NAMES, load_settings

# Keyword arguments of from_pretrained: settings, and what means nothing here (files are local).
_SETTINGS = {
    *SPECIAL_NAMES, "do_lower_case", "tokenize_chinese_chars", "strip_accents", "model_max_length", "max_len",
    "padding_side", "truncation_side", "model_input_names", "clean_up_tokenization_spaces",
    "extra_special_tokens", "additional_special_tokens",
}  # fmt: skip
_WITHOUT_MEANING = {"use_fast", "local_files_only", "token", "trust_remote_code", "force_download", "proxies"}
_NOT_HERE = {"text_target", "text_pair_target", "split_special_tokens", "tokenizer_kwargs", "return_dict"}


class TokenizersBackend(TokenizerBase):
    """A tokenizer.json as it stands. BertTokenizer and DistilBertTokenizer read it by BERT's rules.

    Example:
        tokenizer = DistilBertTokenizer.from_pretrained("distilbert-base-uncased")
        inputs = tokenizer("This is a simple example sentence.", return_tensors="pt")
    """

    _defaults: ClassVar[dict[str, str]] = {}
    _verbatim = True

    @classmethod
    def from_pretrained(cls, source: Any, **overrides: Any) -> TokenizersBackend:
        """A directory, "builtin:demo", or a hub id in the local cache.

        overrides: settings that count more than the files': do_lower_case, cls_token, model_max_length, ...
        Raises: TypeError for an argument that is not supported; CheckpointError, UnsupportedModel,
            StorageError, HubError for the files.
        """
        name = source_name(source)
        core, settings = load_settings(name, _known_settings(overrides), cls._defaults, cls._verbatim)
        return cls(core, settings)

    def __call__(
        self,
        text: Any = None,
        text_pair: Any = None,
        *,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        is_split_into_words: bool = False,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        **unsupported: Any,
    ) -> BatchEncoding:
        """One text (a str) or a list of them; words with is_split_into_words=True.

        Pairs: with text_pair, or as a list of tuples.
        Shapes: lists of numbers, one a text for a list of texts; return_tensors: "pt" or "np" [batch, seq].
        Raises: TypeError for what is no text, with its index; ValueError for options that cannot be, for lone
            surrogates, and for tensors of rows that differ in length; TextError if truncation cannot fit.
        Example: tokenizer(["One.", "And another."], padding=True, return_tensors="pt")
        """
        _refuse(unsupported)
        kind = tensor_kind(return_tensors)
        strategies = self._strategies(padding, truncation, max_length, pad_to_multiple_of, verbose)
        if stride and strategies.truncates:
            self._check_stride(stride, strategies.max_length)
        texts = arrange_texts(text, text_pair, is_split_into_words)
        batch = self._core.encode(
            texts.texts, texts.pairs, is_split_into_words, texts.single, add_special_tokens,
            strategies.max_length if strategies.truncates else None, strategies.truncation, stride,
            return_overflowing_tokens, self.truncation_side == "left",
        )  # fmt: skip
        if strategies.pads:
            self._pad_batch(batch, strategies, pad_to_multiple_of, padding_side or self.padding_side)
        if strategies.max_length is None and verbose:
            self._warn_of_length(batch)
        names = self._output_names(return_token_type_ids, return_attention_mask)
        names += ["special_tokens_mask"] * return_special_tokens_mask
        names += ["offset_mapping"] * return_offsets_mapping
        data = {name: _column(batch, name, kind) for name in names}
        if return_length:
            data["length"] = batch.lengths()
        if return_overflowing_tokens:
            data["overflow_to_sample_mapping"] = batch.samples()
        if kind is None and texts.single and not return_overflowing_tokens:
            data = {name: value if name == "length" else value[0] for name, value in data.items()}
        lists_left = len(data) > len(names) or _is_ragged(batch)
        return BatchEncoding(data, Encodings(batch), kind if lists_left else None)

    def encode(self, text: Any, text_pair: Any = None, **options: Any) -> Any:
        """The input_ids of a call."""
        return self(text, text_pair, **options)["input_ids"]

    def tokenize(self, text: Any, pair: Any = None, add_special_tokens: bool = False, **options: Any) -> list[str]:
        """The tokens of a text as str."""
        return self(text, pair, add_special_tokens=add_special_tokens, **options).tokens()

    def pad(
        self,
        encoded_inputs: Any,
        padding: bool | str = True,
        max_length: int | None = None,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: str | None = None,
        verbose: bool = True,
    ) -> BatchEncoding:
        """Inputs made equally long: a dict, a dict of lists, or a list of dicts (of a data collator)."""
        inputs = gather_inputs(encoded_inputs)
        ids = inputs["input_ids"]
        if ids is None or len(ids) == 0:
            return BatchEncoding({**inputs, **({"attention_mask": []} if return_attention_mask else {})})
        return_tensors = return_tensors or kind_of(ids)
        inputs = {name: as_lists(value) for name, value in inputs.items()}
        strategies = self._strategies(padding, None, max_length, None, verbose)
        padder = Padder(
            strategies, pad_to_multiple_of, self._is_left(padding_side), self.pad_token_id,
            self.pad_token_type_id, _wanted(return_attention_mask, "attention_mask", self.model_input_names),
        )  # fmt: skip
        if not isinstance(inputs["input_ids"][0], list):
            return BatchEncoding(padder.pad_row(inputs), tensor_type=return_tensors)
        check_sizes(inputs)
        return BatchEncoding(padder.pad_batch(inputs), tensor_type=return_tensors)

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """Tokens that the template puts around a text, or around a pair."""
        return len(self("", (" " if pair else None), verbose=False)["input_ids"])

    @property
    def max_len_single_sentence(self) -> int:
        return self.model_max_length - self.num_special_tokens_to_add()

    @property
    def max_len_sentences_pair(self) -> int:
        return self.model_max_length - self.num_special_tokens_to_add(pair=True)

    def get_special_tokens_mask(
        self, token_ids_0: Any, token_ids_1: Any = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        """1 for the ids of special tokens, 0 for others.

        Raises: NotImplementedError unless already_has_special_tokens.
        """
        if not already_has_special_tokens:
            raise NotImplementedError("use tokenizer(..., return_special_tokens_mask=True)")
        if token_ids_1 is not None:
            raise usage_error("TOK_TEXTS", "token_ids_1", "ids with special tokens are one sequence", "give None")
        special = set(self.all_special_ids)
        return [int(int(index) in special) for index in token_ids_0]

    def _output_names(self, token_type_ids: bool | None, attention_mask: bool | None) -> list[str]:
        asked = {"token_type_ids": token_type_ids, "attention_mask": attention_mask}
        return ["input_ids", *(name for name in asked if _wanted(asked[name], name, self.model_input_names))]

    def _strategies(
        self, padding: Any, truncation: Any, max_length: int | None, multiple: int | None, verbose: bool
    ) -> Strategies:
        limit = self.model_max_length
        strategies = choose_strategies(padding, truncation, max_length, multiple, limit, verbose)
        if strategies.pads and self.pad_token is None:
            raise usage_error("TOK_OPTION", "padding", "the tokenizer has no pad_token", "set tokenizer.pad_token")
        return strategies

    def _check_stride(self, stride: int, max_length: int | None) -> None:
        room = (max_length or 0) - self.num_special_tokens_to_add()
        if stride < 0 or 0 <= room < stride:
            found = f"{stride}, but a window has room for {room} tokens of the text"
            raise usage_error("TOK_OPTION", "stride", found, "make it smaller")

    def _is_left(self, side: str | None) -> bool:
        side = side or self.padding_side
        if side not in ("right", "left"):
            raise usage_error("TOK_OPTION", "padding_side", f"found {side!r}, expected 'right' or 'left'")
        return side == "left"

    def _pad_batch(self, batch: _core.TokenBatch, strategies: Strategies, multiple: int | None, side: str) -> None:
        length = batch.longest_first_row
        if strategies.padding == "max_length":
            length = strategies.max_length or 0
        if multiple and length % multiple:
            length += multiple - length % multiple
        batch.pad(length, self.pad_token_id, self.pad_token_type_id, self.pad_token, self._is_left(side))

    def _warn_of_length(self, batch: _core.TokenBatch) -> None:
        longest = batch.longest_row
        if self._warned or longest <= self.model_max_length or self.model_max_length == 0:
            return
        self._warned = True
        logging.getLogger("attnscope").warning(
            "a text has %d tokens, the model takes at most %d and will refuse it; "
            "use truncation=True, or return_overflowing_tokens=True with a stride",
            longest, self.model_max_length,
        )  # fmt: skip


class BertTokenizer(TokenizersBackend):
    """WordPiece as BERT has it: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP]."""

    model_input_names = ["input_ids", "token_type_ids", "attention_mask"]  # noqa: RUF012
    _defaults: ClassVar[dict[str, str]] = {
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    }  # fmt: skip
    _verbatim = False


class DistilBertTokenizer(BertTokenizer):
    """BertTokenizer without token types, which DistilBERT does not have."""

    model_input_names = ["input_ids", "attention_mask"]  # noqa: RUF012


BertTokenizerFast = BertTokenizer
DistilBertTokenizerFast = DistilBertTokenizer

_CLASSES = {"BertTokenizer": BertTokenizer, "DistilBertTokenizer": DistilBertTokenizer}
_BASE_CLASSES = ("PreTrainedTokenizer", "TokenizersBackend", "PreTrainedTokenizerFast")


class AutoTokenizer:
    """from_pretrained makes the tokenizer that the checkpoint names, BertTokenizer if it names none."""

    def __init__(self) -> None:
        raise OSError("AutoTokenizer: use AutoTokenizer.from_pretrained(source)")

    @classmethod
    def from_pretrained(cls, source: Any, **overrides: Any) -> TokenizersBackend:
        """As BertTokenizer.from_pretrained."""
        overrides.pop("config", None)
        name = source_name(source)
        config = json.loads(model_file(name, "tokenizer_config.json") or "{}")
        model_config = json.loads(model_file(name, "config.json") or "{}")
        named = config.get("tokenizer_class") or model_config.get("tokenizer_class")
        if named in _BASE_CLASSES:
            return TokenizersBackend.from_pretrained(name, **overrides)
        chosen = _CLASSES.get((named or "").removesuffix("Fast"), BertTokenizer)
        return chosen.from_pretrained(name, **overrides)


def _known_settings(overrides: dict[str, Any]) -> dict[str, Any]:
    overrides = {name: value for name, value in overrides.items() if name not in _WITHOUT_MEANING}
    if overrides.get("revision") in (None, "main"):
        overrides.pop("revision", None)
    for name in overrides:
        if name not in _SETTINGS:
            known = ", ".join(sorted(_SETTINGS))
            raise TypeError(f"from_pretrained: '{name}' is not supported; known are {known}")
    return overrides


def _refuse(unsupported: dict[str, Any]) -> None:
    for name, value in unsupported.items():
        if name in _NOT_HERE and not value:
            continue
        raise TypeError(f"tokenizer(): '{name}' is not supported by attnscope")


def _wanted(asked: bool | None, name: str, standard: list[str]) -> bool:
    return name in standard if asked is None else asked


def _is_ragged(batch: _core.TokenBatch) -> bool:
    return batch.common_length is None


def _column(batch: _core.TokenBatch, name: str, kind: str | None) -> Any:
    """One output: lists, or a tensor if asked and if all rows are equally long."""
    offsets = name == "offset_mapping"
    if kind is None or _is_ragged(batch):
        if kind == "pt":
            raise ragged_error(name)
        return batch.offset_lists() if offsets else batch.lists(name)
    array = batch.offset_array() if offsets else batch.array(name)
    return array if kind == "np" else from_numpy(array)
