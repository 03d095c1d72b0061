# SPDX-License-Identifier: Apache-2.0
"""The same weights, saved in the ways that are found in the wild, give the same bits."""

import json
import shutil

import pytest
from oracle_models import FAMILIES, TASKS, as_double, difference, hugging_face, load, make_model, random_texts, torch
from oracle_probe import run_probe
from safetensors.torch import load_file, save_file

TEXTS = random_texts([3, 12, 1], 60, seed=8)
PREFIXES = {"DistilBert": "distilbert.", "Bert": "bert."}
DECODERS = {"DistilBert": "vocab_projector.weight", "Bert": "cls.predictions.decoder.weight"}


def saved(folder, family, task="none", **sizes):
    sizes = {"layers": 2, "initializer_range": 0.1, "seed": 21, **sizes}
    model = make_model(family, task, **sizes)
    model.save_pretrained(folder / "saved")
    return model, folder / "saved"


def rewritten(source, target, rename):
    """A copy of a model whose tensors were given other names; `rename` returns None for one that is left out."""
    shutil.copytree(source, target)
    tensors = {rename(name): tensor for name, tensor in load_file(source / "model.safetensors").items()}
    tensors.pop(None, None)
    save_file(tensors, target / "model.safetensors", {"format": "pt"})
    return target


def assert_same_bits(folder, other):
    for expected, found in zip(run_probe(folder, TEXTS, "--batch"), run_probe(other, TEXTS, "--batch")):
        assert expected.keys() == found.keys()
        for part, array in expected.items():
            assert found[part].tobytes() == array.tobytes(), part


def gamma_beta(name):
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


@pytest.mark.parametrize("family", FAMILIES)
def test_legacy_gamma_and_beta(family, tmp_path):
    _, folder = saved(tmp_path, family)
    assert_same_bits(folder, rewritten(folder, tmp_path / "legacy", gamma_beta))


@pytest.mark.parametrize("wrapper", ["", "module.", "model."])
@pytest.mark.parametrize("family", FAMILIES)
def test_base_model_saved_under_a_prefix(family, wrapper, tmp_path):
    _, folder = saved(tmp_path, family)
    prefix = wrapper + PREFIXES[family]
    assert_same_bits(folder, rewritten(folder, tmp_path / "prefixed", lambda name: prefix + name))


@pytest.mark.parametrize("wrapper", ["module.", "model."])
@pytest.mark.parametrize("family", FAMILIES)
def test_task_model_saved_from_a_wrapper(family, wrapper, tmp_path):
    _, folder = saved(tmp_path, family, "token_classification")
    assert_same_bits(folder, rewritten(folder, tmp_path / "wrapped", lambda name: wrapper + name))


@pytest.mark.parametrize("family", FAMILIES)
def test_base_model_in_a_file_of_a_task_model(family, tmp_path):
    """What from_pretrained of the base class does with it: the head is not used."""
    model, folder = saved(tmp_path, family, "token_classification")
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = [family + "Model"]
    (folder / "config.json").write_text(json.dumps(config))
    for ours, expected in zip(run_probe(folder, TEXTS), hugging_face(model, TEXTS)):
        assert "logits" not in ours
        assert difference(ours["attentions"], expected["attentions"]) <= 1e-5


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_shards(family, task, tmp_path):
    model, folder = saved(tmp_path, family, task)
    model.save_pretrained(tmp_path / "shards", max_shard_size="4KB")
    assert len(list((tmp_path / "shards").glob("model-*.safetensors"))) > 1
    assert_same_bits(folder, tmp_path / "shards")


@pytest.mark.parametrize("family", FAMILIES)
def test_tied_weights_that_the_file_holds_twice(family, tmp_path):
    _, folder = saved(tmp_path, family, "masked_lm")
    tensors = load_file(folder / "model.safetensors")
    assert DECODERS[family] not in tensors, "transformers writes tied weights once"
    shutil.copytree(folder, tmp_path / "twice")
    words = tensors[PREFIXES[family] + "embeddings.word_embeddings.weight"]
    save_file({**tensors, DECODERS[family]: words.clone()}, tmp_path / "twice" / "model.safetensors", {"format": "pt"})
    assert_same_bits(folder, tmp_path / "twice")


def assert_logits_agree(folder, model):
    double = hugging_face(as_double(model), TEXTS)
    for ours, single, truth in zip(run_probe(folder, TEXTS), hugging_face(model, TEXTS), double, strict=True):
        limit = 4 * difference(single["logits"], truth["logits"]) + 1e-6 * abs(truth["logits"]).max()
        assert difference(ours["logits"], truth["logits"]) <= limit


@pytest.mark.parametrize("family", FAMILIES)
def test_untied_weights(family, tmp_path):
    model, folder = saved(tmp_path, family, "masked_lm", tie_word_embeddings=False)
    assert_logits_agree(folder, model)


@pytest.mark.parametrize("family, name", [("DistilBert", "vocab_projector.weight"),
                                           ("Bert", "cls.predictions.decoder.weight"),
                                           ("Bert", "cls.predictions.decoder.bias")])
def test_tied_weights_that_differ_are_not_tied(family, name, tmp_path):
    """config.json says tied, the file holds both and they differ: Hugging Face takes the decoder's own."""
    model, folder = saved(tmp_path, family, "masked_lm")
    tensors = load_file(folder / "model.safetensors")
    own = torch.randn_like(model.state_dict()[name])
    save_file({**tensors, name: own}, folder / "model.safetensors", {"format": "pt"})
    assert_logits_agree(folder, load(folder, type(model)))


def test_bert_without_pooler(tmp_path):
    _, folder = saved(tmp_path, "Bert")
    bare = rewritten(folder, tmp_path / "bare", lambda name: None if name.startswith("pooler") else name)
    for whole, ours in zip(run_probe(folder, TEXTS), run_probe(bare, TEXTS)):
        assert "pooler_output" in whole and "pooler_output" not in ours
        for part, array in ours.items():
            assert array.tobytes() == whole[part].tobytes(), part


@pytest.mark.parametrize("buffer", ["embeddings.position_ids", "embeddings.token_type_ids"])
def test_buffers_of_old_files_are_left_alone(buffer, tmp_path):
    _, folder = saved(tmp_path, "Bert")
    shutil.copytree(folder, tmp_path / "old")
    tensors = load_file(folder / "model.safetensors")
    ids = torch.arange(64).reshape(1, 64)
    save_file({**tensors, buffer: ids}, tmp_path / "old" / "model.safetensors", {"format": "pt"})
    assert_same_bits(folder, tmp_path / "old")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("family", FAMILIES)
def test_half_precision_weights_are_computed_with_in_f32(family, dtype, tmp_path):
    """F16 and BF16 are exact in F32, so the widened file gives the same bits."""
    model, _ = saved(tmp_path, family)
    half, wide = tmp_path / "half", tmp_path / "wide"
    model.to(dtype).save_pretrained(half)
    load(half, type(model)).save_pretrained(wide)
    assert_same_bits(half, wide)
