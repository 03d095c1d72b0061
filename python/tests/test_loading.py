# SPDX-License-Identifier: Apache-2.0
"""Where models come from, which class they get, and what their config says."""

import copy
import json
import os
import pathlib

import numpy as np
import pytest

import attnscope

IDS = np.array([[2, 5, 6, 3]])
CLASSES = {
    "none": "AutoModel",
    "masked_lm": "AutoModelForMaskedLM",
    "sequence_classification": "AutoModelForSequenceClassification",
    "token_classification": "AutoModelForTokenClassification",
    "question_answering": "AutoModelForQuestionAnswering",
}


@pytest.fixture
def hub_cache(twins, tmp_path, monkeypatch):
    """HF_HOME with one model, "owner/name", as the hub's own client lays it out."""
    model = tmp_path / "hub" / "models--owner--name"
    snapshot = model / "snapshots" / "abc123"
    snapshot.mkdir(parents=True)
    (model / "blobs").mkdir()
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("abc123")
    for file in pathlib.Path(twins("DistilBert").folder).iterdir():
        (model / "blobs" / file.name).write_bytes(file.read_bytes())
        os.symlink(f"../../blobs/{file.name}", snapshot / file.name)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    for name in ("HF_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_a_hub_id_is_looked_up_in_the_cache(twins, hub_cache):
    model = attnscope.DistilBertModel.from_pretrained("owner/name")
    expected = twins("DistilBert").ours(IDS).last_hidden_state
    assert np.array_equal(model(IDS).last_hidden_state, expected)
    assert attnscope.AutoConfig.from_pretrained("owner/name").dim == model.config.dim
    assert attnscope.AutoTokenizer.from_pretrained("owner/name").cls_token_id == 2
    assert model.attend("hello world", layers=0).tokens == ["[CLS]", "hello", "world", "[SEP]"]


def test_a_local_directory_named_like_a_hub_id_comes_first(twins, tmp_path, monkeypatch):
    os.symlink(twins("DistilBert").folder, tmp_path / "distilbert-base-uncased")
    monkeypatch.chdir(tmp_path)
    assert (
        attnscope.DistilBertModel.from_pretrained("distilbert-base-uncased").name_or_path == "distilbert-base-uncased"
    )
    assert attnscope.DistilBertTokenizer.from_pretrained("distilbert-base-uncased").cls_token == "[CLS]"


@pytest.mark.parametrize("family", ["DistilBert", "Bert"])
@pytest.mark.parametrize("task", CLASSES)
def test_auto_classes_choose_by_the_config(twins, family, task):
    pair = twins(family, task)
    model = getattr(attnscope, CLASSES[task]).from_pretrained(pair.folder)
    assert type(model) is type(pair.ours) and type(model).__name__ == pair.class_name
    assert model.eval() is model.to("cpu") is model and not model.training
    assert model.num_parameters() == pair.theirs.num_parameters()
    assert type(model.get_input_embeddings()).__name__ == "Embedding"
    assert type(model.base_model).__name__ == type(pair.theirs.base_model).__name__


def test_a_class_of_another_family_is_refused(twins):
    with pytest.raises(ValueError, match="the model is of type 'bert'; use BertConfig or AutoConfig"):
        attnscope.DistilBertModel.from_pretrained(twins("Bert").folder)
    with pytest.raises(attnscope.CheckpointError, match="tensors are missing"):
        attnscope.DistilBertForTokenClassification.from_pretrained(twins("DistilBert").folder)


@pytest.mark.parametrize("family", ["DistilBert", "Bert"])
@pytest.mark.parametrize("task", ["none", "token_classification"])
def test_configs_have_the_values_of_transformers(twins, family, task):
    pair = twins(family, task)
    ours, theirs = attnscope.AutoConfig.from_pretrained(pair.folder), pair.theirs.config
    assert type(ours).__name__ == type(theirs).__name__
    for name, value in theirs.to_dict().items():
        if name not in ("transformers_version", "_name_or_path"):
            assert getattr(ours, name) == (str(value).removeprefix("torch.") if name == "dtype" else value), name
    for name in ("hidden_size", "num_hidden_layers", "num_attention_heads", "num_labels", "name_or_path"):
        assert str(getattr(ours, name)) == str(getattr(theirs, name)), name
    assert json.loads(ours.to_json_string())["model_type"] == theirs.model_type
    assert ours == attnscope.AutoConfig.from_pretrained(pair.folder)


def test_configs_can_be_made_and_changed():
    config = attnscope.DistilBertConfig(num_labels=3, n_layers=2)
    assert config.num_hidden_layers == 2 and config.id2label == {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}
    config.hidden_size = 96
    config.num_labels = 2
    assert config.dim == 96 and config.label2id == {"LABEL_0": 0, "LABEL_1": 1}
    with pytest.raises(AttributeError, match="has no attribute 'hiden_size'"):
        _ = config.hiden_size
    with pytest.raises(attnscope.UnsupportedModel, match="'roberta', expected one of distilbert, bert"):
        attnscope.AutoConfig.from_dict({"model_type": "roberta"})


def test_labels_can_be_given(twins):
    model = attnscope.DistilBertForTokenClassification.from_pretrained(
        twins("DistilBert", "token_classification").folder, id2label={0: "O", 1: "PER", 2: "LOC"}
    )
    assert model.config.id2label[1] == "PER" and model.config.num_labels == 3


@pytest.mark.parametrize(
    "options",
    [
        {"precision": "bf16"},
        {"dtype": "bfloat16"},
        {"torch_dtype": "bfloat16"},
        {"precision": "bf16", "dtype": "bfloat16"},
    ],
)
def test_products_in_bf16_are_close_to_float32_and_stated(twins, options, tmp_path):
    folder = twins("DistilBert").folder
    exact = attnscope.DistilBertModel.from_pretrained(folder)
    model = attnscope.DistilBertModel.from_pretrained(folder, **options)
    assert exact.precision == "fp32" and model.precision == "bf16"
    ours, expected = (one(IDS, output_attentions=True) for one in (model, exact))
    for found, truth in zip(ours.attentions, expected.attentions, strict=True):
        assert found.dtype == truth.dtype
        assert float(abs(found - truth).max()) < 0.05
    assert any((found != truth).any() for found, truth in zip(ours.attentions, expected.attentions, strict=True))


def test_torch_names_bf16_too(twins):
    torch = pytest.importorskip("torch", reason="the dtype is torch's")
    model = attnscope.DistilBertModel.from_pretrained(twins("DistilBert").folder, dtype=torch.bfloat16)
    assert model.precision == "bf16" and copy.copy(model).precision == "bf16" and model.dtype == torch.float32
    assert attnscope.from_transformers(twins("DistilBert").theirs, precision="bf16").precision == "bf16"


def test_the_precision_is_saved_with_the_weights(tmp_path):
    model = attnscope.AutoModel.from_pretrained("builtin:demo", precision="bf16")
    model.attend("Angela lives in Paris").save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        assert json.loads(str(file["metadata"]))["precision"] == "bf16"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "fp16"}, "precision: 'fp16'; choose from fp32, bf16"),
        ({"precision": "fp32", "dtype": "bfloat16"}, "precision: 'fp32' with dtype bfloat16; give one of them"),
        ({"dtype": "float16"}, "dtype: float16 is not supported; choose from float32, bfloat16"),
    ],
)
def test_other_precisions_are_refused(options, message):
    with pytest.raises(attnscope.UsageError, match=message):
        attnscope.AutoModel.from_pretrained("builtin:demo", **options)


def test_models_that_are_not_finite_are_refused_when_asked(twins, tmp_path):
    torch = pytest.importorskip("torch", reason="torch writes the model")
    theirs = type(twins("DistilBert").theirs).from_pretrained(twins("DistilBert").folder)
    with torch.no_grad():
        theirs.transformer.layer[0].ffn.lin1.weight[3, 4] = float("nan")
    theirs.save_pretrained(tmp_path)
    with pytest.raises(attnscope.CheckpointError, match=r"transformer.layer.0.ffn.lin1.weight.*NaN or infinite"):
        attnscope.DistilBertModel.from_pretrained(tmp_path, check_finite=True)
    with pytest.warns(UserWarning, match="NaN or infinite values in last_hidden_state"):
        attnscope.DistilBertModel.from_pretrained(tmp_path)(IDS)


def test_the_tree_reads_like_that_of_torch(demo):
    layers = demo.distilbert.transformer.layer
    assert len(layers) == 6 and layers[-1] is layers[5] and [layer.path[-1] for layer in layers[1:3]] == ["1", "2"]
    assert demo.get_submodule("distilbert.transformer.layer.2") is layers[2]
    assert dict(layers[0].named_children()).keys() == {"attention", "sa_layer_norm", "ffn", "output_layer_norm"}
    assert "(attn): Attention()" in repr(layers[0]) and layers[0].attention.attn.type_name == "Attention"
    assert demo.state_dict().keys() == dict(demo.named_parameters()).keys()
    assert demo.classifier.weight.shape == (7, 240)
