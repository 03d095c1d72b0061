# SPDX-License-Identifier: Apache-2.0
"""`attnscope heads`: the numbers of the table equal those of the stored weights; importance; labelled files."""

import csv
import json
import pathlib
import shutil
import sys

import numpy
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "oracle"))
from oracle_statistics import expected_statistics
from run_command import run

TEXTS = ["This is a simple example sentence.", "hello", "Angela lives in Paris and works there !"]
LABELLED = "Angela B-PER\nlives O\nin O\nParis B-PER\n. O\n\nhello O\nworld I-PER\n!\tx\tO\n"


def output(result):
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def heads(attnscope, tiny_model):
    """The JSON of `attnscope heads`."""

    def load(*arguments, model=tiny_model):
        return json.loads(output(attnscope("heads", *arguments, "-m", model, "--json")))

    return load


@pytest.fixture(scope="session")
def tagger(tiny_model, tmp_path_factory):
    """The tiny model with labels of people."""
    folder = tmp_path_factory.mktemp("tagger") / "model"
    shutil.copytree(tiny_model, folder)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "O", "1": "B-PER", "2": "I-PER"}
    config["label2id"] = {"O": 0, "B-PER": 1, "I-PER": 2}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "dev.conll"
    path.write_text(LABELLED)
    return path


def expected_means(arrays, texts):
    """{name: [layers, heads]}: means over the rows of all texts, from their stored weights."""
    found = arrays(*texts)
    sums, rows = {}, 0
    for index in range(len(texts)):
        weights, tokens = found[f"{index}.attentions"], found[f"{index}.tokens"]
        n = len(tokens)
        statistics = expected_statistics(weights, tokens, list(range(n)))
        statistics["relative_entropy"] = statistics["entropy"] / numpy.log(n)
        statistics["first_received"] = weights[..., 0]
        for name, values in statistics.items():
            sums[name] = sums.get(name, 0) + values.sum(-1)
        rows += n
    return {name: values / rows for name, values in sums.items()}, rows


def test_numbers_are_means_over_the_rows_of_all_texts(heads, arrays, tmp_path):
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS) + "\n")
    expected, rows = expected_means(arrays, TEXTS)
    for found in (heads(*TEXTS), heads("-f", tmp_path / "texts.txt"), heads("--corpus", tmp_path / "texts.txt")):
        assert found["texts"] == 3 and found["rows"] == rows
        assert sum(found["patterns"].values()) == found["num_layers"] * found["num_heads"] == len(found["heads"])
        for head in found["heads"]:
            assert set(head) == {"layer", "head", "pattern", *expected}
            for name, values in expected.items():
                assert head[name] == pytest.approx(values[head["layer"], head["head"]], abs=1e-6), name


def test_rows_stand_layer_by_layer_unless_they_are_sorted(heads):
    places = [(head["layer"], head["head"]) for head in heads(TEXTS[0])["heads"]]
    assert places == sorted(places)
    entropies = [head["entropy"] for head in heads(TEXTS[0], "--sort", "entropy")["heads"]]
    assert entropies == sorted(entropies, reverse=True)
    assert [head["entropy"] for head in heads(TEXTS[0], "--by", "entropy", "--top", "3")["heads"]] == entropies[:3]


def test_the_table_is_aligned_and_says_what_it_is_of(attnscope, tiny_model, heads):
    expected = heads(*TEXTS, "--sort", "sep", "--top", "4")["heads"]
    table, summary = output(attnscope("heads", *TEXTS, "-m", tiny_model, "--sort", "sep", "--top", "4")).split("\n\n")
    lines = table.splitlines()
    assert lines[0].split()[:4] == ["layer", "head", "pattern", "entropy"] and len(lines) == 5
    assert len({len(line) for line in lines}) == 1
    for line, head in zip(lines[1:], expected, strict=True):
        assert line.split()[:3] == [str(head["layer"]), str(head["head"]), head["pattern"]]
        assert float(line.split()[3]) == pytest.approx(head["entropy"], abs=6e-4)
    assert summary.startswith("8 heads, 3 texts, ")


def test_importance_by_ablation_is_the_change_of_the_predicted_logit(heads, arrays, tiny_model):
    found = heads(TEXTS[0], "--by", "ablation")
    assert found["by"] == "ablation" and found["ablation"] == "zero" and found["metric"] == "label"
    logits = arrays(TEXTS[0], "--logits")["logits"]
    assert found["unablated"] == pytest.approx(logits[1:-1].max(-1).mean(), abs=1e-5)  # every word is one piece
    sizes = [head["importance"] for head in found["heads"]]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > 0
    for head in found["heads"]:
        assert head["importance"] == pytest.approx(abs(head["effect"]), abs=1e-6)  # of one text
    other = heads(TEXTS[0], "--by", "ablation", "--ablation", "uniform", "--sort", "layer")
    assert [head["effect"] for head in other["heads"]] != [head["effect"] for head in found["heads"]]


def test_importance_by_gradient(heads):
    found = heads(*TEXTS, "--by", "gradient")
    sizes = [head["importance"] for head in found["heads"]]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > 0
    assert found["by"] == "gradient" and "ablation" not in found and "effect" not in found["heads"][0]


def test_the_mean_ablation_takes_the_mean_of_all_texts(heads, tmp_path):
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS) + "\n")
    arguments = ["--by", "ablation", "--ablation", "mean"]
    assert heads("-f", tmp_path / "texts.txt", *arguments)["heads"] == heads(*TEXTS, *arguments)["heads"]


def people(labels):
    """The entities that BIO labels spell; an I without a beginning begins one."""
    found, begin = set(), None
    for place, label in enumerate([*labels, "O"]):
        if begin is not None and label != "I-PER":
            found.add((begin, place))
            begin = None
        if label != "O" and begin is None:
            begin = place
    return found


def test_a_labelled_file_gives_the_f1_of_the_whole_and_of_each_ablation(heads, attnscope, tagger, labelled, tmp_path):
    found = heads("--labels", labelled, model=tagger)
    assert found["by"] == "ablation" and found["metric"] == "f1" and found["texts"] == 2
    names = ["O", "B-PER", "I-PER"]
    correct = said = 0
    truth = [{(0, 1), (3, 4)}, {(1, 2)}]
    for text, expected in zip(["Angela lives in Paris .", "hello world !"], truth, strict=True):
        run(attnscope, text, "-m", tagger, "--logits", "-o", tmp_path / "a.npz")
        with numpy.load(tmp_path / "a.npz") as file:
            labels = [names[label] for label in file["logits"][1:-1].argmax(-1)]
        correct, said = correct + len(people(labels) & expected), said + len(people(labels))
    unablated = found["unablated"]
    assert unablated["entities"] == 3
    assert unablated["recall"] == pytest.approx(correct / 3)
    assert unablated["precision"] == pytest.approx(correct / said if said else 0)
    changes = [head["f1_change"] for head in found["heads"]]
    assert changes == sorted(changes)
    for head in found["heads"]:
        assert head["f1"] - unablated["f1"] == pytest.approx(head["f1_change"])
    text = output(attnscope("heads", "--labels", labelled, "-m", tagger))
    assert f"F1 {unablated['f1']:.4f} unablated" in text and "3 entities" in text


def test_the_loss_of_labelled_words(heads, tagger, labelled):
    found = heads("--labels", labelled, "--metric", "loss", model=tagger)
    assert found["metric"] == "loss" and found["unablated"] > 0
    gradient = heads("--labels", labelled, "--by", "gradient", model=tagger)
    assert gradient["metric"] == "loss" and gradient["unablated"] == pytest.approx(found["unablated"], rel=1e-5)


def test_a_limit_counts_sentences(heads, tagger, labelled):
    assert heads("--labels", labelled, "--limit", "1", model=tagger)["texts"] == 1
    assert heads(*TEXTS, "--limit", "2")["texts"] == 2


def test_distances_and_the_map_come_only_when_asked(heads):
    found = heads(TEXTS[0], "--distances", "--same-word")
    distances = numpy.array(found["distances"])
    assert distances.shape == (8, 8) and (distances == distances.T).all() and (numpy.diag(distances) == 0).all()
    assert {"x", "y", "same_word"} <= set(found["heads"][0])
    assert "distances" not in heads(TEXTS[0])


def test_files_hold_what_json_says(attnscope, tiny_model, heads, tmp_path):
    expected = heads(*TEXTS, "--sort", "cls")
    run_heads = ["heads", *TEXTS, "-m", tiny_model, "--sort", "cls", "-o"]
    assert output(attnscope(*run_heads, tmp_path / "heads.json")) == ""
    assert json.loads((tmp_path / "heads.json").read_text()) == expected
    output(attnscope(*run_heads, tmp_path / "heads.csv"))
    with open(tmp_path / "heads.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [list(row) for row in rows] == [list(head) for head in expected["heads"]]
    assert [float(row["cls"]) for row in rows] == pytest.approx([head["cls"] for head in expected["heads"]], rel=1e-6)


@pytest.mark.parametrize(
    ("bad", "line"),
    [("Angela B-PER\nalone\n", 2), ("Angela B-PER\n\nParis PLACE\n", 3), ("Angela B-PER\n\nParis O\nlives O X-\n", 4)],
)
def test_a_malformed_line_is_named(attnscope, tagger, tmp_path, bad, line):
    path = tmp_path / "bad.conll"
    path.write_text(bad)
    result = attnscope("heads", "--labels", path, "-m", tagger)
    assert result.returncode == 3 and result.stdout == ""
    assert "error[CONLL_LINE]" in result.stderr and "bad.conll" in result.stderr and f"line {line}" in result.stderr


def test_a_label_that_the_model_lacks_is_named_by_its_line(attnscope, tagger, tmp_path):
    path = tmp_path / "other.conll"
    path.write_text("hello O\n\nParis B-LOC\n")
    result = attnscope("heads", "--labels", path, "--metric", "loss", "-m", tagger)
    assert result.returncode == 3 and "'B-LOC'" in result.stderr and "line 3" in result.stderr
    assert "O, B-PER, I-PER" in result.stderr


def test_a_sentence_that_is_too_long_is_named_by_its_line(attnscope, tagger, tmp_path):
    path = tmp_path / "long.conll"
    path.write_text("hello O\n\n" + "hello O\n" * 40)
    result = attnscope("heads", "--labels", path, "-m", tagger)
    assert result.returncode == 3 and "error[TEXT_TOO_LONG]" in result.stderr and "line 3" in result.stderr
    output(attnscope("heads", "--labels", path, "-m", tagger, "--truncate"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a", "--by", "entrpy"], "--by: 'entrpy' is not one of: ablation, gradient, layer, "),
        (["a", "--by", "entrpy"], "did you mean 'entropy'?"),
        (["a", "--sort", "importance"], "--sort: 'importance' is not one of: layer, head, entropy, "),
        (["a", "--by", "ablation", "--ablation", "all"], "--ablation: 'all' is not one of: zero, mean, uniform"),
        (["a", "--by", "ablation", "--metric", "f1"], "--metric: f1 needs labels; add --labels FILE"),
        (["a", "--metric", "label"], "--metric: no importance is asked for; add --by ablation or --by gradient"),
        (["a", "--ablation", "mean"], "--ablation: no importance is asked for"),
        (["a", "--top", "0"], "--top: '0' is not a whole number"),
        (["a", "--limit", "many"], "--limit: 'many' is not a whole number"),
        (["a", "--labels", "b.conll"], "--labels: a labelled file holds its texts itself"),
        (["--labels", "b.conll", "--by", "gradient", "--metric", "f1"], "--metric: F1 has no gradient"),
        (["a", "-o", "heads.txt"], "--output: 'heads.txt' ends neither in .csv nor in .json"),
        (["-f", "-", "--by", "ablation", "--ablation", "mean"], "--ablation: mean reads the texts twice"),
    ],
)
def test_what_cannot_be_met_is_refused(attnscope, tiny_model, arguments, expected, tmp_path):
    result = attnscope("heads", *arguments, "-m", tiny_model, cwd=tmp_path)
    assert result.returncode == 2 and expected in result.stderr, result.stderr
    assert not list(tmp_path.iterdir())
