# SPDX-License-Identifier: Apache-2.0
"""Numbers on top of attention weights: which words, which heads, which layers.

    from attnscope import analysis

    analysis.rollout(result.attentions)

What needs weights only takes arrays [layers, heads, T, T] of numpy, torch or anybody with the array protocols, or
the results of `attend`. What runs a model takes the model first.
"""

from __future__ import annotations

from .. import _lazy_names

# Where each public name stands.
_HOMES: dict[str, tuple[str, ...]] = {
    "contribution_methods": (
        "AttentionBlock", "alti", "attention_blocks", "mixing_ratio", "transformed_norms", "value_zeroing",
        "vector_norms",
    ),
    "explained_target": ("Target",),
    "gradient_methods": (
        "AttentionAttribution", "Gradients", "IntegratedGradients", "attention_attribution", "gradient_x_attention",
        "gradient_x_input", "gradients", "head_sensitivity", "integrated_gradients", "relevance_propagation",
    ),
    "head_report": ("HeadReport", "head_importance", "heads"),
    "inputs": ("attention_array",),
    "interventions": ("Interventions", "activations"),
    "layer_report": ("DifferenceReport", "LayerReport", "diff", "layers"),
    "perturbation": ("Faithfulness", "faithfulness", "leave_one_out", "patching_effects"),
    "probing": ("AblationScan", "ablation_scan", "mean_contexts"),
    "weights": (
        "accumulate", "align_words", "confidence", "distance", "divergence", "entropy", "flow", "head_distances",
        "kendall_tau", "mass_at_offset", "mass_on", "mass_on_same_word", "patterns", "received", "rollout",
        "rollout_layers", "scale_to_plane", "state_cosines", "token_cosines", "total_variation", "without_tokens",
        "word_attention",
    ),
    "word_report": (
        "EntityScore", "LabelledSentence", "WordReport", "find_entities", "read_conll", "spell_entities", "words",
    ),
}  # fmt: skip

__getattr__, __dir__, __all__ = _lazy_names(__name__, _HOMES, globals())
