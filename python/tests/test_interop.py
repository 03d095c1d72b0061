# SPDX-License-Identifier: Apache-2.0
"""Beside the tools that users have: models of transformers in memory, its pipelines, bertviz, circuitsvis."""

import gc
import json
import re
import warnings

import numpy as np
import pytest

import attnscope

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from package_models import SENTENCE
from parity import assert_same

CALL = {
    "input_ids": torch.tensor([[2, 5, 6, 7, 3], [2, 8, 3, 0, 0]]),
    "attention_mask": torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]),
}
TASKS = ["none", "masked_lm", "sequence_classification", "token_classification", "question_answering"]


@pytest.mark.parametrize("family", ["DistilBert", "Bert"])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_a_model_in_memory(twins, family, task, dtype):
    theirs = type(twins(family, task).theirs).from_pretrained(twins(family, task).folder, attn_implementation="eager")
    theirs = theirs.to(dtype).eval()
    ours = attnscope.from_transformers(theirs)
    assert type(ours).__name__ == type(theirs).__name__
    outputs = ours(**CALL, output_attentions=True)
    with torch.no_grad():
        expected = theirs.float()(**CALL, output_attentions=True)
    assert_same(outputs, expected, CALL["attention_mask"].numpy().astype(bool))
    assert ours.config.id2label == theirs.config.id2label


def test_weights_are_not_copied_and_kept_alive(twins):
    theirs = transformers.DistilBertModel.from_pretrained(twins("DistilBert").folder).eval()
    ours = attnscope.from_transformers(theirs)
    address = theirs.transformer.layer[1].ffn.lin1.weight.data_ptr()
    assert (
        ours.transformer.layer[1].ffn._session.parameter("transformer.layer.1.ffn.lin1", "weight", False).ctypes.data
        == address
    )
    expected = ours(**CALL).last_hidden_state
    del theirs
    gc.collect()
    noise = [torch.full((1000, 32), float(number)) for number in range(100)]
    assert torch.equal(ours(**CALL).last_hidden_state, expected) and len(noise) == 100


def test_with_a_tokenizer_of_transformers(twins):
    pair = twins("DistilBert", "token_classification")
    tokenizer = transformers.AutoTokenizer.from_pretrained(pair.folder)
    result = attnscope.from_transformers(pair.theirs, tokenizer).attend("Angela lives in Paris.", layers=[0])
    assert np.array_equal(result.attentions, pair.ours.attend("Angela lives in Paris.", layers=[0]).attentions)
    assert result.words == ["Angela", "lives", "in", "Paris", "."]


def test_a_fine_tuned_model_is_seen_as_it_is(twins):
    theirs = transformers.DistilBertModel.from_pretrained(
        twins("DistilBert").folder, attn_implementation="eager"
    ).eval()
    with torch.no_grad():
        theirs.transformer.layer[0].attention.q_lin.weight.mul_(3)
        expected = theirs(**CALL, output_attentions=True).attentions
    ours = attnscope.from_transformers(theirs)(**CALL, output_attentions=True).attentions
    assert_same(ours, expected, CALL["attention_mask"].numpy().astype(bool))


def test_models_that_are_not_supported():
    config = transformers.RobertaConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=20
    )
    with pytest.raises(attnscope.UnsupportedModel, match="RobertaModel, expected one of DistilBertModel"):
        attnscope.from_transformers(transformers.RobertaModel(config))
    with torch.device("meta"):
        empty = transformers.DistilBertModel(transformers.DistilBertConfig(n_layers=1))
    with pytest.raises(ValueError, match="has no values"):
        attnscope.from_transformers(empty)


NER_TEXTS = [
    "Angela Merkel visited Zurich.",
    "John Smith works for Google in New York.",
    "Nothing here.",
    "東京 is big",
]


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory):
    """The embedded model as a directory that transformers can open."""
    import pathlib
    import shutil

    source = pathlib.Path(__file__).parents[2] / "data" / "demo-ner"
    return shutil.copytree(source, tmp_path_factory.mktemp("demo") / "demo-ner")


@pytest.mark.parametrize("strategy", ["none", "simple", "first", "average", "max"])
def test_a_pipeline_of_transformers_gives_the_same_entities(demo_folder, demo, strategy):
    model = transformers.AutoModelForTokenClassification.from_pretrained(demo_folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(demo_folder)
    theirs = transformers.pipeline("ner", model=model, tokenizer=tokenizer, aggregation_strategy=strategy, device="cpu")
    ours = transformers.TokenClassificationPipeline(
        model=demo, tokenizer=demo.tokenizer, aggregation_strategy=strategy, device="cpu"
    )
    for text in NER_TEXTS:
        expected, found = theirs(text), ours(text)
        assert len(found) == len(expected)
        for mine, other in zip(found, expected, strict=True):
            assert mine.pop("score") == pytest.approx(other.pop("score"), abs=1e-5)
            assert mine == other
    assert any(entity.get("entity", entity.get("entity_group", "")).endswith("PER") for entity in ours(NER_TEXTS[0]))


def test_entities_by_hand_are_those_of_a_pipeline(demo_folder, demo):
    model = transformers.AutoModelForTokenClassification.from_pretrained(demo_folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(demo_folder)
    theirs = transformers.pipeline("ner", model=model, tokenizer=tokenizer, device="cpu")
    for text in NER_TEXTS:
        inputs = demo.tokenizer(text, return_tensors="np", return_offsets_mapping=True)
        offsets = inputs.pop("offset_mapping")[0]
        labels = demo(**inputs).logits[0].argmax(-1)
        found = [
            (demo.config.id2label[int(label)], int(begin), int(end))
            for label, (begin, end) in zip(labels, offsets, strict=True)
            if label and end
        ]
        assert found == [(entity["entity"], entity["start"], entity["end"]) for entity in theirs(text)]


def outputs_of(demo, text=SENTENCE):
    inputs = demo.tokenizer(text, return_tensors="pt")
    return demo(**inputs, output_attentions=True).attentions, demo.tokenizer.convert_ids_to_tokens(
        inputs["input_ids"][0]
    )


def numbers_in(html):
    """The weights that a bertviz page holds, once for each choice of sentences that it offers."""
    lists = re.findall(r'"attn":\s*(\[\[.*?\]\])\s*,\s*"left_text"', html, re.DOTALL)
    assert lists
    return [np.array(json.loads(one), dtype=np.float64) for one in lists]


@pytest.mark.parametrize("view", ["head_view", "model_view"])
def test_bertviz_takes_attentions_as_they_are(demo, view):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bertviz = pytest.importorskip("bertviz", reason="bertviz is not installed")
        attentions, tokens = outputs_of(demo)
        html = getattr(bertviz, view)(attentions, tokens, html_action="return").data
    expected = torch.cat(attentions).numpy()
    for shown in numbers_in(html):
        assert np.abs(shown - expected).max() < 1e-6


def test_circuitsvis_takes_attentions_as_they_are(demo):
    attention = pytest.importorskip("circuitsvis.attention", reason="circuitsvis is not installed")
    attentions, tokens = outputs_of(demo)
    for draw in (attention.attention_heads, attention.attention_patterns):
        html = str(draw(tokens=tokens, attention=attentions[2][0]))
        assert "[CLS]" in html and f"{attentions[2][0, 0, 0, 0].item():.4f}"[:5] in html
    numpy_inputs = demo.tokenizer(SENTENCE, return_tensors="np")
    from_numpy = demo(**numpy_inputs, output_attentions=True).attentions[2][0]
    assert "[CLS]" in str(attention.attention_heads(tokens=tokens, attention=from_numpy))
