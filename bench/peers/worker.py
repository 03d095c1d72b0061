# SPDX-License-Identifier: Apache-2.0
"""What the Python engines of model_bench.py share: reading ids, making batches, and the commands of
attention_worker.cpp, one a line on standard input:

    time WORKLOAD SECONDS   runs the workload again and again for that long; answers the median in milliseconds
    save WORKLOAD PATH      writes P of every text: 0, 1, ...; answers "saved"

A workload is a shape of the ids file (8x128), or "sentences:ORDER": texts of different lengths, ORDER being
single (one by one), padded (batches of 32 in the file's order) or sorted (batches of 32 by length).
What fails is answered by a line that begins with "error:".
"""

import statistics
import sys
import time
from dataclasses import dataclass

import numpy as np
from safetensors.numpy import load_file, save_file

BATCH_SIZE = 32


@dataclass(frozen=True, eq=False)
class Batch:
    input_ids: np.ndarray  # [batch, seq]
    attention_mask: np.ndarray | None  # [batch, seq]; none without padding
    texts: list[int]  # the index of each row's text
    lengths: list[int]


def padded_batch(texts, indices):
    lengths = [len(texts[index]) for index in indices]
    shape = (len(indices), max(lengths))
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, index in enumerate(indices):
        ids[row, : lengths[row]] = texts[index]
        mask[row, : lengths[row]] = 1
    return Batch(ids, None if mask.all() else mask, list(indices), lengths)


def make_batches(ids, workload):
    name, _, order = workload.partition(":")
    if not order:
        shape = ids[name].shape
        return [Batch(ids[name], None, list(range(shape[0])), [shape[1]] * shape[0])]
    texts = np.split(ids[name], np.cumsum(ids[f"{name}.lengths"])[:-1])
    indices = list(range(len(texts)))
    if order == "sorted":
        indices.sort(key=lambda index: len(texts[index]))
    size = 1 if order == "single" else BATCH_SIZE
    return [padded_batch(texts, indices[first : first + size]) for first in range(0, len(texts), size)]


class Worker:
    """An engine gives run(batch), whose result holds P, and weights(batch): float32 [layers, batch, heads, n, n]."""

    def __init__(self, ids):
        self.ids = load_file(ids)
        self.batches = {}

    def batches_of(self, workload):
        if workload not in self.batches:
            self.batches[workload] = [self.prepare(batch) for batch in make_batches(self.ids, workload)]
        return self.batches[workload]

    def prepare(self, batch):
        """Turns arrays into what the engine takes; not timed."""
        return batch

    def time(self, workload, seconds):
        batches = self.batches_of(workload)
        end = time.perf_counter() + float(seconds)
        calls_ms = []
        while not calls_ms or time.perf_counter() < end:
            call_ms = 0
            for batch in batches:
                start = time.perf_counter()
                result = self.run(batch)
                call_ms += (time.perf_counter() - start) * 1e3
                del result  # giving memory back is not timed, here as in the other engines
            calls_ms.append(call_ms)
        return statistics.median(calls_ms)

    def save(self, workload, path):
        arrays = {}
        for batch in self.batches_of(workload):
            weights = self.weights(batch)
            for row, (text, length) in enumerate(zip(batch.texts, batch.lengths, strict=True)):
                arrays[str(text)] = np.ascontiguousarray(weights[:, row, ..., :length, :length])
        save_file(arrays, path)
        return "saved"

    def serve(self, version):
        print(version, flush=True)
        for line in sys.stdin:
            command, workload, argument = line.split()
            try:
                answer = getattr(self, command)(workload, argument)
            except Exception as error:  # the harness prints it beside the row that is missing
                answer = "error: " + " ".join(str(error).split())
            print(answer, flush=True)
