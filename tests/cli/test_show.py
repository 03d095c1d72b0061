# SPDX-License-Identifier: Apache-2.0
"""`attnscope show`: the words view and how the views are chosen; what it prints is what JSON says."""

import json
import re

import pytest

TEXT = "Angela Merkel visited Paris with John Smith."
PICTURE = re.compile(r"\x1b\[[0-9;]*m")


def output(result):
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def show(attnscope, has_demo):
    return lambda *arguments, **options: output(attnscope("show", TEXT, *arguments, **options))


@pytest.fixture
def report(show):
    return lambda *arguments: json.loads(show("--json", *arguments))


def facts_of(text):
    """Names and numbers of the lines that are a name, perhaps a bar, and one number."""
    found = [re.fullmatch(r"(\S.*?) [ ╸╺━│]*([+-]?\d+\.\d{3})", line) for line in text.splitlines()]
    ticks = r"[+-]?\d+\.\d{3} .*"  # of the colour bar
    return [(match[1], float(match[2])) for match in found if match and not re.fullmatch(ticks, match[1])]


def expected_facts(found, focus, measure):
    """The words by weight, then where the rest of the row goes."""
    scores = focus["scores"][measure]
    signed = measure == "leave_one_out"
    words = [
        (word["text"], score)
        for index, (word, score) in enumerate(zip(found["words"], scores, strict=True))
        if word["number"] is not None and (signed or index not in focus["words"])
    ]
    words.sort(key=lambda word: -abs(word[1]))
    if signed:
        return words
    shares = focus["shares"][measure]
    rest = [("[CLS] [SEP]", shares["special_tokens"]), ("itself", shares["itself"])]
    return [*words, *rest, ("other words", shares["words"])]


def expect_facts(text, expected):
    facts = facts_of(text)
    assert [name for name, _ in facts] == [name for name, _ in expected]
    assert [number for _, number in facts] == pytest.approx([number for _, number in expected], abs=6e-4)


def test_every_entity_has_its_picture(show):
    pictures = show().split("\n\n")
    assert len(pictures) == 3
    sentences = [
        "<Angela Merkel> [PER] visited Paris [LOC] with John Smith [PER].",
        "Angela Merkel [PER] visited <Paris> [LOC] with John Smith [PER].",
        "Angela Merkel [PER] visited Paris [LOC] with <John Smith> [PER].",
    ]
    titles = ["Angela Merkel (PER), logit ", "Paris (LOC), logit ", "John Smith (PER), logit "]
    for picture, title, sentence in zip(pictures, titles, sentences, strict=True):
        lines = picture.splitlines()
        assert lines[0].startswith(title) and lines[1] == sentence
        assert lines[2].startswith("attention weights, mean over all 6 layers and 12 heads.")


@pytest.mark.parametrize("measure", ["attention", "rollout", "norms", "gradient", "leave-one-out"])
@pytest.mark.parametrize("arguments", [["--plain"], ["--color", "always"]])
def test_the_picture_says_what_json_says(show, report, measure, arguments):
    key = measure.replace("-", "_")
    chosen = ["--entity", "Paris", "--measure", measure]
    found = report(*chosen)
    assert found["view"] == "words" and list(found["measures"]) == [key]
    text = PICTURE.sub("", show(*chosen, *arguments))
    expect_facts(text, expected_facts(found, found["explained"][0], key))
    assert " ".join(found["measures"][key].split()) in " ".join(text.split())


def test_json_is_what_words_prints_and_the_shares_add_up(attnscope, report):
    words = json.loads(output(attnscope("words", TEXT, "--json", "--measure", "attention")))
    shown = report()
    assert shown.pop("view") == "words"
    assert shown == words
    for focus in shown["explained"]:
        shares = focus["shares"]["attention"]
        own = [focus["scores"]["attention"][word] for word in focus["words"]]
        assert shares["itself"] == pytest.approx(sum(own), abs=1e-6)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
        specials = focus["scores"]["attention"][0] + focus["scores"]["attention"][-1]
        assert shares["special_tokens"] == pytest.approx(specials, abs=1e-6)


def test_layers_and_heads_choose_in_the_words_view(show, report):
    arguments = ["--word", "2", "--layer", "1-2", "--head", "0,3"]
    found = report(*arguments)
    assert found["layers"] == [1, 2] and found["heads"] == [0, 3]
    text = show(*arguments)
    assert text.startswith("visited, logit ") and "mean over layers 1, 2 and 2 heads" in text
    expect_facts(text, expected_facts(found, found["explained"][0], "attention"))


def test_top_cuts_the_bars_and_says_so(show):
    text = show("--entity", "Paris", "--top", "2")
    assert [name for name, _ in facts_of(text)][2] == "[CLS] [SEP]"
    assert re.search(r"^5 more words: up to 0\.\d{3} each$", text, re.M)


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_the_picture_fits_the_terminal(show, columns):
    text = show("--color", "always", env={"COLUMNS": columns, "COLORTERM": "truecolor"})
    lines = PICTURE.sub("", text).splitlines()
    assert max(map(len, lines)) <= int(columns)


def test_a_text_without_entities_shows_what_words_receive(attnscope, has_demo):
    result = attnscope("show", "this is it")
    lines = output(result).splitlines()
    assert lines[:2] == ["What each word receives: mean over all words", "this is it"]
    assert [name for name, _ in facts_of(result.stdout)][3:] == ["[CLS] [SEP]", "words"]
    assert "no entities were found" in result.stderr


def test_a_text_without_words_is_no_error(attnscope, tiny_model):
    result = attnscope("show", "", "-m", tiny_model)
    assert output(result) == "\n" and "the text has no words" in result.stderr


def test_what_comes_from_outside_is_shown_as_text(attnscope, save_model, tmp_path):
    encoder = save_model(tmp_path / "encoder", "DistilBertModel", initializer_range=0.5)
    text = "hello\x1b[2J <b>\u202eworld\u2069 a"
    picture = output(attnscope("show", text, "-m", encoder))
    assert "\x1b" not in picture and "\u202e" not in picture and "\u2069" not in picture
    assert "hello\\x1B[2J <b>\\u{202E}world\\u{2069} a" in picture


def test_one_name_stands_for_layer_and_head(show):
    named = show("--head", "L3H7")
    assert named == show("--layer", "3", "--head", "7") and named.startswith("layer 3, head 7 of builtin:demo\n")


@pytest.mark.parametrize(
    ("arguments", "view"),
    [
        ([], "words"), (["--entity", "Paris", "--layer", "0"], "words"), (["--view", "words", "--head", "1"], "words"),
        (["--grid"], "grid"), (["--view", "grid"], "grid"), (["--view", "grid", "--grid"], "grid"),
        (["--layer", "0"], "mean"), (["--mean"], "mean"), (["--view", "matrix"], "mean"), (["--head", "L1H2"], "head"),
        (["--view", "matrix", "--layer", "1", "--head", "2"], "head"),
    ],
)  # fmt: skip
def test_options_choose_the_view(report, arguments, view):
    assert report(*arguments)["view"] == view


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--view", "matrices"], "--view: 'matrices' is not one of: words, matrix, grid"),
        (["--view", "words", "--grid"], "--grid: --view asks for another view"),
        (["--grid", "--head", "L1H1"], "--grid: the grid shows all layers and heads"),
        (["--grid", "--entity", "Paris"], "--entity: the grid view does not have it"),
        (["--view", "matrix", "--word", "1"], "--word: the matrix view does not have it"),
        (["--view", "matrix", "--measure", "norms"], "--measure: the matrix view does not have it"),
        (["--grid", "--top", "3"], "--top: the grid view does not have it"),
        (["--word", "1", "--mean"], "--mean: the words view takes the mean anyway"),
        (["--head", "3"], "--head: the layer is missing"),
        (["--head", "L1H1", "--layer", "1"], "--head: 'L1H1' names a layer and --layer another"),
        (["--head", "L9H1"], "--layer: '9' is not a whole number in the range 0..5"),
        (["--head", "L1H99"], "--head: '99' is not a whole number in the range 0..11"),
        (["--head", "L1Hx", "--layer", "1"], "--head: 'L1Hx' is not a whole number"),
        (["--measure", "all"], "--measure: one measure is shown at a time"),
        (["--measure", "attention,norms"], "--measure: one measure is shown at a time"),
        (["--measure", "norm"], "--measure: 'norm' is not one of"),
        (["--top", "0"], "--top: '0' is not a whole number"),
        (["--entity", "Pariss"], "--entity: 'Pariss' is no entity of the text"),
        (["--word", "1", "--entity", "Paris"], "--word: a word and an entity exclude each other"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(attnscope, has_demo, arguments, expected):
    result = attnscope("show", TEXT, *arguments)
    assert result.returncode == 2 and result.stdout == "" and expected in result.stderr, result.stderr
