# SPDX-License-Identifier: Apache-2.0
"""What number of a model is to be explained: a label's logit, its probability, a loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import usage_error
from .model_inputs import ModelText

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

_KINDS = ("logit", "probability", "log_probability", "loss")


@dataclass(frozen=True)
class Target:
    """A number that a model gives for a text.

    label: a label by number or name, of a masked-LM model an id of the vocabulary, for question answering 0 (start)
        or 1 (end). None: what the model predicts.
    tokens: the tokens whose numbers are added up; for sequence classification none.
    of: "logit", "probability", "log_probability" or "loss" (-log probability). Probabilities are shares of the
        labels, for question answering of the tokens.
    """

    label: int | str | None = None
    tokens: Sequence[int] = ()
    of: str = "logit"


def explained_target(
    model: PreTrainedModel, text: ModelText, target: Any, token: int | None, word: int | None
) -> dict[str, Any]:
    """The entries "of", "label" and "tokens" of a question to the engine.

    Raises:  UsageError if a token is wanted and none is named, or one is named twice or does not exist.
    """
    wanted = target if isinstance(target, Target) else Target(target)
    if wanted.of not in _KINDS:
        raise usage_error("CHOICE", "target", f"of '{wanted.of}'", f"choose from {', '.join(_KINDS)}")
    tokens = _tokens(text, wanted, token, word)
    task = model._info["task"]
    if not tokens and task in ("token_classification", "masked_lm"):
        raise usage_error(
            "TARGET", "target", f"{type(model).__name__} gives every token its own logits, and no token is named",
            "say of which token or word: token=3, word=1 or Target(label, tokens=[3])",
        )  # fmt: skip
    return {"of": wanted.of, "label": _label_number(model, wanted.label), "tokens": tokens}


def _label_number(model: PreTrainedModel, label: Any) -> int | None:
    if not isinstance(label, str):
        return None if label is None else int(label)
    numbers = model.config.label2id
    if label not in numbers:
        raise usage_error("TARGET", "target", f"no label '{label}'", f"choose from {', '.join(numbers)}")
    return numbers[label]


def _tokens(text: ModelText, wanted: Target, token: int | None, word: int | None) -> list[int]:
    given = [name for name, value in (("tokens", wanted.tokens or None), ("token", token), ("word", word))
             if value is not None]  # fmt: skip
    if len(given) > 1:
        raise usage_error("TARGET", "target", f"{given[0]} and {given[1]} are both given", "give one of them")
    if word is not None:
        return [_first_token(text, word)]
    chosen = list(wanted.tokens) if token is None else [token]
    return [_position(index, len(text.ids)) for index in chosen]


def _position(index: int, length: int) -> int:
    if not -length <= index < length:
        raise usage_error("TARGET", "token", f"{index} does not exist", f"the text has {length} tokens")
    return index % length


def _first_token(text: ModelText, word: int) -> int:
    """The first token of a word, by which models of named entities label it."""
    if text.encoding is None:
        raise usage_error("TARGET", "word", "given for ids, which have no words", "give the text, or token=")
    word_ids = text.encoding.word_ids(0)
    if word not in word_ids:
        last = max((index for index in word_ids if index is not None), default=-1)
        raise usage_error("TARGET", "word", f"{word} does not exist", f"the words of the text are 0..{last}")
    return word_ids.index(word)
