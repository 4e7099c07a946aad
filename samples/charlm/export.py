"""Writes a trained network as a model spec and a file of weights in half precision."""

import json
import pathlib
import struct
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))  # training

from training.model_files import node, spec_text

from network import BLOCKS, CHANNELS, CONTEXT, HEADS

EPSILON = 1e-5


def write_model(folder, name, network):
    tensors = weights(network)
    operators = [cast(tensor) for tensor in tensors] + nodes()
    (folder / f"{name}.json").write_text(spec_text(name, {"tokens": [CONTEXT]}, operators, element="i64"))
    write_safetensors(folder / f"{name}.safetensors", tensors)


def nodes():
    """The operators in order, without those that widen the weights."""
    result, source = constants() + [
        node("Gather", "characters", ["characters.f32", "tokens"]),
        node("Add", "embedding", ["characters", "positions.f32"]),
    ], "embedding"
    for number in range(1, BLOCKS + 1):
        block = f"block{number}"
        result += attention(block, source) + feed_forward(block)
        source = f"{block}.out"
    return result + [normalization("norm", source), node("MatMul", "logits", ["norm", "head.f32"])]


def constants():
    """The shapes of heads, the factor of scores, and what is added to them: -inf above the diagonal, else 0."""
    size = CHANNELS // HEADS
    return [
        constant("heads.shape", "i64", [CONTEXT, HEADS, size]),
        constant("joined.shape", "i64", [CONTEXT, CHANNELS]),
        constant("scale", "f32", size**-0.5),
        constant("mask.shape", "i64", [CONTEXT, CONTEXT]),
        constant("one", "i64", 1),
        node("ConstantOfShape", "never", ["mask.shape"], value={"type": "f32", "data": ["-inf"]}),
        node("Trilu", "mask", ["never", "one"], upper=1),
    ]


def attention(block, source):
    """Normalization, attention and the sum with what they began with."""
    query, key, value, scores, mixed = (f"{block}.{part}" for part in ("query", "key", "value", "scores", "mixed"))
    return [
        normalization(f"{block}.norm1", source),
        *heads(query, block, [1, 0, 2]),
        *heads(key, block, [1, 2, 0]),
        *heads(value, block, [1, 0, 2]),
        node("MatMul", f"{scores}.product", [query, key]),
        node("Mul", f"{scores}.scaled", [f"{scores}.product", "scale"]),
        node("Add", f"{scores}.masked", [f"{scores}.scaled", "mask"]),
        node("Softmax", scores, [f"{scores}.masked"], axis=-1),
        node("MatMul", f"{mixed}.heads", [scores, value]),
        node("Transpose", f"{mixed}.transposed", [f"{mixed}.heads"], perm=[1, 0, 2]),
        node("Reshape", mixed, [f"{mixed}.transposed", "joined.shape"]),
        node("MatMul", f"{block}.joined", [mixed, f"{block}.joined.f32"]),
        node("Add", f"{block}.attention", [source, f"{block}.joined"]),
    ]


def heads(part, block, order):
    """The queries, keys or values, [positions, heads, channels of a head] in another order of axes."""
    return [
        node("MatMul", f"{part}.product", [f"{block}.norm1", f"{part}.f32"]),
        node("Reshape", f"{part}.heads", [f"{part}.product", "heads.shape"]),
        node("Transpose", part, [f"{part}.heads"], perm=order),
    ]


def feed_forward(block):
    """Normalization, two dense layers with a ReLU between them, and the sum with what they began with."""
    source, up, down = (f"{block}.{part}" for part in ("attention", "up", "down"))
    return [
        normalization(f"{block}.norm2", source),
        node("MatMul", f"{up}.product", [f"{block}.norm2", f"{up}.f32"]),
        node("Add", up, [f"{up}.product", f"{up}_bias.f32"]),
        node("Relu", f"{block}.neurons", [up]),
        node("MatMul", f"{down}.product", [f"{block}.neurons", f"{down}.f32"]),
        node("Add", down, [f"{down}.product", f"{down}_bias.f32"]),
        node("Add", f"{block}.out", [source, down]),
    ]


def normalization(name, source):
    return node("LayerNormalization", name, [source, f"{name}.weight.f32", f"{name}.bias.f32"], epsilon=EPSILON)


def constant(name, kind, value):
    return node("Constant", name, [], value={"type": kind, "data": value})


def cast(tensor):
    return node("Cast", f"{tensor}.f32", [f"{tensor}.f16"], to="f32")


def weights(network):
    """All tensors in half precision, by the names of PyTorch, shortened."""
    return {short(name): weight.detach().numpy().astype(np.float16) for name, weight in network.named_parameters()}


def short(name):
    """`blocks.0.attention.query` as `block1.query`"""
    for number in range(BLOCKS):
        name = name.replace(f"blocks.{number}.", f"block{number + 1}.")
    return name.replace(".attention.", ".").replace(".feed.", ".")


def write_safetensors(path, tensors):
    """The length of the header, the header in JSON padded to 8 bytes, then the tensors, all little-endian."""
    header, start = {}, 0
    for name, tensor in tensors.items():
        header[f"{name}.f16"] = {
            "dtype": "F16", "shape": tensor.shape, "data_offsets": [start, start + tensor.nbytes],
        }
        start += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(t.tobytes() for t in tensors.values()))
