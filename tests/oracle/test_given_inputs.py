# SPDX-License-Identifier: Apache-2.0
"""What a text may bring besides its ids, against Hugging Face."""

import numpy as np
import pytest
from oracle_models import FAMILIES, TASKS, difference, make_model, one_text, random_texts, torch
from oracle_probe import run_probe

TOLERANCE = 1e-5


def differences(ours, theirs):
    """Every part of the results that is further from Hugging Face than allowed."""
    return {part: difference(ours[part], expected) for part, expected in theirs.items()
            if not difference(ours[part], expected) <= TOLERANCE * max(1.0, abs(expected).max())}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_inputs_embeds_take_the_place_of_the_word_embeddings(family, task, tmp_path):
    model = make_model(family, task, initializer_range=0.2)
    model.save_pretrained(tmp_path)
    text = random_texts([9], 60, token_types=2 if family == "Bert" else 0)[0]
    rows = np.random.default_rng(1).normal(size=(9, 16)).astype(np.float32)

    given = {name: torch.tensor([values]) for name, values in text.items() if name != "input_ids"}
    outputs = model(inputs_embeds=torch.tensor(rows[None]), output_attentions=True, output_hidden_states=True,
                    **given)
    ours = run_probe(tmp_path, [{**text, "inputs_embeds": rows}])[0]
    assert differences(ours, one_text(outputs, 0, 9)) == {}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_unattended_tokens_are_what_padding_on_the_left_is_to_hugging_face(family, task, tmp_path):
    """There the padding comes first, has positions 0, 1, 2 and is what a pooler reads; here it comes last."""
    model = make_model(family, task, initializer_range=0.2)
    model.save_pretrained(tmp_path)
    padding, length = 3, 12
    ids = random_texts([length], 60, seed=3)[0]["input_ids"]
    mask = [0] * padding + [1] * (length - padding)
    outputs = model(input_ids=torch.tensor([ids]), attention_mask=torch.tensor([mask]), output_attentions=True,
                    output_hidden_states=True)

    order = list(range(padding, length)) + list(range(padding))
    ours = run_probe(tmp_path, [{"input_ids": [ids[i] for i in order], "position_ids": order,
                                 "num_unattended": padding, "pooled_token": length - padding}])[0]
    theirs = one_text(outputs, 0, length)
    theirs["attentions"] = theirs["attentions"][:, :, order][..., order]
    theirs["hidden_states"] = theirs["hidden_states"][:, order]
    theirs["last_hidden_state"] = theirs["last_hidden_state"][order]
    if task not in ("none", "sequence_classification"):
        theirs["logits"] = theirs["logits"][order]
    assert differences(ours, theirs) == {}
