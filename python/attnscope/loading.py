# SPDX-License-Identifier: Apache-2.0
"""The options of from_pretrained that transformers takes and that mean something here, or nothing."""

from __future__ import annotations

import difflib
from typing import Any

from .errors import usage_error

_CONFIG = ("output_attentions", "output_hidden_states", "return_dict", "id2label", "label2id", "problem_type")
# Where files are looked for and how weights are held is the engine's affair; nothing is ever downloaded.
_WITHOUT_EFFECT = (
    "attn_implementation", "local_files_only", "low_cpu_mem_usage", "use_safetensors", "trust_remote_code", "token",
    "force_download", "weights_only", "add_pooling_layer",
)  # fmt: skip
_ONLY = {
    "dtype": ("torch.float32", "float32", "auto", "None", "<class 'numpy.float32'>"),
    "torch_dtype": ("torch.float32", "float32", "auto", "None", "<class 'numpy.float32'>"),
    "device_map": ("cpu", "auto", "None"),
    "revision": ("main", "None"),
    "cache_dir": ("None",),
    "subfolder": ("", "None"),
    "quantization_config": ("None",),
}
_WHY = {
    "dtype": "choose from float32, bfloat16",
    "torch_dtype": "choose from float32, bfloat16",
    "device_map": "models run on the CPU",
    "revision": "the cache's main is opened; give the directory of another snapshot",
    "cache_dir": "set the environment variable HF_HOME",
    "subfolder": "give the directory itself",
    "quantization_config": "give the original checkpoint",
}


def check_precision(precision: Any) -> str:
    """Raises: UsageError for another word than "fp32" and "bf16"."""
    if precision not in ("fp32", "bf16"):
        raise usage_error("PRECISION", "precision", f"'{precision}'", "choose from fp32, bf16")
    return precision


def take_precision(options: dict[str, Any]) -> str:
    """Takes `precision` out of the options, and what says bf16 in the words of transformers: dtype, torch_dtype.

    Raises: UsageError for an unknown word, or if they contradict each other.
    """
    precision = options.pop("precision", None)
    said = [name for name in ("dtype", "torch_dtype") if str(options.get(name)) in ("bfloat16", "torch.bfloat16")]
    for name in said:
        del options[name]
    if precision is None:
        return "bf16" if said else "fp32"
    if said and check_precision(precision) != "bf16":
        raise usage_error("PRECISION", "precision", f"'{precision}' with {said[0]} bfloat16", "give one of them")
    return check_precision(precision)


def config_overrides(options: dict[str, Any]) -> dict[str, Any]:
    """The part of the options that changes the config.

    Raises: UsageError for an option that would mean something else here; TypeError for an unknown one.
    """
    overrides = {}
    for name, value in options.items():
        if name in _CONFIG:
            overrides[name] = value
        elif name in _ONLY:
            if str(value) not in _ONLY[name]:
                raise usage_error("OPTION", name, f"{value} is not supported", _WHY[name])
        elif name not in _WITHOUT_EFFECT:
            known = [*_CONFIG, *_ONLY, *_WITHOUT_EFFECT, "check_finite", "precision"]
            near = difflib.get_close_matches(name, known, 1)
            meant = f"; did you mean '{near[0]}'?" if near else ""
            raise TypeError(f"from_pretrained() got an unexpected option '{name}'{meant}")
    return overrides
