# SPDX-License-Identifier: Apache-2.0
"""The reader accepts and refuses what the reference reader (the safetensors wheel) does, but for the documented
stricter rules: duplicate keys, rank over 32, metadata that is null."""

import json
import os
import random
import struct
import subprocess
from pathlib import Path

import pytest

safetensors = pytest.importorskip("safetensors", reason="the safetensors wheel is not installed")

ROOT = Path(__file__).resolve().parents[2]
STRICTER = {"DUPLICATE_KEY", "SHAPE", "METADATA_TYPE"}

SEED = {
    "__metadata__": {"format": "pt"},
    "a.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "b": {"dtype": "I64", "shape": [1], "data_offsets": [24, 32]},
    "c": {"dtype": "BF16", "shape": [], "data_offsets": [32, 34]},
}
DATA = bytes(range(34))


def file_bytes(header, data=DATA, length=None):
    text = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def header_with(tensor="a.weight", **fields):
    header = json.loads(json.dumps(SEED))
    header[tensor].update(fields)
    return json.dumps(header)


def chosen_files():
    plain = json.dumps(SEED)
    yield file_bytes(plain)
    for size in range(0, 12):
        yield file_bytes(plain)[:size]
    for length in (0, 1, 100_000_000, 100_000_001, 2**63, 2**64 - 1, len(plain) - 1, len(plain) + 1):
        yield file_bytes(plain, length=length)
    for text in ("", " ", "[]", "null", "7", '"x"', "{}", "{}{}", "{},", "[" * 2000, "\ufeff" + plain, plain + "x"):
        yield file_bytes(text)
        yield file_bytes(text, b"")
    for text in ("  " + plain, plain + " \t\r\n ", plain.replace(":", " : "), plain + "\0", "\f" + plain):
        yield file_bytes(text)
    for data in (DATA + b"x", DATA[:-2], b"", DATA * 2):
        yield file_bytes(plain, data)
    for bad in (b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\\ud800", b"\\udc00\\ud800"):
        yield file_bytes(plain.encode().replace(b"a.weight", b"a" + bad))
    for dtype in "BOOL F4 F6_E2M3 F8_E5M2 F8_E8M0 F8_E4M3FNUZ I8 U16 F16 U32 C64 F64 U64 F7 f32".split() + [32, None, ""]:
        yield file_bytes(header_with(dtype=dtype))
    for shape in ([6], [24], [0], [], [3, 2], [-2, -3], [2.0, 3], ["2", 3], [2**64, 0], [2**32, 2**32], [0, 2**63 - 1],
                  [4194305, 4194305, 211106198978564], [2**62, 4], None, 6, "6", [[6]], [2, 3] + [1] * 30,
                  [2, 3] + [1] * 31, [2**40, 2**40, 0], [0, 2**40, 2**40], [True]):
        yield file_bytes(header_with(shape=shape))
    for offsets in ([24, 0], [0, 23], [0, 1000], [0], [0, 24, 24], [-1, 24], [0.0, 24], ["0", 24], None, [8, 32],
                    [0, 2**64 - 1], [2**64 - 24, 0], [1, 25], [], {}):
        yield file_bytes(header_with(data_offsets=offsets))
    for metadata in ({}, None, 7, [], {"a": 1}, {"a": None}, {"a": {}}, {"a": "\u00e9\n"}):
        yield file_bytes(json.dumps(SEED | {"__metadata__": metadata}))
    for value in ({}, [], 7, None, "x", {"dtype": "F32"}, {"dtype": "F32", "shape": [0]}):
        yield file_bytes(json.dumps(SEED | {"d": value}))
    yield file_bytes(header_with(extra={"deep": [1, {"x": None}]}))
    yield file_bytes(plain.replace('"b"', '"a.weight"'))
    yield file_bytes(plain.replace('"shape": [1]', '"shape": [1], "shape": [1]'))
    yield file_bytes(plain.replace("24,", "24.0,"))
    for number in ("-0", "01", "1e0", "+1", "1.", "0x1", "NaN", "1_0", "1e999"):
        yield file_bytes(plain.replace("[1]", f"[{number}]"))
        yield file_bytes(plain.replace('"dtype": "I64"', f'"extra": {number}, "dtype": "I64"'))


def mutated_files(count):
    chance = random.Random(5)
    seed = file_bytes(json.dumps(SEED))
    alphabet = b'0123456789,[]{}": -ex\\u'
    for _ in range(count):
        mutated = bytearray(seed)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(mutated))
            kind = chance.randrange(4)
            if kind == 0:
                mutated[at] = chance.choice(alphabet)
            elif kind == 1:
                mutated.insert(at, chance.choice(alphabet))
            elif kind == 2:
                del mutated[at]
            else:
                mutated[at] = chance.randrange(256)
        yield bytes(mutated)


def find_probe():
    build = os.environ.get("ATTNSCOPE_BUILD_DIR")
    folders = [Path(build)] if build else sorted((ROOT / "build").glob("*"))
    found = [path for folder in folders if (path := folder / "tests/checkpoint/safetensors_probe").exists()]
    if not found:
        pytest.skip("safetensors_probe is not built (set ATTNSCOPE_BUILD_DIR)")
    return max(found, key=lambda path: path.stat().st_mtime)


def our_verdicts(files, folder):
    paths = []
    for number, content in enumerate(files):
        paths.append(folder / f"{number}.safetensors")
        paths[-1].write_bytes(content)
    listing = "".join(f"{path}\n" for path in paths)
    done = subprocess.run([find_probe()], input=listing, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.splitlines()


def reference_accepts(content):
    try:
        safetensors.deserialize(content)
        return True
    except safetensors.SafetensorError:
        return False


def compare(files, folder):
    files = list(files)
    verdicts = our_verdicts(files, folder)
    assert len(verdicts) == len(files)
    accepted = 0
    for content, verdict in zip(files, verdicts):
        expected = reference_accepts(content)
        accepted += expected
        if verdict == "accept":
            assert expected, content
        elif expected:
            assert verdict in STRICTER, (verdict, content)
    return accepted, len(files)


def test_chosen_files_get_the_verdict_of_the_reference(tmp_path):
    accepted, total = compare(chosen_files(), tmp_path)
    assert 10 < accepted < total


def test_mutated_files_get_the_verdict_of_the_reference(tmp_path):
    accepted, total = compare(mutated_files(3000), tmp_path)
    assert 10 < accepted < total


def test_the_stricter_rules_are_the_documented_ones(tmp_path):
    plain = json.dumps(SEED)
    cases = {
        "DUPLICATE_KEY": file_bytes(plain.replace('"format": "pt"', '"format": "pt", "format": "tf"')),
        "SHAPE": file_bytes(header_with(shape=[2, 3] + [1] * 31)),
        "METADATA_TYPE": file_bytes(json.dumps(SEED | {"__metadata__": None})),
    }
    assert all(reference_accepts(content) for content in cases.values())
    assert our_verdicts(cases.values(), tmp_path) == list(cases)
