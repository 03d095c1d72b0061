# SPDX-License-Identifier: Apache-2.0
"""The student's first weights: the teacher, narrowed layer by layer with least squares.

Hidden states are projected from 384 to 240 channels (principal components), heads from 32 to 20,
the feed-forward layer is cut to its strongest neurons. Each linear map is fitted on calibration
text to what the teacher computes, given what the student computes up to that point.
"""

import torch
from torch.nn.functional import gelu, layer_norm
from transformers import DistilBertConfig, DistilBertForTokenClassification

from batches import encode, seeded
from corpora import LABEL_IDS, LABELS

DIM, HEADS, LAYERS, HIDDEN_DIM = 240, 12, 6, 600
CALIBRATION_TEXTS, CALIBRATION_LENGTH = 320, 48


def new_student(vocab_size):
    """An untrained student."""
    config = DistilBertConfig(
        vocab_size=vocab_size, dim=DIM, n_heads=HEADS, n_layers=LAYERS, hidden_dim=HIDDEN_DIM,
        max_position_embeddings=512, activation="gelu", dropout=0.1, attention_dropout=0.0,
        pad_token_id=0, num_labels=len(LABELS), id2label=dict(enumerate(LABELS)),
        label2id=LABEL_IDS, attn_implementation="eager",
    )  # fmt: skip
    return DistilBertForTokenClassification(config)


def _calibration_ids(tokenizer, texts, rng):
    """Equally long inputs [texts, seq] from all corpora, so that nothing is padding."""
    rows = []
    for sentences in texts.values():
        candidates = [s for s in sentences if len(s.words) >= CALIBRATION_LENGTH]
        chosen = rng.sample(candidates, CALIBRATION_TEXTS // len(texts))
        rows += [e.ids for e in encode(tokenizer, chosen, CALIBRATION_LENGTH)]
    return torch.tensor(rows)


@torch.no_grad()
def _record(teacher, ids):
    """Outputs of every submodule of the teacher by path, each [tokens, channels]."""
    outputs, handles = {}, []

    def keep(path):
        def hook(_module, _inputs, output):
            if isinstance(output, torch.Tensor):
                outputs[path] = output.flatten(0, 1)

        return hook

    for path, module in teacher.named_modules():
        if isinstance(module, (torch.nn.Linear, torch.nn.LayerNorm)):
            handles.append(module.register_forward_hook(keep(path)))
    teacher.eval()(input_ids=ids)
    for handle in handles:
        handle.remove()
    return outputs


def _projection(outputs, generator):
    """Orthonormal [384, 240]: principal directions of all normalised states, randomly rotated.

    The rotation spreads the variance evenly, which layer norm over the new channels needs.
    """
    states = [v for k, v in outputs.items() if k.endswith("LayerNorm")]
    total = sum((s - s.mean(0)).T @ (s - s.mean(0)) / s.var(0).sum() for s in states)
    directions = torch.linalg.eigh(total).eigenvectors[:, -DIM:]
    rotation = torch.linalg.qr(torch.randn(DIM, DIM, generator=generator)).Q
    return directions @ rotation


def _fit_linear(linear, inputs, targets, ridge=1e-3):
    """Least squares for weight and bias; returns the fitted outputs."""
    mean_in, mean_out = inputs.mean(0), targets.mean(0)
    x, y = inputs - mean_in, targets - mean_out
    gram = x.T @ x
    gram += ridge * gram.diagonal().mean() * torch.eye(len(gram))
    weight = torch.linalg.solve(gram, x.T @ y)  # [in, out]
    linear.weight.data.copy_(weight.T)
    linear.bias.data.copy_(mean_out - mean_in @ weight)
    return linear(inputs)


def _fit_norm(norm, inputs, targets):
    """Gain and bias per channel by least squares; returns the fitted outputs."""
    x = layer_norm(inputs, norm.normalized_shape, eps=norm.eps)
    centred = x - x.mean(0)
    gain = (centred * targets).mean(0) / centred.pow(2).mean(0)
    norm.weight.data.copy_(gain)
    norm.bias.data.copy_(targets.mean(0) - gain * x.mean(0))
    return norm(inputs)


def _whitener(x):
    """L with x^T x / n = L L^T."""
    return torch.linalg.cholesky(x.T @ x / len(x) + 1e-4 * torch.eye(x.shape[1]))


def _narrow_query_key(query, key):
    """Best low-rank query and key of one head: the scores change least on average."""
    head_dim = DIM // HEADS
    key = key - key.mean(0)  # softmax does not see a shift of all keys
    l_query, l_key = _whitener(query), _whitener(key)
    u, s, vh = torch.linalg.svd(l_query.T @ l_key)
    root = s[:head_dim].sqrt()
    narrow_query = query @ torch.linalg.solve(l_query.T, u[:, :head_dim] * root)
    narrow_key = key @ torch.linalg.solve(l_key.T, vh[:head_dim].T * root)
    return narrow_query * (head_dim / query.shape[1]) ** 0.5, narrow_key


def _narrow_value(value, output_weight):
    """The part of one head's value that matters most behind its output projection [out, 32]."""
    value = value - value.mean(0)
    l_value = _whitener(value)
    u = torch.linalg.svd(l_value.T @ output_weight.T).U[:, : DIM // HEADS]
    return value @ torch.linalg.solve(l_value.T, u)


def _fit_attention(attention, hidden, outputs, path, teacher_layer, projection, shape):
    """Fits q, k, v, then the output projection to the student's own context."""
    queries, keys, old_values = (
        outputs[f"{path}.attention.self.{name}"].chunk(HEADS, -1)
        for name in ("query", "key", "value")
    )
    out_weight = projection.T @ teacher_layer.attention.output.dense.weight  # [240, 384]
    pairs = [_narrow_query_key(q, k) for q, k in zip(queries, keys, strict=True)]
    slices = out_weight.chunk(HEADS, -1)
    values = [_narrow_value(v, w) for v, w in zip(old_values, slices, strict=True)]

    def heads(linear, targets):
        fitted = _fit_linear(linear, hidden, torch.cat(targets, -1))
        return fitted.view(*shape, HEADS, -1).transpose(1, 2)  # [batch, head, seq, 20]

    query = heads(attention.q_lin, [q for q, _ in pairs])
    key = heads(attention.k_lin, [k for _, k in pairs])
    value = heads(attention.v_lin, values)
    weights = (query @ key.transpose(2, 3) / query.shape[-1] ** 0.5).softmax(-1)
    context = (weights @ value).transpose(1, 2).reshape(-1, DIM)
    target = outputs[f"{path}.attention.output.dense"] @ projection
    return _fit_linear(attention.out_lin, context, target)


def _fit_feed_forward(ffn, hidden, outputs, path, teacher_layer, projection):
    """Keeps the neurons whose output varies most, then fits both maps."""
    inner = outputs[f"{path}.intermediate.dense"]
    strength = gelu(inner).var(0) * teacher_layer.output.dense.weight.pow(2).sum(0)
    kept = strength.topk(HIDDEN_DIM).indices
    activations = gelu(_fit_linear(ffn.lin1, hidden, inner[:, kept]))
    return _fit_linear(ffn.lin2, activations, outputs[f"{path}.output.dense"] @ projection)


@torch.no_grad()
def project_student(teacher, tokenizer, texts, log):
    """Returns the student and the projection [384, 240] of the teacher's hidden states."""
    rng = seeded(2)
    ids = _calibration_ids(tokenizer, texts, rng)
    outputs = _record(teacher, ids)
    projection = _projection(outputs, torch.Generator().manual_seed(2))
    student = new_student(teacher.config.vocab_size)
    embeddings, source = student.distilbert.embeddings, teacher.bert.embeddings
    words = source.word_embeddings.weight + source.token_type_embeddings.weight[0]
    embeddings.word_embeddings.weight.copy_(words @ projection)
    embeddings.position_embeddings.weight.copy_(source.position_embeddings.weight @ projection)
    positions = embeddings.position_embeddings(torch.arange(ids.shape[1]))
    summed = embeddings.word_embeddings(ids) + positions
    target = outputs["bert.embeddings.LayerNorm"] @ projection
    hidden = _fit_norm(embeddings.LayerNorm, summed.flatten(0, 1), target)
    for i, layer in enumerate(student.distilbert.transformer.layer):
        path, teacher_layer = f"bert.encoder.layer.{i}", teacher.bert.encoder.layer[i]
        attended = _fit_attention(
            layer.attention, hidden, outputs, path, teacher_layer, projection, ids.shape
        )
        target = outputs[f"{path}.attention.output.LayerNorm"] @ projection
        hidden = _fit_norm(layer.sa_layer_norm, hidden + attended, target)
        changed = _fit_feed_forward(layer.ffn, hidden, outputs, path, teacher_layer, projection)
        target = outputs[f"{path}.output.LayerNorm"] @ projection
        hidden = _fit_norm(layer.output_layer_norm, hidden + changed, target)
        error = (hidden - target).pow(2).mean() / (target - target.mean(0)).pow(2).mean()
        log(f"projected layer {i}: {error:.3f} of the variance is lost")
    _fit_linear(student.classifier, hidden, outputs["classifier"])
    return student, projection
