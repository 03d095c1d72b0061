# SPDX-License-Identifier: Apache-2.0
"""DistilBERT as an ONNX graph built by hand with the standard Attention operator, which can hand out P itself."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

OPSET = 23  # the first with Attention
IR_VERSION = 11
SOFTMAX = 3  # qk_matmul_output_mode: what the operator hands out beside the context


class Graph:
    """Nodes are named by their output, weights by their checkpoint name."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], {}

    def constant(self, name, value=None):
        value = self.weights[name] if value is None else value
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def linear(self, path, x):
        weight = self.constant(f"{path}.weight^T", self.weights[f"{path}.weight"].T)
        product = self.node("MatMul", [x, weight], f"{path}.product")
        return self.node("Add", [product, self.constant(f"{path}.bias")], path)

    def layer_norm(self, path, x):
        inputs = [x, self.constant(f"{path}.weight"), self.constant(f"{path}.bias")]
        return self.node("LayerNormalization", inputs, path, axis=-1, epsilon=1e-12)

    def sum(self, x, y, name):
        return self.node("Add", [x, y], name)


def embeddings(graph):
    words = graph.constant("embeddings.word_embeddings.weight")
    words = graph.node("Gather", [words, "input_ids"], "words")  # [batch, seq, dim]
    length = graph.node("Shape", ["input_ids"], "seq_len", start=1, end=2)
    positions = graph.constant("embeddings.position_embeddings.weight")
    first = graph.constant("first_position", np.zeros(1, np.int64))
    positions = graph.node("Slice", [positions, first, length], "positions")  # [seq, dim]
    return graph.layer_norm("embeddings.LayerNorm", graph.sum(words, positions, "embeddings.sum"))


def layer(graph, index, x, heads):
    path = f"transformer.layer.{index}"
    query, key, value = (graph.linear(f"{path}.attention.{name}_lin", x) for name in "qkv")
    context = f"{path}.attention.context"
    attention = helper.make_node(
        "Attention",
        [query, key, value],
        [context, "", "", f"attentions.{index}"],  # no key and value for a cache
        q_num_heads=heads,
        kv_num_heads=heads,
        qk_matmul_output_mode=SOFTMAX,
    )
    graph.nodes.append(attention)
    output = graph.linear(f"{path}.attention.out_lin", context)
    x = graph.layer_norm(f"{path}.sa_layer_norm", graph.sum(output, x, f"{path}.attention.sum"))
    inner = graph.node("Gelu", [graph.linear(f"{path}.ffn.lin1", x)], f"{path}.ffn.activation")
    output = graph.linear(f"{path}.ffn.lin2", inner)
    return graph.layer_norm(f"{path}.output_layer_norm", graph.sum(output, x, f"{path}.ffn.sum"))


def write_attention_op_graph(folder, path):
    config = json.loads((Path(folder) / "config.json").read_text())
    graph = Graph(load_file(Path(folder) / "model.safetensors"))
    x = embeddings(graph)
    for index in range(config["n_layers"]):
        x = layer(graph, index, x, config["n_heads"])
    graph.node("Identity", [x], "last_hidden_state")
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "seq"])
    state = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "seq", config["dim"]])
    shape = ["batch", config["n_heads"], "seq", "seq"]
    names = [f"attentions.{index}" for index in range(config["n_layers"])]
    weights = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in names]
    body = helper.make_graph(graph.nodes, "distilbert", [ids], [state, *weights], list(graph.constants.values()))
    opset = [helper.make_opsetid("", OPSET)]
    onnx.save(helper.make_model(body, opset_imports=opset, ir_version=IR_VERSION), path)
