"""Writes a trained network as a model spec and a file of weights."""

import json
import pathlib
import struct
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))  # training

from training.model_files import node, spec_text

from network import CHANNELS, POOLED
from trees import signs

LEAST = 2.0**-10


def write_model(folder, name, network):
    (folder / f"{name}.json").write_text(spec_text(name, {"image": [1, 1, 28, 28]}, nodes()))
    write_safetensors(folder / f"{name}.safetensors", weights(network))


def nodes():
    """The operators in order."""
    result, source = [constant("zero", 0), constant("plus", 1), constant("minus", -1)], "image"
    for number in range(1, len(CHANNELS) + 1):
        result += stage(number, source)
        source = f"sign{number}"
    return result + [node("Flatten", "flat", [source])] + sign_of_weights("dense") + [
        node("Gemm", "dense", ["flat", "dense.signs"], transB=1),
        normalization("scores", "dense"),
    ]


def stage(number, source):
    """Convolution, perhaps pooling, normalization, and +1 or -1: where 0 is +1, which ONNX's Sign would leave 0."""
    conv, norm, pool, sign = (f"{kind}{number}" for kind in ("conv", "norm", "pool", "sign"))
    pooled = [node("MaxPool", pool, [conv], kernel_shape=[2, 2], strides=[2, 2])] if number in POOLED else []
    return ([] if number == 1 else sign_of_weights(conv)) + [
        node("Conv", conv, [source, f"{conv}.weight" if number == 1 else f"{conv}.signs"], kernel_shape=[3, 3]),
    ] + pooled + [
        normalization(norm, pool if pooled else conv),
        node("GreaterOrEqual", f"{sign}.set", [norm, "zero"]),
        node("Where", sign, [f"{sign}.set", "plus", "minus"]),
    ]


def sign_of_weights(layer):
    """Latent weights stay in the model, so that a compiler can see how sure each sign is."""
    return [
        node("Cast", f"{layer}.latent", [f"{layer}.weight"], to="f32"),
        node("Sign", f"{layer}.signs", [f"{layer}.latent"]),
    ]


def normalization(name, source):
    statistics = [f"{name}.{part}" for part in ("scale", "bias", "mean", "variance")]
    return node("BatchNormalization", name, [source] + statistics, epsilon=1e-5)


def constant(name, value):
    return node("Constant", name, [], value={"type": "f32", "data": value})


def weights(network):
    """All tensors by name."""
    result = {}
    for number, (weight, norm) in enumerate(zip(network.convs, network.norms), start=1):
        result[f"conv{number}.weight"] = weight.detach().numpy() if number == 1 else half(weight.detach())
        result |= statistics(f"norm{number}", norm)
    return result | {"dense.weight": half(network.dense.detach())} | statistics("scores", network.norm)


def half(weight):
    """In half precision, and never 0, which has no sign."""
    return (signs(weight) * weight.abs().clamp(min=LEAST)).numpy().astype(np.float16)


def statistics(name, norm):
    values = {"scale": norm.weight, "bias": norm.bias, "mean": norm.running_mean, "variance": norm.running_var}
    return {f"{name}.{part}": value.detach().numpy() for part, value in values.items()}


def write_safetensors(path, tensors):
    """The length of the header, the header in JSON padded to 8 bytes, then the tensors, all little-endian, the widest first."""
    header, start = {}, 0
    tensors = dict(sorted(tensors.items(), key=lambda item: -item[1].itemsize))
    for name, tensor in tensors.items():
        kind = {4: "F32", 2: "F16"}[tensor.itemsize]
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [start, start + tensor.nbytes]}
        start += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(t.tobytes() for t in tensors.values()))
