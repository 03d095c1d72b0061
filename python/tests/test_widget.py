# SPDX-License-Identifier: Apache-2.0
"""The viewer as a widget of notebooks."""

import json

import numpy as np
import pytest

import attnscope
from attnscope import widget as widget_module

anywidget = pytest.importorskip("anywidget", reason="anywidget is not installed")

TEXT = "Angela Merkel visited Paris."
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def view(demo):
    return attnscope.view(demo.attend(TEXT), measures="attention", ablation=False, at="view=words")


def weights_of(data, name):
    """A float32 tensor of a safetensors file."""
    length = int.from_bytes(data[:8], "little")
    entry = json.loads(data[8 : 8 + length])[name]
    begin, end = entry["data_offsets"]
    return np.frombuffer(data[8 + length + begin : 8 + length + end], np.float32).reshape(entry["shape"])


def test_the_traits_are_what_the_page_reads(view):
    made = view.widget()
    assert isinstance(made, anywidget.AnyWidget) and view.widget() is made
    index = json.loads(made.index)
    assert index["view"] == "view=words"
    (document,) = index["documents"]
    assert document["title"] == TEXT
    assert json.loads(made.parts[document["report"]]) == json.loads(view.documents[0].report)
    assert set(document["parts"]) == set(json.loads(view.documents[0].report)["parts"])
    assert set(made.parts) == {document["report"], *document["parts"].values()}
    layer = weights_of(made.parts[document["parts"]["layer.2"]], "weights")
    assert np.array_equal(layer, view.documents[0].attentions[2])
    for name in ("index", "parts", "_esm"):
        assert made.traits()[name].metadata["sync"]
    assert "export" in made._esm and "http://" not in made._esm.replace("http://www.w3.org/", "")


def test_bytes_travel_as_buffers(view):
    from ipywidgets.widgets.widget import _remove_buffers

    _state, paths, buffers = _remove_buffers(view.widget().get_state(["parts"]))
    assert len(buffers) == len(view.widget().parts) == len(paths)


def test_other_parts_are_asked_for(view, monkeypatch):
    made = view.widget()
    sent = []
    monkeypatch.setattr(type(made), "send", lambda self, content, buffers=None: sent.append((content, buffers)))
    request = {"kind": "part", "id": 7, "document": 0, "name": "head.3.7"}
    made._handle_custom_msg(request, [])
    made._handle_custom_msg({**request, "name": "mean.0-2.all"}, [])
    made._handle_custom_msg({**request, "name": "head.9.9"}, [])
    made._handle_custom_msg({**request, "document": 5}, [])
    made._handle_custom_msg({"kind": "other"}, [])
    attentions = view.documents[0].attentions
    content, (data,) = sent[0]
    assert content == request and np.array_equal(weights_of(data, "weights"), attentions[3, 7])
    mean = weights_of(sent[1][1][0], "weights")
    assert np.allclose(mean, attentions[:3].mean(axis=(0, 1)), atol=1e-6)
    assert "head.9.9" in sent[2][0]["error"]["message"] and sent[2][1] is None
    assert sent[3][0]["id"] == 7 and sent[3][0]["error"]["message"]
    assert len(sent) == 4


def test_a_cell_prefers_the_widget_and_keeps_the_rest(view):
    data, _ = view._repr_mimebundle_()
    assert {WIDGET, "text/html", "image/svg+xml", "text/plain"} <= set(data)
    assert data[WIDGET]["model_id"] == view.widget().model_id
    assert data["text/plain"].startswith("builtin:demo")


def test_without_anywidget(demo, monkeypatch):
    monkeypatch.setattr(widget_module, "find_spec", lambda name: None)
    view = attnscope.view(demo.attend(TEXT), measures="attention", ablation=False)
    with pytest.raises(ImportError, match=r"pip install attnscope\[notebook\]"):
        view.widget()
    assert set(view._repr_mimebundle_()) == {"text/html", "image/svg+xml", "text/plain"}
