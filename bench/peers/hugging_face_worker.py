# SPDX-License-Identifier: Apache-2.0
"""One engine of model_bench.py: Hugging Face on PyTorch. The commands are those of worker.py.

    hugging_face_worker.py FOLDER IDS.safetensors THREADS MODE

FOLDER is written by make_models.py. MODE: eager | sdpa (gives no P) | bf16 | medium (eager, float32 products may be
made in bfloat16) | hook:REQUEST (eager; P comes from forward hooks on the attention modules; REQUEST as for
attention_worker.cpp) | scan (sdpa; a classifier's logits with each head ablated by a hook).
"""

import dataclasses
import sys

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file
from worker import Worker


def load(folder, mode):
    return transformers.DistilBertModel.from_pretrained(
        f"{folder}/model",
        attn_implementation="sdpa" if mode == "sdpa" else "eager",
        dtype=torch.bfloat16 if mode == "bf16" else torch.float32,
    ).eval()


class HuggingFace(Worker):
    def __init__(self, folder, ids, threads, mode):
        super().__init__(ids)
        torch.set_num_threads(int(threads))
        if mode == "medium":
            torch.set_float32_matmul_precision("medium")
        self.model = load(folder, mode)
        self.options = {} if mode == "sdpa" else {"output_attentions": True}

    def prepare(self, batch):
        mask = None if batch.attention_mask is None else torch.from_numpy(batch.attention_mask)
        return dataclasses.replace(batch, input_ids=torch.from_numpy(batch.input_ids), attention_mask=mask)

    def run(self, batch):
        with torch.inference_mode():
            return self.model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, **self.options)

    def weights(self, batch):
        return torch.stack(self.run(batch).attentions).float().numpy()


class HookedHuggingFace(HuggingFace):
    """What users write today: a hook on each attention module that is wanted, and a whole forward."""

    def __init__(self, folder, ids, threads, request):
        super().__init__(folder, ids, threads, "eager")
        self.options = {}
        self.terms = dict(term.partition("=")[::2] for term in request.split(";"))
        self.captured = []
        layers = self.model.transformer.layer
        wanted = self.numbers("layers") or range(len(layers))
        for index in wanted:
            layers[index].attention.register_forward_hook(self.hook)

    def numbers(self, term):
        return [int(number) for number in self.terms[term].split(",")] if term in self.terms else []

    def hook(self, module, inputs, output):
        weights = output[1]  # [batch, heads, n, n]
        if "heads" in self.terms:
            weights = weights[:, self.numbers("heads")]
        if "rows" in self.terms:
            weights = weights[:, :, self.numbers("rows")]
        if self.terms.get("reduce") == "mean":
            weights = weights.mean(1)
        if "statistics" in self.terms:
            weights = torch.special.entr(weights).sum(-1)
        self.captured.append(weights)

    def run(self, batch):
        self.captured = []
        super().run(batch)
        return self.captured

    def weights(self, batch):
        return torch.stack(self.run(batch)).numpy()


class ScanningHuggingFace(HuggingFace):
    """What users write today: for each head a hook that zeroes its context, and a whole forward."""

    def __init__(self, folder, ids, threads):
        Worker.__init__(self, ids)
        torch.set_num_threads(int(threads))
        self.model = transformers.DistilBertForSequenceClassification.from_pretrained(f"{folder}/classifier").eval()

    def ablated(self, batch, layer, head):
        head_dim = self.model.config.dim // self.model.config.n_heads

        def zero(module, inputs):
            context = inputs[0].clone()  # [batch, n, heads * head_dim]
            context[..., head * head_dim : (head + 1) * head_dim] = 0
            return (context,)

        out_lin = self.model.distilbert.transformer.layer[layer].attention.out_lin
        with torch.inference_mode(), out_lin.register_forward_pre_hook(zero):
            return self.model(input_ids=batch.input_ids).logits

    def run(self, batch):
        config = self.model.config
        return [
            [self.ablated(batch, layer, head) for head in range(config.n_heads)] for layer in range(config.n_layers)
        ]

    def weights(self, batch):
        """The logits [layers, batch, heads, labels] in place of P."""
        return torch.stack([torch.stack(heads, 1) for heads in self.run(batch)]).numpy()

    def save(self, workload, path):
        [batch] = self.batches_of(workload)
        save_file({"0": np.ascontiguousarray(self.weights(batch)[:, 0])}, path)
        return "saved"


def main(folder, ids, threads, mode):
    transformers.utils.logging.disable_progress_bar()
    kind, _, request = mode.partition(":")
    if kind == "hook":
        worker = HookedHuggingFace(folder, ids, threads, request)
    elif kind == "scan":
        worker = ScanningHuggingFace(folder, ids, threads)
    else:
        worker = HuggingFace(*sys.argv[1:])
    worker.serve(f"torch {torch.__version__}, transformers {transformers.__version__}, {threads} threads")


if __name__ == "__main__":
    main(*sys.argv[1:])
