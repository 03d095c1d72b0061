# SPDX-License-Identifier: Apache-2.0
"""The same calls on transformers and attnscope: equal types, names, shapes and values, on generated inputs."""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch, the oracle of these tests, is not installed")
pytest.importorskip("transformers", reason="transformers, the oracle of these tests, is not installed")

from package_models import VOCABULARY
from parity import assert_same

FAMILIES = ("DistilBert", "Bert")
TASKS = ("none", "masked_lm", "sequence_classification", "token_classification", "question_answering")
CLASSES = list(itertools.product(FAMILIES, TASKS))
PADDINGS = ("absent", "none", "right", "left", "holes")
FORMS = {
    "torch": lambda tensor: tensor,
    "torch int32": lambda tensor: tensor if tensor.is_floating_point() else tensor.to(torch.int32),
    "numpy": lambda tensor: tensor.numpy(),
    "lists": lambda tensor: tensor.numpy() if tensor.is_floating_point() else tensor.tolist(),
}


def mask_of(padding, random, batch, seq):
    """[batch, seq]; every column is real in at least one text, as in a batch padded to its longest text."""
    mask = np.ones((batch, seq), dtype=np.int64)
    for text in range(1, batch):
        masked = random.integers(1, seq)
        if padding == "right":
            mask[text, seq - masked :] = 0
        elif padding == "left":
            mask[text, :masked] = 0
        elif padding == "holes":
            mask[text, random.choice(seq, masked, replace=False)] = 0
    return mask


def random_call(random, family, padding, embeds_of):
    """Arguments of a call as torch tensors, and the mask of real tokens."""
    batch, seq = int(random.integers(1, 5)), int(random.integers(4, 17))  # more than labels
    ids = torch.tensor(random.integers(0, len(VOCABULARY), (batch, seq)))
    mask = mask_of(padding, random, batch, seq)
    call = {"input_ids": ids}
    if padding != "absent":
        call["attention_mask"] = torch.tensor(mask)
    if random.random() < 0.3:
        call["inputs_embeds"] = embeds_of(call.pop("input_ids")) * 1.5
    if random.random() < 0.3:
        rows = random.choice([1, batch])
        call["position_ids"] = torch.tensor(random.integers(0, 64, (rows, seq)))
    if family == "Bert" and random.random() < 0.6:
        call["token_type_ids"] = torch.tensor(random.integers(0, 2, (batch, seq)))
    return call, mask.astype(bool)


def labels_for(task, random, batch, seq):
    if task == "question_answering":
        return {name: torch.tensor(random.integers(0, seq + 3, batch)) for name in ("start_positions", "end_positions")}
    if task == "sequence_classification":
        return {"labels": torch.tensor(random.integers(0, 3, batch))}
    count = len(VOCABULARY) if task == "masked_lm" else 3
    labels = random.integers(0, count, (batch, seq))
    labels[random.random((batch, seq)) < 0.3] = -100
    return {"labels": torch.tensor(labels)}


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("family, task", CLASSES)
def test_random_calls(twins, family, task, padding):
    pair = twins(family, task)
    random = np.random.default_rng([CLASSES.index((family, task)), PADDINGS.index(padding)])
    for case in range(8):
        call, real = random_call(random, family, padding, pair.theirs.get_input_embeddings())
        flags = {"output_attentions": bool(case & 1), "output_hidden_states": bool(case & 2)}
        form = list(FORMS)[case % len(FORMS)]
        with torch.no_grad():
            theirs = pair.theirs(**call, **flags)
        ours = pair.ours(**{name: FORMS[form](tensor.detach()) for name, tensor in call.items()}, **flags)
        assert_same(ours, theirs, real, f"{family} {task} {padding} case {case} ({form})")
        is_torch = isinstance(ours[0], torch.Tensor)
        assert is_torch == form.startswith("torch")


@pytest.mark.parametrize("family, task", [pair for pair in CLASSES if pair[1] != "none"])
def test_labels_add_the_loss(twins, family, task):
    pair = twins(family, task)
    random = np.random.default_rng(1)
    for _ in range(6):
        call, _ = random_call(random, family, "absent", pair.theirs.get_input_embeddings())
        batch, seq = next(iter(call.values())).shape[:2]
        labels = labels_for(task, random, batch, seq)
        with torch.no_grad():
            theirs = pair.theirs(**call, **labels)
        assert_same(pair.ours(**call, **labels), theirs, None, f"{family} {task}")


@pytest.mark.parametrize("problem", ["regression", "multi_label_classification"])
def test_other_losses_of_sequence_classification(twins, problem):
    pair = twins("DistilBert", "sequence_classification", labels=1 if problem == "regression" else 3)
    ids = torch.tensor([[2, 5, 6, 3], [2, 7, 8, 3]])
    labels = torch.tensor([0.3, -1.2]) if problem == "regression" else torch.tensor([[1.0, 0, 1], [0, 0, 1]])
    pair.theirs.config.problem_type = pair.ours.config.problem_type = None
    with torch.no_grad():
        theirs = pair.theirs(ids, labels=labels)
    assert_same(pair.ours(ids, labels=labels), theirs)


@pytest.mark.parametrize("family, task", CLASSES)
def test_tuples_instead_of_names(twins, family, task):
    pair = twins(family, task)
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    with torch.no_grad():
        theirs = pair.theirs(ids, return_dict=False, output_attentions=True)
    assert_same(pair.ours(ids, return_dict=False, output_attentions=True), theirs)


def test_access_by_name_index_slice_and_attribute(twins):
    pair = twins("DistilBert", "token_classification")
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    ours, theirs = pair.ours(ids, output_attentions=True), pair.theirs(ids, output_attentions=True)
    assert list(ours.keys()) == list(theirs.keys()) == ["logits", "attentions"]
    assert ours[0] is ours.logits is ours["logits"] is ours[:1][0] is ours.to_tuple()[0]
    assert len(ours) == len(theirs) and ours.hidden_states is None and "loss" not in ours
    with pytest.raises(KeyError):
        ours["loss"]


@pytest.mark.parametrize("family", FAMILIES)
def test_options_in_the_config(twins, family):
    pair = twins(family)
    ours = type(pair.ours).from_pretrained(pair.folder, output_attentions=True, output_hidden_states=True)
    outputs = ours(torch.tensor([[2, 5, 3]]))
    assert len(outputs.attentions) == 3 and len(outputs.hidden_states) == 4
    assert ours.config.output_attentions is True


@pytest.mark.parametrize("family", FAMILIES)
def test_a_whole_tokenized_batch(twins, family):
    import transformers

    import attnscope

    pair = twins(family, "token_classification")
    texts = ["Angela lives in Paris.", "hello", "this is a simple sentence, simply!"]
    for side in ("right", "left"):
        theirs = transformers.AutoTokenizer.from_pretrained(pair.folder, padding_side=side)
        ours = attnscope.AutoTokenizer.from_pretrained(pair.folder, padding_side=side)
        batch = theirs(texts, padding=True, return_tensors="pt")
        with torch.no_grad():
            expected = pair.theirs(**batch, output_attentions=True)
        outputs = pair.ours(**ours(texts, padding=True, return_tensors="pt"), output_attentions=True)
        assert_same(outputs, expected, batch["attention_mask"].numpy().astype(bool), side)


def test_alone_padded_and_in_a_batch_the_bits_are_the_same(twins):
    pair = twins("Bert")
    alone = pair.ours(np.array([[2, 5, 6, 3]]), output_attentions=True)
    batch = pair.ours(
        np.array([[2, 5, 6, 3, 0, 0], [2, 9, 9, 9, 9, 3]]),
        np.array([[1, 1, 1, 1, 0, 0], [1] * 6]),
        output_attentions=True,
    )
    for one, two in zip(alone.attentions, batch.attentions, strict=True):
        assert (one[0] == two[0, :, :4, :4]).all()


def test_masks_of_floats_and_bools_mean_the_same(twins):
    pair = twins("DistilBert")
    ids = torch.tensor([[2, 5, 6, 3]])
    expected = pair.ours(ids, torch.tensor([[1, 1, 1, 0]])).last_hidden_state
    for mask in (torch.tensor([[1.0, 1, 1, 0]]), torch.tensor([[True, True, True, False]]), [[1, 1, 1, 0]]):
        assert torch.equal(pair.ours(ids, mask).last_hidden_state, expected)
