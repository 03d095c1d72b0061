# SPDX-License-Identifier: Apache-2.0
"""numpy and safetensors read what attnscope writes."""

import json
import subprocess
import zipfile

import numpy
import pytest

TOKENS = ["[CLS]", "", "café", "\U0001f600", 'a"\\\n\ufffd']


@pytest.fixture(scope="module")
def folder(probe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arrays")
    subprocess.run([probe, folder / "a.npz", folder / "a.safetensors"], check=True)
    return folder


def expected_weights():
    return (0.25 * numpy.arange(96, dtype=numpy.float32)).reshape(2, 3, 4, 4)


def test_numpy_reads_the_npz(folder):
    with numpy.load(folder / "a.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == ["attentions", "empty", "layers", "metadata", "scalar", "tokens"]
        numpy.testing.assert_array_equal(arrays["attentions"], expected_weights())
        assert arrays["attentions"].dtype == numpy.float32
        assert arrays["layers"].tolist() == [0, -5] and arrays["layers"].dtype == numpy.int64
        assert arrays["tokens"].tolist() == TOKENS
        assert arrays["empty"].shape == (0, 2) and arrays["scalar"].shape == ()
        assert json.loads(str(arrays["metadata"])) == {"model": 'sample "quoted"', "version": "1"}


def test_the_zip_is_sound_and_says_no_time(folder):
    with zipfile.ZipFile(folder / "a.npz") as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_safetensors_reads_the_file(folder):
    safetensors = pytest.importorskip("safetensors")
    with safetensors.safe_open(str(folder / "a.safetensors"), "numpy") as file:
        numpy.testing.assert_array_equal(file.get_tensor("attentions"), expected_weights())
        assert file.get_tensor("layers").tolist() == [0, -5]
        assert json.loads(file.metadata()["tokens"]) == TOKENS
        assert file.metadata()["model"] == 'sample "quoted"'


def test_both_formats_say_the_same(folder):
    safetensors_numpy = pytest.importorskip("safetensors.numpy")
    tensors = safetensors_numpy.load_file(folder / "a.safetensors")
    with numpy.load(folder / "a.npz") as arrays:
        for name, tensor in tensors.items():
            numpy.testing.assert_array_equal(arrays[name], tensor)
