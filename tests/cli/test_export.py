# SPDX-License-Identifier: Apache-2.0
"""`attnscope export`: one HTML file that opens from disk, asks no network and holds the numbers of `attnscope run`."""

import json
import re
import signal
import subprocess
import time

import numpy
import pytest
from page import Page, hash_source

TEXT = "Angela lives in Paris, friendly!"
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    'a" onload="x',
    "a\u2028b\u2029c",
    "\u202eabc\u2066 &amp;",
]


@pytest.fixture
def export(attnscope, tiny_model, tmp_path):
    """The page that these arguments make of the tiny model."""

    def run(*arguments, model=tiny_model):
        path = tmp_path / "view.html"
        result = attnscope("export", *arguments, "-m", model, "-o", path)
        assert result.returncode == 0, result.stderr
        assert result.stdout.splitlines()[0] == str(path)
        return Page(path)

    return run


def sizes(text):
    """The table that the command prints."""
    return {line.split()[0]: int(line.split()[1]) for line in text.splitlines() if re.match(r"[a-z]+ +\d+$", line)}


def test_policy_allows_the_pages_own_scripts_and_nothing_else(export):
    page = export(TEXT)
    assert page.policy == {
        "default-src": ["'none'"],
        "script-src": [hash_source(text) for text in page.runnable],
        "style-src": [hash_source(text) for text in page.styles],
        "img-src": ["data:", "blob:"],
        "connect-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert len(page.styles) == 1 and len(page.runnable) == 2


def test_the_module_is_the_one_of_the_repository(export, pytestconfig):
    assert export(TEXT).module == (pytestconfig.rootpath / "web/dist/viewer.js").read_bytes()


def test_nothing_in_the_markup_names_an_address(export):
    page = export(TEXT)
    attributes = [(name, value) for _, attrs in page.tags for name, value in attrs.items()]
    assert all(value.startswith("data:") for name, value in attributes if name in ("src", "href", "action", "srcset"))
    assert not any(name.startswith("on") or name == "style" for name, _ in attributes)
    assert not any("://" in value for name, value in attributes)
    assert page.tags[0] == ("html", {"lang": "en"}) and page.text.startswith("<!doctype html>")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(export, text):
    page = export(text)
    plain = export("plain")
    assert page.report()["text"] == text
    assert len(page.scripts) == len(plain.scripts) and page.policy == plain.policy
    tags = {tag for tag, _ in page.tags}
    assert tags <= {tag for tag, _ in plain.tags} | {"ul", "li"}
    assert not any(character in page.title for character in "\u2028\u2029\u202e\u2066\n")
    assert "\u2028" not in page.block("attnscope-index") and "<" not in page.block("attnscope-index")


def test_full_data_are_the_weights(export, arrays):
    page, expected = export(TEXT), arrays(TEXT)
    report = page.report()
    assert report["text"] == TEXT and report["tokens"]["text"] == expected["tokens"].tolist()
    assert report["weights"]["data"] == "full" and report["layers"] == [0, 1] and report["heads"] == [0, 1, 2, 3]
    for layer in (0, 1):
        assert numpy.array_equal(page.part(f"layer.{layer}")["weights"], expected["attentions"][layer])
    overview = page.part("overview")
    assert numpy.allclose(overview["layer_means"], expected["attentions"].mean(1), atol=1e-6)


@pytest.mark.parametrize("data", ["u8", "topk"])
def test_smaller_data_are_rounded_weights(export, arrays, data):
    page, weights = export(TEXT, "--data", data), arrays(TEXT)["attentions"]
    assert page.report()["weights"] == {
        "data": data, "top_k": weights.shape[-1], "overview_size": weights.shape[-1], "query_key": False,
    }  # fmt: skip
    assert not any(part.startswith("states") for part in page.index["documents"][0]["parts"])
    for layer in (0, 1):
        part = page.part(f"layer.{layer}")
        assert ("weights" in part) == (data == "u8")
        if data == "u8":
            assert numpy.abs(part["weights"] - 255 * numpy.sqrt(weights[layer].astype("f8"))).max() <= 0.5 + 1e-6
        order = numpy.argsort(-weights[layer], axis=-1, kind="stable")
        assert numpy.array_equal(part["top_keys"], order)
        largest = numpy.take_along_axis(weights[layer], order, -1).astype("f8")
        assert numpy.array_equal(part["top_weights"], numpy.floor(10000 * largest + 0.5))


def test_several_texts_are_several_documents(export, tmp_path):
    (tmp_path / "texts.txt").write_text("hello world\n\nAngela\n")
    page = export("-f", tmp_path / "texts.txt", "--title", "Three <texts>", "--view", "model")
    assert [document["title"] for document in page.index["documents"]] == ["hello world", "", "Angela"]
    assert [page.report(i)["text"] for i in range(3)] == ["hello world", "", "Angela"]
    assert page.title == "Three <texts>" and page.index["view"] == "view=model"
    assert page.part("layer.1", 2)["weights"].shape == (4, 3, 3)


def test_options_choose_what_is_measured(export):
    focus = export(TEXT, "--measure", "attention,norms", "--no-ablation").report()["focuses"][0]
    assert [measured["measure"] for measured in focus["measures"]] == ["attention", "norms"]
    assert focus["ablation"] is None
    states = export(TEXT, "--data", "topk", "--query-key").part("states.1")
    assert states["query"].shape == states["key"].shape and states["query"].shape[2] == 8


def test_without_javascript_the_text_can_be_read(export):
    page = export("Angela & Paris")
    fallback = page.text.split("<noscript>")[1].split("</noscript>")[0]
    assert "Angela &amp; Paris" in fallback and '<th scope="col">attention</th>' in fallback
    score = page.report()["focuses"][0]["measures"][0]["scores"][0]
    assert f"<td>{score:.4f}</td>" in fallback


def test_the_same_texts_give_the_same_bytes(export):
    assert export(TEXT, "hello").text == export(TEXT, "hello").text


def test_sizes_add_up(attnscope, tiny_model, tmp_path):
    path = tmp_path / "view.html"
    printed = sizes(attnscope("export", TEXT, "-m", tiny_model, "-o", path).stdout)
    assert printed.pop("all") == path.stat().st_size == sum(printed.values())
    found = json.loads(attnscope("export", TEXT, "-m", tiny_model, "-o", path, "--json").stdout)
    assert found == {"output": str(path), "texts": 1, "bytes": path.stat().st_size, "sizes": printed}


@pytest.fixture(scope="module")
def long_text(program, tmp_path_factory):
    """510 words of the embedded model's vocabulary, each one token: as long as it takes."""
    path = tmp_path_factory.mktemp("long") / "text.txt"
    found = subprocess.run([program, "inspect", "--json"], capture_output=True, check=False)
    if found.returncode:
        pytest.skip("this build has no embedded model")
    words = "the of and in to was is for as on with by he at from his an were are which this be had".split()
    generator = numpy.random.default_rng(7)
    path.write_text(" ".join(generator.choice(words, 510)) + "\n")
    return path


@pytest.mark.parametrize(("data", "most"), [("topk", 4e6), ("u8", 25e6)])
def test_the_longest_text_makes_no_huge_page(attnscope, long_text, tmp_path, data, most):
    path = tmp_path / "long.html"
    result = attnscope("export", "-f", long_text, "--data", data, "-o", path)
    assert result.returncode == 0, result.stderr
    page = Page(path)
    assert len(page.report()["tokens"]["id"]) == 512 and path.stat().st_size < most
    assert page.part("layer.5")["top_keys"].shape == (12, 512, 16)
    assert page.part("overview")["overview"].shape == (6, 12, 64, 64)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["a", "--data", "u4"], 2, "'u4' is not one of: full, u8, topk"),
        (["a", "--view", "map"], 2, "'map' is not one of"),
        (["a", "--measure", "fame"], 2, "'fame' is not one of"),
        (["a", "--max-size", "25 horses"], 2, "'25 horses' is no size"),
        (["a", "--max-size", "-1MB"], 2, "'-1MB' is no size"),
        (["a", "--max-size", "1kB"], 6, "PAGE_SIZE"),
        (["hello " * 40], 3, "TEXT_TOO_LONG"),
        ([b"a\xff"], 3, "TEXT_UTF8"),
    ],
)
def test_what_cannot_be_done_leaves_no_file(attnscope, tiny_model, tmp_path, arguments, code, message):
    result = attnscope("export", *arguments, "-m", tiny_model, "-o", tmp_path / "view.html")
    assert result.returncode == code and message in result.stderr
    assert list(tmp_path.iterdir()) == [] and result.stdout == ""


@pytest.mark.parametrize(("size", "fits"), [("1MB", True), ("0.5 MiB", True), ("3KB", False), ("3000", False)])
def test_max_size_takes_units(attnscope, tiny_model, tmp_path, size, fits):
    result = attnscope("export", "a", "-m", tiny_model, "-o", tmp_path / "view.html", "--max-size", size)
    assert (result.returncode == 0) == fits, result.stderr


def test_outputs_that_cannot_be_written_are_told_before_the_work(attnscope, tiny_model, tmp_path):
    assert attnscope("export", "a", "-m", tiny_model).returncode == 2
    for path in ("-", tmp_path / "none" / "view.html", tiny_model / "vocab.txt"):
        result = attnscope("export", "a", "-m", tiny_model, "-o", path)
        assert result.returncode in (2, 4) and "error" in result.stderr


def test_control_c_leaves_no_file(program, long_text, tmp_path):
    path = tmp_path / "view.html"
    command = [program, "export", *["hello world"] * 150, "-o", path]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert list(tmp_path.iterdir()) == []
