# SPDX-License-Identifier: Apache-2.0
"""The loss that transformers adds when labels are given, from logits: numbers only, no gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import as_numpy
from .configuration import PreTrainedConfig
from .errors import usage_error

_IGNORED = -100


def loss_of(task: str, config: PreTrainedConfig, logits: Any, labels: dict[str, Any]) -> np.ndarray:
    """float32, rank 0.

    Raises: UsageError for labels of another shape or out of range.
    """
    scores = as_numpy(logits, "logits").astype(np.float64)
    arrays = {name: as_numpy(value, name) for name, value in labels.items()}
    if task == "question_answering":
        loss = _question_loss(scores, arrays)
    elif task == "sequence_classification":
        loss = _sequence_loss(scores, config, arrays["labels"])
    else:
        loss = _cross_entropy(scores.reshape(-1, scores.shape[-1]), arrays["labels"].reshape(-1), "labels")
    return np.asarray(loss, dtype=np.float32)


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def _cross_entropy(scores: np.ndarray, labels: np.ndarray, name: str, ignored: int = _IGNORED) -> float:
    """Mean over the rows whose label is not `ignored`; NaN if there is none, as in PyTorch."""
    if labels.shape != scores.shape[:1]:
        raise usage_error("SHAPE", name, f"{labels.size} labels for {len(scores)} rows of logits")
    counted = labels != ignored
    chosen = labels[counted]
    if chosen.size and not 0 <= chosen.min() <= chosen.max() < scores.shape[-1]:
        raise usage_error("RANGE", name, f"{chosen.min()} to {chosen.max()}, expected 0 to {scores.shape[-1] - 1}")
    rows = _log_softmax(scores[counted])
    return float(-rows[np.arange(len(chosen)), chosen].mean()) if chosen.size else float("nan")


def _sequence_loss(scores: np.ndarray, config: PreTrainedConfig, labels: np.ndarray) -> float:
    kind = config.problem_type
    if kind is None:
        is_whole = labels.dtype.kind in "iu"
        kind = "regression" if config.num_labels == 1 else "single_label" if is_whole else "multi_label"
    if kind.startswith("regression"):
        return float(np.mean((scores.reshape(labels.shape) - labels) ** 2))
    if kind.startswith("single_label"):
        return _cross_entropy(scores, labels.reshape(-1), "labels")
    # log(1 + e^x) - x y, in the form that does not overflow
    return float(np.mean(np.maximum(scores, 0) - scores * labels + np.log1p(np.exp(-np.abs(scores)))))


def _question_loss(scores: np.ndarray, labels: dict[str, np.ndarray]) -> float:
    if len(labels) < 2:
        raise usage_error("ARGUMENTS", "start_positions, end_positions", "only one is given", "give both or none")
    seq = scores.shape[1]
    losses = []
    for part, name in enumerate(("start_positions", "end_positions")):
        positions = np.clip(labels[name].reshape(-1), 0, seq)  # a position behind the text does not count
        losses.append(_cross_entropy(scores[..., part], positions, name, ignored=seq))
    return sum(losses) / 2
