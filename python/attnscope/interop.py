# SPDX-License-Identifier: Apache-2.0
"""A model that transformers has loaded, or trained, looked into without going through a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import _core
from .configuration import CONFIGS
from .errors import UnsupportedModel, usage_error
from .loading import check_precision
from .modeling import MODELS
from .pretrained_model import PreTrainedModel

if TYPE_CHECKING:
    import torch

_DTYPES = {"torch.float32": "F32", "torch.float16": "F16", "torch.bfloat16": "BF16"}


def from_transformers(model: Any, tokenizer: Any = None, precision: str = "fp32") -> PreTrainedModel:
    """The attnscope model of a transformers model in memory.

    model:     an instance of one of the classes that attnscope has under the same name.
    tokenizer: for attend(); that of transformers is used as it is.
    precision: of the layers' matrix products, "fp32" or "bf16", whatever the dtype of the weights.
    Memory:    float32 weights on the CPU are used where they are, others are converted. The model is taken as it is
               now: train the transformers model further, and call this again.
    Raises:    UnsupportedModel for another class.

    Example: scope = attnscope.from_transformers(trainer.model, tokenizer); scope.attend("Hello").attentions
    """
    kind = _class_of(model)
    config = model.config.to_dict()
    tensors = {name: _entry(name, tensor) for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
    files = {"config.json": json.dumps({**config, "model_type": kind.config_class.model_type}, default=str)}
    label = config.get("_name_or_path") or getattr(model, "name_or_path", "") or type(model).__name__
    session = _core.Session.from_memory(label, files, tensors, kind.task, check_precision(precision))
    ours = kind._of(session, kind.config_class.from_dict({**config, "model_type": kind.config_class.model_type}))
    ours._tokenizer = tokenizer
    return ours


def _class_of(model: Any) -> type[PreTrainedModel]:
    name = type(model).__name__
    for kind in MODELS.values():
        if kind.__name__ == name:
            return kind
    known = ", ".join(kind.__name__ for kind in MODELS.values())
    hint = f"supported model types: {', '.join(CONFIGS)}"
    raise UnsupportedModel(f"from_transformers: {name}, expected one of {known}; {hint}", code="CLASS", what=name)


def _entry(name: str, tensor: torch.Tensor) -> tuple[int, str, list[int], torch.Tensor]:
    """(address, dtype, shape, owner) of a weight, contiguous on the CPU."""
    if tensor.is_meta:
        raise usage_error("DEVICE", name, "has no values (device meta)", "load the model's weights first")
    tensor = tensor.detach().cpu().contiguous()
    if str(tensor.dtype) not in _DTYPES:
        tensor = tensor.float()
    return tensor.data_ptr(), _DTYPES[str(tensor.dtype)], list(tensor.shape), tensor
