# SPDX-License-Identifier: Apache-2.0
"""Pictures of results and reports: what they say, where they are written, and how they look."""

import html.parser
import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import attnscope
from attnscope import _core, analysis
from attnscope.figure_options import figure_options
from package_models import SENTENCE

TEXT = "Angela Merkel visited Paris."
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def result(demo):
    return demo.attend(TEXT)


@pytest.fixture(scope="module")
def words(demo):
    return analysis.words(demo, TEXT)


@pytest.fixture(scope="module")
def reports(demo, words):
    return {
        "words": words,
        "heads": analysis.heads(demo, [TEXT, SENTENCE]),
        "layers": analysis.layers(demo, TEXT),
        "diff": analysis.diff(demo, "Angela lives in Paris.", "Angela works in Paris."),
    }


def texts_of(svg):
    """All text of a picture, each element's in one piece."""
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def metadata_of(svg):
    return "".join(ElementTree.fromstring(svg).find(f"{SVG}metadata").itertext())


# ---- options


@pytest.mark.parametrize(
    "width, millimetres", [("84mm", 84), ("8.4cm", 84), ("3.3in", 83.82), ("72pt", 25.4), (84, 84), (" 90 ", 90)]
)
def test_a_width_is_millimetres_whatever_its_unit(width, millimetres):
    assert figure_options(width=width)["width_mm"] == pytest.approx(millimetres)


@pytest.mark.parametrize("size, points", [("7pt", 7), (7.5, 7.5), ("25.4mm", 72), ("1in", 72)])
def test_a_font_size_is_points_whatever_its_unit(size, points):
    assert figure_options(font_size=size)["font_size_pt"] == pytest.approx(points)


@pytest.mark.parametrize(
    "option, message",
    [
        ({"width": "84 miles"}, "width: '84 miles' is no length; give a number and a unit, such as '84mm'"),
        ({"font_size": "big"}, "font_size: 'big' is no length; give a number and a unit, such as '7pt'"),
        ({"theme": "sepia"}, "theme: 'sepia'; choose from light, dark, paper"),
        ({"palette": "jet"}, "palette: 'jet'; choose from cividis, viridis, paper"),
        ({"scale": "cubic"}, "scale: 'cubic'; choose from sqrt, linear, log"),
        ({"range": "all"}, "range: 'all'; choose from max, unit, p99"),
    ],
)
def test_options_that_are_not_there_are_named(result, option, message):
    with pytest.raises(attnscope.UsageError) as caught:
        result.plot(**option)
    assert str(caught.value).startswith(message) and caught.value.code == "FIGURE"
    with pytest.raises(TypeError, match="colour"):
        result.plot(colour="red")


# ---- attention


@pytest.mark.parametrize(
    "choice, layer, head, title",
    [
        ({"layer": 3, "head": 7}, "3", "7", "layer 3, head 7"),
        ({"layer": -1}, "5", "0,1,2,3,4,5,6,7,8,9,10,11", "layer 5, mean over 12 heads"),
        ({"head": [1, 5]}, "0,1,2,3,4,5", "1,5", "mean over 6 layers and heads 1, 5"),
        ({"view": "links", "layer": 0, "head": [2]}, "0", "2", "layer 0, head 2"),
    ],
)
def test_a_picture_says_what_it_shows(result, choice, layer, head, title):
    svg = result.plot(**choice).svg
    assert f"Attention weight, {title}" in " ".join(texts_of(svg))
    about = metadata_of(svg)
    for value in ("builtin:demo", TEXT, layer, head, "attention", attnscope.__version__):
        assert value in about
    for token in ("[CLS]", "##kel" if "##kel" in result.tokens else result.tokens[1]):
        assert token in texts_of(svg)


def test_the_picture_of_a_head_is_that_of_the_engine(result):
    weights = np.ascontiguousarray(result.attentions[3, 7])
    figure = result.plot(layer=3, head=7, width="60mm", theme="paper", title="A title", caption="A caption")
    options = figure._options
    assert (options["width_mm"], options["theme"], options["title"]) == (60, "paper", "A title")
    assert figure.svg == _core.matrix_figure(weights, result.tokens, result.tokens, options)
    assert figure.size[0] == pytest.approx(60)
    assert "A title" in texts_of(figure.svg) and any("A caption" in text for text in texts_of(figure.svg))


def test_means_are_those_of_the_weights(result):
    drawn = result.plot(layer=[1, 2], head=[0, 4])
    mean = result.attentions[1:3][:, [0, 4]].astype(np.float64).mean(axis=(0, 1)).astype(np.float32)
    assert drawn.svg == _core.matrix_figure(mean, result.tokens, result.tokens, drawn._options)


def test_the_same_result_gives_the_same_bytes(demo, result):
    again = demo.attend(TEXT)
    for choice in ({}, {"layer": 1, "head": 2}, {"token": 1}, {"word": "Paris"}, {"view": "layers"}):
        assert again.plot(**choice).svg == result.plot(**choice).svg


@pytest.mark.parametrize("view", ["matrix", "links", "grid", "words", "layers"])
def test_every_view_takes_options(result, view):
    for look in ({"theme": "dark"}, {"theme": "paper", "scale": "log", "range": "unit"}, {"width": 120}):
        svg = result.plot(view=view, **look).svg
        root = ElementTree.fromstring(svg)
        assert root.tag == f"{SVG}svg" and root.get("width") == f"{look.get('width', 84)}mm"
    assert result.to_svg(view=view) == result.plot(view).svg


def test_a_view_is_chosen_by_what_is_asked_for(result):
    assert result.plot().svg == result.plot("grid").svg
    assert result.plot(layer=0).svg == result.plot("matrix", layer=0).svg
    assert result.plot(token=1).svg == result.plot("links", token=1).svg
    assert result.plot(word="Paris").svg == result.plot("words", word="Paris").svg


def test_words_are_shaded_by_what_they_take(result):
    """Numbers beside the bars are means over layers, heads and the rows of the words."""
    svg = result.plot(word="Angela Merkel", layer=2, head=5).svg
    weights = analysis.word_attention(result.attentions[2:3, 5:6], result.word_ids)[0, 0]
    ids = [index for index, word in enumerate(result.word_ids) if index == 0 or word != result.word_ids[index - 1]]
    names = [result.tokens[index] if result.word_ids[index] is None else "" for index in ids]
    rows = [1, 2]  # after [CLS]
    scores = weights[rows].mean(axis=0)
    special = scores[[index for index, name in enumerate(names) if name]].sum()
    printed = " ".join(texts_of(svg))
    paris = scores[result.words.index("Paris") + 1]
    for number in (paris, special, scores[rows].sum(), 1 - special - scores[rows].sum()):
        assert f"{number:.3f}" in printed
    assert "From \u201cAngela Merkel\u201d: attention weights, layer 2, head 5" in printed
    assert result.plot(word=[0, 1], layer=2, head=5).svg == svg


@pytest.mark.parametrize(
    "choice, message",
    [
        ({"view": "tree"}, "view: 'tree'; choose from matrix, links, grid, words, layers"),
        ({"layer": 6}, "layer: 6 is not there; choose from 0, 1, 2, 3, 4, 5"),
        ({"layer": 0, "head": 12}, "head: 12 is not there"),
        ({"token": 99}, "token: 99 does not exist in this text"),
        ({"word": "London"}, "word: 'London' is no word of the text; choose from Angela, Merkel, visited, Paris"),
        ({"word": 99}, "word: 99 is not there"),
        ({"view": "grid", "token": 1}, "token: together with view='grid'"),
        ({"view": "links", "layer": 0, "head": [0, 1, 2, 3, 4]}, ""),
    ],
)
def test_what_is_not_there_is_named(result, choice, message):
    with pytest.raises(attnscope.UsageError) as caught:
        result.plot(**choice)
    assert str(caught.value).startswith(message)


def test_of_a_part_of_a_model(demo):
    part = demo.attend(TEXT, layers=[2, 4], heads=[1, 3, 5])
    whole = demo.attend(TEXT)
    assert part.plot(layer=4, head=3).svg == whole.plot(layer=4, head=3).svg
    with pytest.raises(attnscope.UsageError, match="layer: 3 is not there; choose from 2, 4"):
        part.plot(layer=3)
    assert "4" in metadata_of(part.plot(layer=-1, head=3).svg)


def test_of_reduced_heads_and_of_rows(demo):
    mean = demo.attend(TEXT, reduce="mean")
    assert "mean over 12 heads" in " ".join(texts_of(mean.plot(layer=2).svg))
    rows = demo.attend(TEXT, rows=[0, 2])
    drawn = rows.plot(layer=1, head=1)
    weights = np.ascontiguousarray(rows.attentions[1, 1])
    labels = [rows.tokens[row] for row in (0, 2)]
    assert drawn.svg == _core.matrix_figure(weights, labels, rows.tokens, drawn._options)
    with pytest.raises(attnscope.UsageError, match="grid: 2 rows of"):
        rows.plot("grid")
    with pytest.raises(attnscope.UsageError, match="the weights were not stored"):
        demo.attend(TEXT, stats="entropy").plot()


def test_text_that_is_markup_stays_text(demo):
    text = 'a <script>alert("1")</script> & "b" \u202e x'
    for choice in ({"layer": 0, "head": 0}, {"view": "words"}, {"view": "links", "layer": 0}):
        figure = demo.attend(text).plot(title="<b>&</b>", **choice)
        root = ElementTree.fromstring(figure.svg)
        assert not list(root.iter(f"{SVG}script")) and "<b>&</b>" in texts_of(figure.svg)


# ---- files


def test_files_by_their_ending(result, tmp_path):
    figure = result.plot(layer=0, head=0)
    figure.save(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == figure.svg
    result.save(tmp_path / "b.svg", layer=0, head=0)
    assert (tmp_path / "b.svg").read_bytes() == (tmp_path / "a.svg").read_bytes()
    figure.save(tmp_path / "a.tex")
    assert (tmp_path / "a.tex").read_text(encoding="utf-8") == figure.to_tikz()
    assert "\\begin{tikzpicture}" in figure.to_tikz()
    snippet = result.plot(layer=0, caption="Head 0 & more").to_latex("a.pdf")
    assert "\\includegraphics" in snippet and "{a.pdf}" in snippet and "Head 0 \\& more" in snippet
    with pytest.raises(attnscope.UsageError, match="TeX draws a matrix alone"):
        result.plot("grid").save(tmp_path / "b.tex")
    assert not (tmp_path / "b.tex").exists()


def test_bad_paths(result, words, tmp_path):
    for bad in (result.plot(), result, words):
        with pytest.raises(attnscope.UsageError) as caught:
            bad.save(tmp_path / "a.gif")
        assert caught.value.code == "OUT_ENDING" and ".gif" in str(caught.value)
    with pytest.raises(attnscope.UsageError, match=r"layer: together with '\.npz'"):
        result.save(tmp_path / "a.npz", layer=0)
    for name in ("a.svg", "a.html"):
        with pytest.raises(attnscope.StorageError):
            result.save(tmp_path / "missing" / name)
    assert list(tmp_path.iterdir()) == []


def size_of_png(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


@pytest.fixture(params=["engine", "cairosvg"])
def renderer(request, monkeypatch):
    """The engine's own, where it was built in, and the one of the extra "figures"."""
    if request.param == "cairosvg":
        pytest.importorskip("cairosvg", reason="cairosvg is not installed")
        monkeypatch.setattr(_core, "can_render_figures", lambda: False)
    elif not _core.can_render_figures():
        pytest.skip("the engine was built without librsvg")


def test_png_and_pdf(result, renderer, tmp_path):
    figure = result.plot(layer=0, head=0)
    width, height = figure.size
    for dpi in (100, 300):
        across, down = size_of_png(figure.to_png(dpi))
        assert across == pytest.approx(width / 25.4 * dpi, abs=1.5)
        assert down == pytest.approx(height / 25.4 * dpi, abs=1.5)
    assert figure.to_pdf()[:5] == b"%PDF-"
    result.save(tmp_path / "a.png", layer=0, head=0, dpi=100)
    assert size_of_png((tmp_path / "a.png").read_bytes()) == size_of_png(figure.to_png(100))
    result.save(tmp_path / "a.pdf", layer=0, head=0)
    assert (tmp_path / "a.pdf").read_bytes()[:5] == b"%PDF-"


def test_without_a_renderer_the_error_says_what_to_install(result, monkeypatch):
    monkeypatch.setattr(_core, "can_render_figures", lambda: False)
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    for render in (result.plot().to_png, result.plot().to_pdf):
        with pytest.raises(attnscope.UnsupportedModel, match=r"pip install attnscope\[figures\]") as caught:
            render()
        assert caught.value.code == "NO_RENDERER"


def test_without_the_library_cairo_the_error_names_it(result, monkeypatch):
    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == "cairosvg":
                raise OSError('no library called "cairo-2" was found')

    monkeypatch.setattr(_core, "can_render_figures", lambda: False)
    monkeypatch.delitem(sys.modules, "cairosvg", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(attnscope.UnsupportedModel, match=r"needs the library cairo \(no library called"):
        result.plot().to_png()


# ---- reports


@pytest.mark.parametrize("name", ["words", "heads", "layers", "diff"])
def test_reports_have_pictures_pages_and_cells(reports, name, tmp_path):
    report = reports[name]
    svg = report.to_svg()
    ElementTree.fromstring(svg)
    report.save(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == svg
    report.save(tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert page == report.to_html() and "<script" not in page and "http://" not in page.replace("http-equiv", "")
    rows = CountRows()
    rows.feed(page)
    assert rows.count == len(report.rows) + 1
    bundle = report._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    assert bundle["image/svg+xml"] == svg and bundle["text/plain"] == repr(report)
    report.plot(theme="paper", width="120mm", title="Mine", caption="Words")


class CountRows(html.parser.HTMLParser):
    count = 0

    def handle_starttag(self, tag, attrs):
        self.count += tag == "tr"


def test_words_of_a_report(words):
    printed = " ".join(texts_of(words.plot("Paris").svg))
    assert "PER" in printed and "LOC" in printed and "attention" in printed
    row = max(
        (row for row in words.rows if row["explained"] == "Paris" and not row["special"]),
        key=lambda row: row["rollout"],
    )
    assert f"{row['rollout']:.3f}" in " ".join(texts_of(words.plot("Paris", measure="rollout").svg))
    assert words.plot(1).svg == words.plot("Paris").svg
    with pytest.raises(
        attnscope.UsageError, match="explained: 'London' is not there; choose from Angela Merkel, Paris"
    ):
        words.plot("London")
    with pytest.raises(attnscope.UsageError, match="measure: 'flow' was not measured"):
        words.plot(measure="flow")


def test_heads_of_a_report(demo, reports):
    report = reports["heads"]
    printed = texts_of(report.plot("sep", top=5).svg)
    for row in report.rows[:5]:
        assert f"L{row['layer']} H{row['head']}" in printed
    assert "L5 H11" not in printed and "L5 H11" in texts_of(report.plot(top=None).svg)
    with pytest.raises(attnscope.UsageError, match="column: 'size'"):
        report.plot("size")


def test_layers_of_a_report(demo, reports):
    means = demo.attend(TEXT, reduce="mean")
    figure = reports["layers"].plot(lines=["entropy"])
    lines = [("entropy (nats)", [row["entropy"] for row in reports["layers"].rows])]
    assert figure.svg == _core.layers_figure(means.attentions, means.layers, lines, figure._options)
    with pytest.raises(attnscope.UsageError, match="lines: 'size'"):
        reports["layers"].plot(lines=["size"])


def test_differences_of_a_report(reports):
    report = reports["diff"]
    figure = report.plot(5)
    assert f"layer {report.rows[5]['left_layer']}, head {report.rows[5]['head']}" in " ".join(texts_of(figure.svg))
    assert "mean over 6 layers and 12 heads" in " ".join(texts_of(report.to_svg()))
    names = [
        [names[pair[side]] for pair in report.pairs]
        for side, names in enumerate((report.left_names, report.right_names))
    ]
    pairs = len(report.pairs)
    left, right = (np.ascontiguousarray(report[side].reshape(-1, pairs, pairs)[5]) for side in ("left", "right"))
    assert figure.svg == _core.difference_figure(("A", names[0], left), ("B", names[1], right), figure._options)
    with pytest.raises(attnscope.UsageError, match="row: 9999 is not there"):
        report.plot(9999)


def test_numbers_that_are_not_there_are_left_empty():
    from attnscope.report_page import report_page

    page = report_page("t", "<svg/>", [{"a": math.nan, "b": None, "c": True, "d": "<x>", "e": 1, "f": 0.25}])
    assert '<td style="text-align:right"></td><td></td><td>yes</td><td dir="auto">&lt;x&gt;</td>' in page
    assert '<td style="text-align:right">1</td><td style="text-align:right">0.2500</td>' in page


def test_a_figure_shows_itself(result):
    figure = result.plot(layer=0, head=0)
    assert figure._repr_svg_() == figure.svg
    assert figure._repr_mimebundle_() == {"image/svg+xml": figure.svg, "text/plain": repr(figure)}
    assert repr(figure).startswith("Figure(84 x ")


@pytest.fixture
def drawn_by_the_command_line(request, tmp_path):
    """drawn(arguments): the SVG of `attnscope plot`, without metadata, which name files."""
    program = request.config.rootpath / "build" / "release" / "cli" / "attnscope"
    if not program.exists():
        pytest.skip("the command line is not built")

    def drawn(*arguments):
        command = [program, "plot", *arguments, "-o", tmp_path / "theirs.svg"]
        subprocess.run(command, check=True, capture_output=True)
        return without_metadata((tmp_path / "theirs.svg").read_text(encoding="utf-8"))

    return drawn


def without_metadata(svg):
    return re.sub("<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)


@pytest.mark.parametrize(
    "choice, arguments",
    [
        ({}, []),
        ({"layer": 3, "head": 7}, ["--layer", "3", "--head", "7"]),
        ({"layer": 3}, ["--layer", "3", "--view", "matrix"]),
        ({"view": "links", "layer": 1, "head": [2, 5]}, ["--view", "links", "--layer", "1", "--head", "2,5"]),
        ({"layer": 0, "head": 0, "width": "120mm", "theme": "paper", "scale": "log", "range": "unit", "title": "T"},
         ["--layer=0", "--head=0", "--width=120mm", "--theme=paper", "--scale=log", "--range=unit", "--title=T"]),
    ],
)  # fmt: skip
def test_the_command_line_draws_the_same_bytes(demo, tmp_path, drawn_by_the_command_line, choice, arguments):
    result = demo.attend(TEXT)
    result.save(tmp_path / "a.safetensors")
    theirs = drawn_by_the_command_line(tmp_path / "a.safetensors", *arguments)
    assert without_metadata(result.plot(**choice).svg) == theirs


@pytest.mark.parametrize("measure", ["attention", "rollout", "leave_one_out"])
def test_the_command_line_draws_the_same_words(words, drawn_by_the_command_line, measure):
    theirs = drawn_by_the_command_line(TEXT, "--entity", "Paris", "--measure", measure.replace("_", "-"))
    assert without_metadata(words.plot("Paris", measure=measure).svg) == theirs
