# SPDX-License-Identifier: Apache-2.0
"""One engine of model_bench.py: OpenVINO, from the ONNX files. The commands are those of worker.py.

    openvino_worker.py FOLDER IDS.safetensors THREADS f32|bf16

FOLDER is written by make_models.py. Shapes are static where a workload has one shape, as its documentation advises,
and dynamic for sentences.
"""

import sys

import numpy as np
import openvino
from worker import Worker


class OpenVino(Worker):
    def __init__(self, folder, ids, threads, precision):
        super().__init__(ids)
        self.folder = folder
        self.core = openvino.Core()
        self.options = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": int(threads),
            "INFERENCE_PRECISION_HINT": precision,
        }
        self.shape = None  # of the static request
        self.requests = {}

    def batches_of(self, workload):
        batches = super().batches_of(workload)
        shape = batches[0].input_ids.shape if len(batches) == 1 else None
        if shape != self.shape:  # one compiled model at a time: each holds packed weights
            self.shape, self.requests = shape, {}
        return batches

    def request(self, batch):
        name = "dense" if batch.attention_mask is None else "masked"
        if name not in self.requests:
            model = self.core.read_model(f"{self.folder}/{name}.onnx")
            if self.shape:
                model.reshape({"input_ids": list(self.shape)})
            self.requests[name] = self.core.compile_model(model, "CPU", self.options).create_infer_request()
        return self.requests[name]

    def run(self, batch):
        inputs = {"input_ids": batch.input_ids}
        if batch.attention_mask is not None:
            inputs["attention_mask"] = batch.attention_mask
        return self.request(batch).infer(inputs, share_inputs=True, share_outputs=True)

    def weights(self, batch):
        outputs = self.run(batch)
        names = [output.get_any_name() for output in self.request(batch).model_outputs]
        return np.stack([outputs[name] for name in names if name.startswith("attentions.")])


def main(folder, ids, threads, precision):
    worker = OpenVino(folder, ids, threads, precision)
    version = openvino.get_version().partition("-")[0]  # without the build's commit
    worker.serve(f"openvino {version}, {threads} threads")


if __name__ == "__main__":
    main(*sys.argv[1:])
