# SPDX-License-Identifier: Apache-2.0
"""What the files of a tokenizer and the caller say, by the rules of transformers 5.

transformers builds a BERT tokenizer from the vocabulary, tokenizer_config.json and special_tokens_map.json;
of tokenizer.json it takes the vocabulary and the added tokens. So does this module: where the files agree, as
nearly all do, the engine reads them as they are; where not, it gets a tokenizer.json that says what
transformers does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _core
from .added_token import AddedToken, added_token
from .errors import UnsupportedModel
from .sources import model_file

SPECIAL_NAMES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
NO_LIMIT = int(1e30)  # model_max_length of a tokenizer without one
_FILES = (
    "tokenizer.json",
    "vocab.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)


@dataclass
class Settings:
    """All that makes a tokenizer, with the files' texts by name."""

    label: str
    texts: dict[str, str]
    config: dict[str, Any]  # tokenizer_config.json, then the caller
    special: dict[str, str] = field(default_factory=dict)  # by name, in the order of transformers
    extra: list[str] = field(default_factory=list)
    added: dict[int, AddedToken] = field(default_factory=dict)
    base_size: int = 0  # tokens without the added ones
    decoder: dict[str, Any] | None = field(default_factory=dict)  # options of join_tokens; None: blanks alone

    def option(self, name: str, standard: Any) -> Any:
        return self.config.get(name, standard)


def read_texts(source: str) -> dict[str, str]:
    texts = {name: model_file(source, name) for name in _FILES}
    return {name: text for name, text in texts.items() if text is not None}


def load_settings(
    source: str, overrides: Mapping[str, Any], defaults: Mapping[str, str], verbatim: bool
) -> tuple[_core.Tokenizer, Settings]:
    """The engine's tokenizer and what it was made of.

    defaults: names and texts of the special tokens that need not be named by the files.
    verbatim: tokenizer.json counts as it stands.
    Raises: CheckpointError, UnsupportedModel, StorageError, HubError.
    """
    core = _core.Tokenizer.load(os.fsencode(source))  # says well what is wrong with the files
    texts = read_texts(source)
    config = {**_parse(texts.get("tokenizer_config.json")), **overrides}
    settings = Settings(source, texts, config)
    data = _parse(texts.get("tokenizer.json"))
    vocabulary = data["model"]["vocab"] if data else _vocabulary_of(texts["vocab.txt"])
    settings.base_size = len(vocabulary)
    if verbatim and data:
        settings.decoder = _decoder_of(data)
    listed = _listed_tokens(settings, overrides, data)
    _name_special_tokens(settings, defaults, listed)
    _take_baked_in(settings, data)
    settings.added = _number(_tokens_to_add(settings, listed), vocabulary)
    changed = _changed_texts(settings, data, verbatim)
    if changed is not None:
        settings.texts = changed
        core = _core.Tokenizer.from_memory(changed, source)
    return core, settings


def _parse(text: str | None) -> dict[str, Any]:
    return {} if text is None else json.loads(text.removeprefix("\ufeff"))


def _vocabulary_of(text: str) -> dict[str, int]:
    lines = text.removesuffix("\n").split("\n") if text else []
    return {line.rstrip(): index for index, line in enumerate(lines)}


def _decoder_of(data: Mapping[str, Any]) -> dict[str, Any] | None:
    decoder = data.get("decoder")
    if decoder is None:
        return None
    if decoder.get("type") != "WordPiece":
        raise UnsupportedModel(f"tokenizer.json: decoder '{decoder.get('type')}', supported: WordPiece")
    return {"prefix": decoder.get("prefix", "##"), "cleanup": decoder.get("cleanup", True)}


def _listed_tokens(settings: Settings, overrides: Mapping[str, Any], data: Mapping[str, Any]) -> dict[int, AddedToken]:
    """Added tokens by the ids that the files give them."""
    decoder = settings.config.get("added_tokens_decoder")
    if decoder is not None:
        return {int(index): added_token(token) for index, token in decoder.items()}
    _merge_map(settings.config, _parse(settings.texts.get("special_tokens_map.json")), overrides)
    special = {str(_content(settings.config[name])) for name in SPECIAL_NAMES if settings.config.get(name)}
    listed = {
        index: added_token(token, special=token in special)
        for token, index in _parse(settings.texts.get("added_tokens.json")).items()
    }
    listed.update({token["id"]: added_token(token) for token in data.get("added_tokens") or []})
    return listed


def _merge_map(config: dict[str, Any], special: Mapping[str, Any], overrides: Mapping[str, Any]) -> None:
    """special_tokens_map.json counts more than tokenizer_config.json and less than the caller."""
    for name, value in special.items():
        if overrides.get(name):
            continue
        config[name] = {**value, "special": True} if isinstance(value, dict) and "content" in value else value


def _content(value: Any) -> str:
    return value["content"] if isinstance(value, Mapping) else str(value)


def _name_special_tokens(settings: Settings, defaults: Mapping[str, str], listed: Mapping[int, AddedToken]) -> None:
    """Fills `special` and `extra`; where the config has the token itself, that stays there for its flags."""
    config = {**defaults}
    for name, value in settings.config.items():
        if value is not None or name == "pad_token":
            config[name] = value
    extra: Any = config.get("extra_special_tokens") or config.get("additional_special_tokens") or []
    own = {name: config[name] for name in config if name.endswith("_token") and name not in SPECIAL_NAMES}
    if isinstance(extra, Mapping):
        own, extra = {**own, **extra}, []
    known = {name: config.get(name) for name in SPECIAL_NAMES}
    named = {name: value for name, value in {**known, **own}.items() if _is_token(value)}
    settings.special = {name: _content(value) for name, value in named.items()}
    settings.extra = [_content(value) for value in extra]
    settings.config.update(named)
    settings.config["extra_special_tokens"] = list(extra)


def _is_token(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "content" in value
    return isinstance(value, str) or type(value).__name__ == "AddedToken"


def _take_baked_in(settings: Settings, data: Mapping[str, Any]) -> None:
    """Sides that tokenizer.json holds count unless the config says something else."""
    for part, option in (("truncation", "truncation_side"), ("padding", "padding_side")):
        direction = (data.get(part) or {}).get("direction")
        if direction:
            settings.config.setdefault(option, direction.lower())


def _tokens_to_add(settings: Settings, listed: Mapping[int, AddedToken]) -> list[AddedToken]:
    """The listed ones by id, then the special tokens that are not among them."""
    tokens = [token for _, token in sorted(listed.items())]
    contents = {token.content for token in tokens}
    specials = [settings.config[name] for name in settings.special] + settings.config["extra_special_tokens"]
    for value in specials:
        if _content(value) not in contents:
            tokens.append(added_token(value, special=True))
            contents.add(_content(value))
    named = set(settings.special.values())
    return [_as_special(token) if token.content in named else token for token in tokens]


def _as_special(token: AddedToken) -> AddedToken:
    return added_token({**token.as_json(), "special": True})


def _number(tokens: Iterable[AddedToken], vocabulary: Mapping[str, int]) -> dict[int, AddedToken]:
    """Tokens of the vocabulary keep their ids, new ones follow it."""
    numbers: dict[str, int] = {}
    added: dict[int, AddedToken] = {}
    following = max(vocabulary.values(), default=-1) + 1
    for token in tokens:
        if not token.content:
            continue
        index = numbers.get(token.content, vocabulary.get(token.content, following))
        following = max(following, index + 1)
        numbers[token.content] = index
        added[index] = token
    return dict(sorted(added.items()))


def _changed_texts(settings: Settings, data: dict[str, Any], verbatim: bool) -> dict[str, str] | None:
    """Files that say what the settings say, or None if the files do already."""
    if not data:
        config = json.dumps(_bert_config(settings))
        return {"vocab.txt": settings.texts["vocab.txt"], "tokenizer_config.json": config}
    wanted = dict(data)
    wanted["added_tokens"] = [{"id": index, **token.as_json()} for index, token in settings.added.items()]
    if not verbatim:
        _make_bert(wanted, settings)
    return None if wanted == data else {"tokenizer.json": json.dumps(wanted)}


def _bert_config(settings: Settings) -> dict[str, Any]:
    """tokenizer_config.json for a vocab.txt."""
    names = ("do_lower_case", "tokenize_chinese_chars", "strip_accents")
    options = {name: settings.config[name] for name in names if settings.config.get(name) is not None}
    decoder = {str(index): token.as_json() for index, token in settings.added.items()}
    return {**options, **settings.special, "added_tokens_decoder": decoder}


def _make_bert(data: dict[str, Any], settings: Settings) -> None:
    """Every part but the vocabulary as a BERT tokenizer has it."""
    data["normalizer"] = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": bool(settings.option("tokenize_chinese_chars", True)),
        "strip_accents": settings.option("strip_accents", None),
        "lowercase": bool(settings.option("do_lower_case", True)),
    }
    data["pre_tokenizer"] = {"type": "BertPreTokenizer"}
    data["model"] = {
        **data["model"],
        "type": "WordPiece",
        "unk_token": settings.special["unk_token"],
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
    }
    data["post_processor"] = _bert_template(data["model"]["vocab"], settings)


def _bert_template(vocabulary: Mapping[str, int], settings: Settings) -> dict[str, Any]:
    """[CLS] A [SEP], and for pairs [CLS] A [SEP] B [SEP] with type 1 for the second."""
    ids = {**vocabulary, **{token.content: index for index, token in settings.added.items()}}
    cls, sep = settings.special["cls_token"], settings.special["sep_token"]

    def special(token: str, type_id: int) -> dict[str, Any]:
        return {"SpecialToken": {"id": token, "type_id": type_id}}

    def text(name: str, type_id: int) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": type_id}}

    single = [special(cls, 0), text("A", 0), special(sep, 0)]
    tokens = {token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in (cls, sep)}
    pair = [*single, text("B", 1), special(sep, 1)]
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens}
