# SPDX-License-Identifier: Apache-2.0
"""What the README shows first: the embedded model and one sentence, from the shell."""

import subprocess

import numpy as np
import pytest
from oracle_models import difference, hugging_face, torch, transformers
from oracle_probe import REPOSITORY, call, program

SENTENCE = "This is a simple example sentence."
DEMO = REPOSITORY / "data" / "demo-ner"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    output = tmp_path_factory.mktemp("first") / "a.npz"
    call(program("cli/attnscope"), "run", SENTENCE, "-o", output)
    return np.load(output)


@pytest.fixture(scope="module")
def demo():
    if not (DEMO / "model.safetensors").exists():
        pytest.skip("data/demo-ner is not there")
    tokenizer = transformers.AutoTokenizer.from_pretrained(DEMO)
    model = transformers.AutoModelForTokenClassification.from_pretrained(
        DEMO, attn_implementation="eager", dtype=torch.float32)
    return tokenizer, model.eval()


def test_shapes_are_those_of_the_readme(result):
    assert result["attentions"].shape == (6, 12, 9, 9)
    assert result["attentions"].dtype == np.float32
    assert result["layers"].tolist() == list(range(6))
    assert result["heads"].tolist() == list(range(12))


def test_every_row_sums_to_one(result):
    np.testing.assert_allclose(result["attentions"].sum(-1), 1.0, rtol=0, atol=1e-5)


def test_tokens_are_those_of_transformers(result, demo):
    tokenizer, _ = demo
    encoding = tokenizer(SENTENCE, return_offsets_mapping=True)
    assert result["input_ids"].tolist() == encoding["input_ids"]
    assert result["tokens"].tolist() == tokenizer.convert_ids_to_tokens(encoding["input_ids"])
    assert result["offsets"].tolist() == [list(pair) for pair in encoding["offset_mapping"]]


def test_weights_are_those_of_transformers(result, demo):
    tokenizer, model = demo
    (reference,) = hugging_face(model, [{"input_ids": tokenizer(SENTENCE)["input_ids"]}])
    error = difference(result["attentions"], reference["attentions"])
    assert error <= 1e-5, "if this is large, the build embeds an older data/demo-ner: build again"


def words_of(tokenizer, model, text):
    """[(text of the word, label of its first piece)]."""
    encoding = tokenizer(text)
    (reference,) = hugging_face(model, [{"input_ids": encoding["input_ids"]}])
    best = reference["logits"].argmax(-1)
    words = []
    for word in range(max(index for index in encoding.word_ids() if index is not None) + 1):
        span = encoding.word_to_chars(word)
        label = model.config.id2label[int(best[encoding.word_to_tokens(word).start])]
        words.append((text[span.start:span.end], label))
    return words


def entities_of(words):
    """["Angela Merkel [PER]", ...]: B- starts an entity, I- goes on with one of its type or starts one."""
    entities = []
    open_type = None
    for word, label in words:
        prefix, _, kind = label.partition("-")
        if prefix == "I" and open_type == kind:
            entities[-1][0].append(word)
        elif kind:
            entities.append(([word], kind))
        open_type = kind or None
    return [f"{' '.join(parts)} [{kind}]" for parts, kind in entities]


@pytest.mark.parametrize("text", ["Angela Merkel visited Zurich.", "John Smith works for Google in New York.",
                                  "The cat sat on the mat."])
def test_ner_example_prints_the_entities_of_transformers(demo, text):
    printed = subprocess.run([program("examples/ner_words"), text], capture_output=True, text=True, check=True).stdout
    expected = entities_of(words_of(*demo, text))
    found = [line.split(" looks at")[0] for line in printed.splitlines() if " looks at" in line]
    assert found == expected
