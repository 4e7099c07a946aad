"""Trains the digits sample and writes the model, its weights and its test set beside this file.

    python3 train.py

Needs numpy and scikit-learn, nothing else. One thread and fixed seeds: a rerun with the same versions on the same kind
of processor writes the same bytes.
"""

import os

# Before numpy loads its BLAS: one thread always adds in the same order.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import json
import pathlib
import struct

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from network import BatchNormalization, Network

SEED = 1
TEST_IMAGES = 200
EPOCHS = 120
BATCH = 32
LEARNING_RATE = 1e-2
WEIGHT_DECAY = 0.1
LARGEST_SHIFT = 0.5  # pixels


def load():
    """Training images and labels, test images and labels; the images [n, 1, 8, 8] with 0 for paper and 1 for ink."""
    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)
    labels = digits.target.astype(np.int64)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=TEST_IMAGES, random_state=SEED, stratify=labels)
    return images[train], labels[train], images[test], labels[test]


def shifted(images, random):
    """Each image moved by its own random part of a pixel, up and down and sideways; what it leaves behind is paper."""
    for axis in (2, 3):
        shift = random.uniform(-LARGEST_SHIFT, LARGEST_SHIFT, (len(images), 1, 1, 1)).astype(np.float32)
        padded = np.pad(images, [(0, 0), (0, 0)] + [(1, 1) if a == axis else (0, 0) for a in (2, 3)])
        before, after = (np.take(padded, np.arange(8) + offset, axis) for offset in (0, 2))
        images = images * (1 - np.abs(shift)) + before * np.maximum(shift, 0) + after * np.maximum(-shift, 0)
    return images


class Adam:
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019); biases and scales do not decay."""

    def __init__(self, parameters):
        self.parameters = parameters
        self.means = [np.zeros_like(p) for p in parameters]
        self.squares = [np.zeros_like(p) for p in parameters]
        self.steps = 0

    def step(self, gradients, rate):
        self.steps += 1
        for p, g, mean, square in zip(self.parameters, gradients, self.means, self.squares, strict=True):
            mean += np.float32(0.1) * (g - mean)
            square += np.float32(0.001) * (g * g - square)
            direction = mean / np.float32(1 - 0.9**self.steps)
            size = np.sqrt(square / np.float32(1 - 0.999**self.steps)) + np.float32(1e-8)
            decay = np.float32(WEIGHT_DECAY if p.ndim > 1 else 0)
            p -= np.float32(rate) * (direction / size + decay * p)


def train(images, labels, seed=SEED):
    """The network after EPOCHS passes over the images, the learning rate falling to zero along half a cosine."""
    random = np.random.default_rng(seed)
    network = Network(random)
    optimizer = Adam(list(network.parameters().values()))
    batches = len(images) // BATCH
    for epoch in range(EPOCHS):
        order = random.permutation(len(images))
        loss = 0
        for batch in np.split(order[: batches * BATCH], batches):
            probabilities = network.forward(shifted(images[batch], random), training=True)
            loss -= np.log(probabilities[np.arange(BATCH), labels[batch]] + 1e-9).mean() / batches
            progress = optimizer.steps / (EPOCHS * batches)
            optimizer.step(network.backward(labels[batch]), LEARNING_RATE * (1 + np.cos(np.pi * progress)) / 2)
        if (epoch + 1) % 20 == 0:
            print(f"epoch {epoch + 1:3}: training loss {loss:.4f}")
    return network


def node(op, name, inputs, **attributes):
    """One operator whose only output has its own name."""
    fields = {"op": op, "name": name, "inputs": inputs, "outputs": [name]}
    return fields | ({"attributes": attributes} if attributes else {})


def stage(number, source):
    """Convolution, normalization, activation and pooling."""
    conv, norm, relu, pool = (f"{kind}{number}" for kind in ("conv", "norm", "relu", "pool"))
    statistics = [f"{norm}.{part}" for part in ("scale", "bias", "mean", "variance")]
    epsilon = float(f"{BatchNormalization.EPSILON:.6g}")
    return [
        node("Conv", conv, [source, f"{conv}.weight"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("BatchNormalization", norm, [conv] + statistics, epsilon=epsilon),
        node("Relu", relu, [norm]),
        node("MaxPool", pool, [relu], kernel_shape=[2, 2], strides=[2, 2]),
    ]


def model_text():
    """The model spec, one operator a line."""
    nodes = stage(1, "image") + stage(2, "pool1") + [
        node("Flatten", "flat", ["pool2"]),
        node("Gemm", "scores", ["flat", "dense.weight", "dense.bias"], transB=1),
        node("Softmax", "probabilities", ["scores"], axis=-1),
    ]
    fields = {
        "nnc": 1,
        "name": "digits",
        "inputs": [{"name": "image", "type": "f32", "shape": [1, 1, 8, 8]}],
        "outputs": ["probabilities"],
        "weights": "digits.safetensors",
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


def main():
    folder = pathlib.Path(__file__).parent
    train_images, train_labels, images, labels = load()
    network = train(train_images, train_labels)
    probabilities = network.forward(images)

    (folder / "digits.json").write_text(model_text())
    write_safetensors(folder / "digits.safetensors", network.weights())
    np.savez(folder / "test.npz", image=images, label=labels, probabilities=probabilities)
    # The same test set for main.c, which has no reader for npz: all images, then one byte for each label.
    (folder / "test.bin").write_bytes(images.astype("<f4").tobytes() + labels.astype(np.uint8).tobytes())

    right = int((probabilities.argmax(axis=1) == labels).sum())
    assert all(a.dtype == np.float32 for a in [probabilities, *network.weights().values()])
    print(f"{sum(w.size for w in network.weights().values())} weights, {len(train_labels)} training images")
    print(f"Accuracy: {right} of {len(labels)} ({100 * right / len(labels):.1f} %)")


if __name__ == "__main__":
    main()
