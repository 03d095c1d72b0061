# SPDX-License-Identifier: Apache-2.0
"""Edits and perturbations against Hugging Face's models with torch hooks, and against one call at a time."""

import contextlib
import json

import numpy as np
import pytest

import attnscope
from attnscope import analysis
from package_models import SENTENCE

oracle_models = pytest.importorskip("oracle_models", reason="transformers, the oracle, is not installed")
torch = oracle_models.torch

HEADS = 4
HEAD_DIM = 8
LAYER = 1
TEXTS = [SENTENCE, "hello world"]


@pytest.fixture(params=["DistilBert", "Bert"])
def pair(request, twins):
    return twins(request.param, "token_classification")


def layer_of(model):
    base = model.base_model
    return (base.transformer if hasattr(base, "transformer") else base.encoder).layer[LAYER]


def layer_path(model):
    return next(path for path, _ in model.named_modules() if path.endswith(f".layer.{LAYER}"))


def output_of(layer):
    return layer.attention.out_lin if hasattr(layer.attention, "out_lin") else layer.attention.output.dense


@contextlib.contextmanager
def hooked(module, hook, before=False):
    register = module.register_forward_pre_hook if before else module.register_forward_hook
    handle = register(hook)
    try:
        yield
    finally:
        handle.remove()


@contextlib.contextmanager
def attending_otherwise(layer, change):
    """The layer of transformers with weights that change(scores) -> weights gives; both [batch, heads, T, T]."""
    bert = not hasattr(layer.attention, "q_lin")
    module = layer.attention.self if bert else layer.attention
    names = ("query", "key", "value") if bert else ("q_lin", "k_lin", "v_lin")

    def attend(_module, args, kwargs, _output):
        states = args[0] if args else kwargs["hidden_states"]
        query, key, value = (
            getattr(module, name)(states).unflatten(-1, (HEADS, HEAD_DIM)).transpose(1, 2) for name in names
        )
        weights = change(query @ key.transpose(2, 3) / HEAD_DIM**0.5)
        context = (weights @ value).transpose(1, 2).flatten(2)
        return (context if bert else module.out_lin(context)), weights

    handle = module.register_forward_hook(attend, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def our_logits(model, texts=(SENTENCE,)):
    return [model(**model.tokenizer(text, return_tensors="np")).logits[0] for text in texts]


def their_logits(pair):
    with torch.no_grad():
        return pair.theirs(**pair.ours.tokenizer(SENTENCE, return_tensors="pt")).logits[0].numpy()


def assert_changed_alike(pair, edits, reference):
    """Our logits with edits equal theirs inside `reference`, and differ from those without."""
    plain = our_logits(pair.ours)[0]
    with edits.applied(pair.ours):
        changed = our_logits(pair.ours)[0]
    with reference:
        expected = their_logits(pair)
    assert np.abs(changed - expected).max() < 1e-4 * max(1.0, np.abs(expected).max())
    assert np.abs(changed - plain).max() > 1e-3
    assert np.array_equal(our_logits(pair.ours)[0], plain), "edits stay behind"


def columns(heads):
    return [head * HEAD_DIM + d for head in heads for d in range(HEAD_DIM)]


def test_zeroed_heads(pair):
    def zero(_, args):
        changed = args[0].clone()
        changed[..., columns([0, 3])] = 0
        return (changed, *args[1:])

    edits = analysis.Interventions().zero_heads(LAYER, [0, 3])
    assert_changed_alike(pair, edits, hooked(output_of(layer_of(pair.theirs)), zero, before=True))


def test_mean_heads(pair):
    means = np.linspace(-1, 1, 2 * HEAD_DIM, dtype=np.float32).reshape(2, HEAD_DIM)

    def put(_, args):
        changed = args[0].clone()
        changed[..., columns([2, 1])] = torch.tensor(means.ravel())
        return (changed, *args[1:])

    edits = analysis.Interventions().mean_heads(LAYER, means, [2, 1])
    assert_changed_alike(pair, edits, hooked(output_of(layer_of(pair.theirs)), put, before=True))


def test_uniform_heads(pair):
    def uniform(scores):
        weights = scores.softmax(-1)
        weights[:, 2] = 1 / scores.shape[-1]
        return weights

    edits = analysis.Interventions().uniform_heads(LAYER, 2)
    assert_changed_alike(pair, edits, attending_otherwise(layer_of(pair.theirs), uniform))


def test_knocked_out_pairs(pair):
    def knock_out(scores):
        scores[:, [1, 3], 0, 2] = -torch.inf
        scores[:, [1, 3], -1, 4] = -torch.inf
        scores[:, :, 3, 3] = -torch.inf
        return scores.softmax(-1)

    edits = analysis.Interventions().knock_out(LAYER, [(0, 2), (-1, 4)], [1, 3]).knock_out(LAYER, [(3, 3)])
    assert_changed_alike(pair, edits, attending_otherwise(layer_of(pair.theirs), knock_out))


def test_a_token_that_attends_to_nothing_has_a_context_of_zero(pair):
    def cut(scores):
        weights = scores.softmax(-1)
        weights[:, 1, 4] = 0
        return weights

    edits = analysis.Interventions().knock_out(LAYER, [(4, key) for key in range(9)], 1)
    assert_changed_alike(pair, edits, attending_otherwise(layer_of(pair.theirs), cut))


def test_zeroed_weights(pair):
    def cut(scores):
        weights = scores.softmax(-1)
        weights[:, :, 1, 5] = 0
        weights[:, :, 2, 0] = 0
        return weights

    edits = analysis.Interventions().zero_weights(LAYER, [(1, 5), (2, 0)])
    assert_changed_alike(pair, edits, attending_otherwise(layer_of(pair.theirs), cut))


def test_patched_rows(pair):
    value = np.linspace(-1, 1, 2 * HEADS * HEAD_DIM, dtype=np.float32).reshape(2, -1)

    def patch(_, _args, output):
        changed = (output if isinstance(output, torch.Tensor) else output[0]).clone()
        changed[:, [4, -1]] = torch.tensor(value)
        return changed if isinstance(output, torch.Tensor) else (changed, *output[1:])

    edits = analysis.Interventions().patch(layer_path(pair.ours), value, [4, -1])
    assert_changed_alike(pair, edits, hooked(layer_of(pair.theirs), patch))


def test_a_patch_with_the_runs_own_values_changes_no_bit(pair):
    model = pair.ours
    plain = our_logits(model)[0]
    for path, value in analysis.activations(model, SENTENCE, [layer_path(model), "classifier"]).items():
        with analysis.Interventions().patch(path, value).applied(model):
            assert np.array_equal(our_logits(model)[0], plain), path


def test_edits_see_the_text_and_not_its_padding(pair):
    model = pair.ours
    edits = analysis.Interventions().uniform_heads(LAYER).knock_out(2, [(-1, 0)])
    batch = model.tokenizer(TEXTS, padding=True, return_tensors="np")
    with edits.applied(model):
        together = model(**batch, output_attentions=True)
        for index, alone in enumerate(our_logits(model, TEXTS)):
            assert np.array_equal(together.logits[index, : len(alone)], alone)
    length = int(batch["attention_mask"][1].sum())
    assert np.allclose(together.attentions[LAYER][1, :, :length, :length], 1 / length)
    assert not together.attentions[LAYER][1, :, :, length:].any()


def test_edits_of_one_text_leave_the_others(pair):
    model = pair.ours
    plain = our_logits(model, TEXTS)
    batch = model.tokenizer(TEXTS, padding=True, return_tensors="np")
    with analysis.Interventions().zero_heads(LAYER, text=1).applied(model):
        changed = model(**batch).logits
    assert np.array_equal(changed[0], plain[0])
    assert np.abs(changed[1, : len(plain[1])] - plain[1]).max() > 1e-3


def test_edits_reach_attend_hooks_and_the_methods_of_analysis(pair):
    model = pair.ours
    seen = []
    with analysis.Interventions().uniform_heads(LAYER, [2]).applied(model):
        assert np.allclose(model.attend(SENTENCE, layers=[LAYER], heads=[2]).attentions, 1 / 9)
        assert np.allclose(analysis.attention_blocks(model, SENTENCE)[LAYER].weights[2], 1 / 9)
        attention = next(module for path, module in model.named_modules() if path.endswith(f"{LAYER}.attention.attn")
                         or path.endswith(f"{LAYER}.attention.self.attn"))  # fmt: skip
        with attention.register_forward_hook(lambda _module, _args, output: seen.append(np.array(output[0]))):
            our_logits(model)
    assert np.allclose(seen[0][0, 2], 1 / 9)


def test_json_gives_the_same_edits_back(tmp_path):
    random = np.random.default_rng(1).standard_normal((3, 8)).astype(np.float32)
    edits = (
        analysis.Interventions().zero_heads(0, [1, 2], text=3).mean_heads(1, random).uniform_heads(2)
        .knock_out(3, [(0, -1)], 1).zero_weights(3, [(2, 2)], [2]).patch("embeddings", random, [0, 1, -1])
    )  # fmt: skip
    text = edits.to_json()
    assert analysis.Interventions.from_json(text).to_json() == text
    assert len(edits) == 6 and "6 edits" in repr(edits)
    written = json.loads(text)
    assert written[0] == {"kind": "zero_heads", "layer": 0, "heads": [1, 2], "text": 3}
    assert np.array_equal(np.array(written[1]["value"]["data"], np.float32), random.ravel())
    edits.save(tmp_path / "edits.json")
    assert analysis.Interventions.load(tmp_path / "edits.json").to_json() == text


def test_a_value_is_kept_as_it_was():
    value = np.ones((1, 8), np.float32)
    edits = analysis.Interventions().mean_heads(0, value, 1)
    value[:] = 2
    assert "2" not in json.loads(edits.to_json())[0]["value"]["data"]
    assert set(json.loads(edits.to_json())[0]["value"]["data"]) == {1}


def test_what_cannot_be_is_refused(pair):
    edits = analysis.Interventions().zero_heads(1, [0, 1])
    with pytest.raises(attnscope.UsageError, match=r"edits\[1\] \(knock_out.*edits\[0\] \(zero_heads") as error:
        edits.knock_out(1, [(0, 0)], 1)
    assert error.value.code == "EDIT_CONFLICT" and len(edits) == 1
    with pytest.raises(attnscope.UsageError, match="an empty list"):
        edits.zero_heads(2, [])
    with pytest.raises(attnscope.UsageError, match="needs the field 'pairs'"):
        edits.knock_out(2, [])
    with (
        pytest.raises(attnscope.UsageError, match="layer 3 does not exist"),
        analysis.Interventions().zero_heads(3).applied(pair.ours),
    ):
        pass
    with (
        analysis.Interventions().knock_out(1, [(0, 9)]).applied(pair.ours),
        pytest.raises(attnscope.HookError, match="token 9 of a text of 9 tokens"),
    ):
        our_logits(pair.ours)
    with pytest.raises(attnscope.UsageError, match="/0/layer"):
        analysis.Interventions.from_json('[{"kind": "zero_heads", "layer": "a"}]')
    with pytest.raises(attnscope.HookError, match="nowhere"):
        analysis.activations(pair.ours, SENTENCE, ["nowhere"])


# ---- Perturbations


def logit(model, ids, token, label):
    return float(model(input_ids=np.array([ids])).logits[0, token, label])


def test_patching_effects_are_those_of_one_patch_at_a_time(pair):
    model = pair.ours
    clean, corrupt = SENTENCE, "This is a simple example world!"
    assert len(model.tokenizer(clean)["input_ids"]) == len(model.tokenizer(corrupt)["input_ids"])
    effects = analysis.patching_effects(model, clean, corrupt, 1, token=3)
    assert effects.shape == (3, 9)
    value = analysis.activations(model, clean, [layer_path(model)])[layer_path(model)]
    start, whole = (our_logits(model, [text])[0][3, 1] for text in (corrupt, clean))
    for token in range(9):
        with analysis.Interventions().patch(layer_path(model), value[[token]], token).applied(model):
            patched = our_logits(model, [corrupt])[0][3, 1]
        assert abs(effects[LAYER, token] - (patched - start) / (whole - start)) < 1e-3
    assert np.isnan(analysis.patching_effects(model, clean, clean, 1, token=3)).all()


def test_leave_one_out_masks_words(pair):
    model = pair.ours
    text = "hello means in paris"  # the second word has several tokens
    encoding = model.tokenizer(text)
    ids, words = encoding["input_ids"], encoding.word_ids(0)
    changes = analysis.leave_one_out(model, text, 2, word=3)
    asked = words.index(3)
    assert changes.shape == (4,)
    for word, change in enumerate(changes):
        masked = [model.tokenizer.mask_token_id if at == word else id for id, at in zip(ids, words, strict=True)]
        assert abs(change - logit(model, masked, asked, 2) + logit(model, ids, asked, 2)) < 1e-5


def test_leave_one_out_leaves_words_out(pair):
    model = pair.ours
    ids = model.tokenizer(SENTENCE)["input_ids"]
    changes = analysis.leave_one_out(model, SENTENCE, 2, word=3, replacement=None)
    assert np.isnan(changes[3]) and np.isfinite(np.delete(changes, 3)).all()
    without = [*ids[:1], *ids[2:]]
    assert abs(changes[0] - logit(model, without, 3, 2) + logit(model, ids, 4, 2)) < 1e-5


def test_the_predicted_label_is_meant_where_none_is_named(pair):
    model = pair.ours
    label = int(our_logits(model)[0][4].argmax())
    assert np.array_equal(analysis.leave_one_out(model, SENTENCE, token=4),
                          analysis.leave_one_out(model, SENTENCE, label, token=4))  # fmt: skip


def test_faithfulness_of_leave_one_out_beats_that_of_its_opposite(pair):
    model = pair.ours
    scores = -analysis.leave_one_out(model, SENTENCE, 2, token=4)
    good = analysis.faithfulness(model, SENTENCE, scores, 2, token=4)
    bad = analysis.faithfulness(model, SENTENCE, -scores, 2, token=4)
    assert good.bins.tolist() == [0.01, 0.05, 0.1, 0.2, 0.5]
    assert abs(good.comprehensiveness[0] - scores.max()) < 1e-5
    assert abs(good.mean_comprehensiveness - good.comprehensiveness.mean()) < 1e-9
    assert good.mean_comprehensiveness > bad.mean_comprehensiveness
    assert 0 <= bad.normalised_comprehensiveness < good.normalised_comprehensiveness <= 1
    assert 0 <= good.normalised_sufficiency <= 1


def test_perturbations_that_cannot_be_are_refused(pair, twins):
    model = pair.ours
    ids = model.tokenizer(SENTENCE)["input_ids"]
    with pytest.raises(attnscope.UsageError, match="no words"):
        analysis.leave_one_out(model, ids, 1, token=2)
    with pytest.raises(attnscope.UsageError, match="'nothing'"):
        analysis.leave_one_out(model, SENTENCE, 1, token=2, replacement="nothing")
    with pytest.raises(attnscope.UsageError, match="2 scores for 7 groups"):
        analysis.faithfulness(model, SENTENCE, [1, 2], 1, token=2)
    with pytest.raises(attnscope.UsageError, match="tokens, the clean text has 9"):
        analysis.patching_effects(model, SENTENCE, "hello", 1, token=2)
    with pytest.raises(attnscope.UnsupportedModel):
        analysis.leave_one_out(twins("Bert").ours, SENTENCE, 1, token=2)
