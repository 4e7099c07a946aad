"""The files of a model: the spec and the weights."""

import json
import struct


def node(op, name, inputs, outputs=None, **attributes):
    """One operator, whose only output has its own name unless `outputs` says otherwise."""
    fields = {"op": op, "name": name, "inputs": inputs, "outputs": outputs or [name]}
    return fields | ({"attributes": attributes} if attributes else {})


def write_model(folder, name, inputs, nodes, weights):
    """`name`.json and `name`.safetensors; the outputs of the last node are those of the model."""
    (folder / f"{name}.json").write_text(spec_text(name, inputs, nodes))
    write_safetensors(folder / f"{name}.safetensors", weights)


def spec_text(name, inputs, nodes, element="f32"):
    """The model spec, one operator a line; inputs have elements of one type."""
    fields = {
        "nnc": 1,
        "name": name,
        "inputs": [{"name": key, "type": element, "shape": shape} for key, shape in inputs.items()],
        "outputs": nodes[-1]["outputs"],
        "weights": f"{name}.safetensors",
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in fields.items()]
    operators = ",\n".join(f"    {json.dumps(n)}" for n in nodes)
    return "\n".join(["{"] + lines + ['  "nodes": [', operators, "  ]", "}"]) + "\n"


def write_safetensors(path, tensors):
    """The length of the header, the header in JSON padded to 8 bytes, then the tensors, all little-endian."""
    header, start = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [start, start + tensor.nbytes]}
        start += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(tensor.astype("<f4").tobytes() for tensor in tensors.values())
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
