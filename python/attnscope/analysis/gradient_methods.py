# SPDX-License-Identifier: Apache-2.0
"""Gradients of what a model says, by its weights of attention, its contexts and its input, and methods on top.

All take the model, one text (a str, a pair, or ids as model_text() takes them), and what is to be explained:

    target: None is the label that the model predicts; a label by number or name; or a Target.
    token, word: for models with logits for every token, whose logits: a token, or the first token of a word.
        Question answering without them takes the token that the model predicts.

Hooks on the modules of the model apply: a number that a hook changed is a constant. Arrays are float32 numpy.
They raise UnsupportedModel for a model without a task head, and UsageError for a target that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _core
from ..conventions import CallValues
from ..errors import usage_error
from ..runtime import on_main_thread
from .explained_target import Target, explained_target
from .model_inputs import ModelText, model_text

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

__all__ = [
    "AttentionAttribution", "Gradients", "IntegratedGradients", "Target", "attention_attribution",
    "gradient_x_attention", "gradient_x_input", "gradients", "head_sensitivity", "integrated_gradients",
    "relevance_propagation",
]  # fmt: skip

_RULES = ("middle", "left")


@dataclass(frozen=True)
class Gradients:
    """Values of a text of T tokens and the gradients of its target by them; None for what was not asked for.

    value: of the target. target: which it is. logits: as the model gives them.
    attentions, attention_gradients: [layers, heads, T, T], the weights of each layer as if they were an input.
    contexts, context_gradients: [layers, T, heads, head_dim], weights times values.
    inputs_embeds, inputs_embeds_gradients: [T, hidden_size], the rows of the word embeddings.
    hidden_state_gradients: [layers + 1, T, hidden_size].
    """

    value: float
    target: Target
    logits: np.ndarray
    attentions: np.ndarray | None
    attention_gradients: np.ndarray | None
    contexts: np.ndarray | None
    context_gradients: np.ndarray | None
    inputs_embeds: np.ndarray | None
    inputs_embeds_gradients: np.ndarray | None
    hidden_state_gradients: np.ndarray | None


@dataclass(frozen=True)
class IntegratedGradients:
    """scores [T] add up to value - baseline_value, but for the error of the steps."""

    scores: np.ndarray
    value: float
    baseline_value: float
    target: Target


@dataclass(frozen=True)
class AttentionAttribution:
    """scores [layers, heads, T, T]: those of a layer add up to value - value_without[layer], but for the error of
    the steps. value_without [layers]: the target with all weights of the layer 0."""

    scores: np.ndarray
    value: float
    value_without: np.ndarray
    target: Target


class _Question:
    """One text and target for the engine."""

    def __init__(self, model: PreTrainedModel, text: Any, target: Any, token: int | None, word: int | None) -> None:
        self.model = model
        self.text: ModelText = model_text(model, text)
        self.given = {
            "ids": self.text.ids, "token_types": self.text.token_types, "main_thread": on_main_thread(),
            **explained_target(model, self.text, target, token, word),
        }  # fmt: skip

    def ask(self, method: Any, *options: Any) -> Any:
        """A method of the engine, with the hooks of the model."""
        with self.model._registry.firing(self.model._nodes, CallValues) as fire:
            return method(self.model._session, {**self.given, "fire": fire}, *options)

    def answered(self, results: dict[str, Any]) -> dict[str, Any]:
        """Results with the target that they are of."""
        label, tokens = results["target"]
        return {**results, "target": Target(label, tuple(tokens), self.given["of"])}


def gradients(
    model: PreTrainedModel, text: Any, *, target: Any = None, token: int | None = None, word: int | None = None,
    attentions: bool = True, contexts: bool = False, inputs_embeds: bool = True, hidden_states: bool = False,
) -> Gradients:  # fmt: skip
    """Gradients of a target by what is asked for; see Gradients. About the work of three forwards.

    Example: gradients(model, "A fine film.", target="POSITIVE").attention_gradients  # [6, 12, 6, 6]
    """
    wanted = {
        "attentions": attentions, "contexts": contexts, "inputs_embeds": inputs_embeds, "hidden_states": hidden_states,
    }  # fmt: skip
    question = _Question(model, text, target, token, word)
    return Gradients(**question.answered(question.ask(_core.gradients, wanted)))


def gradient_x_input(
    model: PreTrainedModel, text: Any, *, target: Any = None, token: int | None = None, word: int | None = None
) -> np.ndarray:
    """Word embedding times its gradient, summed over the width: [T]."""
    return _Question(model, text, target, token, word).ask(_core.gradient_x_input)


def integrated_gradients(
    model: PreTrainedModel, text: Any, *, target: Any = None, token: int | None = None, word: int | None = None,
    baseline: Any = "mask", steps: int = 64, rule: str = "middle",
) -> IntegratedGradients:  # fmt: skip
    """Integrated gradients of the word embeddings along the straight line from a baseline.

    baseline: "mask" or "pad", or an id of the vocabulary: every token becomes that one, [CLS] and [SEP] stay;
        or rows in place of the word embeddings [T, hidden_size].
    rule: where in each step the gradient is taken, "middle" or "left".
    Raises:  UsageError for a baseline of another shape and for fewer steps than one.
    Source:  Sundararajan et al. 2017.
    """
    question = _Question(model, text, target, token, word)
    rows = _baseline_rows(question, baseline)
    return IntegratedGradients(
        **question.answered(question.ask(_core.integrated_gradients, rows, steps, _checked_rule(rule)))
    )


def gradient_x_attention(
    model: PreTrainedModel, text: Any, *, target: Any = None, token: int | None = None, word: int | None = None
) -> np.ndarray:
    """Weight times its gradient: [layers, heads, T, T]."""
    return _Question(model, text, target, token, word).ask(_core.gradient_x_attention)


def attention_attribution(
    model: PreTrainedModel, text: Any, *, target: Any = None, token: int | None = None, word: int | None = None,
    steps: int = 64, rule: str = "middle",
) -> AttentionAttribution:  # fmt: skip
    """The weights of one layer at a time times their mean gradient on the way from 0 to the weights.

    steps, rule: as for integrated_gradients; "left" is the paper's code, which also explains the probability:
        target=Target(of="probability").
    Raises:  UsageError for fewer steps than one.
    Source:  AttAttr, Hao et al. 2021.
    """
    question = _Question(model, text, target, token, word)
    return AttentionAttribution(
        **question.answered(question.ask(_core.attention_attribution, steps, _checked_rule(rule)))
    )


def relevance_propagation(
    model: PreTrainedModel, text: Any, *, target: Any = None, token: int | None = None, word: int | None = None
) -> np.ndarray:
    """Relevance of every input token (column) for every token (row): [T, T].

    R <- R + mean_h (gradient x weights)^+ R through the layers, from R = I. The row of the token whose logits are
    explained is the answer: [CLS], 0, for sequence classification. Its diagonal is the token's own 1 and more; it
    is neither removed nor are rows normalised.
    Source:  Chefer et al. 2021, generic attention explainability.
    """
    return _Question(model, text, target, token, word).ask(_core.relevance_propagation)


def head_sensitivity(
    model: PreTrainedModel, text: Any, *, target: Any = None, token: int | None = None, word: int | None = None
) -> np.ndarray:
    """How much the target changes when a head is scaled: |sum of context x gradient|, [layers, heads].

    The importance of a head is the mean over texts, with target=Target(of="loss").
    Source:  Michel et al. 2019.
    """
    return _Question(model, text, target, token, word).ask(_core.head_sensitivity)


def _checked_rule(rule: str) -> str:
    if rule not in _RULES:
        raise usage_error("CHOICE", "rule", f"'{rule}'", f"choose from {', '.join(_RULES)}")
    return rule


def _baseline_rows(question: _Question, baseline: Any) -> np.ndarray:
    if not isinstance(baseline, (str, int)):
        rows = np.ascontiguousarray(baseline, dtype=np.float32)
        expected = (len(question.text.ids), question.model._info["hidden_size"])
        if rows.shape != expected:
            raise usage_error("BASELINE", "baseline", f"shape {list(rows.shape)}, expected {list(expected)}")
        return rows
    ids = question.text.ids
    number = _special_id(question.model, baseline) if isinstance(baseline, str) else baseline
    tokenizer = question.model.tokenizer
    kept = [int(index in (tokenizer.cls_token_id, tokenizer.sep_token_id)) for index in ids]
    return _core.baseline_embeddings(question.model._session, ids, number, kept)


def _special_id(model: PreTrainedModel, name: str) -> int:
    if name not in ("mask", "pad"):
        raise usage_error("CHOICE", "baseline", f"'{name}'", "choose from mask, pad, or give an id or rows")
    number = getattr(model.tokenizer, f"{name}_token_id")
    if number is None:
        raise usage_error("BASELINE", "baseline", f"the tokenizer has no [{name.upper()}]", "give an id or rows")
    return number
