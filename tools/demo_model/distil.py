# SPDX-License-Identifier: Apache-2.0
"""Distillation: the student learns the teacher's attention maps, hidden states and NER output."""

import time

import torch

from batches import collate, by_length, encode, seeded
from corpora import fill_unknown, mentions
from evaluate import f1
from teacher import ner_loss, schedule, swapped

STEPS = 600
LEARNING_RATE = 6e-4
TOKENS_PER_BATCH = 2048
BOOK_CHUNKS_PER_ROUND = 6000
SHIFTED_BATCHES = 0.3
CHECK_EVERY = 200
LOSS_WEIGHTS = (1.0, 1.0, 3.0, 1.0)  # attention, hidden, soft labels, gold labels
EPSILON = 1e-5


def text_batches(tokenizer, texts, rng):
    """Endless batches; a round holds all labelled sentences, wikitext and some of the books."""
    pool = mentions(texts["train"])
    while True:
        sentences = swapped(texts["train"], rng)
        sentences += [fill_unknown(s, pool, rng) for s in texts["wikitext"]]
        sentences += rng.sample(texts["books"], BOOK_CHUNKS_PER_ROUND)
        rng.shuffle(sentences)
        groups = by_length(encode(tokenizer, sentences), TOKENS_PER_BATCH)
        rng.shuffle(groups)
        for group in groups:
            yield collate(group)


def positions(batch, rng):
    """Position ids [1, seq]; sometimes all but [CLS] move up, so that all 512 are trained."""
    length = batch.ids.shape[1]
    ids = torch.arange(length).unsqueeze(0)
    if rng.random() < SHIFTED_BATCHES:
        ids[:, 1:] += rng.randint(0, 512 - length)
    return ids


def run_teacher(teacher, batch, position_ids):
    """The teacher's attention, hidden states and logits."""
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        return teacher(
            input_ids=batch.ids, attention_mask=batch.mask, position_ids=position_ids,
            output_attentions=True, output_hidden_states=True,
        )  # fmt: skip


def run_student(student, batch, position_ids):
    """The same outputs of the student."""
    with torch.autocast("cpu", torch.bfloat16):
        return student(
            input_ids=batch.ids, attention_mask=batch.mask, position_ids=position_ids,
            output_attentions=True, output_hidden_states=True,
        )  # fmt: skip


def attention_loss(student_maps, teacher_maps, mask):
    """Mean over layers, heads and real rows of KL(teacher row || student row), in nats."""
    rows = mask.bool()
    total = 0.0
    for s, t in zip(student_maps, teacher_maps, strict=True):
        s, t = s.float() + EPSILON, t.float() + EPSILON  # [batch, head, query, key]
        divergence = (t * (t.log() - s.log())).sum(-1).mean(1)  # [batch, query]
        total = total + divergence[rows].mean()
    return total / len(student_maps)


def hidden_loss(student_states, teacher_states, projection, mask):
    """Share of the projected states' variance that is not matched, mean over all states."""
    rows = mask.bool()
    total = 0.0
    for s, t in zip(student_states, teacher_states, strict=True):
        target = t[rows].float() @ projection  # [tokens, 240]
        total = total + (s[rows].float() - target).pow(2).mean() / target.var(0).mean()
    return total / len(student_states)


def soft_label_loss(student_logits, teacher_logits, mask):
    """Mean over real tokens of KL(teacher labels || student labels), in nats."""
    rows = mask.bool()
    teacher = teacher_logits[rows].float().log_softmax(-1)
    student = student_logits[rows].float().log_softmax(-1)
    return (teacher.exp() * (teacher - student)).sum(-1).mean()


def losses(student, teacher, batch, projection, rng):
    """The four parts: attention, hidden, soft labels, gold labels."""
    position_ids = positions(batch, rng)
    target = run_teacher(teacher, batch, position_ids)
    output = run_student(student, batch, position_ids)
    gold = ner_loss(output.logits, batch.labels) if (batch.labels >= 0).any() else torch.zeros(())
    return (
        attention_loss(output.attentions, target.attentions, batch.mask),
        hidden_loss(output.hidden_states, target.hidden_states, projection, batch.mask),
        soft_label_loss(output.logits, target.logits, batch.mask),
        gold,
    )


def optimise(student, batches, compute_losses, check, log):
    """AdamW with linear decay on the weighted sum of losses."""
    optimizer = torch.optim.AdamW(
        student.parameters(), lr=LEARNING_RATE, weight_decay=0.01, fused=True
    )
    scheduler = schedule(optimizer, STEPS)
    started = time.time()
    for step in range(1, STEPS + 1):
        parts = compute_losses(next(batches))
        sum(w * part for w, part in zip(LOSS_WEIGHTS, parts, strict=True)).backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step()
        if step % 25 == 0:
            values = " ".join(f"{part.item():.4f}" for part in parts)
            log(f"step {step}/{STEPS} losses {values} {(time.time() - started) / step:.2f} s/step")
        if step % CHECK_EVERY == 0:
            check()


def distil(student, teacher, tokenizer, texts, splits, projection, snapshot, log):
    """Trains without dropout on labelled and plain text; snapshot() keeps what there is so far."""
    rng = seeded(3)
    teacher.eval()
    student.eval()  # no dropout; gradients flow all the same
    dev = encode(tokenizer, splits["ewt_dev"] + splits["wikigold_dev"])

    def check():
        log(f"dev F1 {f1(student, dev):.4f}")
        snapshot()

    def compute_losses(batch):
        return losses(student, teacher, batch, projection, rng)

    check()
    optimise(student, text_batches(tokenizer, texts, rng), compute_losses, check, log)
