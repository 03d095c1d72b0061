# SPDX-License-Identifier: Apache-2.0
"""The viewer from Python: attention from anywhere, what a notebook is given, and pages that stand alone."""

import html.parser
import json
import pickle
import re
import warnings
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import attnscope
from attnscope.attention_source import source_of_arrays

TEXT = "Angela Merkel visited Paris."
TOKENS = ["[CLS]", "angela", "lives", "in", "par", "##is", "[SEP]"]


@pytest.fixture(scope="module")
def attention():
    """[layers 3, heads 4, 7, 7]"""
    weights = np.random.default_rng(5).random((3, 4, 7, 7), dtype=np.float32)
    return weights / weights.sum(-1, keepdims=True)


@pytest.fixture(scope="module")
def result(demo):
    return demo.attend(TEXT)


@pytest.fixture(scope="module")
def full(result):
    return attnscope.view(result)


def report_of(view, document=0):
    return json.loads(view.documents[document].report)


# ---- what is taken


def test_forms_of_the_same_attention(attention):
    class Outputs:
        attentions = tuple(layer[None] for layer in attention)

    for form in (
        attention,
        Outputs(),
        Outputs.attentions,
        list(Outputs.attentions),
        list(attention),
        attention[:, None],
    ):
        view = attnscope.view(form, TOKENS)
        assert np.array_equal(view.documents[0].attentions, attention), type(form)
    assert report_of(view)["tokens"]["text"] == TOKENS


def test_one_layer_and_one_head(attention):
    for form, expected in (
        (attention[1][None], attention[1:2]),  # 1 x heads x T x T
        (attention[1], attention[1:2]),  # heads x T x T
        (attention[1, 2], attention[1:2, 2:3]),
        ([attention[0, 0], attention[1, 0]], attention[:2, :1]),  # of reduced heads, one a layer
    ):
        assert np.array_equal(attnscope.view(form, TOKENS).documents[0].attentions, expected)


def test_torch_of_any_dtype(attention):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    tensors = tuple(torch.from_numpy(layer[None]) for layer in attention)
    assert np.array_equal(attnscope.view(tensors, TOKENS).documents[0].attentions, attention)
    leaf = tuple(tensor.clone().requires_grad_() for tensor in tensors)
    assert np.array_equal(attnscope.view(leaf, TOKENS).documents[0].attentions, attention)
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        expected = np.stack([tensor.to(dtype).float().numpy()[0] for tensor in tensors])
        view = attnscope.view(tuple(tensor.to(dtype) for tensor in tensors), TOKENS)
        assert np.array_equal(view.documents[0].attentions, expected), dtype
    if torch.cuda.is_available():
        on_gpu = tuple(tensor.cuda() for tensor in tensors)
        assert np.array_equal(attnscope.view(on_gpu, TOKENS).documents[0].attentions, attention)


def test_outputs_of_models(demo, result):
    inputs = demo.tokenizer(TEXT, return_tensors="np")
    outputs = demo(**inputs, output_attentions=True)
    for tokens in (result.tokens, demo.tokenizer(TEXT)):
        assert np.array_equal(attnscope.view(outputs, tokens).documents[0].attentions, result.attentions)


def test_parts_keep_their_numbers(attention):
    view = attnscope.view(attention, TOKENS, layers=[2, 0], heads=[-1], name="mine")
    assert np.array_equal(view.documents[0].attentions, attention[[2, 0]][:, [3]])
    report = report_of(view)
    assert (report["layers"], report["heads"], report["model"]["source"]) == ([2, 0], [3], "mine")


@pytest.mark.parametrize(
    "given, tokens, message",
    [
        (None, TOKENS, "attention: None in place of weights, expected [layers, heads, n, n]"),
        ((None, None), TOKENS, "attention: None in place of weights"),
        ((), TOKENS, "attention: is empty; load the model with attn_implementation='eager'"),
        (np.zeros((2, 3, 4, 7, 7), np.float32), TOKENS, "attention: holds a batch of 3 texts"),
        (
            np.zeros((3, 4, 7, 5), np.float32),
            TOKENS,
            "attention: has shape [3, 4, 7, 5], expected [layers, heads, n, n]",
        ),
        (np.array(["a"]), TOKENS, "attention: is <U1, expected float32"),
        (np.zeros((1, 1, 7, 7), np.float32), None, "tokens: 'tokens' is required with arrays"),
        (np.zeros((1, 1, 7, 7), np.float32), ["a", "b"], "tokens: 2 of them, while attention has 7 positions"),
        (np.zeros((1, 1, 7, 7), np.float32), [1] * 7, "tokens[0]: found int, expected str; ids become tokens by"),
        (np.zeros((1, 1, 7, 7), np.float32), "abc", "tokens: found str, expected a list of str"),
    ],
)
def test_what_cannot_be_shown_says_what_to_do(given, tokens, message):
    with pytest.raises(attnscope.UsageError) as caught:
        attnscope.view(given, tokens)
    assert str(caught.value).startswith(message)


def test_without_weights_the_error_names_the_kernel(demo):
    class Outputs:
        attentions = None

    for given in (Outputs(), None, (None,), ()):
        with pytest.raises(attnscope.UsageError, match=r"'eager' \(the kernel sdpa returns no weights\)"):
            attnscope.view(given, TOKENS)
    with pytest.raises(attnscope.UsageError, match="the weights were not stored"):
        attnscope.view(demo.attend(TEXT, stats="entropy"))
    with pytest.raises(attnscope.UsageError, match="view: 1 rows of"):
        attnscope.view(demo.attend(TEXT, rows="cls"))


def test_bad_options(attention, result):
    for options, message in (
        ({"data": "f16"}, "data: 'f16'; choose from full, u8, topk"),
        ({"top_k": 0}, "top_k: 0"),
        ({"layers": [7]}, "layers: 7 does not exist"),
    ):
        with pytest.raises(attnscope.UsageError) as caught:
            attnscope.view(attention, TOKENS, **options)
        assert str(caught.value).startswith(message)
    with pytest.raises(attnscope.UsageError, match="measure: 'size'"):
        attnscope.view(result, measures=["size"])
    with pytest.raises(attnscope.UsageError, match="tokens: together with a result of attend"):
        attnscope.view(result, result.tokens)


def test_weights_that_are_none_are_located(attention):
    broken = attention.copy()
    broken[1, 2, 3, 4] = -0.5
    with pytest.raises(attnscope.UsageError) as caught:
        attnscope.view(broken, TOKENS)
    assert "layer 1" in str(caught.value) and "head 2" in str(caught.value)


# ---- results


def test_a_result_shows_what_the_model_says(demo, full, result):
    report = report_of(full)
    assert [entity["text"] for entity in report["entities"]] == ["Angela Merkel", "Paris"]
    assert report["model"]["source"] == "builtin:demo" and report["text"] == TEXT
    assert {measure["measure"] for measure in report["focuses"][0]["measures"]} == {
        "attention", "rollout", "norms", "gradient", "leave_one_out",
    }  # fmt: skip
    assert report["focuses"][0]["ablation"] is not None
    assert np.array_equal(full.documents[0].attentions, result.attentions)
    few = report_of(attnscope.view(result, measures=["attention"], ablation=False, query_key=False))
    assert [measure["measure"] for measure in few["focuses"][0]["measures"]] == ["attention"]
    assert few["focuses"][0]["ablation"] is None and not few["weights"]["query_key"]


def test_chosen_layers_and_pairs_show_the_attention(demo):
    part = report_of(attnscope.view(demo.attend(TEXT, layers=[1, 4], heads=[2])))
    assert (part["layers"], part["heads"], part["entities"]) == ([1, 4], [2], [])
    pair = demo.attend(("Angela lives in Paris.", "Übung: 東京 ok"))
    report = report_of(attnscope.view(pair))
    assert report["text"] == "Angela lives in Paris. Übung: 東京 ok"
    words = [report["text"][begin:end] for begin, end in report["words"]["span"]]
    assert [word for word in words if word] == pair.words
    mean = report_of(attnscope.view(demo.attend(TEXT, reduce="mean")))
    assert mean["model"]["source"] == "builtin:demo (mean over 12 heads)" and len(mean["heads"]) == 1


def test_weights_that_a_hook_replaced_are_what_is_shown(demo):
    def hook(module, args, output):
        weights = np.zeros_like(output[0])
        weights[..., 0] = 1
        return weights, output[1]

    attn = demo.get_submodule("distilbert.transformer.layer.1.attention.attn")
    with attn.register_forward_hook(hook):
        changed = demo.attend(TEXT)
        with pytest.warns(UserWarning, match="the attention alone is shown: methods that run the model many times"):
            attnscope.view(changed)
    with pytest.warns(UserWarning, match="without hooks the model gives other weights"):
        view = attnscope.view(changed)
    assert (view.documents[0].attentions[1, :, :, 0] == 1).all() and report_of(view)["entities"] == []


def test_results_survive_being_sent(result):
    again = pickle.loads(pickle.dumps(result))
    assert np.array_equal(again.attentions, result.attentions) and again.words == result.words
    assert report_of(attnscope.view(again))["text"] == TEXT  # without a model


def test_several_texts_in_one_page(demo, tmp_path):
    results = demo.attend([TEXT, "Angela lives in Paris."])
    view = attnscope.view(results, measures="attention", ablation=False)
    assert [report_of(view, number)["text"] for number in (0, 1)] == [TEXT, "Angela lives in Paris."]
    assert view.plot(document=1, layer=0).svg == results[1].plot(layer=0).svg
    results.save(tmp_path / "both.html")
    assert "Angela lives in Paris." in (tmp_path / "both.html").read_text(encoding="utf-8")


def test_results_by_another_dtype(demo):
    half = demo.attend(TEXT, dtype="float16")
    assert report_of(attnscope.view(half, measures="attention", ablation=False))["entities"]


def test_long_texts_are_measured_by_what_is_quick(demo):
    result = demo.attend("Angela Merkel" + " visited many places" * 50 + ".")
    report = report_of(attnscope.view(result))
    assert len(result.tokens) > 128 and report["focuses"][0]["ablation"] is None
    measures = [measure["measure"] for measure in report["focuses"][0]["measures"]]
    assert measures == ["attention", "rollout", "norms"]


def test_empty_and_unusual_texts(demo):
    for text in ("", "東京 is big", "العربية nach links", "a\u0301 e\u0301", "😀 ok"):
        result = demo.attend(text)
        report = report_of(attnscope.view(result, measures="attention", ablation=False))
        assert report["text"] == text and report["tokens"]["text"] == result.tokens
        result._repr_mimebundle_()


# ---- pages and cells


class Page(html.parser.HTMLParser):
    """Tags in order; attributes that make a browser load something."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.loaded, self.policies, self.frames = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append(tag)
        self.loaded += [values[name] for name in ("src", "href") if name in values]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policies.append(values["content"])
        if tag == "iframe":
            self.frames.append(values)


def test_a_page_is_one_file_without_a_network(full, result, tmp_path):
    page = full.to_html()
    parsed = Page(page)
    assert all(url.startswith("data:") for url in parsed.loaded)
    assert len(parsed.policies) == 1 and parsed.policies[0].startswith("default-src 'none'")
    index = json.loads(re.search(r'id="attnscope-index">(.*?)</script>', page, re.DOTALL)[1])
    assert set(index["documents"][0]["parts"]) == set(report_of(full)["parts"])
    full.save(tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == page
    quick = {"measures": "attention", "ablation": False}
    result.save(tmp_path / "b.html", **quick)
    assert (tmp_path / "b.html").read_text(encoding="utf-8") == attnscope.view(result, **quick).to_html()
    assert result.to_html(**quick) == attnscope.view(result, **quick).to_html()
    with pytest.raises(attnscope.LimitError):
        full.to_html(max_bytes=1000)
    with pytest.raises(attnscope.UsageError, match=r"choose from \.html, \.svg, \.png, \.pdf, \.tex"):
        full.save(tmp_path / "a.npz")


def test_a_page_opens_where_it_is_told(attention):
    page = attnscope.view(attention, TOKENS, at="view=model", title="My title").to_html()
    assert json.loads(re.search(r'id="attnscope-index">(.*?)</script>', page, re.DOTALL)[1])["view"] == "view=model"
    assert "<title>My title</title>" in page


def bundle_of(shown):
    made = shown._repr_mimebundle_()
    return made[0] if isinstance(made, tuple) else made


def test_a_cell_always_shows_something(full, result, attention):
    for shown in (full, result, attnscope.view(attention, TOKENS)):
        bundle = bundle_of(shown)
        assert {"text/html", "image/svg+xml", "text/plain"} <= set(bundle)
        ElementTree.fromstring(bundle["image/svg+xml"])
        frame = Page(bundle["text/html"]).frames[0]
        assert frame["sandbox"] == "allow-scripts" and "px" in frame["style"]
        assert frame["srcdoc"].lstrip().lower().startswith("<!doctype html>")
        assert "\x1b" not in bundle["text/plain"] and "L0" in bundle["text/plain"]
        assert max(map(len, bundle["text/plain"].splitlines())) <= 80
    assert Page(bundle_of(full)["text/html"]).frames[0]["srcdoc"] == full.to_html()


def test_a_site_that_strips_frames_shows_the_picture(result):
    """What is left when style sheets, frames and scripts are taken out."""
    text = bundle_of(result)["text/html"]
    left = re.sub(r"<(style|iframe|script)\b.*?</\1>", "", text, flags=re.DOTALL)
    (source,) = Page(left).loaded
    assert source.startswith("data:image/svg+xml;base64,") and "display" not in left


def test_a_result_without_weights_shows_its_line(demo):
    counted = demo.attend(TEXT, stats="entropy")
    assert counted._repr_mimebundle_() == {"text/plain": repr(counted)}
    rows = demo.attend(TEXT, rows="cls")
    assert rows._repr_mimebundle_() == {"text/plain": repr(rows)}


def test_a_cell_runs_no_model(demo, monkeypatch):
    result = demo.attend(TEXT)
    monkeypatch.setattr(result, "_model", None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        without = bundle_of(result)
    assert without["text/html"] == bundle_of(demo.attend(TEXT))["text/html"]


def test_what_ipython_shows(result):
    pytest.importorskip("IPython", reason="IPython is not installed")
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(result)
    assert {"text/html", "image/svg+xml", "text/plain"} <= set(data)
    data, _ = DisplayFormatter().format(result.plot())
    assert data["image/svg+xml"] == result.plot().svg


def test_sources_are_not_copied(attention):
    assert np.shares_memory(source_of_arrays(attention, TOKENS).weights, attention)
