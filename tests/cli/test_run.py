# SPDX-License-Identifier: Apache-2.0
"""`attnscope run`: the arrays of the contract, and the summary."""

import json
import shutil

import numpy
import pytest
from run_command import run

TEXT = "This is a simple example sentence."


def test_one_text_gives_exactly_the_arrays_of_the_contract(arrays):
    found = arrays(TEXT)
    assert set(found) == {"attentions", "layers", "heads", "input_ids", "offsets", "tokens", "metadata"}
    assert found["attentions"].shape == (2, 4, 9, 9) and found["attentions"].dtype == numpy.float32
    numpy.testing.assert_allclose(found["attentions"].sum(-1), 1, atol=1e-5)
    assert found["layers"].tolist() == [0, 1] and found["heads"].tolist() == [0, 1, 2, 3]
    assert found["tokens"].tolist() == ["[CLS]", *"this is a simple example sentence .".split(), "[SEP]"]
    assert found["offsets"].dtype == numpy.int64 and found["offsets"].shape == (9, 2)
    assert found["offsets"][0].tolist() == [0, 0] and found["offsets"][4].tolist() == [10, 16]
    assert found["input_ids"].dtype == numpy.int64 and found["input_ids"].shape == (9,)


def test_the_attention_equals_transformers(arrays, tiny_model):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    found = arrays(TEXT, "--hidden-states", "--logits")
    model = transformers.DistilBertForTokenClassification.from_pretrained(tiny_model, attn_implementation="eager")
    with torch.no_grad():
        out = model(torch.tensor(found["input_ids"])[None], output_attentions=True, output_hidden_states=True)
    numpy.testing.assert_allclose(found["attentions"], torch.cat(out.attentions).numpy(), atol=1e-5)
    numpy.testing.assert_allclose(found["hidden_states"], torch.cat(out.hidden_states).numpy(), atol=1e-4)
    numpy.testing.assert_allclose(found["logits"], out.logits[0].numpy(), atol=1e-4)


def test_layers_and_heads_keep_the_order_given(arrays):
    everything = arrays(TEXT)["attentions"]
    found = arrays(TEXT, "--layers", "1,0", "--heads", "3,1-2")
    assert found["layers"].tolist() == [1, 0] and found["heads"].tolist() == [3, 1, 2]
    numpy.testing.assert_array_equal(found["attentions"], everything[[1, 0]][:, [3, 1, 2]])


@pytest.mark.parametrize("reduce", ["mean", "max"])
def test_reduced_heads_are_gone(arrays, reduce):
    everything = arrays(TEXT)["attentions"]
    found = arrays(TEXT, "--reduce", reduce)["attentions"]
    numpy.testing.assert_allclose(found, getattr(everything, reduce)(axis=1), atol=1e-6)


def test_several_texts_are_prefixed_and_layers_written_once(arrays):
    found = arrays(TEXT, "hello")
    names = {"attentions", "input_ids", "offsets", "tokens"}
    assert set(found) == {"layers", "heads", "metadata"} | {f"{text}.{name}" for text in (0, 1) for name in names}
    assert found["1.attentions"].shape == (2, 4, 3, 3)


def test_a_text_has_the_same_bits_whatever_stands_beside_it(arrays):
    alone = arrays(TEXT)["attentions"]
    numpy.testing.assert_array_equal(arrays("hello", TEXT, "angela lives in paris")["1.attentions"], alone)


def test_two_runs_give_the_same_bytes(attnscope, tiny_model, tmp_path):
    for ending in ("npz", "safetensors"):
        for name in "ab":
            run(attnscope, TEXT, "-m", tiny_model, "-o", tmp_path / f"{name}.{ending}")
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_safetensors_says_the_same_as_npz(attnscope, tiny_model, tmp_path, arrays):
    safetensors = pytest.importorskip("safetensors")
    expected = arrays(TEXT)
    run(attnscope, TEXT, "-m", tiny_model, "-o", tmp_path / "a.safetensors")
    with safetensors.safe_open(str(tmp_path / "a.safetensors"), "numpy") as file:
        for name in ("attentions", "layers", "heads", "input_ids", "offsets"):
            numpy.testing.assert_array_equal(file.get_tensor(name), expected[name])
        metadata = file.metadata()
    assert json.loads(metadata["tokens"]) == expected["tokens"].tolist()
    assert metadata["model"] == str(tiny_model)
    assert metadata["reduce"] == "none" and metadata["precision"] == "fp32" and "attnscope" in metadata["version"]


def test_bf16_is_close_to_fp32_and_stated(attnscope, tiny_model, arrays, tmp_path):
    expected = arrays(TEXT)["attentions"]
    run(attnscope, TEXT, "-m", tiny_model, "--precision", "bf16", "-o", tmp_path / "a.npz")
    with numpy.load(tmp_path / "a.npz") as file:
        found = file["attentions"]
        assert json.loads(str(file["metadata"]))["precision"] == "bf16"
    assert found.dtype == numpy.float32
    assert 0 < numpy.abs(found - expected).max() < 0.05


def test_the_summary_names_shapes_and_strongest_weights(attnscope, tiny_model, arrays):
    attentions = arrays(TEXT)["attentions"]
    lines = run(attnscope, TEXT, "-m", tiny_model).stdout.splitlines()
    assert lines[0] == "layer 0: [1, 4, 9, 9]" and lines[4] == "layer 1: [1, 4, 9, 9]"
    assert lines[1].split()[0] == f"{attentions[0].max():.3f}"


def test_json_gives_one_object_a_text(attnscope, tiny_model, arrays):
    attentions = arrays(TEXT)["attentions"]
    first, second = map(json.loads, run(attnscope, TEXT, "hello", "-m", tiny_model, "--json").stdout.splitlines())
    assert first["index"] == 0 and second["tokens"] == ["[CLS]", "hello", "[SEP]"]
    best = first["layers"][1]["strongest"][0]
    assert first["layers"][1]["shape"] == [1, 4, 9, 9]
    assert numpy.float32(best["weight"]) == attentions[1].max()
    assert attentions[1, best["head"], best["from"], best["to"]] == numpy.float32(best["weight"])


def test_json_with_output_names_the_file(attnscope, tiny_model, tmp_path):
    result = run(attnscope, TEXT, "-m", tiny_model, "-o", tmp_path / "a.npz", "--json")
    assert json.loads(result.stdout) == {"output": str(tmp_path / "a.npz"), "texts": 1}


def test_quiet_says_nothing(attnscope, tiny_model, tmp_path):
    result = run(attnscope, TEXT, "-m", tiny_model, "-o", tmp_path / "a.npz", "-q")
    assert result.stdout == "" and result.stderr == ""


def test_row_23_weights_that_are_nan_are_noted_and_refused_when_asked(attnscope, tiny_model, tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    broken = tmp_path / "broken"
    shutil.copytree(tiny_model, broken)
    weights = load_file(broken / "model.safetensors")
    name = next(key for key in weights if key.endswith("layer.1.attention.k_lin.bias"))
    weights[name][0] = torch.nan
    save_file(weights, broken / "model.safetensors")

    noted = run(attnscope, "a text", "-m", broken, "-o", tmp_path / "a.npz")
    assert "text 0: NaN or infinite values in attentions" in noted.stderr
    refused = attnscope("run", "a text", "-m", broken, "--check-finite", "-o", tmp_path / "b.npz")
    assert refused.returncode == 3
    assert "error[NOT_FINITE]" in refused.stderr and name in refused.stderr and "element 0" in refused.stderr
    assert not (tmp_path / "b.npz").exists()
