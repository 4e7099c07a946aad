"""Writes a model spec as an ONNX file, for compilers that do not read specs: their operators are the same."""

import json

import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file


def write(spec_path, onnx_path):
    spec = json.loads(spec_path.read_text())
    weights = load_file(spec_path.parent / spec["weights"])
    nodes = [
        helper.make_node(n["op"], n["inputs"], n["outputs"], n["name"], **n.get("attributes", {})) for n in spec["nodes"]
    ]
    inputs = [helper.make_tensor_value_info(i["name"], TensorProto.FLOAT, i["shape"]) for i in spec["inputs"]]
    outputs = [helper.make_empty_tensor_value_info(name) for name in spec["outputs"]]
    constants = [numpy_helper.from_array(array, name) for name, array in sorted(weights.items())]
    graph = helper.make_graph(nodes, spec["name"], inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(onnx.shape_inference.infer_shapes(model), onnx_path)
