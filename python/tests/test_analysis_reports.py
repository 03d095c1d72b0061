# SPDX-License-Identifier: Apache-2.0
"""Reports of heads, layers and differences: their numbers by numpy from the weights that attend() gives."""

import sys

import numpy as np
import pytest

import attnscope
from attnscope import analysis
from oracle_statistics import expected_statistics
from package_models import SENTENCE

TEXTS = [SENTENCE, "hello", "Angela lives in Paris, and works there!", ("Angela lives", "in Paris.")]


def column(report, name):
    return np.array([row[name] for row in report.rows])


@pytest.fixture(scope="module")
def tagger(twins):
    return twins("DistilBert", "token_classification").ours


@pytest.mark.parametrize("texts", [SENTENCE, TEXTS, iter(TEXTS)], ids=["one", "list", "stream"])
def test_heads_are_means_over_the_rows_of_all_texts(demo, texts):
    listed = [texts] if isinstance(texts, str) else TEXTS
    report = analysis.heads(demo, texts, same_word=True)
    sums, rows = {}, 0
    for result in demo.attend(listed):
        n = len(result.tokens)
        statistics = expected_statistics(result.attentions, result.tokens, list(range(n)))
        statistics["relative_entropy"] = statistics["entropy"] / np.log(n)
        statistics["first_received"] = result.attentions[..., 0]
        ids = np.array([-1 - place if word is None else word for place, word in enumerate(result.word_ids)])
        same = (ids[:, None] == ids[None, :]) & ~np.eye(n, dtype=bool)
        statistics["same_word"] = (result.attentions * same).sum(-1)
        for name, values in statistics.items():
            sums[name] = sums.get(name, 0) + values.sum(-1)
        rows += n
    assert report.num_rows == rows and report.num_texts == len(listed)
    assert set(report.arrays) == set(sums)
    for name, values in sums.items():
        assert report[name] == pytest.approx(values / rows, abs=1e-5), name
        assert column(report, name) == pytest.approx(report[name].ravel())
    assert sum(report.patterns.values()) == len(report.rows) == 72


def test_rows_are_sorted_by_a_statistic_and_arrays_keep_their_order(demo):
    plain, by_sep = analysis.heads(demo, SENTENCE), analysis.heads(demo, SENTENCE, by="sep")
    assert list(column(by_sep, "sep")) == sorted(plain["sep"].ravel(), reverse=True)
    assert np.array_equal(by_sep["sep"], plain["sep"])


def test_distances_come_with_a_map(demo):
    report = analysis.heads(demo, SENTENCE, distances=True)
    assert report.distances.shape == (72, 72) and np.array_equal(report.distances, report.distances.T)
    assert report.map.shape == (72, 2)
    assert analysis.heads(demo, SENTENCE).distances is None


def test_the_pattern_follows_the_mass(demo):
    for row in analysis.heads(demo, TEXTS).rows:
        for name in ("previous", "next", "self"):
            assert row["pattern"] != name or row[name] > 0.5


def test_importance_by_ablation_equals_the_scan(demo):
    texts = [SENTENCE, "Angela lives in Paris."]
    report = analysis.head_importance(demo, texts)
    changes = []
    for text, result in zip(texts, demo.attend(texts), strict=True):
        firsts = [
            place for place, word in enumerate(result.word_ids)
            if word is not None and word not in result.word_ids[:place]
        ]  # fmt: skip
        scan = analysis.ablation_scan(demo, text)
        changes.append(np.mean([scan.effects(token=token) for token in firsts], axis=0))
    assert report["effect"] == pytest.approx(np.mean(changes, axis=0), abs=1e-5)
    assert report["importance"] == pytest.approx(np.abs(changes).mean(0), abs=1e-5)
    sizes = column(report, "importance")
    assert list(sizes) == sorted(sizes, reverse=True)


def test_importance_of_a_sequence_classifier_by_its_loss(twins):
    pair = twins("Bert", "sequence_classification")
    report = analysis.head_importance(pair.ours, [SENTENCE, "hello world"], labels=[2, "LABEL_0"])
    expected, unablated = [], []
    for text, label in ((SENTENCE, 2), ("hello world", 0)):
        scan = analysis.ablation_scan(pair.ours, text)

        def loss(logits, label=label):
            shifted = logits.astype(float) - logits.max(-1, keepdims=True)
            return np.log(np.exp(shifted).sum(-1)) - shifted[..., label]

        expected.append(loss(scan.ablated) - loss(scan.logits))
        unablated.append(loss(scan.logits))
    assert report["effect"] == pytest.approx(np.mean(expected, axis=0), abs=1e-5)
    assert report.unablated == pytest.approx(np.mean(unablated), abs=1e-5)


def test_the_gradient_equals_torchs(twins):
    torch = pytest.importorskip("torch")
    pair = twins("DistilBert", "sequence_classification")
    report = analysis.head_importance(pair.ours, SENTENCE, by="gradient")
    kept = []

    def keep(_module, inputs):
        inputs[0].retain_grad()
        kept.append(inputs[0])

    handles = [
        layer.attention.out_lin.register_forward_pre_hook(keep) for layer in pair.theirs.distilbert.transformer.layer
    ]
    logits = pair.theirs(**pair.ours.tokenizer(SENTENCE, return_tensors="pt")).logits[0]
    logits.max().backward()
    for handle in handles:
        handle.remove()
    heads = pair.ours._info["num_heads"]
    expected = [(c * c.grad).detach()[0].unflatten(-1, (heads, -1)).sum((0, 2)).abs().numpy() for c in kept]
    assert torch.is_grad_enabled()
    assert report["importance"] == pytest.approx(np.array(expected), rel=1e-3, abs=1e-5)


def people(labels):
    """The entities that BIO labels spell, with their kinds; an I that continues nothing begins one."""
    found, begin, kind = set(), None, None
    for place, label in enumerate([*labels, "O"]):
        if begin is not None and label != f"I-{kind}":
            found.add((begin, place, kind))
            begin = None
        if label != "O" and begin is None:
            begin, kind = place, label[2:]
    return found


def test_f1_of_labelled_words_with_each_head_ablated(demo):
    texts = [["Angela", "lives", "in", "Paris", "."], ["Merkel", "works", "there"]]
    labels = [["B-PER", "O", "O", "B-LOC", "O"], ["B-PER", "O", "O"]]
    report = analysis.heads(demo, texts, labels=labels)
    counts = {}
    for words, truth in zip(texts, labels, strict=True):
        encoding = demo.tokenizer(words, is_split_into_words=True)
        word_ids = encoding.word_ids(0)
        firsts = [word_ids.index(word) for word in range(len(words))]
        scan = analysis.ablation_scan(demo, encoding["input_ids"])
        places = {"unablated": scan.logits} | {place: scan.ablated[place] for place in np.ndindex(6, 12)}
        for place, logits in places.items():
            said = people([demo.config.id2label[label] for label in logits[firsts].argmax(-1)])
            correct, all_of = counts.get(place, (0, 0))
            counts[place] = (correct + len(said & people(truth)), all_of + len(said) + len(people(truth)))
    scores = {place: 2 * correct / all_of for place, (correct, all_of) in counts.items()}
    assert report.unablated["f1"] == pytest.approx(scores.pop("unablated"))
    for place, score in scores.items():
        assert report["f1"][place] == pytest.approx(score), place
    assert report["f1_change"] == pytest.approx(report["f1"] - report.unablated["f1"])
    changes = column(report, "f1_change")
    assert list(changes) == sorted(changes)


def test_progress_counts_the_heads_of_all_texts_and_may_end_the_work(tagger):
    calls = []
    analysis.head_importance(tagger, ["hello world", SENTENCE], progress=lambda *call: calls.append(call))
    assert calls[-1] == (24, 24) and calls == sorted(calls)

    def stop(done, _all):
        if done > 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analysis.head_importance(tagger, ["hello world", SENTENCE], progress=stop)
    assert analysis.head_importance(tagger, "hello world").num_texts == 1


def test_the_mean_ablation_is_over_all_texts(tagger):
    texts = ["hello world", SENTENCE]
    report = analysis.head_importance(tagger, texts, ablation="mean")
    means = analysis.mean_contexts(tagger, texts)
    scan = analysis.ablation_scan(tagger, "hello world", ablation="mean", means=means)
    one = np.mean([scan.effects(token=token) for token in (1, 2)], axis=0)
    scan = analysis.ablation_scan(tagger, SENTENCE, ablation="mean", means=means)
    two = np.mean([scan.effects(token=token) for token in range(1, 8)], axis=0)
    assert report["effect"] == pytest.approx((one + two) / 2, abs=1e-5)


@pytest.mark.parametrize("flow", [False, True])
def test_layers(demo, flow):
    result = demo.attend(SENTENCE)
    report = analysis.layers(demo, SENTENCE, word="simple", flow=flow)
    n = len(result.tokens)
    expected = expected_statistics(result.attentions, result.tokens, list(range(n)))
    for name in ("entropy", "distance", "cls", "sep"):
        assert report[name] == pytest.approx(expected[name].mean((1, 2)), abs=1e-5), name
    rows = [place for place, word in enumerate(result.word_ids) if word == 3]
    assert report.from_tokens == rows and report.tokens == result.tokens
    mixed = (result.attentions.mean(1).astype(float) + np.eye(n)) / 2
    rollout = np.eye(n)
    for layer, step in enumerate(mixed):
        rollout = step @ rollout
        assert report["rollout"][layer] == pytest.approx(rollout[rows].mean(0), abs=1e-6)
    assert ("flow" in report.arrays) == flow
    assert np.isnan(report["previous_divergence"][0]) and (report["previous_divergence"][1:] > 0).all()
    assert report["state_cosines"].shape == (7, 7) and report["token_cosines"].shape == (7,)
    assert report["state_cosine"] == pytest.approx(np.diag(report["state_cosines"], 1))


def test_two_texts_differ_in_aligned_words(demo):
    left, right = "Angela lives in Paris.", "Angela works in Paris."
    report = analysis.diff(demo, left, right)
    assert report.left_names == ["[CLS]", "Angela", "lives", "in", "Paris", ".", "[SEP]"]
    assert report.pairs == [(place, place) for place in range(7)]
    change = report["right"] - report["left"]
    assert report["mean_difference"] == pytest.approx(np.abs(change).mean((2, 3)), abs=1e-6)
    top = report.strongest[0]
    assert abs(top["right"] - top["left"]) == pytest.approx(np.abs(change).max(), abs=1e-6)
    ours, theirs = demo.attend([left, right])
    if len(ours.tokens) == len(theirs.tokens) == 7:
        assert np.array_equal(report["left"], ours.attentions) and np.array_equal(report["right"], theirs.attentions)
    assert [row["mean_difference"] for row in report.rows] == pytest.approx(report["mean_difference"].ravel())


def test_two_layers_and_two_models(demo, twins):
    means = demo.attend(SENTENCE).attentions.mean(1)
    report = analysis.diff(demo, SENTENCE, layers=(1, -1))
    assert (report.rows[0]["left_layer"], report.rows[0]["right_layer"]) == (1, 5) and report.rows[0]["head"] is None
    assert report["mean_difference"].item() == pytest.approx(np.abs(means[5] - means[1]).mean(), abs=1e-6)
    other = twins("DistilBert").ours  # 3 layers of 4 heads, another vocabulary
    report = analysis.diff(demo, SENTENCE, model2=other)
    assert [(row["left_layer"], row["right_layer"]) for row in report.rows] == [(1, 0), (3, 1), (5, 2)]
    same = analysis.diff(demo, SENTENCE, model2=demo)
    assert not same["mean_difference"].any() and same["mean_difference"].shape == (6, 12)


def test_frames(demo):
    report = analysis.layers(demo, SENTENCE)
    pandas = pytest.importorskip("pandas")
    frame = report.to_frame()
    assert isinstance(frame, pandas.DataFrame) and list(frame["layer"]) == list(range(6))
    assert frame["entropy"].to_numpy() == pytest.approx(report["entropy"])


def test_a_frame_without_pandas_says_so(demo, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pandas is not installed"):
        analysis.layers(demo, SENTENCE).to_frame()


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda m: analysis.heads(m, "a", by="entrpy"), "by: 'entrpy'; choose from ablation, gradient, layer"),
        (lambda m: analysis.head_importance(m, "a", by="sep"), "by: 'sep'; choose from ablation, gradient"),
        (lambda m: analysis.head_importance(m, "a", ablation="all"), "ablation: 'all'; choose from zero"),
        (lambda m: analysis.head_importance(m, "a", metric="f1"), "metric: 'f1' needs labels"),
        (lambda m: analysis.head_importance(m, ["a"], labels=[["O"], ["O"]]), "labels: 2 of them for 1 texts"),
        (lambda m: analysis.head_importance(m, [["a", "b"]], labels=[["O"]]), "labels[0]: 1 of them for 2 words"),
        (lambda m: analysis.layers(m, "hello", token=3), "3"),
        (
            lambda m: analysis.layers(m, "hello", word="world"),
            "word: 'world' is no word of the text; choose from hello",
        ),
        (lambda m: analysis.diff(m, "hello"), "b: nothing to compare with"),
        (lambda m: analysis.diff(m, "hello", layers=[0]), "layers: 1 of them; give two"),
    ],
)
def test_what_cannot_be_taken_is_named(demo, call, expected):
    with pytest.raises(attnscope.UsageError) as caught:
        call(demo)
    assert expected in str(caught.value)
