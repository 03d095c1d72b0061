# SPDX-License-Identifier: Apache-2.0
"""One engine of model_bench.py: ONNX Runtime. The commands are those of worker.py.

    onnx_runtime_worker.py FOLDER IDS.safetensors THREADS export|attention_op

FOLDER is written by make_models.py.
"""

import sys

import numpy as np
import onnxruntime
from worker import Worker

ERRORS_ONLY = 3  # its shape inference warns about every P of the Attention operator, at every call


class OnnxRuntime(Worker):
    def __init__(self, folder, ids, threads, graph):
        super().__init__(ids)
        self.folder, self.graph = folder, graph
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = int(threads)
        self.options.log_severity_level = ERRORS_ONLY
        self.sessions = {}

    def session(self, batch):
        """The graph without a mask where nothing is padded: adding a mask costs a pass over the scores."""
        name = self.graph if batch.attention_mask is None else "masked"
        if name not in self.sessions:
            self.sessions[name] = onnxruntime.InferenceSession(
                f"{self.folder}/{name}.onnx", self.options, providers=["CPUExecutionProvider"]
            )
        return self.sessions[name]

    def run(self, batch):
        """Through a binding, which hands out the outputs without a copy."""
        session = self.session(batch)
        binding = session.io_binding()
        binding.bind_cpu_input("input_ids", batch.input_ids)
        if batch.attention_mask is not None:
            binding.bind_cpu_input("attention_mask", batch.attention_mask)
        for output in session.get_outputs():
            binding.bind_output(output.name, "cpu")
        session.run_with_iobinding(binding)
        return binding.get_outputs()

    def weights(self, batch):
        names = [output.name for output in self.session(batch).get_outputs()]
        outputs = zip(names, self.run(batch), strict=True)
        return np.stack([value.numpy() for name, value in outputs if name.startswith("attentions.")])


def main(folder, ids, threads, graph):
    worker = OnnxRuntime(folder, ids, threads, "dense" if graph == "export" else graph)
    worker.serve(f"onnxruntime {onnxruntime.__version__}, {threads} threads")


if __name__ == "__main__":
    main(*sys.argv[1:])
