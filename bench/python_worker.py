# SPDX-License-Identifier: Apache-2.0
"""One engine of python_bench.py: the Python package, told what to time over pipes (see attention_worker.cpp).

    python python_worker.py MODEL IDS.safetensors ids|text|attend FRAMEWORK THREADS

ids: the model's call on arrays; text: tokenizer and model; attend: the planner on texts. FRAMEWORK is np or pt.
"""

import statistics
import sys
import time

from safetensors.numpy import load_file

import attnscope

WORD = "sentence"  # one token


def call_of(mode, model, framework, ids):
    texts = [" ".join([WORD] * (ids.shape[1] - 2))] * len(ids)
    if mode == "attend":
        return lambda: model.attend(texts, progress=False)
    if mode == "text":
        return lambda: model(**model.tokenizer(texts, return_tensors=framework), output_attentions=True)
    if framework == "pt":
        import torch

        ids = torch.from_numpy(ids)
    return lambda: model(ids, output_attentions=True)


def median_ms(call, seconds):
    """Of the calls that fit into the time."""
    end = time.perf_counter() + seconds
    calls = []
    while not calls or time.perf_counter() < end:
        start = time.perf_counter()
        result = call()
        calls.append(time.perf_counter() - start)
        del result
    return 1e3 * statistics.median(calls)


def main():
    folder, ids_path, mode, framework, threads = sys.argv[1:]
    attnscope.set_num_threads(int(threads))
    model = attnscope.AutoModel.from_pretrained(folder)
    ids = load_file(ids_path)
    print(attnscope.version_string(), flush=True)
    for line in sys.stdin:
        _, shape, seconds = line.split()
        print(median_ms(call_of(mode, model, framework, ids[shape]), float(seconds)), flush=True)


if __name__ == "__main__":
    main()
