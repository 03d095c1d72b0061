# SPDX-License-Identifier: Apache-2.0
"""docs/bad_inputs.md rows 65, 66 and 73: streams, signals and output paths."""

import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import time

import pytest

TEXT = "This is a simple example sentence."


def test_a_closed_pipe_ends_with_4(program, tiny_model, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_bytes(b"hello world\n" * 20_000)
    process = subprocess.Popen(
        [program, "tokenize", "-m", tiny_model, "-f", file, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert b'"code":"STDOUT"' in process.stderr.read()
    assert process.wait(60) == 4


def test_a_short_result_on_a_full_device_ends_with_4(attnscope):
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = attnscope("--help", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert result.returncode == 4
    assert "error[STDOUT]" in result.stderr


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_descriptors_do_not_end_up_in_the_output(program, tiny_model, tmp_path, closed):
    out = tmp_path / "out.npz"
    reference = tmp_path / "reference.npz"
    arguments = [program, "run", TEXT, "-m", tiny_model, "-o"]
    subprocess.run([*arguments, reference], check=True, capture_output=True)
    redirections = " ".join(f"{descriptor}{'<' if descriptor == 0 else '>'}&-" for descriptor in closed)
    command = " ".join(f"'{argument}'" for argument in [*arguments, out])
    subprocess.run(["bash", "-c", f"{command} {redirections}"], check=True)
    assert out.read_bytes() == reference.read_bytes()


def paths_that_fail(folder):
    (folder / "file").write_text("x")
    (folder / "folder.npz").mkdir()
    return {
        "none/out.npz": "OUT_PARENT",
        "file/out.npz": "OUT_PARENT",
        "folder.npz": "OUT_IS_FOLDER",
        "n" * 252 + ".npz": "OUT_NAME",
    }


def test_output_paths_are_checked_before_the_model_is_loaded(attnscope, tmp_path):
    for path, code in paths_that_fail(tmp_path).items():
        result = attnscope("run", TEXT, "-m", tmp_path / "no-such-model", "-o", tmp_path / path)
        assert result.returncode == 4, result.stderr
        assert f"error[{code}]" in result.stderr


def test_a_name_without_a_known_ending_is_refused(attnscope, tmp_path):
    result = attnscope("run", TEXT, "-o", tmp_path / "out.parquet")
    assert result.returncode == 2
    assert ".npz or .safetensors, or of a table of weights in .csv, .tsv or .jsonl" in result.stderr


def test_a_folder_without_permission_is_refused(attnscope):
    if os.geteuid() != 0:
        owner = {}
    else:
        owner = {"user": 65534, "group": 65534, "extra_groups": []}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o555)
        try:
            result = attnscope("run", TEXT, "-o", folder / "out.npz", **owner)
        except PermissionError:
            pytest.skip("another user may not start the program from here")
        if result.returncode in (126, 127):
            pytest.skip("another user may not start the program from here")
        assert result.returncode == 4, result.stderr
        assert "error[OUT_DENIED]" in result.stderr
        folder.chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_ends_with_4_and_leaves_nothing(attnscope, tiny_model, tmp_path):
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        for ending in ("npz", "safetensors"):
            result = attnscope("run", TEXT, "-m", tiny_model, "--hidden-states", "-o", tmp_path / f"out.{ending}")
            assert result.returncode == 4, result.stderr
            assert "error[OUT_NO_SPACE]" in result.stderr and "bytes needed" in result.stderr
            assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_an_old_file_is_replaced_whole(attnscope, tiny_model, tmp_path):
    out = tmp_path / "out.npz"
    out.write_text("old")
    assert attnscope("run", TEXT, "-m", tiny_model, "-o", out).returncode == 0
    assert out.read_bytes()[:2] == b"PK"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_no_file(program, tiny_model, tmp_path, sent, code):
    file = tmp_path / "texts.txt"
    file.write_bytes(b"hello world\n" * 1_000_000)
    out = tmp_path / "out.npz"
    process = subprocess.Popen([program, "run", "-m", tiny_model, "-f", file, "-o", out], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob(".attnscope-*.tmp")) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    start = time.monotonic()
    process.send_signal(sent)
    assert process.wait(30) == code
    assert time.monotonic() - start < 1.0  # 0.2 s on an idle machine
    assert list(tmp_path.iterdir()) == [file]


def test_an_interrupt_ends_waiting_for_standard_input(program, tiny_model):
    process = subprocess.Popen(
        [program, "tokenize", "-m", tiny_model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130


def test_no_text_on_a_terminal_is_a_usage_error_and_not_a_wait(program):
    leader, follower = pty.openpty()
    result = subprocess.run([program, "tokenize"], stdin=follower, capture_output=True, timeout=30)
    os.close(leader)
    os.close(follower)
    assert result.returncode == 2
    assert b"no text given" in result.stderr
