# SPDX-License-Identifier: Apache-2.0
"""`attnscope plot`: every figure is well-formed, shows what was computed, and is the same each time."""

import json
import pathlib
import re
import struct
import xml.etree.ElementTree as ElementTree

import numpy
import pytest

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "metadata", "g", "rect", "line", "circle", "path", "text"}
TEXT = "This is a simple example sentence."
VIEWS = ["matrix", "links", "grid", "heads", "layers"]


def output(result):
    assert result.returncode == 0, result.stderr
    return result.stdout


def failed(result, code=2):
    assert result.returncode == code, result.stderr
    return result.stderr


@pytest.fixture
def plot(attnscope, tiny_model):
    return lambda *arguments: attnscope("plot", *arguments, "-m", tiny_model)


@pytest.fixture
def svg_of(plot):
    return lambda *arguments: output(plot(*arguments, "-o", "-"))


@pytest.fixture
def npz(attnscope, tiny_model, tmp_path):
    def write(*arguments, name="a.npz"):
        output(attnscope("run", *arguments, "-m", tiny_model, "-o", tmp_path / name))
        return tmp_path / name

    return write


def texts_of(svg):
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(SVG + "text")]


def cells_of(svg, rows, columns):
    """A colour for each cell of the first matrix: the last rectangle drawn over it."""
    group = next(g for g in ElementTree.fromstring(svg).iter(SVG + "g") if g.get("class") == "cells")
    colors = numpy.full((rows, columns), "", dtype="U7")
    for rect in group:
        x, y, width, height = (int(rect.get(key)) for key in ("x", "y", "width", "height"))
        colors[y : y + height, x : x + width] = rect.get("fill")
    return colors


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_views_are_well_formed_and_the_same_each_time(svg_of, view, theme):
    svg = svg_of(TEXT, "--view", view, "--theme", theme, "--threads", "1", "--title", "A & B <c>", "--caption", "x " * 99)
    assert svg == svg_of(TEXT, "--view", view, "--theme", theme, "--threads", "2", "--title", "A & B <c>", "--caption", "x " * 99)
    root = ElementTree.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS
    assert root.get("role") == "img" and root.get("width") == "84mm"
    assert root.find(SVG + "title").text == "A & B <c>"
    assert json.loads(root.find(SVG + "metadata").text)["text"] == TEXT
    assert root.find(SVG + "desc").text
    width, height = (float(number) for number in root.get("viewBox").split()[2:])
    for text in root.iter(SVG + "text"):
        assert 0 <= float(text.get("x")) <= width and 0 <= float(text.get("y")) <= height


def test_cells_have_the_colors_of_the_weights(svg_of, npz):
    tables = json.loads((pathlib.Path(__file__).parents[2] / "web/src/render/palettes.json").read_text())
    with numpy.load(npz(TEXT)) as arrays:
        weights, tokens = arrays["attentions"][1, 3].astype(numpy.float64), arrays["tokens"]
    for source in (TEXT, npz(TEXT), npz(TEXT, name="a.safetensors")):
        svg = svg_of(source, "--layer", "1", "--head", "3", "--scale", "linear", "--range", "unit", "--palette", "viridis")
        indices = numpy.floor(weights.astype(numpy.float32) * numpy.float32(255) + numpy.float32(0.5)).astype(int)
        expected = [["#" + tables["viridis"][6 * index : 6 * index + 6] for index in row] for row in indices]
        assert (cells_of(svg, *weights.shape) == expected).all()
        texts = texts_of(svg)
        assert all(texts.count(token) >= 2 for token in tokens)
        printed = [text for text in texts if re.fullmatch(r"\d\.\d\d", text)]
        assert printed == [f"{weight:.2f}" for weight in weights.flatten() if weight >= 0.005]


def test_without_a_head_the_mean_of_the_last_layer_is_drawn_and_named(svg_of):
    svg = svg_of(TEXT, "--view", "matrix")
    assert "layer 1, mean over 4 heads" in svg
    assert svg == svg_of(TEXT, "--view", "head") == svg_of(TEXT, "--view", "matrix", "--layer", "1")


def test_the_grid_has_every_head(svg_of):
    texts = texts_of(svg_of(TEXT))
    assert [text for text in texts if re.fullmatch(r"[LH]\d+", text)] == ["H0", "H1", "H2", "H3", "L0", "L1"]


def test_links_take_up_to_four_heads(svg_of, plot):
    svg = svg_of(TEXT, "--view", "links", "--layer", "0", "--head", "0,1,2,3", "--mass", "0.5")
    assert {"A", "B", "C", "D"} <= set(texts_of(svg))
    assert "one head, not 2" in failed(plot(TEXT, "--layer", "0", "--head", "0,1", "-o", "a.svg"))
    assert "0.01 to 1" in failed(plot(TEXT, "--view", "links", "--mass", "2", "-o", "a.svg"))


def test_heads_are_ranked_by_what_run_computes(svg_of, npz):
    with numpy.load(npz(TEXT, "--stats", "entropy")) as arrays:
        entropy = arrays["entropy"].mean(axis=-1)
    texts = texts_of(svg_of(TEXT, "--view", "heads"))
    order = numpy.argsort(-entropy.flatten(), kind="stable")
    assert [text for text in texts if re.fullmatch(r"L\d H\d", text)] == [f"L{i // 4} H{i % 4}" for i in order]
    printed = [float(text) for text in texts if re.fullmatch(r"\d\.\d\d\d", text)]
    assert printed == pytest.approx(entropy.flatten()[order], abs=6e-4)


def test_differences_of_texts_files_and_layers(svg_of, npz):
    texts = texts_of(svg_of("Angela lives in Paris", "Angela works in Paris"))
    assert {"A", "B", "B \N{MINUS SIGN} A", "A: Angela lives in Paris", "B: Angela works in Paris"} <= set(texts)
    assert "L1 \N{MINUS SIGN} L0" in texts_of(svg_of(npz(TEXT), "--layers", "0,1"))
    assert "B" in texts_of(svg_of(npz(TEXT), npz(TEXT, name="b.npz")))


def test_hostile_text_is_harmless(svg_of):
    svg = svg_of("<script>alert(1)</script> & \x1b[31m \u202e \ufffe", "--view", "matrix", "--caption", "]]> \x07 <!--", "--title", "\u2066x")
    root = ElementTree.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS
    assert not set("\x1b\x07\u202e\u2066\ufffe") & set(svg)
    assert "<script" not in svg and "]]> \\x07 <!--" in texts_of(svg)


@pytest.fixture
def renders(plot, tmp_path):
    result = plot(TEXT, "-o", tmp_path / "probe.pdf")
    if "NO_RENDERER" in result.stderr:
        pytest.skip("this build has no librsvg")
    output(result)


def test_png_has_the_pixels_of_its_size(plot, renders, tmp_path):
    found = json.loads(output(plot(TEXT, "-o", tmp_path / "a.png", "--width", "3.3in", "--dpi", "150", "--json")))
    size = struct.unpack(">II", (tmp_path / "a.png").read_bytes()[16:24])
    assert size == (round(3.3 * 150), round(found["height_mm"] / 25.4 * 150))
    assert found["width_mm"] == pytest.approx(83.82) and found["path"] == str(tmp_path / "a.png")
    assert found["bytes"] == (tmp_path / "a.png").stat().st_size
    assert found["metadata"]["version"].startswith("attnscope ")


def test_pdf_is_the_same_each_time(plot, renders, tmp_path):
    for name in ("a.pdf", "b.pdf"):
        output(plot(TEXT, "-o", tmp_path / name))
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_tex_and_latex(plot, tmp_path):
    output(plot(TEXT, "--layer", "0", "-o", tmp_path / "a.tex"))
    tikz = (tmp_path / "a.tex").read_text()
    assert "\\begin{tikzpicture}" in tikz and "{sentence}" in tikz
    printed = output(plot(TEXT, "-o", tmp_path / "a.svg", "--latex", "--caption", "50 %"))
    assert printed.startswith("\\begin{figure}") and "\\caption{50 \\%}" in printed
    assert "matrix alone" in failed(plot(TEXT, "-o", tmp_path / "b.tex"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no file to write to"),
        (["-o", "a.gif"], ".svg, .png, .pdf, .tex"),
        (["-o", "-", "--json"], "standard output"),
        (["-o", "a.svg", "--view", "pie"], "matrix, links, grid"),
        (["-o", "a.svg", "--layer", "2"], "there are 0, 1"),
        (["-o", "a.svg", "--layer", "1", "--head", "9"], "there are 0, 1, 2, 3"),
        (["-o", "a.svg", "--layers", "0"], "no pair"),
        (["-o", "a.svg", "--view", "difference"], "nothing to compare"),
        (["-o", "a.svg", "--view", "grid", "--head", "1"], "all heads"),
        (["-o", "a.svg", "--view", "grid", "--word", "1"], "view words"),
        (["-o", "a.svg", "--width", "84px"], "no length"),
        (["-o", "a.svg", "--width", "10mm"], "too narrow|20 to 2000"),
        (["-o", "a.svg", "--font-size", "0"], "no length"),
        (["-o", "a.svg", "--theme", "neon"], "light, dark, paper"),
        (["-o", "a.svg", "--palette", "jet"], "cividis, viridis, paper"),
        (["-o", "a.svg", "--dpi", "1e9"], "10 to 4800"),
        (["-o", "absent/a.svg"], "create the folder"),
    ],
)
def test_mistakes_are_told(plot, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    result = plot(TEXT, *arguments)
    assert result.returncode in (2, 4) and re.search(words, result.stderr), result.stderr
    assert not list(tmp_path.glob("*.svg"))


def test_files_without_what_is_drawn_are_told(plot, npz, tmp_path):
    out = ("-o", tmp_path / "a.svg")
    assert "--weights" in failed(plot(npz(TEXT, "--stats", "entropy"), *out), 3)
    assert "without --reduce" in failed(plot(npz(TEXT, "--reduce", "mean"), "--layer", "0", "--head", "0", *out))
    output(plot(npz(TEXT, "--reduce", "mean"), "--layer", "0", *out))
    assert "all rows" in failed(plot(npz(TEXT, "--rows", "cls"), *out))
    output(plot(npz(TEXT, "--rows", "cls"), "--view", "matrix", *out))
    assert "--text" in failed(plot(npz(TEXT, "Another text."), *out))
    output(plot(npz(TEXT, "Another text."), "--text", "1", *out))
    assert "need a text" in failed(plot(npz(TEXT), "--view", "words", *out))
    (tmp_path / "bad.npz").write_bytes(b"PK")
    assert "bad.npz" in failed(plot(tmp_path / "bad.npz", *out), 3)
    assert "absent.npz" in plot(tmp_path / "absent.npz", *out).stderr


def test_words_of_an_entity(attnscope, program):
    text = "Angela Merkel visited Paris with John Smith."
    result = attnscope("plot", text, "--entity", "Paris", "-o", "-")
    if "demo" in result.stderr and result.returncode:
        pytest.skip("this build has no embedded model")
    texts = texts_of(output(result))
    report = json.loads(output(attnscope("words", text, "--entity", "Paris", "--measure", "attention", "--json")))
    words, scores = report["words"], report["explained"][0]["scores"]["attention"]
    shown = {word["text"]: score for word, score in zip(words, scores, strict=True)}
    for word in ("Angela", "Merkel", "visited", "with", "John", "Smith"):
        assert word in texts and f"{shown[word]:.3f}" in texts
    assert {"PER", "LOC", "[CLS] [SEP]", "itself", "Largest weights"} <= set(texts)
