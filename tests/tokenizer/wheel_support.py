# SPDX-License-Identifier: Apache-2.0
"""Runs tokenizer_probe and the `tokenizers` wheel on the same texts and compares all that they say."""

import os
import pathlib
import struct
import subprocess
import tempfile

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ATTNSCOPE_SHARED", ROOT.parent / "shared"))
PROBE = ROOT / os.environ.get("ATTNSCOPE_BUILD_DIR", "build/release") / "tests" / "tokenizer" / "tokenizer_probe"
COLUMNS = ("ids", "type_ids", "begins", "ends", "word_ids", "sequence_ids", "special_tokens_mask")
STRATEGIES = ("longest_first", "only_first", "only_second")


def require_probe():
    if not PROBE.exists():
        pytest.skip(f"{PROBE} is not built (ATTNSCOPE_BUILD_DIR names another build folder)", allow_module_level=True)


def shared(*parts):
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not here (ATTNSCOPE_SHARED names the folder)")
    return path


def pair_of(item):
    """A text is alone or one of a pair."""
    return item if isinstance(item, tuple) else (item, None)


def as_bytes(text):
    if isinstance(text, list):
        return b"".join(struct.pack("<i", len(word.encode())) + word.encode() for word in text)
    return text if isinstance(text, bytes) else text.encode()


def request(item, max_length, strategy, add_special_tokens, replace, stride):
    first, second = pair_of(item)
    first = as_bytes(first)
    second_bytes = b"" if second is None else as_bytes(second)
    words = isinstance(pair_of(item)[0], list)
    bits = int(add_special_tokens) + 2 * int(replace) + 4 * int(words)
    head = struct.pack("<6i", len(first), -1 if second is None else len(second_bytes),
                       -1 if max_length is None else max_length, STRATEGIES.index(strategy), bits,
                       -1 if stride is None else stride)
    return head + first + second_bytes


class Answers:
    """Answers of all texts, or of all their windows, one after another: `counts` tokens each, or an error code."""

    def __init__(self, counts, columns, tokens, errors):
        self.counts, self.columns, self.tokens, self.errors = counts, columns, tokens, errors

    @staticmethod
    def parse(data):
        counts, columns, tokens, errors, position = [], [[] for _ in COLUMNS], [], {}, 0
        while position < len(data):
            count, = struct.unpack_from("<i", data, position)
            position += 4
            if count < 0:
                length, = struct.unpack_from("<i", data, position)
                errors[len(counts)] = data[position + 4:position + 4 + length].decode()
                counts.append(0)
                position += 4 + length
                continue
            table = np.frombuffer(data, "<i4", 8 * count, position).reshape(8, count)
            position += table.nbytes
            for column, values in zip(columns, table):
                column.append(values)
            bounds = np.cumsum(table[7])
            blob = data[position:position + (int(bounds[-1]) if count else 0)]
            position += len(blob)
            begin = 0
            for end in bounds.tolist():
                tokens.append(blob[begin:end].decode())
                begin = end
            counts.append(count)
        columns = [np.concatenate(c) if c else np.zeros(0, np.int32) for c in columns]
        return Answers(np.array(counts), columns, tokens, errors)


def ask_probe(model_directory, items, max_length=None, strategy="longest_first", add_special_tokens=True,
              replace=False, stride=None):
    with tempfile.TemporaryFile() as questions:
        questions.writelines(request(i, max_length, strategy, add_special_tokens, replace, stride) for i in items)
        questions.seek(0)
        done = subprocess.run([PROBE, model_directory], stdin=questions, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return Answers.parse(done.stdout)


def byte_offsets(items, texts_of_tokens, chars):
    """The wheel counts characters; we count bytes. Token k stands in text texts_of_tokens[k] of the flat texts."""
    flat = [text or "" for item in items for text in pair_of(item)]
    scalars = np.frombuffer("".join(flat).encode("utf-32-le"), "<u4")
    bytes_before = np.concatenate([[0], np.cumsum(1 + (scalars > 0x7F) + (scalars > 0x7FF) + (scalars > 0xFFFF))])
    chars_before = np.concatenate([[0], np.cumsum([len(text) for text in flat])])
    start = chars_before[texts_of_tokens]
    return bytes_before[start + chars] - bytes_before[start]


def ask_wheel(tokenizer, items, max_length=None, strategy="longest_first", add_special_tokens=True, stride=None):
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if max_length is not None:
        tokenizer.enable_truncation(max_length, strategy=strategy, stride=stride or 0)
    encodings = tokenizer.encode_batch(list(items), add_special_tokens=add_special_tokens)
    if stride is not None:
        items = [item for item, e in zip(items, encodings) for _ in range(1 + len(e.overflowing))]
        encodings = [window for e in encodings for window in (e, *e.overflowing)]
    counts = np.array([len(e) for e in encodings])

    def flat(name):
        return np.array([-1 if x is None else x for e in encodings for x in getattr(e, name)], np.int64)

    sequence_ids = flat("sequence_ids")
    text_index = 2 * np.repeat(np.arange(len(items)), counts) + np.maximum(sequence_ids, 0)
    offsets = np.array([o for e in encodings for o in e.offsets], np.int64).reshape(-1, 2)
    columns = [flat("ids"), flat("type_ids"), byte_offsets(items, text_index, offsets[:, 0]),
               byte_offsets(items, text_index, offsets[:, 1]), flat("word_ids"), sequence_ids,
               flat("special_tokens_mask")]
    return Answers(counts, columns, [t for e in encodings for t in e.tokens], {})


def first_difference(ours, wheel):
    if not np.array_equal(ours.counts, wheel.counts):
        return int(np.flatnonzero(ours.counts != wheel.counts)[0]), "number of tokens"
    ends = np.cumsum(ours.counts)
    for name, mine, theirs in zip(COLUMNS, ours.columns, wheel.columns):
        wrong = np.flatnonzero(mine != theirs)
        if wrong.size:
            return int(np.searchsorted(ends, wrong[0], side="right")), name
    if ours.tokens != wheel.tokens:
        wrong = next(k for k, (a, b) in enumerate(zip(ours.tokens, wheel.tokens)) if a != b)
        return int(np.searchsorted(ends, wrong, side="right")), "tokens"
    return None


def describe(answers, index):
    begin = int(answers.counts[:index].sum())
    end = begin + int(answers.counts[index])
    rows = [f"  {name}: {column[begin:end].tolist()[:60]}" for name, column in zip(COLUMNS, answers.columns)]
    return "\n".join([f"  tokens: {ascii(answers.tokens[begin:end][:60])}"] + rows)


def assert_equal_to_wheel(model_directory, tokenizer, items, **options):
    ours = ask_probe(model_directory, items, **options)
    assert not ours.errors, ours.errors
    wheel = ask_wheel(tokenizer, items, **options)
    difference = first_difference(ours, wheel)
    if difference:
        index, what = difference
        text = "" if "stride" in options else ascii(items[index])[:300]
        pytest.fail(f"{what} of answer {index} differ: {text}\nattnscope\n{describe(ours, index)}\n"
                    f"wheel\n{describe(wheel, index)}")
