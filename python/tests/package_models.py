# SPDX-License-Identifier: Apache-2.0
"""A small vocabulary and the sentence that every example uses."""

WORDS = "this is a simple example sentence . angela lives in paris and works there hello world ! , merkel".split()
VOCABULARY = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"bcdefghijklmnopqrstuvwxyz",
    "##s", "##ly", "##a", "##n", "##e", "über", "東", "京",
]  # fmt: skip
SENTENCE = "This is a simple example sentence."


def write_tokenizer(folder, tokenizer_class="DistilBertTokenizer"):
    """vocab.txt and tokenizer_config.json of a small uncased vocabulary."""
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        f'{{"do_lower_case": true, "model_max_length": 64, "tokenizer_class": "{tokenizer_class}"}}'
    )
