# SPDX-License-Identifier: Apache-2.0
"""What happens to a model's answer when heads are taken out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _core
from ..errors import usage_error
from ..runtime import on_main_thread
from .model_inputs import model_text

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

ABLATIONS = ("zero", "mean", "uniform")


@dataclass(frozen=True)
class AblationScan:
    """Logits of a text as it is, and with each head ablated alone.

    logits: [labels], or [T, labels] for a label a token. ablated: [layers, heads, ...] the same of each head.
    """

    logits: np.ndarray
    ablated: np.ndarray

    def effects(self, label: int | None = None, token: int | None = None) -> np.ndarray:
        """[layers, heads]: change of a logit when the head is ablated; negative where the head speaks for it.

        label: None is the label that the model predicts. token: which token, for a label a token.
        """
        logits, ablated = self.logits, self.ablated
        if logits.ndim == 2:
            if token is None:
                raise usage_error("TARGET", "effects", "no token", "say which: effects(token=3)")
            logits, ablated = logits[token], ablated[:, :, token]
        label = int(logits.argmax()) if label is None else label
        return ablated[..., label] - logits[label]


def ablation_scan(model: PreTrainedModel, text: Any, *, ablation: str = "zero", means: Any = None) -> AblationScan:
    """Logits of a text with each head ablated alone; layers before that of the head are not run again.

    text: a str, a pair, or ids. ablation: what takes the place of the head's context: "zero", "mean" (`means`, or the
        mean over the tokens of this text), "uniform" (the head attends to all tokens alike).
    means: float32 [layers, heads, head_dim], from mean_contexts().
    Raises:  UnsupportedModel for a model without a task head.
    """
    if ablation not in ABLATIONS:
        raise usage_error("CHOICE", "ablation", f"'{ablation}'", f"choose from {', '.join(ABLATIONS)}")
    if means is not None:
        means = np.ascontiguousarray(means, dtype=np.float32)
    sequence = model_text(model, text).sequence
    return AblationScan(*_core.ablation_scan(model._session, sequence, ablation, means, on_main_thread()))


def mean_contexts(model: PreTrainedModel, texts: Iterable[Any]) -> np.ndarray:
    """Mean context of every head over all tokens of the texts: float32 [layers, heads, head_dim]."""
    sequences = [model_text(model, text).sequence for text in texts]
    return _core.mean_contexts(model._session, sequences, on_main_thread())
