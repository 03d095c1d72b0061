# SPDX-License-Identifier: Apache-2.0
"""Products in bf16 on trained weights, against Hugging Face in float32 and in bfloat16.

Bounds: weights within 0.03 and 0.0003 on average, each layer at most as far from float32 as Hugging Face's model in
bfloat16, which rounds every result.
"""

import numpy as np
import pytest
from oracle_models import hugging_face, load, torch, transformers
from oracle_probe import run_probe
from test_real_weights import SENTENCES, encode, minilm

LARGEST = 0.03
MEAN = 3e-4


@pytest.fixture(scope="module")
def results():
    """Attentions of every text: ours in bf16, Hugging Face's in float32 and bfloat16, each [layers, heads, n, n]."""
    folder = minilm()
    texts = encode(folder, SENTENCES)
    ours = [text["attentions"] for text in run_probe(folder, texts, "--bf16")]
    theirs = []
    for dtype in (torch.float32, torch.bfloat16):
        model = load(folder, transformers.BertModel, dtype)
        theirs.append([_attentions(model, text) for text in texts])
    return ours, *theirs


@torch.no_grad()
def _attentions(model, text):
    ids = torch.tensor([text["input_ids"]])
    return torch.cat(model(input_ids=ids, output_attentions=True).attentions).float().numpy()


def errors(found, expected):
    """Absolute differences of all texts, one flat array a layer."""
    layers = range(expected[0].shape[0])
    return [np.concatenate([np.abs(a[layer] - b[layer]).ravel() for a, b in zip(found, expected, strict=True)])
            for layer in layers]


def test_weights_are_within_the_bound_of_float32(results):
    ours, exact, _ = results
    for layer, error in enumerate(errors(ours, exact)):
        assert 0 < error.max() <= LARGEST, f"layer {layer}: {error.max():.3g}"
        assert error.mean() <= MEAN, f"layer {layer}: {error.mean():.3g}"


def test_weights_are_nearer_to_float32_than_those_of_hugging_face_in_bfloat16(results):
    ours, exact, rounded = results
    for layer, (error, other) in enumerate(zip(errors(ours, exact), errors(rounded, exact), strict=True)):
        assert error.mean() <= other.mean(), f"layer {layer}: {error.mean():.3g}, Hugging Face {other.mean():.3g}"
        assert error.max() <= 1.1 * other.max(), f"layer {layer}: {error.max():.3g}, Hugging Face {other.max():.3g}"


def test_what_is_not_a_product_of_the_layers_stays_float32():
    """The embeddings are hidden state 0; the pooler reads what Hugging Face's does."""
    folder = minilm()
    texts = encode(folder, SENTENCES[:1])
    (ours,) = run_probe(folder, texts, "--bf16")
    (exact,) = hugging_face(load(folder, transformers.BertModel), texts)
    np.testing.assert_allclose(ours["hidden_states"][0], exact["hidden_states"][0], atol=1e-5)
    pooler = load(folder, transformers.BertModel).pooler
    with torch.no_grad():
        pooled = pooler(torch.from_numpy(ours["last_hidden_state"])[None])[0]
    np.testing.assert_allclose(ours["pooler_output"], pooled, atol=1e-5)


def test_bits_are_the_same_alone_in_a_batch_and_with_hooks():
    folder = minilm()
    texts = encode(folder, SENTENCES)
    alone = run_probe(folder, texts, "--bf16")
    for options in (("--batch",), ("--batch", "--threads", 2), ("--hooked",), ("--batch", "--hooked")):
        for one, other in zip(alone, run_probe(folder, texts, "--bf16", *options), strict=True):
            for part, array in one.items():
                assert array.tobytes() == other[part].tobytes(), (options, part)
