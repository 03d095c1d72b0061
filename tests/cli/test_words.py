# SPDX-License-Identifier: Apache-2.0
"""`attnscope words`: what it prints is what it computed, and what it cannot do it says."""

import json

import numpy
import pytest

TEXT = "Angela Merkel visited Paris with John Smith."
WORDS = ["Angela", "Merkel", "visited", "Paris", "with", "John", "Smith", "."]
MEASURES = ["attention", "rollout", "norms", "gradient", "leave_one_out"]


def output(result):
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def words(attnscope, has_demo):
    return lambda *arguments, **options: attnscope("words", TEXT, *arguments, **options)


@pytest.fixture
def report(words):
    return lambda *arguments: json.loads(output(words("--json", *arguments)))


def test_json_has_words_entities_and_every_measure(report):
    found = report()
    assert [word["text"] for word in found["words"]] == ["[CLS]", *WORDS, "[SEP]"]
    assert [word["number"] for word in found["words"]] == [None, *range(8), None]
    assert [TEXT[word["begin"] : word["end"]] for word in found["words"][1:-1]] == WORDS
    entities = [(entity["text"], entity["kind"]) for entity in found["entities"]]
    assert entities == [("Angela Merkel", "PER"), ("Paris", "LOC"), ("John Smith", "PER")]
    assert [focus["text"] for focus in found["explained"]] == [text for text, _ in entities]
    for focus in found["explained"]:
        assert list(focus["scores"]) == MEASURES == list(found["measures"])
        assert all(len(scores) == 10 for scores in focus["scores"].values())
        for name in MEASURES[:-1]:
            assert sum(focus["scores"][name]) == pytest.approx(1, abs=1e-4)
        assert focus["scores"]["leave_one_out"][0] is None and focus["scores"]["leave_one_out"][-1] is None
        assert len(focus["agreement"]) == 10 and focus["sentence"].startswith("Attention ")
    assert found["explained"][1]["words"] == [4] and found["explained"][1]["label"] == "B-LOC"
    assert found["explained"][0]["words"] == [1, 2]
    assert found["specials"] == "shown" and found["rule"] == "mean"


def test_attention_is_the_mean_of_what_run_writes(attnscope, report, tmp_path):
    focus = report("--entity", "Paris", "--layer", "1-2", "--head", "0,3", "--measure", "attention")["explained"][0]
    output(attnscope("run", TEXT, "--layers", "1-2", "--heads", "0,3", "-o", tmp_path / "a.npz"))
    with numpy.load(tmp_path / "a.npz") as arrays:
        weights, offsets = arrays["attentions"].mean((0, 1)), arrays["offsets"].tolist()
    words = report()["words"]
    groups = [word["tokens"] for word in words]
    paris = [index for index, (begin, end) in enumerate(offsets) if "Paris".find(TEXT[begin:end]) >= 0 and end]
    assert paris == groups[4]
    row = weights[paris].mean(0)
    expected = [row[group].sum() for group in groups]
    numpy.testing.assert_allclose(focus["scores"]["attention"], expected, atol=1e-6)


def test_the_sentence_has_its_entities_in_brackets(words):
    assert output(words()).splitlines()[0] == "[Angela Merkel PER] visited [Paris LOC] with [John Smith PER]."


def test_the_table_says_what_json_says_in_aligned_columns(words, report):
    lines = output(words("--entity", "Paris", "--top", "20")).splitlines()
    focus = report("--entity", "Paris")["explained"][0]
    assert lines[2] == f"Paris (LOC), logit {focus['logit']:.3f} of B-LOC"
    header, rows, tau = lines[3], lines[4:14], lines[14]
    titles = header.split()
    assert titles == ["attention", "rollout", "norms", "gradient", "leave-one-out"]
    ends = [header.index(title) + len(title) for title in titles]
    names = ["[CLS]", *WORDS, "[SEP]"]
    shown = []
    for row in rows:
        numbers = row.split()[-5:]
        assert [row.rindex(number, 0, end) + len(number) for number, end in zip(numbers, ends, strict=True)] == ends
        word = row.split()[0]
        shown.append(float(numbers[0]))
        place = names.index(word)
        for title, number in zip(titles, numbers, strict=True):
            value = focus["scores"][title.replace("-", "_")][place]
            assert number == ("-" if value is None else f"{value:.3f}")
        assert row.split()[1] == "*" if word == "Paris" else "*" not in row
    assert shown == sorted(shown, reverse=True)
    assert rows[0].count("#") == 10
    assert tau.split()[:3] == ["tau", "with", "attention"]
    taus = {tuple(pair["measures"]): pair["tau"] for pair in focus["agreement"]}
    assert tau.split()[3:] == [f"{taus['attention', title.replace('-', '_')]:.3f}" for title in titles[1:]]
    assert " ".join(" ".join(lines[15 : lines.index("", 15)]).split()) == focus["sentence"]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_sentences_are_wrapped_to_the_terminal(words, report, columns):
    found = report("--entity", "Paris", "--measure", "gradient,leave-one-out")
    text = output(words("--entity", "Paris", "--measure", "gradient,leave-one-out", env={"COLUMNS": str(columns)}))
    lines = text.splitlines()
    assert max(map(len, lines[1:])) <= columns
    assert max(map(len, lines[lines.index("", 3) :])) > columns - 12
    for description in found["measures"].values():
        assert description in " ".join(text.split())
    legend = lines[lines.index("", 3) + 1 :]
    ends = next(index for index, line in enumerate(legend) if line.startswith("Special tokens are shown."))
    assert all(line[14] == " " and line[15] != " " for line in legend[: ends - 2])


def test_top_cuts_the_table_and_says_so(words):
    text = output(words("--entity", "Paris", "--top", "3"))
    assert "(7 more words)" in text and text.count("#" * 10) == 1


def test_plain_prints_one_fact_a_line(words):
    lines = output(words("--plain", "--measure", "attention,leave-one-out")).splitlines()
    facts = [line for line in lines if line.startswith("Paris (LOC), logit ")]
    assert len(facts) == 1 + 2 * 10 + 1  # heading, measures, tau
    assert facts[1].split(", ")[2].startswith("attention: [CLS] 0.")
    assert "#" not in "".join(lines)


@pytest.mark.parametrize(("specials", "words_shown", "total"), [("hidden", WORDS, None), ("renormalised", WORDS, 1.0)])
def test_special_tokens_go_and_the_report_says_so(words, report, specials, words_shown, total):
    whole = report("--entity", "Paris", "--measure", "attention")["explained"][0]["scores"]["attention"][1:-1]
    found = report("--entity", "Paris", "--measure", "attention", "--specials", specials)
    assert [word["text"] for word in found["words"]] == words_shown and found["specials"] == specials
    scores = numpy.array(found["explained"][0]["scores"]["attention"])
    scale = 1.0 if total is None else sum(whole)
    numpy.testing.assert_allclose(scores, numpy.array(whole) / scale, atol=1e-5)
    text = output(words("--entity", "Paris", "--specials", specials))
    assert ("hidden" if total is None else "divided by its sum") in text.splitlines()[-1]


def test_a_word_in_place_of_entities(report):
    found = report("--word", "2", "--measure", "attention,leave-one-out")["explained"]
    assert [(focus["of"], focus["text"], focus["words"]) for focus in found] == [("word", "visited", [3])]
    assert found[0]["label"] == "O"


def test_without_entities_the_words_are_shown_by_what_they_receive(attnscope, has_demo):
    result = attnscope("words", "this is it", "--json")
    found = json.loads(output(result))
    assert found["entities"] == [] and found["explained"][0]["of"] == "text"
    assert list(found["measures"]) == MEASURES[:3]
    assert "no entities were found" in result.stderr


def test_an_empty_text_is_no_error(attnscope, has_demo):
    result = attnscope("words", "")
    assert output(result) == "\n" and "the text has no words" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--entity", "Pariss"], "--entity: 'Pariss' is no entity of the text; the entities are: "
                                 "'Angela Merkel' (PER), 'Paris' (LOC), 'John Smith' (PER)"),
        (["--word", "8"], "--word: 8 does not exist; the text has 8 words: count from 0"),
        (["--word", "two"], "--word: 'two' is not a whole number"),
        (["--word", "1", "--entity", "Paris"], "--word: a word and an entity exclude each other"),
        (["--layer", "99"], "--layer: '99' is not a whole number in the range 0.."),
        (["--head", "99"], "--head: '99' is not a whole number"),
        (["--measure", "norm"], "'norm' is not one of: attention, rollout, norms, gradient, leave-one-out, all"),
        (["--measure", "all,norms"], "--measure: all stands beside others"),
        (["--specials", "gone"], "--specials: 'gone' is not one of: shown, hidden, renormalised"),
        (["--rule", "last"], "--rule: 'last' is not one of: mean, first, max"),
        (["--top", "0"], "--top: '0' is not a whole number"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_with_what_is(words, arguments, expected):
    result = words(*arguments)
    assert result.returncode == 2 and result.stdout == "" and expected in result.stderr, result.stderr


def test_a_model_without_a_label_says_what_to_take(attnscope, save_model, tmp_path):
    tiny_encoder = save_model(tmp_path / "encoder", "DistilBertModel", initializer_range=0.5)
    result = attnscope("words", "angela lives", "-m", tiny_encoder, "--measure", "gradient")
    assert result.returncode == 3 and "error[NO_HEAD]" in result.stderr
    assert "take a classifier, or attention, rollout or norms" in result.stderr
