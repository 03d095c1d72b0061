# SPDX-License-Identifier: Apache-2.0
"""Trains the embedded model: python tools/demo_model/train.py --data FOLDER --out data/demo-ner

Stages: vocabulary, teacher (MiniLM fine-tuned for NER), projection (student from teacher),
distillation, save. Finished stages are kept in --work and are not repeated.
"""

import argparse
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForTokenClassification

import vocabulary
from batches import seeded
from corpora import mentions, read_books, read_ner, read_wikitext
from distil import distil
from evaluate import report
from project import project_student
from teacher import load_teacher, minilm_folder, train_teacher

STARTED = time.time()


def log(text):
    """One progress line with the time since the start."""
    print(f"[{time.time() - STARTED:6.0f} s] {text}", flush=True)


def choose_vocabulary(splits, wikitext, books):
    """Returns the student's tokenizer and, for each of its ids, the teacher's id."""
    teacher_tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
    teacher_tokenizer.no_truncation()
    teacher_tokenizer.no_padding()
    weighted = [(5, splits["train"]), (3, wikitext), (0.5, books)]
    counts = vocabulary.count_pieces(teacher_tokenizer, weighted)
    teacher_ids = teacher_tokenizer.get_vocab()
    tokens = vocabulary.choose(teacher_ids, counts)
    return vocabulary.build_tokenizer(tokens), [teacher_ids[t] for t in tokens]


def stage(path, model, train):
    """Loads the weights a finished stage left, else runs it and keeps them."""
    if path.exists():
        model.load_state_dict(torch.load(path))
    else:
        train()
        torch.save(model.state_dict(), path)
    log(f"{path.stem} done")


def save_model(student, tokenizer, out):
    """Writes the Hugging Face directory in half precision; README.md in it is left alone."""
    out.mkdir(parents=True, exist_ok=True)
    half = type(student)(student.config)
    half.load_state_dict(student.state_dict())
    half.half().save_pretrained(out)
    (out / "model.safetensors").chmod(0o644)
    vocabulary.save(tokenizer, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="folder that holds corpora/")
    parser.add_argument("--out", required=True, type=Path, help="model directory to write")
    parser.add_argument(
        "--work", type=Path, default="build/demo_model", help="folder for finished stages"
    )
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)

    rng = seeded(0)
    splits = read_ner(arguments.data)
    wikitext, books = read_wikitext(arguments.data, rng), read_books(arguments.data, rng)
    tokenizer, teacher_ids = choose_vocabulary(splits, wikitext, books)
    log(f"vocabulary of {len(teacher_ids)} pieces")

    teacher = load_teacher(teacher_ids)
    stage(work / "teacher.pt", teacher, lambda: train_teacher(teacher, tokenizer, splits, log))
    texts = {"train": splits["train"], "wikitext": wikitext, "books": books}
    student, projection = project_student(teacher, tokenizer, texts, log)

    def snapshot():
        save_model(student, tokenizer, arguments.out)

    parts = (student, teacher, tokenizer, texts, splits, projection)
    stage(work / "student.pt", student, lambda: distil(*parts, snapshot, log))
    snapshot()
    reloaded = AutoModelForTokenClassification.from_pretrained(arguments.out, dtype=torch.float32)
    report(reloaded, tokenizer, {k: v for k, v in splits.items() if k != "train"})


if __name__ == "__main__":
    main()
