# SPDX-License-Identifier: Apache-2.0
"""`attnscope doctor` finds what is wrong with a checkpoint, and nothing in one that is well."""

import json
import shutil

import pytest

safetensors = pytest.importorskip("safetensors.numpy", reason="changing a model needs safetensors")

TEXT = "angela lives in paris ."
CHECKS = ["weights", "class", "finite", "attention", "tokenizer", "unknown", "case"]


@pytest.fixture
def patient(tiny_model, tmp_path):
    """A copy to be made ill."""
    return shutil.copytree(tiny_model, tmp_path / "model")


@pytest.fixture
def examine(attnscope):
    """The exit code and the findings by check."""

    def run(folder, *arguments, text=TEXT):
        result = attnscope("doctor", "-m", folder, text, "--json", *arguments)
        assert result.returncode in (0, 1), result.stderr
        found = json.loads(result.stdout)
        assert (found["status"] == "ok") == (result.returncode == 0)
        return result.returncode, {check["check"]: check for check in found["checks"]}

    return run


def edit_json(file, **values):
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def edit_weights(folder, change):
    tensors = safetensors.load_file(folder / "model.safetensors")
    change(tensors)
    safetensors.save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def wrong(findings):
    return {name for name, check in findings.items() if check["status"] != "ok"}


def test_a_model_that_is_well_passes_every_check(examine, tiny_model):
    code, findings = examine(tiny_model)
    assert code == 0 and list(findings) == CHECKS and not wrong(findings)
    assert findings["class"]["found"] == "DistilBertForTokenClassification"


def test_the_embedded_model_is_well(attnscope):
    if attnscope("inspect", "--json").returncode:
        pytest.skip("this build has no embedded model")
    result = attnscope("doctor")
    assert result.returncode == 0, result.stdout
    lines = result.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", check] for check in CHECKS]
    assert len({line.index(line.split(maxsplit=2)[2]) for line in lines}) == 1  # aligned


def test_a_head_that_is_not_loaded_is_named(examine, patient):
    edit_json(patient / "config.json", architectures=["DistilBertModel"])
    code, findings = examine(patient)
    assert code == 1 and wrong(findings) == {"weights", "class"}
    assert "2 tensors are not used: classifier.bias, classifier.weight" in findings["weights"]["found"]
    assert findings["class"]["status"] == "error"
    assert "the tensors are those of DistilBertForTokenClassification" in findings["class"]["found"]
    assert '"architectures": ["DistilBertForTokenClassification"]' in findings["class"]["hint"]


def test_a_head_that_is_missing_is_named(examine, patient):
    edit_weights(patient, lambda tensors: [tensors.pop(f"classifier.{part}") for part in ("weight", "bias")])
    code, findings = examine(patient)
    assert code == 1 and wrong(findings) == {"weights", "class"}
    assert "classifier.weight" in findings["weights"]["found"]
    assert "task head are missing" in findings["class"]["found"]
    assert list(findings) == CHECKS  # the encoder was examined all the same


def test_a_layer_that_is_missing_ends_the_examination(examine, patient):
    edit_weights(patient, lambda tensors: tensors.pop("distilbert.transformer.layer.1.attention.q_lin.weight"))
    code, findings = examine(patient)
    assert code == 1 and list(findings) == ["weights"] and findings["weights"]["status"] == "error"
    assert "q_lin.weight" in findings["weights"]["found"]


def test_nan_is_found_with_its_place(examine, patient):
    def spoil(tensors):
        tensors["distilbert.transformer.layer.1.ffn.lin1.bias"][3] = float("nan")

    edit_weights(patient, spoil)
    code, findings = examine(patient)
    assert code == 1 and "transformer.layer.1.ffn.lin1.bias, element 3" in findings["finite"]["found"]


def test_weights_that_were_never_trained_have_uniform_attention(examine, save_model, tmp_path):
    folder = save_model(tmp_path / "raw", "DistilBertForTokenClassification", num_labels=3)
    code, findings = examine(folder)
    assert code == 1 and wrong(findings) == {"attention"}
    assert "is uniform" in findings["attention"]["found"] and "random" in findings["attention"]["hint"]


def test_words_that_the_vocabulary_lacks_are_counted(examine, tiny_model):
    code, findings = examine(tiny_model, text="Angela spricht leise .")
    assert code == 1 and wrong(findings) == {"unknown"}
    assert "2 of 4 tokens of the sample are [UNK]" in findings["unknown"]["found"]


def test_capitals_that_go_lost_are_found(examine, patient):
    vocabulary = (patient / "vocab.txt").read_text().replace("angela", "Angela").replace("paris", "Paris")
    (patient / "vocab.txt").write_text(vocabulary)
    code, findings = examine(patient, text="this is simple .")
    assert code == 1 and wrong(findings) == {"case"} and 'do_lower_case": false' in findings["case"]["hint"]


def test_capitals_that_the_vocabulary_lacks_are_found(examine, patient):
    edit_json(patient / "tokenizer_config.json", do_lower_case=False)
    code, findings = examine(patient)
    assert code == 1 and wrong(findings) == {"case"} and 'do_lower_case": true' in findings["case"]["hint"]


def test_a_tokenizer_of_another_model_is_found(examine, save_model, tmp_path):
    folder = save_model(tmp_path / "other", "DistilBertForTokenClassification", initializer_range=0.5, vocab_size=999)
    code, findings = examine(folder)
    assert code == 1 and wrong(findings) == {"tokenizer"} and "rows have no token" in findings["tokenizer"]["found"]


def test_a_model_without_tokenizer_is_examined_on_ids(examine, patient):
    (patient / "vocab.txt").unlink()
    code, findings = examine(patient)
    assert code == 1 and wrong(findings) == {"tokenizer"} and findings["attention"]["status"] == "ok"


def test_what_the_model_has_besides_is_usual(examine, save_model, tmp_path):
    folder = save_model(tmp_path / "bert", "BertForPreTraining", initializer_range=0.5)
    edit_json(folder / "config.json", architectures=["BertForMaskedLM"])
    code, findings = examine(folder)
    assert code == 0, findings
    assert "not used, as is usual" in findings["weights"]["found"]


def test_a_model_that_is_not_there_is_an_error_of_another_kind(attnscope, tmp_path):
    result = attnscope("doctor", "-m", tmp_path / "no")
    assert result.returncode not in (0, 1) and "attnscope: error" in result.stderr and result.stdout == ""
