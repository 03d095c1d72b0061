# SPDX-License-Identifier: Apache-2.0
"""How the heads compare with MiniLM's.

python tools/demo_model/compare_heads.py --model data/demo-ner --data FOLDER
Text: EWT dev, which no stage trains on.
"""

import argparse

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForTokenClassification

from batches import encode
from corpora import Sentence, read_ner
from teacher import load_teacher, minilm_folder

MEASURES = ("previous", "next", "self", "special")


def original_teacher(tokenizer):
    """MiniLM as published, reading the reduced vocabulary's ids."""
    teacher_ids = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json")).get_vocab()
    vocabulary = tokenizer.get_vocab()
    return load_teacher([teacher_ids[t] for t in sorted(vocabulary, key=vocabulary.get)])


@torch.no_grad()
def attention(model, ids):
    """Attention of one text, [layer * head, query, key]."""
    output = model(input_ids=torch.tensor([ids]), output_attentions=True)
    return torch.cat([a[0] for a in output.attentions])


def masses(weights):
    """Mean attention on the previous, next, same and special tokens, [4, layer * head]."""
    inner = weights[:, 1:-1]  # queries that are no special token
    return torch.stack([
        inner.diagonal(0, 1, 2).mean(-1),
        inner.diagonal(2, 1, 2).mean(-1),
        inner.diagonal(1, 1, 2).mean(-1),
        (inner[..., 0] + inner[..., -1]).mean(-1),
    ])  # fmt: skip


def divergence(student_maps, teacher_maps):
    """KL(teacher row || student row), mean over heads and rows, in nats."""
    ratio = (teacher_maps + 1e-9).log() - (student_maps + 1e-9).log()
    return (teacher_maps * ratio).sum(-1).mean().item()


def compare(student, teacher, inputs):
    """Prints correlations over the heads, the strongest heads of both, equal arg-max rows."""
    ours, theirs, same, distance, rows = 0.0, 0.0, 0.0, 0.0, 0
    for ids in inputs:
        s, t = attention(student, ids), attention(teacher, ids)
        ours, theirs = ours + masses(s) / len(inputs), theirs + masses(t) / len(inputs)
        same += (s.argmax(-1) == t.argmax(-1)).float().mean().item() * len(ids)
        distance += divergence(s, t) * len(ids)
        rows += len(ids)
    for name, a, b in zip(MEASURES, ours, theirs, strict=True):
        correlation = torch.corrcoef(torch.stack([a, b]))[0, 1].item()
        strongest = f"strongest head {a.max():.3f} (teacher {b.max():.3f})"
        print(f"  {name:9} correlation {correlation:.4f}  {strongest}")
    print(f"  rows with the same arg-max {same / rows:.3f}")
    print(f"  KL(teacher || student) {distance / rows:.3f} nats")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--teacher", help="teacher.pt of the work folder: compare with that instead")
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(f"{arguments.model}/tokenizer.json")
    student = AutoModelForTokenClassification.from_pretrained(
        arguments.model, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    teacher = original_teacher(tokenizer).eval()
    if arguments.teacher:
        teacher.load_state_dict(torch.load(arguments.teacher))
    sentences = read_ner(arguments.data)["ewt_dev"]
    long_enough = [e.ids for e in encode(tokenizer, sentences) if len(e.ids) >= 24][:200]
    print(f"{len(long_enough)} sentences of EWT dev:")
    compare(student, teacher, long_enough)
    text = Sentence([word for s in sentences[:400] for word in s.words])
    ids = encode(tokenizer, [text], 4096)[0].ids[1:-1]
    full = [[2, *ids[i : i + 510], 3] for i in range(0, 5 * 510, 510)]
    print("5 inputs of 512 tokens:")
    compare(student, teacher, full)


if __name__ == "__main__":
    main()
