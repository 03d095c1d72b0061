# SPDX-License-Identifier: Apache-2.0
"""Writes the model that the benchmarks run: DistilBERT-base's shape, random weights.

make_models.py FOLDER         FOLDER/model, as Hugging Face saves it, and FOLDER/classifier, the same with a head
make_models.py FOLDER onnx    also dense.onnx and masked.onnx (Hugging Face eager exported, with P of every layer
                              as outputs; masked takes an attention_mask), and attention_op.onnx
"""

import sys
import warnings

import torch
import transformers
from attention_op_graph import write_attention_op_graph

OPSET = 18


def make_model(kind, folder):
    """Weights are wider than at the start of training, so that P is not uniform."""
    torch.manual_seed(0)
    kind(transformers.DistilBertConfig(initializer_range=0.05)).save_pretrained(folder)


class StateAndWeights(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask=None):
        output = self.model(input_ids=input_ids, attention_mask=attention_mask, output_attentions=True)
        return (output.last_hidden_state, *output.attentions)


def export(module, names, path):
    """With the older exporter: the newer one leaves a mask of zeros in the graph without padding, which would cost
    the peers a pass over the scores."""
    example = torch.ones((2, 9), dtype=torch.int64)
    outputs = ["last_hidden_state"] + [f"attentions.{layer}" for layer in range(module.model.config.n_layers)]
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (example,) * len(names),
            path,
            input_names=names,
            output_names=outputs,
            dynamic_axes={name: {0: "batch", 1: "seq"} for name in names},
            opset_version=OPSET,
            dynamo=False,
        )


def make_graphs(folder):
    model = transformers.DistilBertModel.from_pretrained(f"{folder}/model", attn_implementation="eager")
    module = StateAndWeights(model).eval()
    export(module, ["input_ids"], f"{folder}/dense.onnx")
    export(module, ["input_ids", "attention_mask"], f"{folder}/masked.onnx")
    write_attention_op_graph(f"{folder}/model", f"{folder}/attention_op.onnx")


def main(folder, graphs=None):
    transformers.utils.logging.disable_progress_bar()
    make_model(transformers.DistilBertModel, f"{folder}/model")
    make_model(transformers.DistilBertForSequenceClassification, f"{folder}/classifier")
    if graphs == "onnx":
        make_graphs(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
