# SPDX-License-Identifier: Apache-2.0
"""One engine of model_bench.py: Hugging Face. The commands are those of attention_worker.cpp.

    hugging_face_worker.py make MODEL_DIR                                 writes the model with random weights
    hugging_face_worker.py serve MODEL_DIR IDS.safetensors eager|sdpa THREADS
"""

import statistics
import sys
import time

import torch
import transformers
from safetensors.torch import load_file, save_file


def make(folder):
    """DistilBERT-base's shape. Weights are wider than at the start of training, so that P is not uniform."""
    torch.manual_seed(0)
    transformers.DistilBertModel(transformers.DistilBertConfig(initializer_range=0.05)).save_pretrained(folder)


class Worker:
    def __init__(self, folder, ids, attention, threads):
        torch.set_num_threads(int(threads))
        self.ids = load_file(ids)
        self.model = transformers.DistilBertModel.from_pretrained(folder, attn_implementation=attention).eval()
        self.options = {"output_attentions": True} if attention == "eager" else {}

    def run(self, shape):
        with torch.inference_mode():
            return self.model(input_ids=self.ids[shape], **self.options)

    def time(self, shape, seconds):
        end = time.perf_counter() + float(seconds)
        calls_ms = []
        while not calls_ms or time.perf_counter() < end:
            start = time.perf_counter()
            self.run(shape)
            calls_ms.append((time.perf_counter() - start) * 1e3)
        return statistics.median(calls_ms)

    def save(self, shape, path):
        attentions = torch.stack(self.run(shape).attentions, dim=1)  # [batch, layers, heads, n, n]
        save_file({str(index): weights.contiguous() for index, weights in enumerate(attentions)}, path)
        return "saved"


def serve(*arguments):
    worker = Worker(*arguments)
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, {arguments[-1]} threads", flush=True)
    for line in sys.stdin:
        command, shape, argument = line.split()
        print(getattr(worker, command)(shape, argument), flush=True)


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    {"make": make, "serve": serve}[sys.argv[1]](*sys.argv[2:])
