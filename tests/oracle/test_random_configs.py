# SPDX-License-Identifier: Apache-2.0
"""Random configurations against Hugging Face in float64.

Truth is the same model in float64. Our error, the largest over all texts of a case, may be at most 4 times that of
Hugging Face in float32 (eager, one padded batch with its mask), plus a floor where both are exact: 2e-7 for weights,
and for everything else 1e-6 of the largest value. Ours runs the texts as one ragged batch.
"""

import itertools
import random

import numpy as np
import pytest
from oracle_models import FAMILIES, TASKS, as_double, difference, hugging_face, load, make_model, random_texts, torch
from oracle_probe import run_probe

FACTOR = 4.0
WEIGHTS_FLOOR = 2e-7
RELATIVE_FLOOR = 1e-6

ACTIVATIONS = ("gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "relu", "silu", "quick_gelu")
HEAD_DIMS = (8, 16, 32, 64, 5, 7, 11, 24, 33, 48, 1, 63)
RANGES = (0.02, 0.05, 0.1, 0.2)
EPSILONS = (1e-12, 1e-5, 1e-7)
DTYPES = ("float32", "float32", "float16", "bfloat16")
LENGTHS = ((1, 2, 3, 5), (17, 4, 64, 33), (1,), (128, 9, 127), (512, 3), (31, 32, 33), (65, 1, 130), (8,) * 6,
           (100, 51))


def make_case(number, family, task):
    """Every property comes up in turn; what turns together is broken up by a random choice with a fixed seed."""
    pick = random.Random(number)
    heads = pick.choice((1, 2, 3, 4, 5, 12))
    return {
        "family": family, "task": task, "dtype": DTYPES[number % len(DTYPES)],
        "lengths": LENGTHS[number % len(LENGTHS)],
        "sizes": {
            "layers": number % 8 + 1, "heads": heads, "head_dim": HEAD_DIMS[number % len(HEAD_DIMS)],
            "hidden": pick.choice((1, 17, 64, 100, 255)), "vocab": pick.choice((37, 100, 1009)),
            "positions": pick.choice((512, 513, 600)), "activation": ACTIVATIONS[number % len(ACTIVATIONS)],
            "eps": EPSILONS[number % len(EPSILONS)], "initializer_range": RANGES[pick.randrange(len(RANGES))],
            "labels": 2 if task == "question_answering" else pick.choice((2, 3, 7)), "seed": number,
        },
    }


CASES = [make_case(number, family, task)
         for number, (_, family, task) in enumerate(itertools.product(range(4), FAMILIES, TASKS))]


def name_of(case):
    sizes = case["sizes"]
    return "-".join(str(part) for part in (case["family"], case["task"], f"{sizes['layers']}x{sizes['heads']}",
                                           sizes["head_dim"], sizes["activation"], case["dtype"]))


def error_of(results, truths, part):
    # numpy's maximum, because Python's would hide a NaN.
    return np.max([difference(result[part], truth[part]) for result, truth in zip(results, truths, strict=True)])


def failures(ours, single, double):
    """Every part of the results that is further from the truth than allowed."""
    for part in double[0]:
        largest = max(float(abs(truth[part]).max(initial=0.0)) for truth in double)
        floor = WEIGHTS_FLOOR if part == "attentions" else RELATIVE_FLOOR * largest
        limit = FACTOR * error_of(single, double, part) + floor
        error = error_of(ours, double, part)
        if not error <= limit:
            yield f"{part}: error {error:.3g}, allowed {limit:.3g}{first_layer(ours, double, part, limit)}"


def first_layer(ours, double, part, limit):
    """Where in the stack it begins, which is what one wants to know first."""
    if part not in ("attentions", "hidden_states"):
        return ""
    layers = [layer for result, truth in zip(ours, double) for layer in range(len(truth[part]))
              if not difference(result[part][layer], truth[part][layer]) <= limit]
    return f" (first at index {min(layers)})" if layers else ""


def failures_of_model(folder, model, texts):
    return list(failures(run_probe(folder, texts, "--batch"), hugging_face(model, texts),
                         hugging_face(as_double(model), texts)))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_error_is_at_most_four_times_that_of_hugging_face(case, tmp_path):
    model = make_model(case["family"], case["task"], **case["sizes"])
    model.to(getattr(torch, case["dtype"])).save_pretrained(tmp_path)
    token_types = 2 if case["family"] == "Bert" else 0
    texts = random_texts(case["lengths"], case["sizes"]["vocab"], seed=case["sizes"]["seed"], token_types=token_types)
    assert failures_of_model(tmp_path, load(tmp_path, type(model)), texts) == []


READS_FIRST_TOKEN = {("DistilBert", "sequence_classification"), ("Bert", "sequence_classification"), ("Bert", "none")}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_empty_text_gives_empty_results_and_leaves_its_neighbours_alone(family, task, tmp_path):
    """Hugging Face cannot run a text of no tokens. Heads that read the first token are not asked here."""
    make_model(family, task, layers=2).save_pretrained(tmp_path)
    texts = random_texts([5, 0, 7], 60, seed=4)
    request = ("--attentions-only",) if (family, task) in READS_FIRST_TOKEN else ()
    shapes = {"attentions": (2, 2, 0, 0), "hidden_states": (3, 0, 16), "last_hidden_state": (0, 16)}

    together = run_probe(tmp_path, texts, "--batch", *request)
    alone = [run_probe(tmp_path, [text], *request)[0] for text in texts]
    for empty in (together[1], alone[1]):
        assert {part: array.shape for part, array in empty.items() if part in shapes} == \
            {part: shape for part, shape in shapes.items() if part in empty}
        assert "attentions" in empty
    for found, expected in zip(together, alone, strict=True):
        assert {part: array.tobytes() for part, array in found.items()} == \
            {part: array.tobytes() for part, array in expected.items()}


@pytest.mark.parametrize("family, task", sorted(READS_FIRST_TOKEN))
def test_empty_text_is_refused_by_heads_that_read_the_first_token(family, task, tmp_path):
    make_model(family, task, layers=1).save_pretrained(tmp_path)
    with pytest.raises(AssertionError, match="text 1 has no tokens, but the head reads its first token"):
        run_probe(tmp_path, random_texts([5, 0, 7], 60), "--batch")


@pytest.mark.parametrize("family", FAMILIES)
def test_position_ids_are_those_given(family, tmp_path):
    model = make_model(family, layers=2, initializer_range=0.2)
    model.save_pretrained(tmp_path)
    (text,) = random_texts([6], 60)
    text["position_ids"] = [9, 3, 3, 0, 63, 1]
    assert failures_of_model(tmp_path, model, [text]) == []
