# SPDX-License-Identifier: Apache-2.0
"""Entities as transformers' pipeline finds them; the words report against the same taken step by step in numpy."""

import itertools
import math
import random

import numpy as np
import pytest

import attnscope
from attnscope import analysis
from package_models import VOCABULARY, write_tokenizer

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
TEXTS = [
    "Angela Merkel lives in Paris.",
    "  Angela,Merkel   lives in\tParis!",
    "examples Parisn merkela simplely worksen",
    "Zürich 東京 hello Übermut world",
    "Ange\u0301la Me\u0301rkel lives in Par\u00adis",
    "hello",
    "\U0001f600 in Paris",
    "",
]


@pytest.fixture(scope="module")
def labeller(tmp_path_factory):
    """A folder with a token classifier whose labels are all over the place."""
    oracle_models = pytest.importorskip("oracle_models", reason="transformers, the oracle, is not installed")
    folder = tmp_path_factory.mktemp("labeller")
    names = dict(enumerate(LABELS))
    model = oracle_models.make_model(
        "DistilBert", "token_classification", vocab=len(VOCABULARY), initializer_range=0.3, layers=2, heads=4,
        labels=len(LABELS), id2label=names, label2id={name: index for index, name in names.items()}, seed=3,
    )  # fmt: skip
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


@pytest.fixture(scope="module")
def ours(labeller):
    return attnscope.DistilBertForTokenClassification.from_pretrained(labeller)


@pytest.fixture(scope="module")
def pipeline_of(labeller):
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(labeller)
    model = transformers.AutoModelForTokenClassification.from_pretrained(labeller, attn_implementation="eager")

    def make(strategy):
        return transformers.pipeline(
            "token-classification", model=model, tokenizer=tokenizer, aggregation_strategy=strategy, device="cpu"
        )

    return make


def expect_same_entities(found, expected):
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert list(mine) == list(theirs)
        for name, value in theirs.items():
            assert mine[name] == (pytest.approx(value, abs=1e-4) if name == "score" else value), name


def random_sentences(count):
    pick = random.Random(1)
    words = [word for word in VOCABULARY[5:] if not word.startswith("##")]
    words += ["examples", "parisn", "merkela", "Lives", "x1", "zürich"]
    return [" ".join(pick.choices(words, k=pick.randrange(1, 20))) for _ in range(count)]


@pytest.mark.parametrize("strategy", ["none", "simple", "first", "average", "max"])
def test_entities_equal_those_of_the_pipeline(ours, pipeline_of, strategy):
    pipeline = pipeline_of(strategy)
    several = 0
    for text in [*TEXTS, *random_sentences(40)]:
        expected = pipeline(text) if text else []
        expect_same_entities(analysis.find_entities(ours, text, strategy), expected)
        several += sum(1 for entity in expected if " " in entity["word"])
    assert several or strategy == "none"  # entities of more than one word were among them


def test_entities_of_a_model_of_transformers_with_its_own_tokenizer(pipeline_of):
    pipeline = pipeline_of("max")
    model = attnscope.from_transformers(pipeline.model, pipeline.tokenizer)
    for text in TEXTS[:5]:
        expect_same_entities(analysis.find_entities(model, text, "max"), pipeline(text))


def test_entities_of_the_demo_are_those_of_the_text(demo):
    text = "Ünal: Angela Merkel visited Paris with John Smith."
    found = analysis.find_entities(demo, text)
    assert {text[entity["start"] : entity["end"]] for entity in found} >= {"Angela Merkel", "Paris", "John Smith"}


def test_what_find_entities_cannot_do_is_said(twins):
    model = twins("DistilBert").ours
    with pytest.raises(attnscope.UnsupportedModel, match="does not label tokens"):
        analysis.find_entities(model, "hello")
    with pytest.raises(attnscope.UsageError, match="choose from none, simple, first"):
        analysis.find_entities(model, "hello", "last")
    with pytest.raises(TypeError, match="expected str"):
        analysis.words(model, ["hello"])


def plain_entities(labels):
    """Entities of BIO labels, the slow way."""
    found = set()
    for first, last in itertools.combinations(range(len(labels) + 1), 2):
        part, kind = labels[first:last], labels[first][2:]
        inside = all(label == f"I-{kind}" for label in part[1:]) and labels[first] != "O"
        starts = labels[first].startswith("B-") or first == 0 or labels[first - 1][2:] != kind
        ends = last == len(labels) or labels[last] != f"I-{kind}"
        if inside and starts and ends:
            found.add((kind, first, last))
    return found


def test_f1_equals_a_plain_count():
    pick = random.Random(2)
    score = analysis.EntityScore()
    correct = found = expected = 0
    for _ in range(300):
        length = pick.randrange(12)
        guess, truth = (pick.choices(LABELS, k=length) for _ in range(2))
        truth = guess if pick.random() < 0.3 else truth
        score.add(guess, truth)
        assert set(analysis.spell_entities(guess)) == plain_entities(guess)
        correct += len(plain_entities(guess) & plain_entities(truth))
        found += len(plain_entities(guess))
        expected += len(plain_entities(truth))
    assert (score.correct, score.found, score.expected) == (correct, found, expected)
    precision, recall = correct / found, correct / expected
    assert score.precision() == pytest.approx(precision) and score.recall() == pytest.approx(recall)
    assert score.f1() == pytest.approx(2 * precision * recall / (precision + recall))


def test_conll_is_read_sentence_by_sentence(tmp_path):
    file = tmp_path / "dev.conll"
    file.write_text("-DOCSTART- O\n\nAngela B-PER\nlebt O\n\nKöln\tB-LOC\n", encoding="utf-8")
    assert list(analysis.read_conll(file)) == [
        (["Angela", "lebt"], ["B-PER", "O"], 3), (["Köln"], ["B-LOC"], 6),
    ]  # fmt: skip
    file.write_text("Köln B-LOC\nalone\n", encoding="utf-8")
    with pytest.raises(attnscope.TextError, match=r"dev\.conll: line 2: 'alone' is one column"):
        list(analysis.read_conll(file))
    with pytest.raises(attnscope.StorageError):
        analysis.read_conll(tmp_path / "missing.conll")


# ---- the words report

SENTENCE = "Angela Merkel visited Paris with John Smith."


def word_groups(result):
    """Tokens of each word, specials among them, in order."""
    return [list(group) for _, group in itertools.groupby(range(len(result.tokens)), _group_key(result))]


def _group_key(result):
    return lambda token: ("special", token) if result.word_ids[token] is None else result.word_ids[token]


def expected_row(matrix, groups, own):
    """From the words `own` to every word: sum over the pieces of a word, mean over pieces, then over words."""
    to_words = np.stack([matrix[:, group].sum(1) for group in groups], 1)
    return np.mean([to_words[group].mean(0) for group in own], 0)


def scores_of(report, name, measure):
    return np.array([row[measure] for row in report.rows if row["explained"] == name])


@pytest.mark.parametrize(("layers", "heads"), [(None, None), ([1, -1], [0, 3])])
def test_attention_and_rollout_are_those_of_numpy(demo, layers, heads):
    result = demo.attend(SENTENCE)
    groups = word_groups(result)
    tokens = range(len(result.tokens))
    own = [group for group in groups if result.words[result.word_ids[group[0]] or 0] in ("John", "Smith")]
    weights = result.attentions[:, heads] if heads else result.attentions
    report = analysis.words(demo, SENTENCE, "John Smith", measure=["attention", "rollout"], layers=layers, heads=heads)
    assert len(own) == 2 and len(report.words) == len(groups)

    chosen = weights[layers] if layers else weights
    expected = expected_row(chosen.mean((0, 1)), groups, own)
    np.testing.assert_allclose(scores_of(report, "John Smith", "attention"), expected, atol=1e-6)
    rolled = np.eye(len(tokens))
    for layer in weights.mean(1):
        rolled = (layer + np.eye(len(tokens))) / 2 @ rolled
    np.testing.assert_allclose(scores_of(report, "John Smith", "rollout"), expected_row(rolled, groups, own), atol=1e-5)


def test_leave_one_out_is_the_change_of_the_logit(demo):
    report = analysis.words(demo, SENTENCE, "Paris", measure="leave_one_out")
    result = demo.attend(SENTENCE)
    (label,) = (index for index, name in demo.config.id2label.items() if name == report.explained[0]["label"])
    target = next(
        token for token, word in enumerate(result.word_ids) if word is not None and result.words[word] == "Paris"
    )

    def logit(ids):
        return float(np.asarray(demo(input_ids=np.array([ids])).logits)[0, target, label])

    before = logit(result.input_ids)
    assert report.explained[0]["logit"] == pytest.approx(before, abs=1e-4)
    for row, group in zip(report.rows, word_groups(result), strict=True):
        masked = [demo.tokenizer.mask_token_id if i in group else id for i, id in enumerate(result.input_ids)]
        if row["special"]:
            assert math.isnan(row["leave_one_out"])
        else:
            assert row["leave_one_out"] == pytest.approx(logit(masked) - before, abs=1e-4)


def test_shares_sum_to_one_and_specials_go(demo):
    shown = analysis.words(demo, SENTENCE)
    hidden = analysis.words(demo, SENTENCE, specials="hidden")
    renormalised = analysis.words(demo, SENTENCE, specials="renormalised")
    assert len(shown.explained) == 3 and list(shown.measures) == list(analysis.word_report.MEASURES)
    assert shown.words[0] == "[CLS]" and hidden.words == shown.words[1:-1] == renormalised.words
    for name in ("attention", "rollout", "norms", "gradient"):
        whole = scores_of(shown, "Paris", name)
        assert whole.sum() == pytest.approx(1, abs=1e-5) and whole.min() >= 0
        np.testing.assert_allclose(scores_of(hidden, "Paris", name), whole[1:-1], atol=1e-6)
        rest = whole[1:-1] / whole[1:-1].sum()
        np.testing.assert_allclose(scores_of(renormalised, "Paris", name), rest, atol=1e-5)
    own = [row["word"] for row in hidden.rows if row["own"] and row["explained"] == "Angela Merkel"]
    assert own == ["Angela", "Merkel"]


def test_tau_leaves_out_specials_and_own_words(demo):
    report = analysis.words(demo, SENTENCE, "Paris")
    others = [row for row in report.rows if not row["special"] and not row["own"]]
    agreements = {(left, right): tau for left, right, tau in report.explained[0]["agreements"]}
    assert len(agreements) == 10
    for (left, right), tau in agreements.items():
        pairs = list(itertools.combinations(others, 2))
        product = [
            np.sign(a[left] - b[left]) * np.sign(abs(a[right]) - abs(b[right])) for a, b in pairs
        ]  # only leave_one_out has signs, and it is always on the right
        assert tau == pytest.approx(sum(product) / len(pairs), abs=1e-9), (left, right)
    assert f"{agreements['attention', 'leave_one_out']:.2f} over {len(others)} words" in report.explained[0]["sentence"]


def test_words_of_a_sequence_classifier_explain_its_label(twins):
    model = twins("Bert", "sequence_classification").ours
    report = analysis.words(model, "angela lives in paris")
    (focus,) = report.explained
    assert focus["of"] == "label" and focus["words"] == [0] and focus["label"] in model.config.id2label.values()
    assert list(report.measures) == list(analysis.word_report.MEASURES)


def test_words_without_a_label_show_what_is_received(twins):
    report = analysis.words(twins("DistilBert").ours, "angela lives in paris")
    assert report.explained[0]["of"] == "text" and list(report.measures) == ["attention", "rollout", "norms"]
    with pytest.raises(attnscope.UnsupportedModel, match="gives no label here"):
        analysis.words(twins("DistilBert").ours, "angela lives in paris", measure="gradient")


def test_a_word_of_a_masked_language_model_explains_what_it_predicts(twins):
    model = twins("DistilBert", "masked_lm").ours
    report = analysis.words(model, "angela lives in paris", word=3)
    assert report.explained[0]["text"] == "paris" and report.explained[0]["label"] in VOCABULARY
    assert [row["word"] for row in report.rows if row["own"]] == ["paris"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"entity": "Pariss"}, r"'Pariss' is no entity of the text; the entities are: 'Angela Merkel' \(PER\)"),
        ({"word": 8}, "8 does not exist; the text has 8 words"),
        ({"layers": [9]}, "9 does not exist; choose from 0"),
        ({"measure": "norm"}, "choose from attention, rollout"),
        ({"specials": "gone"}, "choose from shown"),
        ({"rule": "last"}, "choose from mean"),
    ],
)
def test_what_is_not_there_is_listed(demo, choice, message):
    with pytest.raises(attnscope.UsageError, match=message):
        analysis.words(demo, SENTENCE, **choice)


def test_a_frame_needs_pandas(demo):
    report = analysis.words(demo, SENTENCE, "Paris", measure="attention")
    try:
        import pandas
    except ImportError:
        with pytest.raises(ImportError, match="pandas is not installed"):
            report.to_frame()
    else:
        assert isinstance(report.to_frame(), pandas.DataFrame) and len(report.to_frame()) == len(report.rows)
