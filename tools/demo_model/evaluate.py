# SPDX-License-Identifier: Apache-2.0
"""Entity F1 of a saved model.

python tools/demo_model/evaluate.py --model data/demo-ner --data FOLDER
"""

import argparse
from collections import Counter

import torch
from tokenizers import Tokenizer

from batches import by_length, collate, encode
from corpora import LABELS, read_ner, spans


@torch.no_grad()
def predict(model, examples):
    """Predicted and true tags of the first pieces, and how many specials are not O."""
    model.eval()
    pairs, wrong_specials = [], 0
    for group in by_length(examples, 4096):
        batch = collate(group)
        predicted = model(input_ids=batch.ids, attention_mask=batch.mask).logits.argmax(-1)
        for row, example in enumerate(group):
            tags = [LABELS[i] for i in predicted[row, : len(example.ids)].tolist()]
            wrong_specials += (tags[0] != "O") + (tags[-1] != "O")
            kept = [i for i, first in enumerate(example.first) if first]
            pairs.append(([tags[i] for i in kept], [LABELS[example.labels[i]] for i in kept]))
    return pairs, wrong_specials


def score(pairs):
    """Strict entity scores {type or "all": (precision, recall, f1)}."""
    found, true, correct = Counter(), Counter(), Counter()
    for predicted, gold in pairs:
        predicted_spans, gold_spans = set(spans(predicted)), set(spans(gold))
        for counter, items in (
            (found, predicted_spans),
            (true, gold_spans),
            (correct, predicted_spans & gold_spans),
        ):
            counter.update(kind for _, _, kind in items)
            counter["all"] += len(items)
    kinds = ("all", "PER", "ORG", "LOC")
    return {kind: _rates(correct[kind], found[kind], true[kind]) for kind in kinds}


def _rates(correct, found, true):
    precision, recall = correct / max(found, 1), correct / max(true, 1)
    return precision, recall, 2 * correct / max(found + true, 1)


def f1(model, examples):
    """The one figure used to follow training."""
    return score(predict(model, examples)[0])["all"][2]


def report(model, tokenizer, splits):
    """Prints precision, recall and F1 for each named split."""
    for name, sentences in splits.items():
        pairs, wrong_specials = predict(model, encode(tokenizer, sentences, 512))
        for kind, (precision, recall, value) in score(pairs).items():
            print(f"{name:14} {kind:4} P {precision:.4f}  R {recall:.4f}  F1 {value:.4f}")
        print(f"{name:14} specials not O: {wrong_specials} of {2 * len(pairs)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    arguments = parser.parse_args()
    from transformers import AutoModelForTokenClassification

    model = AutoModelForTokenClassification.from_pretrained(arguments.model, dtype=torch.float32)
    splits = read_ner(arguments.data)
    tokenizer = Tokenizer.from_file(f"{arguments.model}/tokenizer.json")
    report(model, tokenizer, {k: v for k, v in splits.items() if k != "train"})


if __name__ == "__main__":
    main()
