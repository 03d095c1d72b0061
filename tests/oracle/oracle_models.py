# SPDX-License-Identifier: Apache-2.0
"""Models with random weights, and their Hugging Face results."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch, the oracle of these tests, is not installed")
transformers = pytest.importorskip("transformers", reason="transformers, the oracle of these tests, is not installed")

TASKS = {
    "none": "Model",
    "masked_lm": "ForMaskedLM",
    "sequence_classification": "ForSequenceClassification",
    "token_classification": "ForTokenClassification",
    "question_answering": "ForQuestionAnswering",
}
FAMILIES = ("DistilBert", "Bert")


def make_config(family, *, layers=2, heads=2, head_dim=8, hidden=32, vocab=60, positions=64, activation="gelu",
                eps=1e-12, initializer_range=0.02, labels=2, **more):
    """The same sizes under the names of the family; `eps` is BERT's only, DistilBERT's is fixed."""
    common = {"vocab_size": vocab, "max_position_embeddings": positions, "num_labels": labels,
              "initializer_range": initializer_range, "attn_implementation": "eager", **more}
    if family == "DistilBert":
        return transformers.DistilBertConfig(dim=heads * head_dim, n_heads=heads, n_layers=layers, hidden_dim=hidden,
                                             activation=activation, **common)
    return transformers.BertConfig(hidden_size=heads * head_dim, num_attention_heads=heads, num_hidden_layers=layers,
                                   intermediate_size=hidden, hidden_act=activation, layer_norm_eps=eps, **common)


def make_model(family, task="none", *, seed=0, **sizes):
    """A model whose every tensor is random; Hugging Face starts biases at 0 and layer norms at 1."""
    torch.manual_seed(seed)
    model = getattr(transformers, family + TASKS[task])(make_config(family, **sizes)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * (0.2 if "weight" in name else 0.1))
    return model


def load(model_dir, model_class, dtype=torch.float32):
    return model_class.from_pretrained(model_dir, attn_implementation="eager", dtype=dtype).eval()


def as_double(model):
    return copy.deepcopy(model).double()


def random_texts(lengths, vocab, *, seed=0, token_types=0):
    """Texts of random ids; token types too if the model has `token_types` of them."""
    random = np.random.default_rng(seed)
    texts = []
    for length in lengths:
        text = {"input_ids": random.integers(0, vocab, length).tolist()}
        if token_types:
            text["token_type_ids"] = random.integers(0, token_types, length).tolist()
        texts.append(text)
    return texts


def padded(texts):
    """The keyword arguments of a Hugging Face call for a batch of texts of mixed length."""
    longest = max(len(text["input_ids"]) for text in texts)
    rows = {name: [text[name] + [0] * (longest - len(text[name])) for text in texts] for name in texts[0]}
    if any(len(text["input_ids"]) != longest for text in texts):
        rows["attention_mask"] = [[1] * len(text["input_ids"]) + [0] * (longest - len(text["input_ids"]))
                                  for text in texts]
    return {name: torch.tensor(values, dtype=torch.long) for name, values in rows.items()}


def one_text(outputs, index, length):
    """What the outputs of a batch say of one text, in the shapes of attnscope, as numpy arrays."""
    result = {
        "attentions": torch.stack(outputs.attentions)[:, index, :, :length, :length],
        "hidden_states": torch.stack(outputs.hidden_states)[:, index, :length],
    }
    result["last_hidden_state"] = result["hidden_states"][-1]
    if "logits" in outputs:
        per_token = outputs.logits.dim() == 3
        result["logits"] = outputs.logits[index, :length] if per_token else outputs.logits[index]
    if "start_logits" in outputs:
        result["logits"] = torch.stack([outputs.start_logits, outputs.end_logits], -1)[index, :length]
    if outputs.get("pooler_output") is not None:
        result["pooler_output"] = outputs.pooler_output[index]
    return {name: tensor.numpy() for name, tensor in result.items()}


@torch.no_grad()
def hugging_face(model, texts):
    """Results of every text, computed as one padded batch."""
    outputs = model(**padded(texts), output_attentions=True, output_hidden_states=True)
    return [one_text(outputs, index, len(text["input_ids"])) for index, text in enumerate(texts)]


def difference(a, b):
    """Largest absolute difference; the shapes have to be equal."""
    assert a.shape == b.shape, f"shape {a.shape}, expected {b.shape}"
    if a.size == 0:
        return 0.0
    return float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64))))
