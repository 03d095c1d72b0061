# SPDX-License-Identifier: Apache-2.0
"""The leaf `attn`, which Hugging Face does not have: what a hook on it sees and what its replacements do.

The oracle is Hugging Face with an attention function of our own, which makes the same change.
"""

import pytest
from oracle_hooks import hook, script
from oracle_models import difference, make_model, random_texts, torch, transformers
from oracle_probe import run_scripts

RUN = {"run": ["0"]}
FACTOR = 1.5
LEAVES = {"DistilBert": "transformer.layer.1.attention.attn", "Bert": "encoder.layer.1.attention.self.attn"}


def attention_that_changes(model, part):
    """Eager attention; in the last layer one of query, key, value, weights or context is scaled."""
    calls = []

    def attention(module, query, key, value, attention_mask, scaling=None, **_):
        factors = dict.fromkeys(("query", "key", "value", "weights", "context"), 1.0)
        calls.append(module)
        if len(calls) % model.config.num_hidden_layers == 0:
            factors[part] = FACTOR
        query, key, value = query * factors["query"], key * factors["key"], value * factors["value"]
        scaling = query.size(-1) ** -0.5 if scaling is None else scaling
        weights = torch.softmax(query @ key.transpose(2, 3) * scaling, dim=-1) * factors["weights"]
        context = (weights @ value).transpose(1, 2).contiguous() * factors["context"]
        return context, weights

    return attention


def last_hidden_state(model, texts, part):
    name = f"oracle_{part}"
    transformers.AttentionInterface.register(name, attention_that_changes(model, part))
    model.set_attn_implementation(name)
    with torch.no_grad():
        return model(input_ids=torch.tensor([texts[0]["input_ids"]])).last_hidden_state[0].numpy()


@pytest.fixture(scope="module", params=LEAVES)
def family(request, tmp_path_factory):
    model = make_model(request.param, layers=2, heads=3, head_dim=8, initializer_range=0.2, seed=5)
    folder = tmp_path_factory.mktemp("model")
    model.save_pretrained(folder)
    return model, folder, LEAVES[request.param], random_texts([7], 60, seed=9)


@pytest.mark.parametrize("verb", ["scale", "edit"])
@pytest.mark.parametrize("part, side, index", [("query", "input", 0), ("key", "input", 1), ("value", "input", 2),
                                               ("weights", "output", 0), ("context", "output", 1)])
def test_replacement_at_attn_equals_hugging_face_with_the_same_change(family, part, side, index, verb):
    model, folder, leaf, texts = family
    point = "pre" if side == "input" else "forward"
    entry = script(part, [hook("change", point, leaf, {f"{verb}_{side}": [index, FACTOR]})],
                   [{"register": "change"}, RUN])
    _, arrays = run_scripts(folder, texts, [entry])
    ours = arrays[f"{part}/0.0.last_hidden_state"]
    assert difference(ours, last_hidden_state(model, texts, part)) <= 1e-5
    untouched = last_hidden_state(model, texts, "nothing")
    assert difference(ours, untouched) > 1e-3


def test_attn_gets_query_key_value_and_gives_weights_and_context(family):
    _, folder, leaf, texts = family
    hooks = [hook("pre", "pre", leaf), hook("forward", "forward", leaf)]
    entry = script("shapes", hooks, [{"register": "pre"}, {"register": "forward"}, RUN])
    logs, _ = run_scripts(folder, texts, [entry])
    before, after = [line for line in logs["shapes"] if "event" in line]
    heads = [1, 7, 3, 8]
    assert [value["shape"] for value in before["inputs"]] == [heads, heads, heads]
    assert before["outputs"] == []
    assert [value["shape"] for value in after["outputs"]] == [[1, 3, 7, 7], heads]
    assert after["outputs"][0]["mean"] == pytest.approx(1 / 7, abs=1e-6)
