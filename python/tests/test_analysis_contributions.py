# SPDX-License-Identifier: Apache-2.0
"""Contributions of tokens against their definitions, on Hugging Face's models in float64."""

import numpy as np
import pytest

import attnscope
from attnscope import analysis
from package_models import SENTENCE

oracle_models = pytest.importorskip("oracle_models", reason="transformers, the oracle, is not installed")
torch = oracle_models.torch

FAMILIES = ["DistilBert", "Bert"]


def parts_of(layer):
    """(value, output, norm) of a layer of transformers."""
    attention = layer.attention
    if hasattr(attention, "v_lin"):
        return attention.v_lin, attention.out_lin, layer.sa_layer_norm
    return attention.self.value, attention.output.dense, attention.output.LayerNorm


def layers_of(model):
    return model.transformer.layer if hasattr(model, "transformer") else model.encoder.layer


class Reference:
    """t_ij of every layer, as a tensor [T, T, width], and what follows from it."""

    def __init__(self, model, ids):
        self.model = oracle_models.as_double(model)
        self.ids = torch.tensor([ids])
        self.layers = layers_of(self.model)
        outputs = []
        hooks = [
            parts_of(layer)[2].register_forward_hook(lambda _, args, output: outputs.append((args[0][0], output[0])))
            for layer in self.layers
        ]
        with torch.no_grad():
            run = self.model(self.ids, output_attentions=True, output_hidden_states=True)
        for hook in hooks:
            hook.remove()
        self.norm_inputs = [before for before, _ in outputs]
        self.norm_outputs = [after for _, after in outputs]
        self.states = [state[0] for state in run.hidden_states]
        self.weights = [weights[0] for weights in run.attentions]

    @torch.no_grad()
    def transformed(self, layer):
        """[heads, T, width]."""
        value, output, _ = parts_of(self.layers[layer])
        heads = self.weights[layer].shape[0]
        values = value(self.states[layer]).unflatten(-1, (heads, -1))  # [T, heads, head_dim]
        matrix = output.weight.unflatten(1, (heads, -1))  # [width, heads, head_dim]
        return torch.einsum("jhd,whd->hjw", values, matrix)

    def mixed(self, layer, residual=True):
        """[T, T, width]."""
        t = torch.einsum("hij,hjw->ijw", self.weights[layer], self.transformed(layer))
        if residual:
            t += torch.diag_embed(self.states[layer].T).permute(1, 2, 0)
        return t

    @torch.no_grad()
    def normalised(self, layer, t=None):
        norm = parts_of(self.layers[layer])[2]
        t = self.mixed(layer) if t is None else t
        deviation = torch.sqrt(self.norm_inputs[layer].var(-1, unbiased=False) + norm.eps)
        return (t - t.mean(-1, keepdim=True)) / deviation[:, None, None] * norm.weight


@pytest.fixture(scope="module", params=[*FAMILIES, "MiniLM"])
def pair(request, twins):
    """(our model, the reference) for SENTENCE."""
    if request.param == "MiniLM":
        from test_real_weights import minilm

        folder = minilm()
        ours = attnscope.BertModel.from_pretrained(folder)
        theirs = oracle_models.load(folder, oracle_models.transformers.BertModel)
    else:
        twin = twins(request.param)
        ours, theirs = twin.ours, twin.theirs
    return ours, Reference(theirs, ours.tokenizer(SENTENCE)["input_ids"])


def assert_near(ours, theirs, tolerance=1e-4):
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= tolerance * max(1.0, np.abs(theirs).max())


def test_blocks_hold_what_the_model_computes(pair):
    ours, reference = pair
    blocks = analysis.attention_blocks(ours, SENTENCE)
    assert len(blocks) == len(reference.layers)
    for layer, block in enumerate(blocks):
        assert_near(block.weights, reference.weights[layer])
        assert_near(block.inputs, reference.states[layer])
        assert_near(block.outputs, reference.norm_outputs[layer])
        assert block.norm_eps == parts_of(reference.layers[layer])[2].eps


def test_vectors_of_the_reference_add_up_to_the_layer_norm(pair):
    _, reference = pair
    for layer in range(len(reference.layers)):
        _, output, norm = parts_of(reference.layers[layer])
        with torch.no_grad():
            assert_near(np.asarray(reference.mixed(layer).sum(1) + output.bias), reference.norm_inputs[layer], 1e-9)
            bias = reference.normalised(layer, output.bias.expand(len(reference.ids[0]), 1, -1))[:, 0]
            summed = reference.normalised(layer).sum(1) + bias + norm.bias
            assert_near(np.asarray(summed), reference.norm_outputs[layer], 1e-9)


@pytest.mark.parametrize("kind", ["head", "summed", "residual", "normalised"])
def test_norms_are_those_of_the_vectors(pair, kind):
    ours, reference = pair
    norms = analysis.vector_norms(ours, SENTENCE, kind=kind)
    for layer, found in enumerate(norms):
        vectors = {
            "head": lambda at: reference.weights[at][..., None] * reference.transformed(at)[:, None],
            "summed": lambda at: reference.mixed(at, residual=False),
            "residual": reference.mixed,
            "normalised": reference.normalised,
        }[kind](layer)
        assert_near(found, vectors.norm(dim=-1))


def test_transformed_norms(pair):
    ours, reference = pair
    expected = torch.stack([reference.transformed(layer).norm(dim=-1) for layer in range(len(reference.layers))])
    assert_near(analysis.transformed_norms(ours, SENTENCE), expected)


@pytest.mark.parametrize("kind", ["residual", "normalised"])
def test_mixing_ratios(pair, kind):
    ours, reference = pair
    for layer, ratios in enumerate(analysis.mixing_ratio(ours, SENTENCE, kind=kind)):
        t = reference.mixed(layer) if kind == "residual" else reference.normalised(layer)
        kept = t.diagonal().T
        others = (t.sum(1) - kept).norm(dim=-1)
        assert_near(ratios, others / (others + kept.norm(dim=-1)))


def test_alti(pair):
    ours, reference = pair
    contributions = analysis.alti(ours, SENTENCE)
    assert np.abs(contributions.sum(-1) - 1).max() < 1e-5
    for layer, found in enumerate(contributions):
        output = reference.norm_outputs[layer]
        distance = (output[:, None] - reference.normalised(layer)).abs().sum(-1)
        near = (output.abs().sum(-1, keepdim=True) - distance).clamp(min=0)
        assert_near(found, near / near.sum(-1, keepdim=True))


def test_value_zeroing(pair):
    ours, reference = pair
    found = analysis.value_zeroing(ours, SENTENCE)
    tokens = len(reference.ids[0])
    for layer in range(len(reference.layers)):
        expected = torch.zeros(tokens, tokens, dtype=torch.float64)
        for key in range(tokens):

            def zero(_module, _args, output, key=key):
                changed = output.clone()
                changed[:, key] = 0
                return changed

            with torch.no_grad(), parts_of(reference.layers[layer])[0].register_forward_hook(zero):
                states = reference.model(reference.ids, output_hidden_states=True).hidden_states[layer + 1][0]
            expected[:, key] = 1 - torch.cosine_similarity(states, reference.states[layer + 1], dim=-1)
        assert_near(found[layer], expected / expected.sum(-1, keepdim=True), 1e-3)  # of differences of 1 - cos


def test_blocks_are_run_once_for_all_methods(twins):
    model = twins("Bert").ours
    blocks = analysis.attention_blocks(model, SENTENCE)
    norms = analysis.vector_norms(model, SENTENCE)
    assert np.array_equal(analysis.vector_norms(blocks), norms)
    assert np.array_equal(analysis.vector_norms(blocks[1]), norms[1])
    assert np.array_equal(analysis.alti(blocks[:2]), analysis.alti(model, SENTENCE)[:2])


def test_blocks_may_come_from_anywhere(twins):
    block = analysis.attention_blocks(twins("Bert").ours, SENTENCE)[0]
    tensors = {name: torch.tensor(getattr(block, name)) for name in block.__dataclass_fields__ if name != "norm_eps"}
    assert np.array_equal(analysis.alti(analysis.AttentionBlock(**tensors, norm_eps=block.norm_eps)),
                          analysis.alti(block))  # fmt: skip


def test_ids_and_pairs_are_texts_too(twins):
    model = twins("Bert").ours
    text = ("hello world", "paris")
    encoded = model.tokenizer(*text)
    assert np.array_equal(analysis.alti(model, text), analysis.alti(model, encoded))


def test_what_cannot_be_is_refused(twins):
    model = twins("Bert").ours
    block = analysis.attention_blocks(model, SENTENCE)[0]
    with pytest.raises(attnscope.UsageError, match=r"'sum'.*choose from head, summed"):
        analysis.vector_norms(model, SENTENCE, kind="sum")
    with pytest.raises(attnscope.UsageError, match="choose from residual, normalised"):
        analysis.mixing_ratio(model, SENTENCE, kind="head")
    with pytest.raises(attnscope.UsageError, match="give a model and a text"):
        analysis.alti(model)
    with pytest.raises(attnscope.UsageError, match="a text and blocks"):
        analysis.alti([block], SENTENCE)
    with pytest.raises(attnscope.UsageError, match=r"inputs: F32 .*expected F32"):
        analysis.alti(analysis.AttentionBlock(**{**vars(block), "inputs": block.inputs[:3]}))
