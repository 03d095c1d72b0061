# SPDX-License-Identifier: Apache-2.0
"""`attnscope run --edits`: changes that a file names."""

import json

import numpy
from run_command import run

TEXT = "This is a simple example sentence."


def write(path, edits):
    path.write_text(edits if isinstance(edits, str) else json.dumps(edits))
    return path


def test_a_key_that_is_knocked_out_gets_nothing_and_the_rest_is_scaled_up(arrays, tmp_path):
    edits = write(tmp_path / "edits.json", [{"kind": "knock_out", "layer": 1, "heads": [2], "pairs": [[0, 3]]}])
    before, after = arrays(TEXT)["attentions"], arrays(TEXT, "--edits", edits)["attentions"]
    numpy.testing.assert_array_equal(after[0], before[0])
    numpy.testing.assert_array_equal(after[1, [0, 1, 3]], before[1, [0, 1, 3]])
    expected = before[1, 2, 0].copy()
    expected[3] = 0
    numpy.testing.assert_allclose(after[1, 2, 0], expected / expected.sum(), atol=1e-6)


def test_an_ablated_head_changes_the_logits_and_the_file_says_so(arrays, tmp_path):
    edits = write(tmp_path / "edits.json", [{"kind": "zero_heads", "layer": 0, "heads": [1]}])
    found = arrays(TEXT, "--logits", "--edits", edits)
    assert numpy.abs(found["logits"] - arrays(TEXT, "--logits")["logits"]).max() > 1e-4
    [written] = json.loads(json.loads(str(found["metadata"]))["edits"])
    assert (written["kind"], written["layer"], written["heads"]) == ("zero_heads", 0, [1])


def test_a_file_that_is_wrong_is_named_with_the_place(attnscope, tiny_model, tmp_path):
    edits = write(tmp_path / "edits.json", [{"kind": "zero_heads", "layer": "one"}])
    result = attnscope("run", TEXT, "-m", tiny_model, "--edits", edits)
    assert result.returncode == 3
    assert "edits.json" in result.stderr and "/0/layer" in result.stderr


def test_a_file_that_is_no_json_is_named_with_the_byte(attnscope, tiny_model, tmp_path):
    edits = write(tmp_path / "edits.json", "[{")
    result = attnscope("run", TEXT, "-m", tiny_model, "--edits", edits)
    assert result.returncode == 3 and "edits.json" in result.stderr and "byte" in result.stderr


def test_a_file_that_is_not_there_is_named(attnscope, tiny_model, tmp_path):
    result = attnscope("run", TEXT, "-m", tiny_model, "--edits", tmp_path / "none.json")
    assert result.returncode in (3, 4) and "none.json" in result.stderr


def test_a_head_that_the_model_does_not_have_is_an_error_before_anything_is_written(attnscope, tiny_model, tmp_path):
    edits = write(tmp_path / "edits.json", [{"kind": "zero_heads", "layer": 0, "heads": [99]}])
    output = tmp_path / "out.npz"
    result = attnscope("run", TEXT, "-m", tiny_model, "--edits", edits, "-o", output)
    assert result.returncode == 2 and "choose from 0..3" in result.stderr
    assert not output.exists()


def test_the_summary_is_of_the_changed_run(attnscope, tiny_model, tmp_path):
    edits = write(tmp_path / "edits.json", [{"kind": "uniform_heads", "layer": 1}])
    changed = run(attnscope, TEXT, "-m", tiny_model, "--edits", edits).stdout
    assert changed != run(attnscope, TEXT, "-m", tiny_model).stdout
