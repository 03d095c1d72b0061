# SPDX-License-Identifier: Apache-2.0
"""Calls of bertviz with only the import line changed."""

import inspect
import json
import re
import sys
import warnings

import numpy as np
import pytest

import attnscope
from attnscope import head_view, model_view

SENTENCE_A = "Angela lives in Paris."
SENTENCE_B = "She works there."


@pytest.fixture(scope="module")
def pair(demo):
    """(attentions, tokens, where the second sentence begins) as notebooks of bertviz make them."""
    inputs = demo.tokenizer(SENTENCE_A, SENTENCE_B, return_tensors="np")
    attention = demo(**inputs, output_attentions=True)[-1]
    tokens = demo.tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
    return attention, tokens, tokens.index("[SEP]") + 1


def page_of(shown):
    """(index, report as text) of what html_action="return" gives."""
    return json.loads(re.search(r'id="attnscope-index">(.*?)</script>', shown.data, re.DOTALL)[1])


@pytest.mark.parametrize("name", ["head_view", "model_view"])
def test_the_arguments_are_bertviz_s(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bertviz = pytest.importorskip("bertviz", reason="bertviz is not installed")
    theirs = inspect.signature(getattr(bertviz, name)).parameters
    ours = inspect.signature(getattr(attnscope, name)).parameters
    assert [(p.name, p.default, p.kind) for p in ours.values()] == [
        (p.name, p.default, p.kind) for p in theirs.values()
    ]


CALLS = [
    (head_view, {}),
    (head_view, {"layer": 2, "heads": [3, 5]}),
    (head_view, {"include_layers": [1, 4], "layer": 4}),
    (head_view, {"prettify_tokens": False}),
    (model_view, {}),
    (model_view, {"display_mode": "light"}),
    (model_view, {"include_layers": [5, 0], "include_heads": [0, 11]}),
]


@pytest.mark.parametrize("function, options", CALLS)
@pytest.mark.parametrize("with_sentences", [False, True])
def test_documented_calls(pair, function, options, with_sentences):
    attention, tokens, start = pair
    given = {**options, **({"sentence_b_start": start} if with_sentences else {})}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bertviz = pytest.importorskip("bertviz", reason="bertviz is not installed")
        torch = pytest.importorskip("torch", reason="torch is not installed")
    tensors = tuple(torch.from_numpy(np.array(layer)) for layer in attention)
    for form in (attention, tensors):
        assert function(form, tokens, html_action="return", **given).data.lower().startswith("<!doctype html>")
    assert "attn" in getattr(bertviz, function.__name__)(tensors, tokens, html_action="return", **given).data


def test_what_is_shown_first(pair):
    attention, tokens, start = pair
    at = page_of(head_view(attention, tokens, start, layer=4, heads=[2], include_layers=[1, 4], html_action="return"))
    assert at["view"] == "view=head&layer=1&head=2"  # the second of the layers that are kept
    at = page_of(head_view(attention, tokens, layer=4, heads=range(3, 9), html_action="return"))
    assert at["view"] == "view=head&layer=4&head=3&pinned=4.3,4.4,4.5,4.6"
    assert page_of(model_view(attention, tokens, html_action="return"))["view"] == "view=model&theme=dark"


def test_returned_pages_are_shown_by_notebooks(pair, tmp_path):
    attention, tokens, _ = pair
    shown = head_view(attention, tokens, html_action="return")
    (tmp_path / "head_view.html").write_text(shown.data, encoding="utf-8")
    assert "<iframe srcdoc=" in shown._repr_html_() and "http" not in shown._repr_html_()[:80]


def test_viewing_displays_where_ipython_is(pair, monkeypatch):
    attention, tokens, _ = pair
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert isinstance(head_view(attention, tokens), attnscope.View)
    monkeypatch.undo()
    display = pytest.importorskip("IPython.display", reason="IPython is not installed")
    seen = []
    monkeypatch.setattr(display, "display", seen.append)
    assert model_view(attention, tokens) is None
    assert isinstance(seen[0], attnscope.View)


def test_marks_of_other_tokenizers_are_taken_out():
    weights = np.full((1, 1, 1, 3, 3), 1 / 3, np.float32)
    shown = model_view(tuple(weights), ["Ġhello", "▁there", "end</w>"])
    if shown is None:
        shown = attnscope.view(tuple(weights), [" hello", " there", "end"])
    tokens = json.loads(shown.documents[0].report)["tokens"]["text"]
    assert tokens == [" hello", " there", "end"]


@pytest.mark.parametrize("function", [head_view, model_view])
def test_errors_are_value_errors_that_say_what_to_do(pair, function):
    attention, tokens, _ = pair
    for arguments, message in (
        ({}, "attention: not given; pass the attentions of a model that was called with output_attentions=True"),
        ({"attention": attention}, "tokens: 'tokens' is required"),
        ({"attention": attention, "tokens": tokens[:-1]}, f"tokens: {len(tokens) - 1} of them"),
        ({"attention": attention, "tokens": tokens, "html_action": "print"}, "html_action: 'print'"),
        ({"attention": attention, "tokens": tokens, "sentence_b_start": 99}, "sentence_b_start: 99"),
        ({"attention": attention, "tokens": tokens, "include_layers": [6]}, "layers: 6 does not exist"),
    ):
        with pytest.raises(ValueError) as caught:
            function(**arguments)
        assert str(caught.value).startswith(message)
    with pytest.raises(
        attnscope.UnsupportedModel, match="cross_attention: models of an encoder and a decoder"
    ) as caught:
        function(cross_attention=attention, encoder_tokens=tokens, decoder_tokens=tokens)
    assert caught.value.code == "DECODER"


def test_a_layer_that_is_left_out(pair):
    attention, tokens, _ = pair
    with pytest.raises(ValueError, match=r"layer: 2 is not in include_layers: \[0, 1\]"):
        head_view(attention, tokens, layer=2, include_layers=[0, 1])
    with pytest.raises(ValueError, match="heads: 12 is not there"):
        head_view(attention, tokens, heads=[12])
    with pytest.raises(ValueError, match="display_mode: 'blue'"):
        model_view(attention, tokens, display_mode="blue")
